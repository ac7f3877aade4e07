"""Many ungrokking runs: test accuracy after examples were removed."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from theory.figures import PALETTE, Figure
from theory.paper_figures import transformer_runs, ungrokking_runs
from theory.paper_figures.panels import ends, read, shades, table
from theory.paper_figures.paper_figure import Drawn

TITLE = "Many ungrokking runs"
MINUTES = 4.0 + transformer_runs.MINUTES
NETWORK = "Two layers"
#: Records that are too few for a logarithmic axis.
FEW = 12


def stored(shelf: str | Path) -> Drawn:
    """Return runs of two networks, along ``examples``, ``seed`` and ``step``."""
    return _both(read(shelf, "ungrokking_runs"), transformer_runs.stored(shelf))


def again(folder: str | Path) -> Drawn:
    """Do these runs."""
    return _both(ungrokking_runs.run(folder), transformer_runs.run(folder))


def _both(runs: xr.Dataset, transformer: xr.Dataset) -> Drawn:
    return {NETWORK: runs, transformer_runs.TITLE: transformer_runs.over_time(transformer)}


def draw(drawn: Drawn) -> Figure:
    """Return the figure: a panel a network, a line a run, paler for fewer examples."""
    figure, axes = table(1, len(drawn))
    for ax, (title, runs) in zip(axes.flat, drawn.items(), strict=True):
        sizes = runs["examples"].values.tolist()
        late = runs.sel(step=runs["step"] > 0)
        ax.set_xscale("log" if late.sizes["step"] > FEW else "linear")
        lines = zip(sizes, shades(len(sizes)), ends(sizes, "examples"), strict=True)
        for size, shade, label in lines:
            accuracy = late.test_accuracy.sel(examples=size).transpose("step", "seed")
            color = PALETTE["test"]["color"]
            drawn_lines = ax.plot(late["step"], accuracy, color=color, alpha=shade, lw=1.2)
            drawn_lines[0].set_label(label)
        ax.set(xlabel="updates on fewer examples", ylim=(-0.03, 1.03))
        ax.set_title(title, fontsize="medium")
        ax.legend(loc="lower left")
    axes[0, 0].set_ylabel("test accuracy (fraction)")
    return figure
