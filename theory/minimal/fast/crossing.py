"""Where within a step weights cross."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from theory.minimal.cells import Cells, Indices
from theory.minimal.fast.dormand_prince import Floats, Slope, fill_stages
from theory.minimal.law import Array

#: Part of a step whose square still matters; no crossing is further outside its step.
_FAR = 1e-3
#: Newton corrections of a crossing, at most; one is the rule.
_MOST_CORRECTIONS = 20
#: A step of no length has no slope to correct with, and no lane crosses at time 0.
_SHORTEST = 1e-12


@dataclass(frozen=True)
class Steps:
    """Steps of some cells, shape (cells,), and z and h dz/dt at both ends, (circuits, cells).

    `bend` is what the curve between them has beyond the cubic: `dormand_prince.bend`.
    """

    cells: Indices
    begun: Array
    length: Floats
    start: Array
    start_slope: Floats
    end: Array
    end_slope: Floats
    bend: Floats

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
        """Return z after `part` of each step, to order 4."""
        rest, chord = 1 - part, self.end - self.start
        lean = self.start_slope - chord
        curve = lean + part * (chord - self.end_slope - lean + rest * self.bend)
        return np.asarray(self.start + part * (chord + rest * curve))


def locate(c: Cells, sign: Array, steps: Steps) -> Array:
    """Return the times at which lanes cross within their steps.

    A root of the curve between both ends, then a step that ends there and a Newton correction, and
    again while that is large: a step of tiny weights may be one of many e-folds. Single precision
    may place a crossing in the wrong one of two steps: it is found just outside.
    """
    part = _root(c, sign, steps)
    found = _corrected(c, sign, steps, part)
    far = np.flatnonzero(abs(found - part) > _FAR)
    for _ in range(_MOST_CORRECTIONS):
        if not far.size:
            break
        part = np.maximum(found[far], _SHORTEST)
        found[far] = _corrected(c.take(far), sign[:, far], steps.take(far), part)
        far = far[abs(found[far] - part) > _FAR]
    return np.maximum(steps.begun + found * steps.length, _SHORTEST * steps.length)


def _corrected(c: Cells, sign: Array, steps: Steps, part: Array) -> Array:
    """Return `part` of each step after a step that ends there and a Newton correction."""
    rows, end = np.empty((8, *steps.start.shape)), np.empty(steps.start.shape)
    slope = Slope(c)
    rows[0], rows[1] = steps.start, steps.start_slope * part
    slope.lengthen(steps.length * part)
    fill_stages(rows, slope, steps.start, end)
    rate = (sign * c.speed(slope.weight) * rows[7] / (2 * part)).sum(axis=0)
    found = part - (sign * slope.weight).sum(axis=0) / rate
    return np.asarray(np.clip(found, -_FAR, 1 + _FAR))


def share(c: Cells, sign: Array, z: Array) -> Array:
    """Return the lead over the sum of all weights, in [-1, 1]."""
    weight = c.weight_at(z)
    total = np.maximum(abs(weight).sum(axis=0), np.finfo(float).tiny)
    return np.asarray((sign * weight).sum(axis=0) / total)


def _root(c: Cells, sign: Array, steps: Steps) -> Array:
    """Return the part of its step after which each lane crosses, roughly.

    Twice by the chord, the second time from that root to the end on the other side.
    """
    at_start, at_end = share(c, sign, steps.start), share(c, sign, steps.end)
    part = np.clip(at_start / (at_start - at_end), 0, 1)
    there = share(c, sign, steps.at(part))
    end, at_end = np.where(there > 0, 0.0, 1.0), np.where(there > 0, at_start, at_end)
    further = np.zeros_like(part)
    np.divide((end - part) * there, there - at_end, out=further, where=there != at_end)
    return np.clip(part + further, _SHORTEST, 1.0)
