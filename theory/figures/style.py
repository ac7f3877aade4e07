"""One palette and one style for every figure.

Colours differ in lightness and lines in style, so every figure reads in greyscale too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from theory.checks import integer, number

P = ParamSpec("P")
R = TypeVar("R")

#: Colour and line style by meaning; those of circuits and sets are the colours of the prose, too.
#: A circuit that generalises to a part of the inputs is a paler one that generalises.
PALETTE: Mapping[str, Mapping[str, Any]] = {
    "memorising": {"color": "#e69f00", "linestyle": (0, (5, 1.5))},
    "generalising": {"color": "#0072b2", "linestyle": "-"},
    "a third": {"color": "#9ad0f0", "linestyle": "-."},
    "two thirds": {"color": "#4da3d4", "linestyle": ":"},
    "train": {"color": "#44aa99", "linestyle": (0, (5, 1.5))},
    "test": {"color": "#882255", "linestyle": "-"},
    "norm": {"color": "#555555", "linestyle": "-"},
    "from scratch": {"color": "#999933", "linestyle": (0, (5, 1.5))},
    "after grokking": {"color": "#332288", "linestyle": "-"},
    "limit": {"color": "#cc3311", "linestyle": "--"},
}

#: The same colours on a dark page, all but grey.
IN_THE_DARK: Mapping[str, str] = {
    "memorising": "#f0b232",
    "generalising": "#4aa8e0",
    "a third": "#d5ecfa",
    "two thirds": "#8fcbef",
    "train": "#5cc4b3",
    "test": "#d878a8",
    "from scratch": "#bdbd5b",
    "after grokking": "#a99bf0",
    "limit": "#f4795b",
}

#: Colour of each regime that `theory.measures.regime` names, in the order of the legend.
REGIME_COLOURS: Mapping[str, str] = {
    "comprehension": "#0072b2",
    "grokking": "#9ad0f0",
    "semi-grokking": "#fbf7df",
    "memorisation": "#e69f00",
    "collapse": "#3a3a3a",
}

#: Colour maps of tables and of landscapes, which read in greyscale.
COLOUR_MAPS = ("Greys", "Greys_r", "cividis")

_STYLE: Any = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 12,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run `draw` with the book's style, and leave matplotlib's settings as they were."""

    @functools.wraps(draw)
    def drawing(*args: P.args, **kwargs: P.kwargs) -> R:
        with plt.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return drawing


def panels(rows: int = 1, columns: int = 1, height: float = 3.4) -> tuple[Figure, Any]:
    """Return a figure and its axes: one, or an array of shape (rows, columns) without unit axes.

    Parameters
    ----------
    rows, columns
        Number of panels, at least 1.
    height
        Height of a row, in inches.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> figure, axes = panels(columns=2)
    >>> axes.shape
    (2,)
    >>> plt.close(figure)
    """
    rows = integer("rows", rows, at_least=1)
    columns = integer("columns", columns, at_least=1)
    size = (6.4 if columns == 1 else 7.6, number("height", height, above=0) * rows)
    # Not under the style: the first figure chooses a backend, and what that sets must last.
    figure = plt.figure(figsize=size, layout="constrained", dpi=110)
    with plt.rc_context(_STYLE):
        return figure, figure.subplots(rows, columns)
