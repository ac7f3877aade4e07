"""Gradient flow: gradient descent with infinitely small steps (Section 3; derived here)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy.integrate import ODEintWarning, odeint, solve_ivp

from theory.minimal.dynamics.coordinates import Array, Coordinates
from theory.minimal.model import MinimalModel
from theory.minimal.record import as_run

#: Error of z_i allowed in a step, relative and absolute.
RELATIVE, ABSOLUTE = 1e-12, 1e-13
#: |z_i| under which the kink of the penalty at zero is rounded off.
_ROUNDED = 1e-13
#: exp overflows above 709; nothing changes beyond this.
_LARGEST_EXPONENT = 700.0
#: Above this |z|, |sinh z| is e^|z| / 2 to the last digit.
_LARGE = 300.0
_MOST_STEPS = 10_000
#: Small enough for a start right at the kink.
FIRST_STEP = 1e-16


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


class Law:
    r"""dz/dt of one lane and its Jacobian, as plain functions of z and t.

    .. math:: \dot z_i = 2 p(S) - 2 c_i w_i (w_i^2 + \delta^2)^{(r - 1)/2}

    The tiny delta rounds off the kink at zero: a weight that is held there, or follows the others
    close to it, makes the equation stiff but leaves it smooth.
    """

    def __init__(self, coordinates: Coordinates, lane: int) -> None:
        self.spare = float(coordinates.spare[lane])
        self.circuits = [_term(coordinates, i, lane) for i in range(len(coordinates.start))]

    def slope(self, z: Array, time: float) -> list[float]:
        """Return dz/dt, zero for a weight that is zero for ever."""
        terms = [term(value) for term, value in zip(self.circuits, z, strict=True)]
        wrong = self._wrong(terms)
        return [2 * (wrong - term.pull) if term.moves else 0.0 for term in terms]

    def jacobian(self, z: Array, time: float) -> list[list[float]]:
        """Return the derivative of dz_i/dt in z_j, a row for each i."""
        terms = [term(value) for term, value in zip(self.circuits, z, strict=True)]
        wrong = self._wrong(terms)
        shared = [-2 * wrong * (1 - wrong) * term.weight_slope for term in terms]
        own = [-2 * term.pull_slope for term in terms]
        return [
            [
                (value + (own[i] if i == j else 0.0)) if term.moves else 0.0
                for j, value in enumerate(shared)
            ]
            for i, term in enumerate(terms)
        ]

    def _wrong(self, terms: list[_Term]) -> float:
        """Return p(S)."""
        return 1 / (1 + _exp(sum(term.weight for term in terms) - self.spare))


class _Term(NamedTuple):
    """What one circuit adds: w and c sgn(w) |w|^r, and their derivatives in z."""

    weight: float
    weight_slope: float
    pull: float
    pull_slope: float
    moves: bool = True


def at_rest(coordinates: Coordinates, z: Array) -> Array:
    """Return `z` with exact zeros where the rounded kink holds a weight next to zero."""
    c = coordinates
    kinked = (c.balance == 0) & (c.exponent <= 0)
    near = kinked & (abs(z) < 100 * _ROUNDED)
    held = c.growth(c.weight(np.where(near, abs(z), z))) <= 0
    trapped = kinked & (c.exponent < 0) & (z * c.start <= 0)
    return np.where((near & held) | trapped, 0.0, z)


def _term(c: Coordinates, circuit: int, lane: int) -> Callable[[float], _Term]:
    """Return z -> terms of one circuit."""
    scale, sigma, cost, r = (
        float(values[circuit, lane]) for values in (c.scale, c.balance, c.cost, c.exponent)
    )
    still, side = _Term(0.0, 0.0, 0.0, 0.0, moves=False), float(c.start[circuit, lane])
    if scale == 0:
        return lambda z: still
    log_scale, log_cost = math.log(scale), math.log(cost) if cost > 0 else -math.inf

    def balanced(z: float) -> _Term:
        size, least = log_scale + sigma * z, log_scale + math.log(_ROUNDED)
        clipped = r < 0 and size < least
        pull = _exp(log_cost + r * (least if clipped else size))
        return _Term(sigma * _exp(size), _exp(size), sigma * pull, 0.0 if clipped else r * pull)

    def unbalanced(z: float) -> _Term:
        # For kappa > 2 zero is a trap, however narrow the barrier around it.
        if r < 0 and z * side <= 0:
            return still
        # x = sinh z is held as the logarithm of the root of x^2 + delta^2.
        x = math.sinh(max(min(z, _LARGE), -_LARGE))
        far = max(abs(z) - _LARGE, 0.0)
        log_root = math.log(math.hypot(x, _ROUNDED)) + far
        size = _exp(log_cost + r * (log_scale + log_root))
        part = x / math.hypot(x, _ROUNDED)
        turn = math.hypot(1.0, x) / math.hypot(x, _ROUNDED)
        return _Term(
            part * _exp(log_scale + log_root),
            _exp(log_scale + math.log(math.hypot(1.0, x)) + far),
            part * size,
            size * turn * (1 - part**2 + r * part**2),
        )

    return balanced if sigma else unbalanced


def _exp(exponent: float) -> float:
    return math.exp(min(exponent, _LARGEST_EXPONENT))


def _follow(model: MinimalModel, coordinates: Coordinates, lane: int, times: Array) -> Array:
    """Return z of one lane at `times`, shape (rows, circuits)."""
    start = coordinates.start[:, lane]
    moments = times if times[0] == 0 else np.concatenate(([0.0], times))
    if moments.size == 1:
        return start[None]
    law = Law(coordinates, lane)
    z = _by_multistep(law, start, moments)
    if z is None:
        z = _by_collocation(law, start, moments)
    if z is None:
        raise ArithmeticError(f"gradient flow failed {name_of(model, lane)}")
    return z[moments.size - times.size :]


def _by_multistep(law: Law, start: Array, moments: Array) -> Array | None:
    """Return z at `moments` by Adams or BDF of varying order; None where a kink stops it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ODEintWarning)
        try:
            z = odeint(
                law.slope,
                start,
                moments,
                Dfun=law.jacobian,
                rtol=RELATIVE,
                atol=ABSOLUTE,
                h0=FIRST_STEP,
                mxstep=_MOST_STEPS,
            )
        except ODEintWarning:
            return None
    return np.asarray(z)


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
