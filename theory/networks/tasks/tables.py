"""What tasks on pairs of tokens share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def pairs(order: int) -> np.ndarray:
    """Return all pairs of two numbers below `order`, shape (order squared, 2).

    Examples
    --------
    >>> pairs(2)
    array([[0, 0],
           [0, 1],
           [1, 0],
           [1, 1]])
    """
    return np.indices((order, order)).reshape(2, -1).T


def require_expression(expression: object, known: Iterable[str]) -> None:
    """Refuse an expression that is not known.

    Raises
    ------
    ValueError
        If it is none of them.

    Examples
    --------
    >>> require_expression("x", ["x+y", "x-y"])
    Traceback (most recent call last):
    ...
    ValueError: expression must be one of x+y, x-y, got 'x'
    """
    names = list(known)
    if expression not in names:
        raise ValueError(f"expression must be one of {', '.join(names)}, got {expression!r}")
