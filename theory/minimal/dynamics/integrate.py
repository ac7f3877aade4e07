"""Integration in steps, for whoever looks at each: LSODA, and Radau IIA where that gives up."""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import LSODA, OdeSolver, Radau
from scipy.optimize import brentq

from theory.minimal.law import Array

Field = Callable[[Array], Array]
Method = Callable[..., OdeSolver[Any]]

#: Error allowed in a step, relative and absolute.
RELATIVE, ABSOLUTE = 1e-12, 1e-13
#: Small enough for a start right at a kink, where the slope is 1.
_FIRST_STEP = 1e-16
#: No time is looked for before or beyond.
_SHORTEST, _LATEST = 1e-290, 1e300
#: Part of a step that is directly after its beginning.
_DIRECTLY = 1e-9
#: What to integrate by, one after the other, and the calls of the slope after which to give up:
#: LSODA can go on for ever in steps that are far too short.
_METHODS: tuple[tuple[Method, int], ...] = ((LSODA, 100_000), (Radau, 300_000))


@dataclass(slots=True)
class Step:
    """A step between two times. Look inside it before the next one is taken."""

    begun: float
    ended: float
    state: Array
    inside: Callable[[float], Array]


class _ExhaustedError(Exception):
    """The slope has been called too often."""


def integrate(
    field: Field, start: Array, jacobian: Field | None = None, scale: Array | float = 1.0
) -> Iterator[Step]:
    """Yield step after step of dx/dt = field(x) from time 0 on.

    Errors are allowed relative to x, and absolute ones relative to `scale`.

    Raises
    ------
    ArithmeticError
        If no method goes on; each has a limited number of calls.
    """
    reached, state = 0.0, start
    for method, most in _METHODS:
        for step in _steps(method, most, field, state, jacobian, scale, reached):
            yield step
            reached, state = step.ended, step.state
        if reached >= _LATEST:
            return
    raise ArithmeticError(f"no end after {most} evaluations of the slope")


def turning(step: Step, value: Callable[[Array], float]) -> float:
    """Return the time within a step at which a function of the state turns positive.

    Where it is zero at the beginning it is looked at directly after that.
    """

    def at(time: float) -> float:
        return value(step.inside(time))

    begun = step.begun
    if at(begun) == 0:
        begun += _DIRECTLY * (step.ended - step.begun)
    if at(begun) >= 0:
        return begun
    if at(step.ended) <= 0:
        return step.ended
    # Halving can take this long from 1 down to the smallest numbers.
    return float(brentq(at, begun, step.ended, xtol=_SHORTEST, rtol=1e-13, maxiter=2000))


def at_times(steps: Iterator[Step], times: Array) -> list[Array]:
    """Return the states at times above 0 in increasing order.

    Raises
    ------
    ArithmeticError
        If the steps end before.
    """
    states: list[Array] = []
    for step in steps:
        while len(states) < times.size and times[len(states)] <= step.ended:
            states.append(step.inside(float(times[len(states)])))
        if len(states) == times.size:
            return states
    raise ArithmeticError(f"no time beyond {_LATEST:g} is reached")


def _steps(
    method: Method,
    most: int,
    field: Field,
    start: Array,
    jacobian: Field | None,
    scale: Array | float,
    begun: float,
) -> Iterator[Step]:
    """Yield the steps of one method from the time `begun` on, until it is done or gives up."""
    calls = itertools.count(1)

    def slope(_: float, state: Array) -> Array:
        if next(calls) > most:
            raise _ExhaustedError
        return field(state)

    settings: dict[str, Any] = {"rtol": RELATIVE, "atol": ABSOLUTE * scale}
    if jacobian is not None:
        settings["jac"] = lambda _, state: jacobian(state)
    with contextlib.suppress(_ExhaustedError):
        with np.errstate(all="ignore"):
            # Under a penalty that is large at the start a weight falls at once.
            fastest = float(np.max(np.abs(field(start)), initial=1.0))
            first = max(float(np.min(scale)) * _FIRST_STEP / fastest, _SHORTEST)
            solver = method(slope, 0.0, start, _LATEST, first_step=first, **settings)
        while solver.status == "running":
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # the status says it, too
                try:
                    failure = solver.step()
                except ValueError:  # from a matrix that overflows, in steps that are too short
                    return
            if failure or not np.isfinite(solver.y).all():
                return
            yield Step(
                begun + float(solver.t_old),
                begun + float(solver.t),
                solver.y.copy(),
                lambda time: np.asarray(solver.dense_output()(time - begun)),
            )
