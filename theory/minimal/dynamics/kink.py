"""Negative weights on their way through zero, where the penalty has a kink (derived here).

A negative weight grows whatever the others do, so it passes zero once. No step may do so: the
penalty changes its slope there, for 1 <= kappa <= 2 without bound, and to that an error estimate
is blind.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from theory.minimal.dynamics.coordinates import Array, Coordinates, Indices, Mask
from theory.minimal.dynamics.law import ABSOLUTE, RELATIVE, Law


def to_the_last_kink(c: Coordinates, lane: int, times: Array) -> tuple[Array, float, Array]:
    """Follow one lane until no weight is left that will pass a kink, or to the last of `times`.

    Returns z at the times until then, shape (rows, circuits), then the time that is reached, and z
    there.
    """
    state, reached = c.start[:, lane].copy(), 0.0
    rows = np.repeat(state[np.newaxis], int(times[0] == 0), axis=0)
    kinked = ((c.balance == 0) & (c.cost > 0) & (c.exponent >= 0) & (c.exponent < 1))[:, lane]
    while len(rows) < times.size and np.any(below := kinked & (state < 0)):
        passed, elapsed, state = _to_a_kink(c, lane, state, below, times[len(rows) :] - reached)
        rows, reached = np.concatenate((rows, passed)), reached + elapsed
    return rows, reached, state


def _to_a_kink(
    c: Coordinates, lane: int, start: Array, below: Mask, times: Array
) -> tuple[Array, float, Array]:
    """Return the same from `start` until the first circuit `below` zero has come there."""
    circuits = np.flatnonzero(below)
    solution = _integrate(Law(c, lane, below), start, times, circuits)
    passed = np.array(solution.y).T.reshape(-1, start.size)
    elapsed, state = times[-1], start
    for circuit, time, z in zip(circuits, solution.t_events, solution.y_events, strict=True):
        if time.size:
            elapsed, state = time[0], z[0]
            state[circuit] = 0.0
    return passed, float(elapsed), state


def _integrate(law: Law, start: Array, times: Array, circuits: Indices) -> Any:
    """Return SciPy's solution at `times` until one of `circuits` reaches zero.

    Raises
    ------
    ArithmeticError
        If neither method gets there.
    """
    for method in ("LSODA", "Radau"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                solution = solve_ivp(
                    lambda time, z: np.array(law.slope(z, float(time))),
                    (0.0, times[-1]),
                    start,
                    method,
                    times,
                    events=[_reaching_zero(int(circuit)) for circuit in circuits],
                    jac=lambda time, z: np.array(law.jacobian(z, time)),
                    rtol=RELATIVE,
                    atol=ABSOLUTE,
                )
            except UserWarning:  # LSODA gives up with one
                continue
        if solution.success:
            return solution
    raise ArithmeticError("a negative weight could not be followed to zero")


def _reaching_zero(circuit: int) -> Callable[[float, Array], float]:
    """Return the event that z of a circuit is zero, which ends the integration."""

    def event(time: float, z: Array) -> float:
        return float(z[circuit])

    event.terminal = True  # type: ignore[attr-defined]
    return event
