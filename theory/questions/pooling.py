"""From what was measured to one number a seed.

Numbers of one seed, at whatever places, come from networks that share their examples or their
order: they are not independent. So the seed is the block. Places are averaged within it, and the
interval is that of the mean over seeds.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory.questions.question import Quantity
from theory.statistics import Bounds, Interval, bounded_interval


def compared(values: xr.DataArray | Bounds, quantity: Quantity) -> Bounds:
    """Return numbers as they are compared: the logarithms of those that are compared by ratios."""
    bounds = Bounds.of(values)
    if not quantity.relative:
        return bounds
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (xr.apply_ufunc(np.log, each) for each in bounds)
    # A ratio that is not positive has no logarithm: nothing is known of it.
    return Bounds(low.fillna(-np.inf), high.where(high > -np.inf, np.inf))


def pooled(values: xr.DataArray | Bounds, quantity: Quantity) -> Bounds:
    """Return one number a seed, as `compared`: the mean over all places.

    Examples
    --------
    >>> values = xr.DataArray([[1.0, 3.0], [2.0, 4.0]], dims=("modulus", "seed"))
    >>> pooled(values, Quantity("size", "A size.")).low.values
    array([1.5, 3.5])
    """
    return Bounds(*(over_places(each) for each in compared(values, quantity)))


def uncompared(value: float, quantity: Quantity) -> float:
    """Return a number in the unit of the quantity, from what is `compared`."""
    return float(np.exp(value)) if quantity.relative else value


def estimate(values: xr.DataArray | Bounds, quantity: Quantity) -> Interval:
    """Return what is found at all places together, in the unit of the quantity.

    Of a quantity that is compared by ratios the mean is a geometric one.

    Examples
    --------
    >>> values = xr.DataArray([[1.0, 4.0], [4.0, 1.0]], dims=("modulus", "seed"))
    >>> round(estimate(values, Quantity("size", "A size.", relative=True)).estimate, 3)
    2.0
    """
    return Interval(*(uncompared(each, quantity) for each in interval(pooled(values, quantity))))


def over_places(values: xr.DataArray) -> xr.DataArray:
    """Return the mean over all dimensions but the seed."""
    found: xr.DataArray = values.mean([dim for dim in values.dims if dim != "seed"], skipna=False)
    return found


def interval(values: Bounds) -> Interval:
    """Return the interval of the mean over seeds."""
    return bounded_interval(values.low.values, values.high.values)
