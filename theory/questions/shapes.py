r"""Shapes of a curve, and how well each foretells a point that it has not seen.

A shape is a function of x with a scale and one more constant at most. It is fitted, in the
logarithm of y, to all points but one, and foretells the one. If errors are normal, with a spread
that is their own, a point that was left out is worth

.. math:: \tfrac12 \log \frac{\overline{e_2^2}}{\overline{e_1^2}}

nats more to the first shape than to the second: a held-out likelihood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from theory.statistics import log

#: Values of a second constant that are tried.
_TRIED = 400


def _nothing(_: np.ndarray) -> np.ndarray:
    return np.zeros(1)


@dataclass(frozen=True)
class Shape:
    """The logarithm of y: a scale, and a slope times a function of x.

    Attributes
    ----------
    form
        The function, of x, shape (points,), and of a constant, shape (tried, 1); returns an array
        of shape (tried, points).
    slope
        What multiplies it; None where the best is taken.
    constants
        Takes x, returns the constants to try, shape (tried,), of which the best is taken.
    """

    form: Callable[[np.ndarray, np.ndarray], np.ndarray]
    slope: float | None = None
    constants: Callable[[np.ndarray], np.ndarray] = _nothing

    def foretold(self, x: np.ndarray, y: np.ndarray, place: float) -> float:
        """Return log y at a place from what it is at others, shapes (points,)."""
        tried = self.constants(np.append(x, place))[:, None]
        form, log_y = self.form(x, tried), np.log(y)
        off, apart = log_y - log_y.mean(), form - form.mean(axis=1, keepdims=True)
        slope: np.ndarray = (apart @ off) / np.square(apart).sum(axis=1)
        if self.slope is not None:
            slope = np.full_like(slope, self.slope)
        best = np.square(off - slope[:, None] * apart).sum(axis=1).argmin()
        there = self.form(np.array([place]), tried[best : best + 1]).item()
        return float(log_y.mean() + slope[best] * (there - form[best].mean()))


def _below(x: np.ndarray) -> np.ndarray:
    """Return places below all x, near and far."""
    places: np.ndarray = x.min() - np.geomspace(1e-3, 1e3, _TRIED) * np.ptp(x)
    return places


def _short_of_zero(x: np.ndarray) -> np.ndarray:
    """Return places from zero to just below all positive x."""
    places: np.ndarray = x.min() * (1 - np.geomspace(1e-4, 1, _TRIED))
    return places


def _above(x: np.ndarray) -> np.ndarray:
    """Return places above all positive x, near and far."""
    places: np.ndarray = x.max() * (1 + np.geomspace(1e-3, 1e9, _TRIED))
    return places


def _logarithm(x: np.ndarray, _: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.log(x)[None]
    return found


#: y goes with a power of x.
POWER = Shape(_logarithm)
#: As one over x.
INVERSE = Shape(_logarithm, -1.0)
#: As an exponential of x.
EXPONENTIAL = Shape(lambda x, _: x[None])
#: As one over the distance from a pole below all x.
POLE = Shape(lambda x, pole: np.log(x - pole), -1.0, _below)
#: As the logarithm of one over x, in some unit.
LOGARITHM = Shape(lambda x, unit: np.log(np.log(unit / x)), 1.0, _above)


def shifted(slope: float) -> Shape:
    """Return a power of the distance from a place between zero and all x."""
    return Shape(lambda x, place: np.log(x - place), slope, _short_of_zero)


def advantage(y: xr.DataArray, x: xr.DataArray, dim: str, one: Shape, other: Shape) -> xr.DataArray:
    """Return how many nats a held-out point is worth more to one shape than to another.

    One number a seed, from all curves of it; NaN unless all their points are known.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 2.0, 4.0, 8.0, 16.0], dims="x")
    >>> y = x**-0.5 * [1.01, 0.99, 1.0, 1.01, 0.99]
    >>> advantage(y, x, "x", POWER, EXPONENTIAL).item() > 1
    True
    """
    better, worse = (_squared(y, x, dim, shape) for shape in (one, other))
    return log(worse / better) / 2


def _squared(y: xr.DataArray, x: xr.DataArray, dim: str, shape: Shape) -> xr.DataArray:
    """Return the mean square of what is foretold of each point less what it is, in log y."""

    def one(curve: np.ndarray, places: np.ndarray) -> float:
        if not np.all(curve > 0):
            return np.nan
        off = []
        for left in range(curve.size):
            rest = np.arange(curve.size) != left
            foretold = shape.foretold(places[rest], curve[rest], places[left])
            off.append(foretold - np.log(curve[left]))
        return float(np.square(off).mean())

    found: xr.DataArray = xr.apply_ufunc(one, y, x, input_core_dims=[[dim], [dim]], vectorize=True)
    return found.mean([each for each in found.dims if each != "seed"], skipna=False)
