"""What the figures share: a table of panels, and paler lines for fewer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import runs
from theory.figures import Figure, panels


def table(rows: int, columns: int, height: float = 3.0) -> tuple[Figure, np.ndarray]:
    """Return a figure and its axes, shape (rows, columns).

    Examples
    --------
    >>> table(rows=1, columns=2)[1].shape
    (1, 2)
    """
    figure, axes = panels(rows=rows, columns=columns, height=height)
    return figure, np.reshape(axes, (rows, columns))


def shades(count: int) -> list[float]:
    """Return how opaque each of so many lines is, the last one wholly.

    Examples
    --------
    >>> shades(3)
    [0.4, 0.7, 1.0]
    >>> shades(1)
    [1.0]
    """
    return [float(shade) for shade in np.linspace(1.0, 0.4, count)[::-1]]


def ends(values: Sequence[Any], word: str) -> list[str | None]:
    """Return labels of lines of which a legend names only the first and the last.

    Examples
    --------
    >>> ends([390, 488, 610], "examples")
    ['390 examples', None, '610 examples']
    """
    last = len(values) - 1
    return [f"{value} {word}" if at in (0, last) else None for at, value in enumerate(values)]


def plain_sizes(ax: Any) -> None:
    """Write plain numbers below a logarithmic axis that is short of powers of ten.

    Examples
    --------
    >>> _, axes = table(1, 1)
    >>> _ = axes[0, 0].set(xscale="log", xlim=(180, 1100))
    >>> plain_sizes(axes[0, 0])
    >>> [label.get_text() for label in axes[0, 0].get_xticklabels()]
    ['200', '500', '1000']
    """
    low, high = ax.get_xlim()
    steps = [step * 10**power for power in range(5) for step in (1, 2, 5)]
    ticks = [step for step in steps if low <= step <= high]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.xaxis.minorticks_off()


def read(shelf: str | Path, name: str) -> xr.Dataset:
    """Return runs that were stored for the paper's figures.

    Raises
    ------
    FileNotFoundError
        If they are not there.
    """
    file = Path(shelf) / f"{name}.nc"
    if not file.exists():
        raise FileNotFoundError(
            f"shelf must be the folder of the stored runs, book/data in the repository, where "
            f"`python -m theory.paper_figures` puts {file.name}, got {str(shelf)!r} in {Path.cwd()}"
        )
    return runs.read(file)
