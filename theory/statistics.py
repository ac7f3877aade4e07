"""From replicates to statements: intervals, passages and slopes.

A replicate is one seed: its own split, its own start, every quantity computed from it alone. So the
uncertainty of any quantity, however it was computed, is that of a mean of independent numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy import optimize, stats

from theory.checks import number

#: Confidence of every interval.
LEVEL = 0.95
#: Distance from the middle, relative to the largest coordinate, that is rounding.
_MIDDLE = 1e-12
#: Draws of a bootstrap.
_RESAMPLES = 9999


class Interval(NamedTuple):
    """An estimate with the ends of its 95% interval."""

    estimate: float
    low: float
    high: float


class Bounds(NamedTuple):
    """Numbers of which some are not known, by the least and the largest value they can have.

    Both are equal where the number is known. Of a number that lies above all that was run only
    `low` is finite, of one below only `high`.
    """

    low: xr.DataArray
    high: xr.DataArray

    @classmethod
    def of(cls, values: xr.DataArray | Bounds) -> Bounds:
        """Return the bounds of numbers; those of NaN are infinite.

        Examples
        --------
        >>> Bounds.of(xr.DataArray([1.0, np.nan])).low.values
        array([  1., -inf])
        """
        if isinstance(values, cls):
            return values
        assert isinstance(values, xr.DataArray)
        return cls(values.fillna(-np.inf), values.fillna(np.inf))

    @classmethod
    def along(cls, found: Mapping[str, Bounds], dim: str) -> Bounds:
        """Return bounds by name along a new dimension."""
        names = xr.DataArray(list(found), dims=dim, name=dim)
        return cls(*(xr.concat(ends, names) for ends in zip(*found.values(), strict=True)))

    def at(self, **places: Any) -> Bounds:
        """Return those at one place of each of these dimensions."""
        return Bounds(*(each.sel(places, drop=True) for each in self))

    def over(self, other: xr.DataArray | Bounds) -> Bounds:
        """Return the ratio to other positive numbers.

        Examples
        --------
        >>> some = Bounds(xr.DataArray([2.0, 4.0]), xr.DataArray([2.0, np.inf]))
        >>> [each.values.tolist() for each in some.over(xr.DataArray(2.0))]
        [[1.0, 2.0], [1.0, inf]]
        """
        least, most = other if isinstance(other, Bounds) else (other, other)
        return Bounds(self.low / most, self.high / least)

    def less(self, other: Bounds) -> Bounds:
        """Return the difference from others; nothing is known of it where nothing is of one.

        Examples
        --------
        >>> some = Bounds(xr.DataArray([1.0, 2.0]), xr.DataArray([1.0, np.inf]))
        >>> [each.values.tolist() for each in some.less(some)]
        [[0.0, -inf], [0.0, inf]]
        """
        low, high = self.low - other.high, self.high - other.low
        return Bounds(low.fillna(-np.inf), high.fillna(np.inf))

    def known_where(self, known: xr.DataArray, least: float = 0.0) -> Bounds:
        """Return bounds that are open, from the least value there can be, wherever not `known`."""
        return Bounds(self.low.where(known, least), self.high.where(known, np.inf))

    def log(self) -> Bounds:
        """Return those of the natural logarithm of positive numbers; of 0, minus infinity."""
        with np.errstate(divide="ignore"):
            return Bounds(*(each.copy(data=np.log(each.values)) for each in self))


def student_interval(values: Any) -> Interval:
    r"""Return the mean of some replicates with its 95% interval of Student's t.

    .. math:: \bar x \pm t_{n-1}\, s / \sqrt n

    Verdicts use this one: it is right for few replicates, if they are about normal.

    Parameters
    ----------
    values
        One number for each replicate, shape (replicates,). Where one is NaN, which stands for a
        censored replicate, nothing bounds the mean of all: the interval has no ends.

    Raises
    ------
    ValueError
        If there are fewer than two.

    Examples
    --------
    >>> estimate, low, high = student_interval([1.0, 2.0, 3.0])
    >>> print(f"{estimate:.0f}, {low:.2f} to {high:.2f}")
    2, -0.48 to 4.48
    """
    numbers = _replicates(values)
    known = numbers[~np.isnan(numbers)]
    estimate = float(known.mean()) if known.size else np.nan
    if known.size < numbers.size:
        return Interval(estimate, -np.inf, np.inf)
    error = float(numbers.std(ddof=1)) / math.sqrt(numbers.size)
    half = float(stats.t.ppf((1 + LEVEL) / 2, numbers.size - 1)) * error
    return Interval(estimate, estimate - half, estimate + half)


def bounded_interval(low: Any, high: Any) -> Interval:
    """Return the interval of the mean of replicates that are known, or bounded on a side.

    The lower end is that of `student_interval` of the least values that the replicates can have,
    the upper end that of the largest. So a replicate that is bounded on one side leaves the other
    end open. The estimate is NaN unless all are known.

    Examples
    --------
    >>> estimate, least, most = bounded_interval([1.0, 2.0, 3.0], [1.0, 2.0, np.inf])
    >>> print(f"{estimate:.0f}, {least:.2f} to {most:.2f}")
    nan, -0.48 to inf
    """
    least, most = (np.where(np.isinf(each), np.nan, each) for each in map(_replicates, (low, high)))
    ends = student_interval(least), student_interval(most)
    known = np.array_equal(least, most)  # a replicate of which nothing is known is NaN in both
    return Interval(ends[0].estimate if known else np.nan, ends[0].low, ends[1].high)


def bootstrap_interval(values: Any, seed: int = 0) -> Interval:
    """Return the mean of some replicates with its 95% bootstrap interval.

    The percentiles of the means of resampled replicates. It assumes no distribution, but of few
    replicates it comes out too narrow.

    Parameters
    ----------
    values
        As `student_interval`.
    seed
        Of the resampling.

    Raises
    ------
    ValueError
        As `student_interval`.

    Examples
    --------
    >>> estimate, low, high = bootstrap_interval([1.0, 2.0, 3.0])
    >>> print(f"{estimate:.0f}, {low:.2f} to {high:.2f}")
    2, 1.00 to 3.00
    """
    estimate, low, high = student_interval(values)
    if np.isfinite(low):
        rng = np.random.default_rng(seed)
        found = stats.bootstrap(
            (_replicates(values),),
            np.mean,
            n_resamples=_RESAMPLES,
            confidence_level=LEVEL,
            method="percentile",
            rng=rng,
        )
        low, high = map(float, found.confidence_interval)
    return Interval(estimate, low, high)


def passage(values: xr.DataArray, level: float, dim: str) -> xr.DataArray:
    """Return where a quantity that rises along `dim` passes `level`.

    The least-squares rising curve through the values, and between its points straight lines in
    the logarithm of the coordinate. Noise that undoes part of the rise is averaged, not chosen
    from.

    Parameters
    ----------
    values
        With the dimension `dim`, whose coordinate rises and is positive.
    level
        What is passed.

    Returns
    -------
    xarray.DataArray
        In units of the coordinate, over the other dimensions; NaN where the level lies outside of
        what the curve takes (censored).

    Raises
    ------
    ValueError
        If the coordinate does not rise or is not positive, or a value is NaN.

    Examples
    --------
    >>> accuracy = xr.DataArray([0.0, 0.25, 0.75, 1.0], {"size": [100, 200, 400, 800]}, "size")
    >>> print(f"{passage(accuracy, 0.5, 'size').item():.1f}")
    282.8
    """
    found = passage_bounds(values, level, dim)
    return found.low.where(found.low == found.high)


def passage_bounds(values: xr.DataArray, level: float, dim: str) -> Bounds:
    """Return where a quantity passes `level`, as `passage`, with bounds where it does not.

    Above the last value of the coordinate if the level is not reached, below the first, and above
    0, if it is passed from the start.

    Examples
    --------
    >>> accuracy = xr.DataArray([0.0, 0.25, 0.4], {"size": [100, 200, 400]}, "size")
    >>> [each.item() for each in passage_bounds(accuracy, 0.5, "size")]
    [400.0, inf]
    """
    level = number("level", level)
    coordinate = values[dim].values.astype(float)
    if not (coordinate[0] > 0 and np.all(np.diff(coordinate) > 0)):
        raise ValueError(f"{dim} must be positive and rise, got {coordinate}")
    if np.isnan(values).any():
        raise ValueError(f"values must not be NaN, got {int(np.isnan(values).sum())} of them")

    def one(curve: np.ndarray) -> tuple[float, float]:
        return _passage(coordinate, curve, level)

    low, high = xr.apply_ufunc(
        one, values, input_core_dims=[[dim]], output_core_dims=[[], []], vectorize=True
    )
    return Bounds(low, high)


def slope(y: xr.DataArray, x: xr.DataArray, dim: str) -> xr.DataArray:
    r"""Return the slope of the least-squares line through the points along `dim`.

    .. math:: \sum (x - \bar x)(y - \bar y) \Big/ \sum (x - \bar x)^2

    Points of which x or y is NaN are left out; NaN where fewer than two are left.

    Examples
    --------
    >>> x = xr.DataArray([0.0, 1.0, 2.0], dims="i")
    >>> slope(1 + 3 * x, x, "i").item()
    3.0
    """
    known = x.notnull() & y.notnull()
    x, y = x.where(known), y.where(known)
    x = x - x.mean(dim)
    square = (x**2).sum(dim)
    found: xr.DataArray = (x * (y - y.mean(dim))).sum(dim) / square.where(square > 0)
    return found


def slope_bounds(y: Bounds, x: xr.DataArray, dim: str) -> Bounds:
    """Return the least and the largest `slope` that points with bounded y can have.

    Examples
    --------
    >>> x = xr.DataArray([0.0, 1.0, 2.0], dims="i")
    >>> y = Bounds(x.copy(data=[-np.inf, 1.0, 2.0]), x.copy(data=[0.5, 1.0, 2.0]))
    >>> [each.item() for each in slope_bounds(y, x, "i")]
    [0.75, inf]
    """
    far = x - x.mean(dim)
    far = far.where(abs(far) > _MIDDLE * abs(x).max(dim), 0.0)
    # A point left of the middle lowers the slope the higher it is; one in the middle, not at all.
    steep, flat = (xr.where(far > 0, *ends) for ends in ((y.high, y.low), (y.low, y.high)))
    low, high = (
        (far * each.where(far != 0, 0.0)).sum(dim, skipna=False) / (far**2).sum(dim)
        for each in (flat, steep)
    )
    return Bounds(low, high)


def power(y: xr.DataArray, x: xr.DataArray, dim: str) -> xr.DataArray:
    """Return the exponent of the power law through the points, the `slope` of log y in log x.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 2.0, 4.0], dims="i")
    >>> print(f"{power(5 * x**0.5, x, 'i').item():.3f}")
    0.500
    """
    return slope(log(y), log(x), dim)


def log(values: xr.DataArray) -> xr.DataArray:
    """Return the natural logarithm; NaN where a value is not positive."""
    found: xr.DataArray = xr.apply_ufunc(np.log, values.where(values > 0))
    return found


def exp(values: xr.DataArray) -> xr.DataArray:
    """Return the exponential."""
    found: xr.DataArray = xr.apply_ufunc(np.exp, values)
    return found


def _replicates(values: Any) -> np.ndarray:
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or numbers.size < 2:
        raise ValueError(f"values must be at least two replicates, got shape {numbers.shape}")
    return numbers


def _passage(sizes: np.ndarray, curve: np.ndarray, level: float) -> tuple[float, float]:
    rising = optimize.isotonic_regression(curve).x
    if rising[0] >= level:
        return 0.0, float(sizes[0])
    if rising[-1] < level:
        return float(sizes[-1]), np.inf
    after = int(np.argmax(rising >= level))
    low, high = rising[after - 1], rising[after]
    part = (level - low) / (high - low)
    x = np.log(sizes)
    place = float(np.exp(x[after - 1] + part * (x[after] - x[after - 1])))
    return place, place
