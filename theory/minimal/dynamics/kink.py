"""Weights on their way to the kink of the penalty at zero (derived here).

For 1 < kappa <= 2 a negative weight grows whatever the others do and passes zero once. The penalty
changes its slope there, without bound, and to that an error estimate is blind: no step may pass.
For kappa > 2 zero is a trap. The last of the way to it takes no time, and no step is short enough.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import LSODA, Radau, solve_ivp

from theory.minimal.dynamics.coordinates import Array, Coordinates
from theory.minimal.dynamics.law import ABSOLUTE, DEAD, RELATIVE, Law
from theory.minimal.dynamics.stop import Stop

#: Part of the time until then that the rest of the way into a trap may take.
_REST = 1e-12
#: What to integrate by, one after the other, and the calls of the slope after which to give up:
#: LSODA can go on for ever in steps that are far too short.
_METHODS = ((LSODA, 20_000), (Radau, 500_000))


def to_the_last_kink(c: Coordinates, lane: int, times: Array) -> tuple[Array, float, Array]:
    """Follow one lane until no weight is left that may come to a kink, or to the last of `times`.

    Returns z at the times until then, shape (rows, circuits), then the time that is reached, and z
    there.

    Raises
    ------
    ArithmeticError
        If a weight cannot be followed to zero.
    """
    state, reached = c.start[:, lane].copy(), 0.0
    rows = np.repeat(state[np.newaxis], int(times[0] == 0), axis=0)
    while len(rows) < times.size and (events := _events(c, lane, state)):
        solution = _integrate(Law(c, lane), state, times[len(rows) :] - reached, events)
        rows = np.concatenate((rows, np.array(solution.y).T.reshape(-1, state.size)))
        for circuit, time, z in zip(events, solution.t_events, solution.y_events, strict=True):
            if time.size:
                state, reached = z[0], reached + float(time[0])
                state[circuit] = _zero(c.balance[circuit, lane])
    return rows, reached, state


def _events(c: Coordinates, lane: int, state: Array) -> dict[int, Stop]:
    """Return what to stop at, by circuit."""
    events = {}
    for circuit in np.flatnonzero((c.cost[:, lane] > 0) & (c.scale[:, lane] > 0)):
        r, sigma = c.r[circuit, lane], c.balance[circuit, lane]
        if sigma == 0 and 0 <= r < 1 and state[circuit] < 0:
            events[int(circuit)] = _passing(int(circuit))
        elif r < 0 and state[circuit] != _zero(sigma):
            events[int(circuit)] = _falling(c, lane, int(circuit))
    return events


def _zero(balance: float) -> float:
    """Return z of a weight that is zero."""
    return balance * DEAD if balance else 0.0


def _passing(circuit: int) -> Stop:
    """Return the event that z is zero."""
    return Stop(lambda time, z: float(z[circuit]))


def _falling(c: Coordinates, lane: int, circuit: int) -> Stop:
    r"""Return the event that no time is left until the weight is zero.

    By then dz/dt = -2 c w^r, so that w / (2 (1 - r) c rho w^r) of it is left where w is small
    beside rho, and w^-r / (-2 r c) where rho = 0.
    """
    cost, scale, r, sigma = (
        float(values[circuit, lane]) for values in (c.cost, c.scale, c.r, c.balance)
    )
    if sigma == 0:
        whole, side = 1 / (2 * (1 - r) * cost * scale**r), float(np.sign(c.start[circuit, lane]))

        def left(time: float, z: Array) -> float:
            # Negative on the other side of the trap, so that no step can jump over it unseen.
            way = side * float(z[circuit])
            return math.copysign(whole * abs(way) ** (1 - r), way) - _REST * time

        return Stop(left)
    whole = scale**-r / (-2 * r * cost)
    return Stop(lambda time, z: whole * math.exp(-r * sigma * z[circuit]) - _REST * time)


def _integrate(law: Law, start: Array, times: Array, events: dict[int, Stop]) -> Any:
    """Return SciPy's solution at `times` until the first of `events`."""
    for method, most in _METHODS:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                solution = solve_ivp(
                    _limited(law, most),
                    (0.0, times[-1]),
                    start,
                    method,
                    times,
                    events=list(events.values()),
                    jac=lambda time, z: np.array(law.jacobian(z, time)),
                    rtol=RELATIVE,
                    atol=ABSOLUTE,
                )
            except (UserWarning, ValueError):
                # LSODA gives up with a warning, and SciPy where its curve within a step does not
                # end where the step does, so that no event lies on it.
                continue
        if solution.success:
            return solution
    raise ArithmeticError("a weight could not be followed to zero")


def _limited(law: Law, most: int) -> Callable[[float, Array], Array]:
    """Return the slope of `law`, which raises a ValueError when called more often than that."""
    calls = itertools.count(1)

    def slope(time: float, z: Array) -> Array:
        if next(calls) > most:
            raise ValueError(f"no end after {most} calls")
        return np.array(law.slope(z, float(time)))

    return slope
