"""The equation of gradient flow of one lane and its Jacobian, as plain functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from theory.minimal.dynamics.coordinates import Array, Coordinates

#: Error of z_i allowed in a step, relative and absolute.
RELATIVE, ABSOLUTE = 1e-12, 1e-13
#: Small enough for a start right at the kink.
FIRST_STEP = 1e-16
#: |z_i| under which the kink of the penalty at zero is rounded off.
_ROUNDED = 1e-13
#: exp overflows above 709; nothing changes beyond this.
_LARGEST_EXPONENT = 700.0
#: z of a balanced weight that has fallen to zero, times the sign of the weight; not infinite, so
#: that integrators can compute with it.
DEAD = -1e300
#: Above this |z|, |sinh z| is e^|z| / 2 to the last digit.
_LARGE = 300.0


class Law:
    r"""dz/dt of one lane and its Jacobian, as plain functions of z and t.

    .. math:: \dot z_i = 2 p(S) - 2 c_i w_i (w_i^2 + \delta^2)^{(r - 1)/2}

    The tiny delta rounds off the kink at zero: a weight that is held there, or follows the others
    close to it, makes the equation stiff but leaves it smooth.
    """

    def __init__(self, coordinates: Coordinates, lane: int) -> None:
        self.log_rivals = float(coordinates.log_rivals[lane])
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
        return 1 / (1 + _exp(sum(term.weight for term in terms) - self.log_rivals))


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
    kinked = (c.balance == 0) & (c.r <= 0)
    near = kinked & (abs(z) < 100 * _ROUNDED)
    held = c.growth(c.weight(np.where(near, abs(z), z))) <= 0
    trapped = kinked & (c.r < 0) & (z * c.start <= 0)
    return np.where((near & held) | trapped, 0.0, z)


def _term(c: Coordinates, circuit: int, lane: int) -> Callable[[float], _Term]:
    """Return z -> terms of one circuit."""
    scale, sigma, cost, r = (
        float(values[circuit, lane]) for values in (c.scale, c.balance, c.cost, c.r)
    )
    still, side = _Term(0.0, 0.0, 0.0, 0.0, moves=False), float(c.start[circuit, lane])
    if scale == 0:
        return lambda z: still
    log_scale, log_cost = math.log(scale), math.log(cost) if cost > 0 else -math.inf

    def balanced(z: float) -> _Term:
        if sigma * z == DEAD:
            return still
        size = root = log_scale + sigma * z
        turn = 1.0
        if r < 0:
            # The steep end at zero is rounded off: w becomes the root of w^2 + delta^2.
            lower, higher = sorted((size, log_scale + math.log(_ROUNDED)))
            root = higher + math.log1p(_exp(2 * (lower - higher))) / 2
            turn = _exp(2 * (size - root))
        pull = _exp(log_cost + r * root)
        return _Term(sigma * _exp(size), _exp(size), sigma * pull, r * pull * turn)

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


def _exp(r: float) -> float:
    return math.exp(min(r, _LARGEST_EXPONENT))
