"""Grokking, ungrokking and semi-grokking, by their losses."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from theory.figures import Figure, draw_losses
from theory.paper_figures import single_runs, ungrokking_runs
from theory.paper_figures.panels import read, table
from theory.paper_figures.paper_figure import Drawn

TITLE = "Grokking, ungrokking and semi-grokking"
MINUTES = 6.0


def stored(shelf: str | Path) -> Drawn:
    """Return one run of each kind."""
    return _chosen(read(shelf, "single_runs"), read(shelf, "ungrokking_runs"))


def again(folder: str | Path) -> Drawn:
    """Do these runs, and as many ungrokking ones as the first seed has."""
    single = single_runs.run(folder)
    return _chosen(single, ungrokking_runs.run(folder, {"seed": ungrokking_runs.SEEDS[:1]}))


def _chosen(single: xr.Dataset, ungrokking: xr.Dataset) -> Drawn:
    few = ungrokking.isel(seed=0, examples=0)
    return {
        "Grokking, two layers": single_runs.one(single, "two layers"),
        "Grokking, transformer": single_runs.one(single, "transformer"),
        f"Ungrokking, {few.examples.item()} examples left": few,
        "Semi-grokking": single_runs.one(single, "semi, L2"),
    }


def draw(drawn: Drawn) -> Figure:
    """Return the figure: a panel a run."""
    rows = -(-len(drawn) // 2)
    figure, axes = table(rows, 2)
    for ax, (title, run) in zip(axes.flat, drawn.items(), strict=False):
        draw_losses(ax, run[["train_loss", "test_loss"]])
        ax.set_title(title, fontsize="medium")
    return figure
