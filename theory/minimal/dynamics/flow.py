"""Gradient flow: gradient descent with infinitely small steps (Section 3; derived here)."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy.integrate import solve_ivp

from theory.minimal.dynamics.coordinates import Array, Coordinates
from theory.minimal.dynamics.kink import to_the_last_kink
from theory.minimal.dynamics.law import ABSOLUTE, FIRST_STEP, RELATIVE, Law, at_rest
from theory.minimal.dynamics.multistep import by_multistep
from theory.minimal.model import MinimalModel
from theory.minimal.record import as_run


def flow(model: MinimalModel, times: Any) -> xr.Dataset:
    r"""Follow gradient flow on every subweight (Section 3, as the learning rate tends to 0).

    .. math:: \dot a_i = -L_i b_i, \qquad \dot b_i = -L_i a_i

    with the slope L_i of `theory.minimal.gradient`. One update of `theory.descend` takes the time
    lambda, to first order.

    Parameters
    ----------
    model
        The model; every swept cell is integrated by itself, in some tens of milliseconds.
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
        If a cell cannot be integrated; it is named.

    Examples
    --------
    >>> run = flow(MinimalModel.paper(), times=[0.0, 50.0, 50.1])
    >>> lead = run.weight.sel(circuit="generalising") - run.weight.sel(circuit="memorising")
    >>> (lead > 0).values
    array([False, False,  True])
    """
    moments, swept = _checked(times), model.swept
    coordinates = Coordinates.of(model)
    z = np.empty((moments.size, len(model.names), swept.size))
    for lane in range(swept.size):
        z[..., lane] = _follow(model, coordinates, lane, moments)
    coords = {
        "step": np.arange(moments.size),
        "time": ("step", moments, {"long_name": "time of gradient flow", "units": "1"}),
        "circuit": list(model.names),
        **swept.coords,
    }
    shape = (moments.size, len(model.names), *swept.shape)
    first, second = (
        xr.DataArray(values.reshape(shape), coords, ("step", "circuit", *swept.dims))
        for values in coordinates.subweights(at_rest(coordinates, z))
    )
    return as_run(model, first, second, {"times": moments.tolist()})


def _follow(model: MinimalModel, coordinates: Coordinates, lane: int, times: Array) -> Array:
    """Return z of one lane at `times`, shape (rows, circuits)."""
    try:
        rows, begun, start = to_the_last_kink(coordinates, lane, times)
    except ArithmeticError as error:
        raise ArithmeticError(f"gradient flow failed {name_of(model, lane)}: {error}") from error
    moments = np.concatenate(([0.0], times[len(rows) :] - begun))
    if moments.size == 1:
        return rows
    law = Law(coordinates, lane)
    z = by_multistep(law.slope, start, moments, law.jacobian)
    if z is None:
        z = _by_collocation(law, start, moments)
    if z is None:
        raise ArithmeticError(f"gradient flow failed {name_of(model, lane)}")
    return np.concatenate((rows, z[1:]))


def _by_collocation(law: Law, start: Array, moments: Array) -> Array | None:
    """Return z at `moments` by the slower, sturdier Radau IIA of order 5; None where it fails."""
    solution = solve_ivp(
        lambda time, z: np.array(law.slope(z, time)),
        (0.0, moments[-1]),
        start,
        "Radau",
        moments,
        jac=lambda time, z: np.array(law.jacobian(z, time)),
        rtol=RELATIVE,
        atol=ABSOLUTE,
        first_step=min(FIRST_STEP, moments[-1]),
    )
    return np.asarray(solution.y.T) if solution.success else None


def name_of(model: MinimalModel, lane: int) -> str:
    """Return where a swept cell is, to be read in an error."""
    swept = model.swept
    place = np.unravel_index(lane, swept.shape)
    cell = swept.isel(dict(zip(swept.dims, place, strict=True)))
    values = [f"{name} = {value.item()}" for name, value in cell.coords.items()]
    places = [f"{name} {index}" for name, index in zip(swept.dims, place, strict=True)]
    return f"at {', '.join(values or places) or 'the model given'}"


def _checked(times: Any) -> Array:
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
