"""Hidden units of networks, drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from theory.circuits import HiddenUnits
from theory.figures.style import PALETTE, styled
from theory.statistics import student_interval

_READS, _WRITES = ("reads row", "reads column"), "writes label"


@styled
def draw_unit(axes: Sequence[Axes], units: HiddenUnits, unit: int, meaning: str) -> None:
    """Draw what one unit reads from each token and writes to each label, as bars.

    Parameters
    ----------
    axes
        Three: rows, columns, labels.
    units
        Of two slots.
    unit
        Its number.
    meaning
        A name of `PALETTE`, for the colour.

    Raises
    ------
    ValueError
        If there are other than three axes, or `meaning` is not a name of `PALETTE`.
    """
    if len(axes) != 3:
        raise ValueError(f"axes must be three, got {len(axes)}")
    if meaning not in PALETTE:
        raise ValueError(f"meaning must be one of {', '.join(PALETTE)}, got {meaning!r}")
    arrays = (*(array[:, unit] for array in units.embeddings), units.written[unit])
    for ax, array, title in zip(axes, arrays, (*_READS, _WRITES), strict=True):
        ax.bar(np.arange(array.size), array, width=0.8, color=PALETTE[meaning]["color"])
        ax.axhline(0, color="#555555", linewidth=0.8)
        ax.set_title(title, fontsize="medium")
        ax.grid(visible=False)


@styled
def draw_laid_open(axes: Sequence[Axes], units: HiddenUnits, order: Sequence[int]) -> None:
    """Draw what all units read and write, one unit a row, in this order: dark where much.

    Parameters
    ----------
    axes
        Three: rows, columns, labels.
    units
        Of two slots.
    order
        Their numbers, from top to bottom.

    Raises
    ------
    ValueError
        If there are other than three axes.
    """
    if len(axes) != 3:
        raise ValueError(f"axes must be three, got {len(axes)}")
    arrays = (*(array[:, order].T for array in units.embeddings), units.written[order])
    for ax, array, title in zip(axes, arrays, (*_READS, _WRITES), strict=True):
        size = abs(array) / abs(array).max(axis=1, keepdims=True)
        ax.imshow(size, cmap="Greys", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        ax.set_title(title, fontsize="medium")
        ax.set_xlabel("number")
        ax.grid(visible=False)
    axes[0].set_ylabel("hidden unit")


@styled
def draw_ratios(ax: Axes, ratio: xr.DataArray, meaning: str, margin: float) -> None:
    """Draw ratios with 95% intervals over seeds, one case a line, and a band around 1.

    Parameters
    ----------
    ax
        Where to draw.
    ratio
        Along ``case`` and ``seed``; NaN where a seed is not known.
    meaning
        A name of `PALETTE`, for the colour.
    margin
        Half of the width of the band, above 0.

    Raises
    ------
    ValueError
        If `ratio` has other dimensions, or `meaning` is not a name of `PALETTE`.
    """
    if set(ratio.dims) != {"case", "seed"}:
        raise ValueError(f"ratio must have the dimensions case and seed, got {ratio.dims}")
    if meaning not in PALETTE:
        raise ValueError(f"meaning must be one of {', '.join(PALETTE)}, got {meaning!r}")
    rows = ratio.transpose("case", "seed").values
    found = np.array([student_interval(row[np.isfinite(row)]) for row in rows])
    mean, low, high = found.T
    place = np.arange(len(mean))[::-1]
    ax.axvspan(1 - margin, 1 + margin, color="#888888", alpha=0.2, linewidth=0)
    ax.axvline(1, color="#555555", linewidth=0.8)
    ax.errorbar(
        mean,
        place,
        xerr=[mean - low, high - mean],
        marker="o",
        linestyle="none",
        linewidth=1.2,
        capsize=2,
        color=PALETTE[meaning]["color"],
    )
    ax.set_yticks(place, ratio["case"].values)
