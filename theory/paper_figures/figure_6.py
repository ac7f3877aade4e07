"""One semi-grokking run in detail: accuracies, losses and norm."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from theory.figures import Figure, draw_accuracies, draw_losses, draw_norm
from theory.paper_figures import single_runs
from theory.paper_figures.panels import read, table
from theory.paper_figures.paper_figure import Drawn

TITLE = "One semi-grokking run in detail"
MINUTES = 2.0
#: Titles of the two runs.
SEMI = {"AdamW, decay 1": "semi, AdamW", "L2 of 0.0001": "semi, L2"}


def stored(shelf: str | Path) -> Drawn:
    """Return a run of AdamW, and one with an L2 penalty, which comes to rest."""
    return _chosen(read(shelf, "single_runs"))


def again(folder: str | Path) -> Drawn:
    """Do both runs."""
    return _chosen(single_runs.run(folder, {"which": tuple(SEMI.values())}))


def _chosen(single: xr.Dataset) -> Drawn:
    return {title: single_runs.one(single, which) for title, which in SEMI.items()}


def draw(drawn: Drawn) -> Figure:
    """Return the figure: a column a run."""
    figure, axes = table(3, len(drawn), height=2.2)
    for column, (title, run) in zip(axes.T, drawn.items(), strict=True):
        ways = (draw_accuracies, draw_losses, draw_norm)
        for ax, way in zip(column, ways, strict=True):
            way(ax, run)
            ax.set_xlabel("")
        column[0].set_title(f"{title}, {int(run.examples)} examples", fontsize="medium")
        column[-1].set(xlabel="updates", ylabel="norm")
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    return figure
