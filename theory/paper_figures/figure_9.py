"""A run that groks: loss, norm, and the right logits of both circuits by projection on waves."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from theory.figures import PALETTE, Figure, draw_losses, draw_norm
from theory.paper_figures import single_runs
from theory.paper_figures.panels import read, table
from theory.paper_figures.paper_figure import Drawn
from theory.paper_figures.projected import projected

TITLE = "Both circuits in a run that groks, by projection on waves"
MINUTES = 2.0
NETWORKS = {"Two layers": "two layers", "Transformer of the paper's shape": "transformer"}


def stored(shelf: str | Path) -> Drawn:
    """Return the run of each network."""
    return _chosen(read(shelf, "single_runs"))


def again(folder: str | Path) -> Drawn:
    """Do both runs."""
    return _chosen(single_runs.run(folder, {"which": tuple(NETWORKS.values())}))


def _chosen(single: xr.Dataset) -> Drawn:
    return {title: single_runs.one(single, which) for title, which in NETWORKS.items()}


def draw(drawn: Drawn) -> Figure:
    """Return the figure: a column a network."""
    figure, axes = table(3, len(drawn), height=2.2)
    for column, (title, run) in zip(axes.T, drawn.items(), strict=True):
        draw_losses(column[0], run)
        draw_norm(column[1], run)
        both = projected(run, float(run.examples) / single_runs.MODULUS**2)
        late = both.sel(step=both["step"] > 0)
        for circuit, logit in late.items():
            column[2].semilogx(late["step"], logit, label=circuit, **PALETTE[str(circuit)])
        column[1].set_ylabel("norm")
        column[0].set_title(title, fontsize="medium")
        column[2].set(xlabel="updates", ylabel="right logit")
        column[2].set_xlim(column[0].get_xlim())
    axes[2, 0].legend(fontsize="small", frameon=False)
    for ax in axes[:2].flat:
        ax.set_xlabel("")
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    return figure
