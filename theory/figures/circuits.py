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
def draw_cases(
    ax: Axes, values: xr.DataArray, meaning: str, around: float, margin: float = 0.0
) -> None:
    """Draw means with 95% intervals over seeds, one case a line, beside a value.

    Parameters
    ----------
    ax
        Where to draw.
    values
        Along ``case`` and ``seed``; NaN where a seed is not known.
    meaning
        A name of `PALETTE`, for the colour.
    around, margin
        The value, and how far a band around it reaches, at least 0.

    Raises
    ------
    ValueError
        If `values` has other dimensions, or `meaning` is not a name of `PALETTE`.
    """
    if set(values.dims) != {"case", "seed"}:
        raise ValueError(f"values must have the dimensions case and seed, got {values.dims}")
    if meaning not in PALETTE:
        raise ValueError(f"meaning must be one of {', '.join(PALETTE)}, got {meaning!r}")
    rows = values.transpose("case", "seed").values
    mean, low, high = np.array([student_interval(row[np.isfinite(row)]) for row in rows]).T
    place = np.arange(len(mean))[::-1]
    ax.axvspan(around - margin, around + margin, color="#888888", alpha=0.2, linewidth=0)
    ax.axvline(around, color="#555555", linewidth=0.8)
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
    ax.set_yticks(place, values["case"].values)
