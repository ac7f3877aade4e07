"""What the batched integrator is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from theory.minimal.dynamics.coordinates import Array, Coordinates, Indices, Mask, Verdicts

#: What single precision is good enough for: error of a step, contrast of penalties, scale of
#: weights and log_rivals logits.
_COARSE, _CONTRAST, _SMALLEST, _LARGEST = 2e-6, 0.04, 1e-9, 40.0


@dataclass(frozen=True)
class Problem:
    """What is integrated, and what ends a lane.

    Attributes
    ----------
    coordinates
        All cells.
    cells
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

    coordinates: Coordinates
    cells: Indices
    sign: Array
    floor: Array
    doubtful: Mask
    tolerance: Array
    watch: Callable[[Indices, Array, Array], Verdicts]

    def take(self, which: Indices) -> Self:
        """Return some of the cells."""
        return replace(
            self,
            coordinates=self.coordinates.take(which),
            cells=self.cells[which],
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
        c = self.coordinates
        driven = abs((self.sign * c.cost).sum(axis=0)) > _CONTRAST * c.cost.sum(axis=0)
        common = (c.balance == 0) & (c.start >= 0) & (c.scale > _SMALLEST) & (c.r > 0)
        common &= (c.r <= 1) & (self.floor == 1)
        wide = (self.tolerance >= _COARSE) & (c.log_rivals < _LARGEST) & ~self.doubtful
        return np.asarray(common.all(axis=0) & driven & wide & (len(self.sign) == 2))


@dataclass(frozen=True)
class Outcome:
    """Time of the crossing of every cell, NaN without; the verdict of `watch`; who was given up."""

    time: Array
    verdict: Verdicts
    stiff: Mask

    @classmethod
    def of(cls, cells: int) -> Self:
        """Return the outcome of cells about which nothing is known yet."""
        return cls(np.full(cells, np.nan), np.zeros(cells, np.int64), np.zeros(cells, bool))

    def put(self, which: Indices, part: Self) -> None:
        """Write down the outcome of some of the cells."""
        self.time[which], self.verdict[which] = part.time, part.verdict
        self.stiff[which] = part.stiff
