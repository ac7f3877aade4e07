"""After ungrokking: the ratio of both circuits' right logits, and test accuracy, by size."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from theory.figures import PALETTE, Figure
from theory.paper_figures import transformer_runs, ungrokking_runs
from theory.paper_figures.panels import plain_sizes, read, table
from theory.paper_figures.paper_figure import Drawn
from theory.paper_figures.projected import projected
from theory.questions import load, ungrokking
from theory.sweeps import sweep

TITLE = "Both circuits after ungrokking, by the number of examples"
MINUTES = 7.0 + transformer_runs.MINUTES
MODULUS = 71


def stored(shelf: str | Path) -> Drawn:
    """Return ends of the runs of figure 7, and networks at rest from the question on ungrokking."""
    transformer = transformer_runs.stored(shelf)
    return _ends(read(shelf, "ungrokking_runs"), transformer, load(ungrokking, shelf))


def again(folder: str | Path) -> Drawn:
    """Do these runs."""
    points = {"modulus": [MODULUS], "seed": ungrokking.SEEDS}
    rested = sweep(ungrokking.curve, points, folder)
    return _ends(ungrokking_runs.run(folder), transformer_runs.run(folder), rested)


def _ends(followed: xr.Dataset, transformer: xr.Dataset, rested: xr.Dataset) -> Drawn:
    """Return right logits by projection, and ``test_accuracy``, by ``per_label`` and ``seed``."""
    modulus, at_rest = ungrokking_runs.MODULUS, rested.sel(modulus=MODULUS, drop=True)
    ends = followed.isel(step=-1, drop=True).rename(examples="per_label")
    of_transformer = transformer.rename(size="per_label")
    return {
        f"AdamW, two layers modulo {modulus}": _projected(_by_label(ends, modulus), modulus),
        f"AdamW, {transformer_runs.TITLE.lower()}": _projected(
            _by_label(of_transformer, transformer_runs.MODULUS), transformer_runs.MODULUS
        ),
        f"L2, two layers modulo {MODULUS}": _projected(at_rest, MODULUS),
    }


def _by_label(runs: xr.Dataset, modulus: int) -> xr.Dataset:
    return runs.assign_coords(per_label=runs["per_label"] / modulus)


def _projected(runs: xr.Dataset, modulus: int) -> xr.Dataset:
    both = projected(runs, runs["per_label"] / modulus)
    return both.assign(test_accuracy=runs.test_accuracy)


def draw(drawn: Drawn) -> Figure:
    """Return the figure: a row a network, a dot a run."""
    figure, axes = table(len(drawn), 2, height=2.8)
    for (left, right), (title, runs) in zip(axes, drawn.items(), strict=True):
        ratio = (runs.generalising / runs.memorising).transpose("per_label", "seed")
        dots = {"marker": "o", "markersize": 3, "linestyle": ""}
        left.loglog(ratio["per_label"], ratio.where(ratio > 0), color="0.3", **dots)
        left.axhline(1, **{**PALETTE["limit"], "linewidth": 1})
        accuracy = runs.test_accuracy.transpose("per_label", "seed")
        right.semilogx(accuracy["per_label"], accuracy, color=PALETTE["test"]["color"], **dots)
        left.set(ylabel="generalising / memorising")
        right.set(ylabel="test accuracy (fraction)", ylim=(-0.03, 1.03))
        left.set_title(title, fontsize="medium")
        for ax in (left, right):
            plain_sizes(ax)
            ax.set_xlabel("examples a label")
    limits = [ax.get_ylim() for ax in axes[:, 0]]
    for ax in axes[:, 0]:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    return figure
