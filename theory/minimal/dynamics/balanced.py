r"""Balanced circuits (a = b), however many, follow two functions of time (derived here).

With z_i = w_i^-r the flow is linear but for p, which all circuits share:

.. math:: \dot z_i = 2 r (c_i - p z_i), \qquad z_i = A z_i(0) + c_i B, \qquad
          \dot A = -2 r p A, \quad \dot B = 2 r (1 - p B), \quad A(0) = 1, \ B(0) = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.integrate import solve_ivp
from scipy.special import expit

from theory.minimal.dynamics.coordinates import Coordinates
from theory.minimal.dynamics.stop import Stop
from theory.minimal.model import MinimalModel

Array = npt.NDArray[np.float64]

#: Error allowed in a step, relative to A and B.
_TOLERANCE = 1e-12
#: A for which the difference of the two functions has lost six digits.
_LARGEST = 1e6


def two_functions(model: MinimalModel, times: Any) -> xr.Dataset:
    r"""Solve the flow of balanced circuits by the two functions A and B.

    .. math:: w_i(t) = \bigl(A(t) w_i(0)^{-r} + c_i B(t)\bigr)^{-1/r}

    Derived here.

    Parameters
    ----------
    model
        The model: kappa other than 2, and a = b other than 0 for every circuit.
    times
        Times to record, shape (rows,), in updates times learning rate: not negative, increasing.

    Returns
    -------
    xarray.Dataset
        ``A`` and ``B``, dims (time, ...), and ``weight`` in logits, dims (time, circuit, ...); for
        kappa > 2 a weight that has fallen to zero is 0.

    Raises
    ------
    ValueError
        If `times` is out of range, kappa is 2, or a circuit is not balanced or has no weight.
    ArithmeticError
        If A passes 1e6, as in time it does for kappa > 2: a survivor's weight is a difference of
        terms in A, and its digits are lost.

    Examples
    --------
    >>> from theory.minimal import Circuit
    >>> circuits = tuple(Circuit(n, p, True, 0.1, 0.1) for n, p in zip("xyz", (1.0, 1.5, 2.0)))
    >>> run = two_functions(MinimalModel(circuits, 1.2, 0.005, 113), times=[0.0, 10.0, 2000.0])
    >>> run.weight.values[-1].round(6)
    array([5.841129, 1.730705, 0.730141])
    """
    c, swept, moments = Coordinates.of(model), model.swept, _checked(times)
    if np.any(c.first != c.second) or np.any(c.first == 0):
        raise ValueError("every circuit must start balanced, with a = b other than 0")
    if np.any(np.equal(model.kappa, 2)):
        raise ValueError("kappa must not be 2: there z = w^-r says nothing")
    exponent = np.broadcast_to((swept + model.exponent).values.ravel(), c.spare.shape)
    lanes = zip(c.first.T**2, c.cost.T, exponent, c.spare, strict=True)
    solved = np.stack([_solve(*lane, moments) for lane in lanes], axis=-1)
    values = solved.reshape(*solved.shape[:2], *swept.shape)
    dims = ("time", *swept.dims)
    return xr.Dataset(
        {
            "A": (dims, values[0]),
            "B": (dims, values[1]),
            "weight": (("circuit", *dims), values[2:], {"units": "logit"}),
        },
        {"time": moments, "circuit": list(model.names), **swept.coords},
    ).transpose("time", "circuit", ...)


def _solve(weight: Array, cost: Array, exponent: float, spare: float, times: Array) -> Array:
    r"""Return A, B and every weight at `times`, shape (2 + circuits, rows).

    Integrated are I and b, which give A and B, and weights that keep their digits as r -> 0:

    .. math:: \dot I = p, \quad \dot b = 2 (1 - r p b), \quad A = e^{-2 r I}, \quad B = r b, \quad
              \log w_i = \log w_i(0) + 2 I - \tfrac1r \log(1 + c_i w_i(0)^r B / A).
    """
    start = np.log(weight)[:, np.newaxis]
    with np.errstate(divide="ignore"):
        rate = np.log(abs(exponent) * cost)[:, np.newaxis] + exponent * start

    def weights(state: Array) -> Array:
        grown, b = state
        with np.errstate(divide="ignore"):
            part = rate + 2 * exponent * grown + np.log(b)
            # A weight with r < 0 is zero from where the logarithm has no argument left.
            dying = np.log1p(-np.exp(np.minimum(part, 0)))
            shrunk = np.logaddexp(0, part) if exponent > 0 else dying
        return np.asarray(np.exp(start + 2 * grown - shrunk / exponent))

    solution = solve_ivp(
        _rates(weights, exponent, spare),
        (0.0, times[-1]),
        [0.0, 0.0],
        method="DOP853",
        t_eval=times,
        rtol=_TOLERANCE,
        atol=_TOLERANCE,
        events=_overgrown(exponent),
    )
    if solution.status != 0:
        raise ArithmeticError(f"A passed {_LARGEST:g} before time {times[-1]:g}: record earlier")
    grown, b = solution.y
    first = np.exp(-2 * exponent * grown), exponent * b
    return np.concatenate([np.array(first), weights(solution.y)])


def _rates(
    weights: Callable[[Array], Array], exponent: float, spare: float
) -> Callable[[float, Array], list[float]]:
    """Return dI/dt and db/dt as a function of time, I and b."""

    def rates(time: float, state: Array) -> list[float]:
        wrong = float(expit(spare - weights(state[:, np.newaxis]).sum()))
        return [wrong, 2 * (1 - exponent * wrong * state[1])]

    return rates


def _overgrown(exponent: float) -> Stop:
    """Return the event that A reaches the largest that is of use."""
    return Stop(lambda time, state: float(np.log(_LARGEST) + 2 * exponent * state[0]))


def _checked(times: Any) -> Array:
    moments = np.array(times, dtype=np.float64)
    proper = moments.ndim == 1 and moments.size > 0 and bool(np.all(np.isfinite(moments)))
    if not proper or moments[0] < 0 or np.any(np.diff(moments) <= 0):
        raise ValueError(f"times must be numbers from 0 on that strictly increase, got {times!r}")
    return moments
