"""Where within a step weights cross."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from theory.minimal.dynamics.coordinates import Array, Coordinates, Indices
from theory.minimal.dynamics.dormand_prince import Slope, fill_stages

#: Rounds of false position: the Newton corrections make up for what is left.
_ROUNDS = 2
#: Part of a step whose square still matters.
_FAR = 1e-3
#: A step of no length has no slope to correct with.
_SHORTEST = 1e-12


@dataclass(frozen=True)
class Steps:
    """Steps of some cells, shape (cells,), and z and h dz/dt at both ends, (circuits, cells)."""

    cells: Indices
    begun: Array
    length: Array
    start: Array
    start_slope: Array
    end: Array
    end_slope: Array

    def take(self, which: Indices) -> Self:
        """Return some of them."""
        return type(self)(*(getattr(self, field.name)[..., which] for field in fields(self)))

    @classmethod
    def join(cls, parts: list[Self]) -> Self:
        """Return all of them."""
        return cls(
            *(
                np.concatenate([getattr(part, field.name) for part in parts], axis=-1)
                for field in fields(cls)
            )
        )

    def at(self, part: Array) -> Array:
        """Return z after `part` of each step, by the cubic through both ends."""
        rest = 1 - part
        ends = rest**2 * (1 + 2 * part) * self.start + part**2 * (3 - 2 * part) * self.end
        return np.asarray(ends + part * rest * (rest * self.start_slope - part * self.end_slope))


def locate(c: Coordinates, sign: Array, steps: Steps) -> Array:
    """Return the times at which lanes cross within their steps.

    The root of the cubic through both ends, then a step that ends there and a Newton correction,
    once more where that is large.
    """
    part = _root(c, sign, steps)
    found = _corrected(c, sign, steps, part)
    far = np.flatnonzero(abs(found - part) > _FAR)
    if far.size:
        found[far] = _corrected(c.take(far), sign[:, far], steps.take(far), found[far])
    return np.asarray(steps.begun + found * steps.length)


def _corrected(c: Coordinates, sign: Array, steps: Steps, part: Array) -> Array:
    """Return `part` of each step after a step that ends there and a Newton correction."""
    rows, end = np.empty((8, *steps.start.shape)), np.empty(steps.start.shape)
    slope = Slope(c)
    rows[0], rows[1] = steps.start, steps.start_slope * part
    slope.lengthen(steps.length * part)
    fill_stages(rows, slope, end)
    rate = (sign * c.speed(slope.weight) * rows[7] / (2 * part)).sum(axis=0)
    return np.asarray(np.clip(part - (sign * slope.weight).sum(axis=0) / rate, _SHORTEST, 1.0))


def share(c: Coordinates, sign: Array, z: Array) -> Array:
    """Return the lead over the sum of all weights, in [-1, 1]."""
    weight = c.weight(z)
    total = np.maximum(abs(weight).sum(axis=0), np.finfo(float).tiny)
    return np.asarray((sign * weight).sum(axis=0) / total)


def _root(c: Coordinates, sign: Array, steps: Steps) -> Array:
    """Return the part of its step after which each lane crosses, by the cubic.

    False position, with the value at the end that stays halved.
    """
    low, high = np.zeros(c.lanes), np.ones(c.lanes)
    at_low, at_high = share(c, sign, steps.start), share(c, sign, steps.end)
    for _ in range(_ROUNDS):
        middle = low + (high - low) * at_low / (at_low - at_high)
        at_middle = share(c, sign, steps.at(middle))
        below = at_middle <= 0
        at_low, at_high = (
            np.where(below, at_middle, at_low / 2),
            np.where(below, at_high / 2, at_middle),
        )
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(np.maximum(low, _SHORTEST))
