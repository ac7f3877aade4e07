"""Test accuracy against the number of examples, a line for each strength of decay."""

from __future__ import annotations

from typing import Any

import xarray as xr

from theory.figures import PALETTE
from theory.paper_figures.panels import plain_sizes, shades


def draw_by_size(ax: Any, runs: xr.Dataset, strength: str, word: str) -> None:
    """Draw means over seeds, paler for weaker decay.

    Parameters
    ----------
    ax
        Where to draw.
    runs
        With ``test_accuracy`` along `strength`, ``per_label``, which is D over the number of
        labels, and ``seed``.
    strength
        The dimension of which each value has a line.
    word
        What a legend calls it.
    """
    strengths = runs[strength].values.tolist()
    for value, shade in zip(strengths, shades(len(strengths)), strict=True):
        mean = runs.test_accuracy.sel({strength: value}).mean("seed")
        line = {**PALETTE["test"], "alpha": shade, "marker": "."}
        ax.semilogx(mean["per_label"], mean, label=f"{word} {value:.2g}", **line)
    ax.set(xlabel="examples a label", ylim=(-0.03, 1.03))
    plain_sizes(ax)
    ax.legend(fontsize="small", frameon=False)
