"""Gradient flow: gradient descent with infinitely small steps (Section 3; derived here)."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from theory.minimal.cells import Cells
from theory.minimal.dynamics.follow import follow
from theory.minimal.dynamics.integrate import at_times
from theory.minimal.law import Array
from theory.minimal.model import MinimalModel
from theory.minimal.trajectory import as_run


def flow(model: MinimalModel, times: Any) -> xr.Dataset:
    r"""Follow gradient flow on every subweight (Section 3, as the learning rate tends to 0).

    .. math:: \dot a_i = -L_i b_i, \qquad \dot b_i = -L_i a_i

    with the slope L_i of `theory.minimal.gradient`. One update of `theory.descend` takes the time
    lambda, to first order.

    Parameters
    ----------
    model
        The model, with any penalty; every swept cell is integrated by itself, in some tens of
        milliseconds.
    times
        Times to record, shape (rows,), in updates times learning rate: not negative, strictly
        increasing.

    Returns
    -------
    xarray.Dataset
        A run (`theory.runs`) as `theory.descend` returns it; ``step`` counts the rows and has the
        coordinate ``time``. Weights are right to about 1e-10 of the cell's largest.

    Raises
    ------
    ValueError
        If `times` is out of range, or if subweights are too small to square.
    ArithmeticError
        If a cell cannot be integrated with a limited number of evaluations; it is named.

    Examples
    --------
    >>> run = flow(MinimalModel.paper(), times=[0.0, 50.0, 50.1])
    >>> lead = run.weight.sel(circuit="generalising") - run.weight.sel(circuit="memorising")
    >>> (lead > 0).values
    array([False, False,  True])
    """
    moments, swept = checked_times(times), model.swept
    cells = Cells.of(model)
    z = np.empty((moments.size, len(model.names), swept.size))
    for lane in range(swept.size):
        try:
            z[..., lane] = _states(cells.take(lane), moments)
        except ArithmeticError as error:
            place = model.place(lane)
            raise ArithmeticError(f"gradient flow failed {place}: {error}") from error
    coords = {
        "step": np.arange(moments.size),
        "time": ("step", moments, {"long_name": "time of gradient flow", "units": "1"}),
        "circuit": list(model.names),
        **swept.coords,
    }
    shape = (moments.size, len(model.names), *swept.shape)
    first, second = (
        xr.DataArray(values.reshape(shape), coords, ("step", "circuit", *swept.dims))
        for values in cells.subweights(z)
    )
    return as_run(model, first, second, {"times": moments.tolist()})


def _states(cell: Cells, times: Array) -> Array:
    """Return z of one cell at `times`, shape (rows, circuits)."""
    later = times[times > 0]
    if later.size == 0:
        return np.array([cell.start])
    start = [cell.start] if later.size < times.size else []
    return np.array(start + at_times(follow(cell, min(1.0, later[0])), later))


def checked_times(times: Any) -> Array:
    """Return times to record as an array.

    Raises
    ------
    ValueError
        If they are not numbers in a row, finite, from 0 on and strictly increasing.
    """
    try:
        moments = np.array(times, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"times must be numbers, got {times!r}") from error
    if moments.ndim != 1 or moments.size == 0:
        raise ValueError(f"times must be one or more numbers in a row, got {times!r}")
    if not np.all(np.isfinite(moments)):
        raise ValueError(f"times must be finite, got {moments[~np.isfinite(moments)][0]}")
    if moments[0] < 0 or np.any(np.diff(moments) <= 0):
        raise ValueError(f"times must start at 0 or later and strictly increase, got {times!r}")
    return moments
