"""Batched Dormand-Prince integration of gradient flow up to a crossing of weights.

Every lane has its own time, step size and error control. A pool of lanes is refilled with new cells
as others finish, so that each array operation works on many lanes at once and its buffers stay in
the cache. Method: Dormand & Prince (1980), order 5(4), first same as last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from theory.minimal.dynamics.coordinates import (
    Array,
    Coordinates,
    Indices,
    Mask,
    Verdicts,
    row_values,
)
from theory.minimal.dynamics.crossing import Steps, locate, share
from theory.minimal.dynamics.dormand_prince import ERROR, Slope, fill_stages
from theory.minimal.dynamics.fates import slowest_first

#: Lanes in the pool: enough to hide the cost of a call, few enough for the cache.
POOL = 12288
#: Steps after which a lane is given up as stiff.
BUDGET = 4000
_FIRST_STEP = 1e-4
#: One lane in so many may be idle.
_IDLE = 10


@dataclass(frozen=True)
class Problem:
    """What is integrated, and what ends a lane.

    Attributes
    ----------
    coordinates
        All cells.
    sign
        1 for circuits whose weight counts for the crossing and -1 for those against it, shape
        (circuits, cells).
    floor
        The size of z_i under which errors count as absolute, shape (circuits, cells).
    doubtful
        Cells that may never cross, which `watch` looks at after every step, shape (cells,).
    watch
        Takes cells, their weights and their -L_i; returns 0 for those to go on with.
    tolerance
        Error of z_i allowed in a step, relative to the sum of its floor and its size, (cells,).
    """

    coordinates: Coordinates
    sign: Array
    floor: Array
    doubtful: Mask
    watch: Callable[[Indices, Array, Array], Verdicts]
    tolerance: Array


@dataclass(frozen=True)
class Outcome:
    """Time of the crossing of every cell, NaN without; the verdict of `watch`; who was given up."""

    time: Array
    verdict: Verdicts
    stiff: Mask


def first_crossing(problem: Problem) -> Outcome:
    """Integrate every cell until its signed weights first add up to more than zero."""
    cells = problem.coordinates.lanes
    outcome = Outcome(np.full(cells, np.nan), np.zeros(cells, np.int64), np.zeros(cells, bool))
    with np.errstate(all="ignore"):
        waiting = slowest_first(problem.coordinates.cost, problem.sign)
        pool, waiting = _Pool(problem, waiting[:POOL]), waiting[POOL:]
        while pool.cells.size:
            pool.step(outcome)
            over = np.flatnonzero(pool.over)
            # Idle lanes cost little until there are many of them.
            if _IDLE * over.size >= pool.cells.size:
                new, waiting = np.split(waiting, [min(over.size, waiting.size)])
                pool.refill(over[: new.size], new)
                if new.size < over.size:
                    pool.shrink()
                pool.locate(outcome.time, at_least=POOL)
        pool.locate(outcome.time, at_least=1)
    return outcome


class _Pool:
    """The lanes under way."""

    def __init__(self, problem: Problem, cells: Indices) -> None:
        self.problem, self.cells = problem, cells
        self.crossings: list[Steps] = []
        c = problem.coordinates
        self.side = row_values(problem.sign)
        # Row 0 holds z, row j holds h k_j: a stage's argument is one product with its weights.
        self.rows = np.empty((8, *c.start[:, cells].shape))
        self.time, self.length = np.zeros(cells.size), np.zeros(cells.size)
        self.steps = np.zeros(cells.size, np.int64)
        self.over = np.zeros(cells.size, bool)
        self._gather()
        self.refill(np.arange(cells.size), cells)

    def _gather(self) -> None:
        """Lay out the parameters of the cells in the pool, and buffers of their shape."""
        self.c = self.problem.coordinates.take(self.cells)
        self.sign = np.ascontiguousarray(self.problem.sign[:, self.cells])
        self.floor = np.ascontiguousarray(self.problem.floor[:, self.cells])
        self.doubtful = self.problem.doubtful[self.cells]
        self.tolerance = self.problem.tolerance[self.cells]
        self.slope = Slope(self.c)
        self.end, self.error = np.empty_like(self.c.start), np.empty_like(self.c.start)

    def refill(self, lanes: Indices, cells: Indices) -> None:
        """Start `cells` in `lanes`."""
        if not cells.size:
            return
        one = self.problem.coordinates.take(cells)
        for field in fields(one):
            getattr(self.c, field.name)[..., lanes] = getattr(one, field.name)
        self.sign[:, lanes] = self.problem.sign[:, cells]
        self.floor[:, lanes] = floor = self.problem.floor[:, cells]
        self.doubtful[lanes] = self.problem.doubtful[cells]
        self.tolerance[lanes] = self.problem.tolerance[cells]
        slope = Slope(one)
        self.slope.log_cost[:, lanes], self.slope.labels[lanes] = slope.log_cost, slope.labels
        self.slope.plain &= slope.plain
        self.cells[lanes], self.over[lanes] = cells, False
        self.time[lanes], self.steps[lanes] = 0, 0
        length = _FIRST_STEP * floor.min(axis=0)
        slope.lengthen(length)
        first = np.empty_like(one.start)
        slope(one.start, first)
        self.length[lanes], self.rows[0][:, lanes], self.rows[1][:, lanes] = (
            length,
            one.start,
            first,
        )

    def shrink(self) -> None:
        """Drop the lanes that are over."""
        keep = ~self.over
        self.cells, self.rows = self.cells[keep], self.rows[:, :, keep].copy()
        self.time, self.length = self.time[keep], self.length[keep]
        self.steps, self.over = self.steps[keep], self.over[keep]
        self._gather()

    def step(self, outcome: Outcome) -> None:
        """Try one step in every lane; mark those that are over and note why in `outcome`."""
        self.slope.lengthen(self.length)
        fill_stages(self.rows, self.slope, self.end)
        error = self._relative_error()
        accepted = error <= 1
        self.steps += 1
        self._cross(accepted, error)
        self._watch(np.flatnonzero(self.doubtful & accepted & ~self.over), outcome)
        stiff = np.flatnonzero((self.steps >= BUDGET) & ~self.over)
        outcome.stiff[self.cells[stiff]] = True
        self.over[stiff] = True
        self._commit(accepted, error)

    def _relative_error(self) -> Array:
        """Return the error of the step over what is allowed, large where it is not a number."""
        np.dot(ERROR, self.rows[1:].reshape(7, -1), out=self.error.reshape(-1))
        np.abs(self.error, out=self.error)
        allowed = np.abs(self.end)
        np.add(allowed, self.floor, out=allowed)
        np.divide(self.error, allowed, out=self.error)
        return np.asarray(np.fmin(np.maximum.reduce(self.error, axis=0) / self.tolerance, 1e9))

    def _cross(self, accepted: Mask, error: Array) -> None:
        """Note the lanes that crossed; repeat a step that may hide two crossings."""
        weight = self.slope.weight
        # Where the lead is below minus a tenth of all weight the crossing is far off.
        if self.slope.plain and self.side.ndim == 1:
            close = np.dot(self.side + 0.1, weight) > 0
        else:
            close = np.add.reduce(self.sign * weight + 0.1 * abs(weight), axis=0) > 0
        near = np.flatnonzero(close & accepted & ~self.over)
        if not near.size:
            return
        crossed = (self.sign[:, near] * weight[:, near]).sum(axis=0) > 0
        self.over[near[crossed]] = True
        self.crossings.append(self._steps(near[crossed]))
        hidden = self._hiding(near[~crossed])
        accepted[hidden], error[hidden] = False, np.inf

    def _hiding(self, lanes: Indices) -> Indices:
        """Return the lanes whose lead falls at the end of a step inside which it was positive."""
        own = np.where(self.c.balance[:, lanes] == 0, self.c.scale[:, lanes], 0.0)
        speed = np.hypot(own, self.slope.weight[:, lanes])
        rate = (self.sign[:, lanes] * speed * self.rows[7][:, lanes]).sum(axis=0)
        lanes = lanes[rate < 0]
        if not lanes.size:
            return lanes
        c, sign, steps = self.c.take(lanes), self.sign[:, lanes], self._steps(lanes)
        inside = [share(c, sign, steps.at(np.array(part))) > 0 for part in (0.25, 0.5, 0.75)]
        return lanes[np.logical_or.reduce(inside)]

    def _steps(self, lanes: Indices) -> Steps:
        ends = (self.rows[0], self.rows[1], self.end, self.rows[7])
        return Steps(
            self.cells[lanes], self.time[lanes], self.length[lanes], *(z[:, lanes] for z in ends)
        )

    def locate(self, time: Array, at_least: int) -> None:
        """Write the times of the crossings noted into `time`, once there are enough of them."""
        if sum(steps.cells.size for steps in self.crossings) >= at_least:
            steps, self.crossings = Steps.join(self.crossings), []
            coordinates = self.problem.coordinates.take(steps.cells)
            time[steps.cells] = locate(coordinates, self.problem.sign[:, steps.cells], steps)

    def _watch(self, lanes: Indices, outcome: Outcome) -> None:
        if lanes.size:
            growth = self.rows[7][:, lanes] / (2 * self.length[lanes])
            verdict = self.problem.watch(self.cells[lanes], self.slope.weight[:, lanes], growth)
            outcome.verdict[self.cells[lanes]] = verdict
            self.over[lanes[verdict != 0]] = True

    def _commit(self, accepted: Mask, error: Array) -> None:
        """Move the accepted lanes to the end of their steps and choose every next length."""
        factor = np.clip(0.9 * np.maximum(error, 1e-6) ** -0.2, 0.2, 6.0)
        rejected = np.flatnonzero(~accepted)
        self.end[:, rejected] = self.rows[0][:, rejected]
        self.rows[7][:, rejected] = self.rows[1][:, rejected]
        self.length[rejected], tried = 0.0, self.length[rejected]
        self.time += self.length
        self.length[rejected] = tried
        self.rows[0] = self.end
        np.multiply(self.rows[7], factor, out=self.rows[1])
        self.length *= factor
