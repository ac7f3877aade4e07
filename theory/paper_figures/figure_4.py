"""Ungrokking: test accuracy against what is left of the examples, by the strength of decay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from theory.figures import Figure
from theory.paper_figures.accuracy_by_size import draw_by_size
from theory.paper_figures.panels import table
from theory.paper_figures.paper_figure import Drawn
from theory.questions import load, weight_decay
from theory.sweeps import sweep

TITLE = "Ungrokking, and its independence of weight decay"
MINUTES = 15.0
TITLES = {"adamw": "AdamW, two layers", "l2": "L2, two layers"}
WORDS = {"adamw": "decay", "l2": "L2"}
POINTS: Mapping[str, Sequence[Any]] = {
    name: values for name, values in weight_decay.POINTS.items() if name != "per_label"
}


def stored(shelf: str | Path) -> Drawn:
    """Return runs of AdamW and of L2, from the question on weight decay."""
    return _by_optimiser(load(weight_decay, shelf))


def again(folder: str | Path) -> Drawn:
    """Do these runs."""
    return _by_optimiser(sweep(weight_decay.curve, POINTS, folder))


def _by_optimiser(runs: xr.Dataset) -> Drawn:
    return {title: _strengths(runs, optimiser) for optimiser, title in TITLES.items()}


def _strengths(runs: xr.Dataset, optimiser: str) -> xr.Dataset:
    """Return ``test_accuracy`` along ``strength``, ``per_label`` and ``seed``."""
    some = runs[["test_accuracy"]].sel(optimiser=optimiser, drop=True).rename(factor="strength")
    strengths = weight_decay.WEAKEST[optimiser] * some["strength"].values
    return some.assign_coords(strength=strengths).assign_attrs(word=WORDS[optimiser])


def draw(drawn: Drawn) -> Figure:
    """Return the figure: a panel an optimiser, a line a strength, paler for weaker decay."""
    figure, axes = table(1, len(drawn))
    for ax, (title, runs) in zip(axes.flat, drawn.items(), strict=True):
        draw_by_size(ax, runs, "strength", runs.attrs["word"])
        ax.set_title(title, fontsize="medium")
    axes[0, 0].set_ylabel("test accuracy (fraction)")
    return figure
