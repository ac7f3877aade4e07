"""What many runs say together: phase diagrams, replicates and tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from theory.figures.style import PALETTE, REGIME_COLOURS, styled
from theory.statistics import student_interval


@styled
def draw_regimes(ax: Axes, regime: xr.DataArray, x: str) -> None:
    """Draw a phase diagram, a coloured cell for every point of a grid.

    Parameters
    ----------
    ax
        Where to draw. Lines drawn later lie on top.
    regime
        Names of `REGIME_COLOURS`, with two dimensions that have coordinates.
    x
        Which of them runs to the right.

    Raises
    ------
    ValueError
        If `regime` does not have these dimensions, or holds another name.
    """
    if regime.ndim != 2 or x not in regime.dims:
        raise ValueError(f"regime must have two dimensions, {x} among them, got {regime.dims}")
    (y,) = set(regime.dims) - {x}
    names = regime.transpose(y, x)
    known, found = list(REGIME_COLOURS), set(names.values.ravel().tolist())
    if not found <= set(known):
        unknown = sorted(found - set(known))
        raise ValueError(f"regime must hold {', '.join(known)}, got {unknown}")
    codes = np.vectorize(known.index)(names.values)
    colours = ListedColormap([REGIME_COLOURS[name] for name in known])
    ax.pcolormesh(
        names[x],
        names[y],
        codes,
        cmap=colours,
        vmin=-0.5,
        vmax=len(known) - 0.5,
        rasterized=True,  # as a drawing, every cell would be a shape of its own
    )
    patches = [
        Patch(facecolor=REGIME_COLOURS[name], edgecolor="0.5", label=name)
        for name in known
        if name in found
    ]
    ax.legend(
        handles=patches, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, fontsize="small"
    )


@styled
def draw_replicates(
    ax: Axes, values: xr.DataArray, along: str, meaning: str, label: str, marker: str = "o"
) -> None:
    """Draw the mean over the seeds with its 95% interval, against another dimension.

    Parameters
    ----------
    ax
        Where to draw.
    values
        Numbers with the dimensions ``seed`` and `along`; where one is NaN nothing is drawn.
    along
        The dimension that runs to the right; it has coordinates.
    meaning
        A name of `PALETTE`, for the colour.
    label
        For the legend.
    marker
        As matplotlib's.

    Raises
    ------
    ValueError
        If `values` has other dimensions, or `meaning` is not a name of `PALETTE`.
    """
    if set(values.dims) != {"seed", along}:
        raise ValueError(f"values must have the dimensions seed and {along}, got {values.dims}")
    if meaning not in PALETTE:
        raise ValueError(f"meaning must be one of {', '.join(PALETTE)}, got {meaning!r}")
    known = values.transpose(along, "seed")
    known = known[known.notnull().all("seed").values]
    found = np.array([student_interval(each.values) for each in known]).reshape(-1, 3)
    mean, low, high = found.T
    ax.errorbar(
        known[along],
        mean,
        [mean - low, high - mean],
        label=label,
        marker=marker,
        linestyle="none",
        linewidth=1.2,
        capsize=2,
        color=PALETTE[meaning]["color"],
    )


@styled
def draw_table(ax: Axes, table: npt.ArrayLike) -> None:
    """Draw numbers as a picture, light for large ones; the first row is at the top.

    Parameters
    ----------
    ax
        Where to draw.
    table
        Numbers, shape (rows, columns); NaN leaves a cell empty.

    Raises
    ------
    ValueError
        If `table` is not 2-D.
    """
    numbers = np.asarray(table, dtype=float)
    if numbers.ndim != 2:
        raise ValueError(f"table must be 2-D, got shape {numbers.shape}")
    ax.imshow(numbers, cmap="cividis", interpolation="nearest")
    ax.set_axis_off()
