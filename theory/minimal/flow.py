"""Gradient flow: gradient descent with infinitely small steps (Section 3; derived here)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from scipy.integrate import ODEintWarning, odeint

from theory.minimal.coordinates import Array, Coordinates
from theory.minimal.model import MinimalModel
from theory.minimal.record import as_run

#: dz/dt as a function of z and t.
Slope = Callable[[Array, float], list[float]]

#: Error of z_i allowed in a step, relative and absolute.
RELATIVE, ABSOLUTE = 1e-12, 1e-13
#: |z_i| under which the kink of the penalty at zero is rounded off.
_ROUNDED = 1e-13
#: exp overflows above 709; nothing changes beyond this.
_LARGEST_EXPONENT = 700.0
_MOST_STEPS = 100_000


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


def slope(coordinates: Coordinates, lane: int) -> Slope:
    r"""Return dz/dt of one lane as a plain function of z and t.

    .. math:: \dot z_i = 2 p(S) - 2 c_i w_i (w_i^2 + \delta^2)^{(r - 1)/2}

    The tiny delta rounds off the kink at zero: a weight that is held there, or follows the others
    close to it, makes the equation stiff but leaves it smooth.
    """
    spare = float(coordinates.spare[lane])
    circuits = [_pull(coordinates, circuit, lane) for circuit in range(len(coordinates.start))]

    def evaluate(z: Array, time: float) -> list[float]:
        pairs = [pull(value) for pull, value in zip(circuits, z, strict=True)]
        excess = sum(weight for weight, _ in pairs) - spare
        wrong = 1 / (1 + math.exp(min(excess, _LARGEST_EXPONENT)))
        return [0.0 if math.isnan(pull) else 2 * (wrong - pull) for _, pull in pairs]

    return evaluate


def at_rest(coordinates: Coordinates, z: Array) -> Array:
    """Return `z` with exact zeros where the rounded kink holds a weight next to zero."""
    near = (abs(z) < 100 * _ROUNDED) & (coordinates.balance == 0) & (coordinates.exponent <= 0)
    held = coordinates.growth(coordinates.weight(np.where(near, abs(z), z))) <= 0
    return np.where(near & held, 0.0, z)


def _pull(c: Coordinates, circuit: int, lane: int) -> Callable[[float], tuple[float, float]]:
    """Return z -> (w, c sgn(w) |w|^r) of one circuit; the pull is NaN where w is zero for ever."""
    scale, sigma, cost, r = (
        float(values[circuit, lane]) for values in (c.scale, c.balance, c.cost, c.exponent)
    )
    if scale == 0:
        return lambda z: (0.0, math.nan)
    log_scale, log_cost = math.log(scale), math.log(cost) if cost > 0 else -math.inf

    def balanced(z: float) -> tuple[float, float]:
        size = log_scale + sigma * z
        clipped = max(size, log_scale + math.log(_ROUNDED)) if r < 0 else size
        return sigma * _exp(size), sigma * _exp(log_cost + r * clipped)

    def unbalanced(z: float) -> tuple[float, float]:
        if z == 0:
            return 0.0, math.nan if r < 0 else 0.0
        size = abs(z)
        log_sinh = (
            size - math.log(2) + math.log1p(-math.exp(-2 * size))
            if size > 1
            else (math.log(math.sinh(size)))
        )
        rounding = math.log1p((_ROUNDED / size) ** 2) / 2 if size < 1 else 0.0
        pull = _exp(log_cost + r * (log_scale + log_sinh) + (r - 1) * rounding)
        return math.copysign(_exp(log_scale + log_sinh), z), math.copysign(pull, z)

    return balanced if sigma else unbalanced


def _exp(exponent: float) -> float:
    return math.exp(min(exponent, _LARGEST_EXPONENT))


def _follow(model: MinimalModel, coordinates: Coordinates, lane: int, times: Array) -> Array:
    """Return z of one lane at `times`, shape (rows, circuits)."""
    start = coordinates.start[:, lane]
    moments = times if times[0] == 0 else np.concatenate(([0.0], times))
    if moments.size == 1:
        return start[None]
    with warnings.catch_warnings():
        warnings.simplefilter("error", ODEintWarning)
        try:
            z = odeint(
                slope(coordinates, lane),
                start,
                moments,
                rtol=RELATIVE,
                atol=ABSOLUTE,
                mxstep=_MOST_STEPS,
            )
        except ODEintWarning as error:
            raise ArithmeticError(f"gradient flow failed {name_of(model, lane)}: {error}") from None
    return np.asarray(z[moments.size - times.size :])


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
