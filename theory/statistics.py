"""From replicates to statements: intervals, passages, slopes, and verdicts of equivalence.

A replicate is one seed: its own split, its own start, every quantity computed from it alone. So the
uncertainty of any quantity, however it was computed, is that of a mean of independent numbers.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy import optimize, stats

from theory.checks import number

CONFIRMED, REFUTED, UNDERPOWERED, SILENT = "confirmed", "refuted", "underpowered", "silent"

#: Confidence of every interval.
LEVEL = 0.95
#: Draws of a bootstrap.
_RESAMPLES = 9999


class Interval(NamedTuple):
    """An estimate with the ends of its 95% interval."""

    estimate: float
    low: float
    high: float


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


def verdict(interval: Interval, band: tuple[float, float] | None) -> str:
    """Return what an interval says about a prediction with an equivalence band.

    Returns
    -------
    str
        "confirmed" if the interval lies inside of the band, "refuted" if it lies outside, else
        "underpowered"; "silent" without a band.

    Examples
    --------
    >>> verdict(Interval(1.0, 0.9, 1.2), (0.8, 1.25))
    'confirmed'
    >>> verdict(Interval(1.0, 0.7, 1.2), (0.8, 1.25))
    'underpowered'
    """
    if band is None:
        return SILENT
    low, high = band
    if low <= interval.low and interval.high <= high:
        return CONFIRMED
    if interval.high < low or high < interval.low:
        return REFUTED
    return UNDERPOWERED


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
    level = number("level", level)
    coordinate = values[dim].values.astype(float)
    if not (coordinate[0] > 0 and np.all(np.diff(coordinate) > 0)):
        raise ValueError(f"{dim} must be positive and rise, got {coordinate}")
    if np.isnan(values).any():
        raise ValueError(f"values must not be NaN, got {int(np.isnan(values).sum())} of them")

    def one(curve: np.ndarray) -> float:
        return _passage(np.log(coordinate), curve, level)

    found: xr.DataArray = xr.apply_ufunc(one, values, input_core_dims=[[dim]], vectorize=True)
    return found


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


def _passage(x: np.ndarray, curve: np.ndarray, level: float) -> float:
    rising = optimize.isotonic_regression(curve).x
    if not rising[0] < level <= rising[-1]:
        return np.nan
    after = int(np.argmax(rising >= level))
    low, high = rising[after - 1], rising[after]
    part = (level - low) / (high - low)
    return float(np.exp(x[after - 1] + part * (x[after] - x[after - 1])))
