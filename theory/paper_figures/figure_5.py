"""Semi-grokking: test accuracy of many networks from scratch, near the critical size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from theory.figures import PALETTE, Figure
from theory.paper_figures.panels import ends, shades, table
from theory.paper_figures.paper_figure import Drawn
from theory.questions import load, semi_grokking
from theory.sweeps import sweep

TITLE = "Semi-grokking runs"
MINUTES = 7.0
CASES = {"AdamW": "AdamW, two layers", "L2": "L2, two layers"}
#: As many as the paper has, the first of those that there are.
SEEDS = semi_grokking.SEEDS[:10]
#: Record from which anything happens to what was not trained on.
LATE = 12
POINTS: Mapping[str, Sequence[Any]] = {
    **semi_grokking.POINTS,
    "case": tuple(CASES),
    "seed": SEEDS,
}


def stored(shelf: str | Path) -> Drawn:
    """Return runs of AdamW and of L2, from the question on semi-grokking."""
    return _by_case(load(semi_grokking, shelf).sel(seed=list(SEEDS)))


def again(folder: str | Path) -> Drawn:
    """Do these runs."""
    return _by_case(sweep(semi_grokking.again, POINTS, folder))


def _by_case(runs: xr.Dataset) -> Drawn:
    return {title: _sizes(runs, case) for case, title in CASES.items()}


def _sizes(runs: xr.Dataset, case: str) -> xr.Dataset:
    """Return ``updates`` and ``test_curve`` along ``examples``, ``seed`` and ``time``."""
    some = runs[["updates", "test_curve"]].sel(case=case, drop=True).rename(part="examples")
    whole = semi_grokking.CASES[case].size * semi_grokking.MODULUS
    return some.assign_coords(examples=(some["examples"] * whole).round().astype(int).values)


def draw(drawn: Drawn) -> Figure:
    """Return the figure: a panel an optimiser, a line a run, paler for fewer examples."""
    figure, axes = table(1, len(drawn))
    for ax, (title, runs) in zip(axes.flat, drawn.items(), strict=True):
        sizes = runs["examples"].values.tolist()
        lines = zip(sizes, shades(len(sizes)), ends(sizes, "examples"), strict=True)
        for size, shade, label in lines:
            some = runs.sel(examples=size).transpose("time", "seed").isel(time=slice(LATE, None))
            style = {"color": PALETTE["test"]["color"], "alpha": shade, "linewidth": 0.8}
            ax.semilogx(some.updates, some.test_curve, **style)[0].set_label(label)
        ax.set(xlabel="updates", ylim=(-0.03, 1.03))
        ax.set_title(title, fontsize="medium")
        ax.legend(fontsize="small", loc="upper left", frameon=False)
    axes[0, 0].set_ylabel("test accuracy (fraction)")
    return figure
