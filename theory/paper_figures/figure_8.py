"""Ungrokking on other tasks: test accuracy against what is left of the examples, by decay."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from theory.figures import Figure
from theory.paper_figures import task_runs
from theory.paper_figures.accuracy_by_size import draw_by_size
from theory.paper_figures.panels import read, table
from theory.paper_figures.paper_figure import Drawn

TITLE = "Ungrokking on other tasks"
MINUTES = 6.0
TITLES = {
    **{task: f"${task}$ modulo {task_runs.MODULUS}" for task in task_runs.TASKS},
    "xy": f"$xy$ in $S_{task_runs.DEGREE}$",
}


def stored(shelf: str | Path) -> Drawn:
    """Return runs of five tasks by three decays."""
    return _by_task(read(shelf, "task_runs"))


def again(folder: str | Path) -> Drawn:
    """Do these runs."""
    return _by_task(task_runs.run(folder))


def _by_task(runs: xr.Dataset) -> Drawn:
    return {title: runs.sel(task=task, drop=True) for task, title in TITLES.items()}


def draw(drawn: Drawn) -> Figure:
    """Return the figure: a panel a task, a line a decay, paler for weaker decay."""
    rows = -(-len(drawn) // 3)
    figure, axes = table(rows, 3, height=2.8)
    for ax, (title, runs) in zip(axes.flat, drawn.items(), strict=False):
        draw_by_size(ax, runs, "decay", "decay")
        ax.set_title(title, fontsize="medium")
    for ax in axes.flat[1 : len(drawn)]:
        ax.get_legend().remove()
    for ax in axes.flat[len(drawn) :]:
        ax.set_axis_off()
    figure.supylabel("test accuracy (fraction)")
    return figure
