"""What the batched integrator is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from theory.minimal.cells import Cells, Indices, Mask, Verdicts
from theory.minimal.fates import Fates
from theory.minimal.law import Array

#: Error of z_i allowed in an explicit step: errors of T stay below 1e-6.
TOLERANCE = 3e-6
#: Lead at the limit, over all weight there, that is so small that errors grow twice as large.
_NARROW = 0.01
#: The same for delicate cells, and the least that rounding leaves room for.
_DELICATE, _LEAST = 1e-10, 1e-14

#: What single precision is good enough for: error of a step, contrast of penalties, scale of
#: weights and log(q - 1).
_COARSE, _CONTRAST, _SMALLEST, _LARGEST = 2e-6, 0.04, 1e-9, 40.0


@dataclass(frozen=True)
class Problem:
    """What is integrated, and what ends a lane.

    Attributes
    ----------
    cells
        All cells.
    numbers
        Their numbers, shape (cells,).
    sign
        1 for circuits whose weight counts for the crossing and -1 for those against it, shape
        (circuits, cells).
    floor
        The size of z_i under which errors count as absolute, shape (circuits, cells).
    doubtful
        Cells that may never cross, which `watch` looks at after every step, shape (cells,).
    tolerance
        Error of z_i allowed in a step, relative to the sum of its floor and its size, (cells,).
    watch
        Takes cells, their weights and their -L_i; returns 0 for those to go on with.
    """

    cells: Cells
    numbers: Indices
    sign: Array
    floor: Array
    doubtful: Mask
    tolerance: Array
    watch: Callable[[Indices, Array, Array], Verdicts]

    def take(self, which: Indices) -> Self:
        """Return some of the cells."""
        return replace(
            self,
            cells=self.cells.take(which),
            numbers=self.numbers[which],
            sign=self.sign[:, which],
            floor=self.floor[:, which],
            doubtful=self.doubtful[which],
            tolerance=self.tolerance[which],
        )

    @property
    def forgiving(self) -> Mask:
        """Where single precision will do: what drives the crossing stands out from rounding.

        The penalties of two circuits differ by a tenth or so, no weight is ever held at zero, none
        is so small that its z is a large number, and 0 < r <= 1.
        """
        c = self.cells
        driven = abs((self.sign * c.cost).sum(axis=0)) > _CONTRAST * c.cost.sum(axis=0)
        common = (c.rho > 0) & (c.scale > _SMALLEST) & (c.r > 0)
        common &= (c.r <= 1) & (self.floor == 1)
        wide = (self.tolerance >= _COARSE) & (c.log_rivals < _LARGEST) & ~self.doubtful
        return np.asarray(common.all(axis=0) & driven & wide & (len(self.sign) == 2))


@dataclass(frozen=True)
class Outcome:
    """Time of the crossing of every cell, NaN without, and the verdict of `watch`.

    A cell that has neither was given up.
    """

    time: Array
    verdict: Verdicts

    @classmethod
    def of(cls, cells: int) -> Self:
        """Return the outcome of cells about which nothing is known yet."""
        return cls(np.full(cells, np.nan), np.zeros(cells, np.int64))

    def put(self, which: Indices, part: Self) -> None:
        """Write down the outcome of some of the cells."""
        self.time[which], self.verdict[which] = part.time, part.verdict


def problem_of(fate: Fates, tolerance: float, reach: Array) -> Problem:
    """Return what to integrate if z_i moves by about `reach`, shape (lanes,).

    If that is little, the kink of the cost at zero matters most of the way.
    """
    c = fate.cells
    floor = np.minimum(_floor(c), reach)
    finer = np.minimum(1.0, reach / (floor + abs(c.start)).max(axis=0))
    early = _tolerance(fate, min(tolerance, _DELICATE)) * finer
    allowed = np.where(np.isinf(reach), _tolerance(fate, tolerance), early)
    allowed = np.maximum(allowed, _LEAST)
    return Problem(c, np.arange(c.lanes), fate.sign, floor, ~fate.certain, allowed, fate.watch)


def _tolerance(fate: Fates, tolerance: float) -> Array:
    """Return the error of z_i allowed in a step of each cell.

    Where the limit lies close to the crossing the lead ends up as small as its distance, and where
    both sides start at nearly one speed it is never large. Where it is not known on which side the
    limit lies, errors must not decide it.
    """
    close = tolerance * np.minimum(1.0, 5 * fate.narrowness) * _head_start(fate)
    close *= np.where(fate.narrowness < _NARROW, 0.5, 1.0)
    close *= _bluntness(fate.cells)
    return np.where(fate.certain, close, np.minimum(close, _DELICATE))


def _bluntness(c: Cells) -> Array:
    """Return 1 where costs forgive as much as in the paper's model, less where they are sharper.

    The first circuit to fit the data has a z_i of size `fit` by then. An error relative to
    1 + `fit` is one of its weight, and r times that one of its cost, by which it shrinks.
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        fit = np.where(c.scale > 0, np.arcsinh(c.log_rivals / c.scale), np.inf).min(axis=0)
    sharpness = (1 + fit) * np.maximum(1.0, c.r.max(axis=0))
    return np.asarray(np.minimum(1.0, 4 / sharpness))


def _head_start(fate: Fates) -> Array:
    """Return how far apart both sides start, from 1e-5 for level to 1 for a factor of e^8."""
    c, leading = fate.cells, fate.sign > 0
    speed = c.speed(c.weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = speed.sum(axis=0, where=leading) / speed.sum(axis=0, where=fate.sign < 0)
        return np.asarray(np.clip(np.nan_to_num(abs(np.log(ratio)) / 8), 1e-5, 1.0))


def _floor(c: Cells) -> Array:
    """Return the z_i up to which errors count as absolute.

    It is 1, or the largest that a circuit can grow to under a strong penalty if that is less. Next
    to a trap it is where a circuit starts: from there on it may fall.
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log_ratio = -np.log1p(np.exp(-c.log_rivals)) - np.log(c.cost)
        log_size = np.where((log_ratio < 0) & (c.r > 0), log_ratio / c.r, 0.0)
        size = np.minimum(1.0, np.exp(log_size - np.log(np.maximum(c.rho, 1.0))))
        size = np.where(c.r < 0, np.minimum(size, abs(c.start)), size)
    return np.where(c.rho > 0, np.maximum(size, 1e-280), 1.0)
