"""Batched Dormand-Prince integration of gradient flow up to a crossing of weights.

Every lane has its own time, step size and error control. A pool of lanes is refilled with new cells
as others finish, so that each array operation works on many lanes at once. Method: Dormand & Prince
(1980), order 5(4), first same as last.
"""

from __future__ import annotations

import numpy as np

from theory.minimal.cells import Cells, Indices, Mask, Verdicts, weight_at
from theory.minimal.fast.crossing import Steps, locate, share
from theory.minimal.fast.dormand_prince import (
    Floats,
    Precision,
    Slope,
    bend,
    columns,
    fill_stages,
    one_column,
    size_of_error,
)
from theory.minimal.fast.problem import TOLERANCE, Outcome, Problem, problem_of
from theory.minimal.fates import Fates
from theory.minimal.law import Array

#: Times before which cells are integrated again, as delicate ones: z_i has hardly moved by then.
_EARLY = 5.0
#: Lanes in the pool: enough to hide the cost of a call, few enough for the cache.
POOL = 16384
#: Steps after which a lane is given up as stiff, or a doubtful one, and between two looks for such.
BUDGET, DOUBTFUL_BUDGET, _ROUNDS = 4000, 1000, 64
_FIRST_STEP = 1e-4
#: r below which that is squared.
_STEEP = 0.01
#: Most that a step is longer than the last.
_GROWTH = 5.0
#: Most by which h dz/dt may change within a step. Where it changes more, just where the data begin
#: to fit, an error may seem small because it is about to change sign.
_TURN = 0.25
#: Stands for an error that is not a number or not to be trusted.
_UNKNOWN = 1e9
#: Crossings that are located together, few enough for the cache.
_TOGETHER = 4096
#: One lane in so many may be idle.
_IDLE = 10
#: Pools hold a multiple of so many lanes: matrix products round the rest of a row in another way.
_VECTOR = 16


def takes(cells: Cells) -> Mask:
    """Return the lanes that the pool may try: their weights start at zero or above."""
    return np.asarray((cells.weight >= 0).all(axis=0))


def times(fate: Fates, tolerance: float = TOLERANCE) -> tuple[Array, Verdicts]:
    """Return the times of all cells, NaN where they end otherwise, and what is proved of those."""
    outcome = first_crossing(problem_of(fate, tolerance, np.full(fate.cells.lanes, np.inf)))
    time, verdict = outcome.time, outcome.verdict
    early = np.flatnonzero(time < _EARLY)
    while early.size:
        # What little has moved by then must be large against the errors.
        reached = time[early]
        again = first_crossing(problem_of(fate.take(early), tolerance, reached))
        time[early], verdict[early] = again.time, again.verdict
        early = early[again.time < reached / 10]
    return time, verdict


def slowest_first(cost: Array, sign: Array) -> Indices:
    """Return the cells in the order in which to start them, so that none is left over at the end.

    What drives the crossing is how much less the circuits for it cost.
    """
    return np.argsort(np.abs((sign * cost).sum(axis=0)), kind="stable")


def first_crossing(problem: Problem) -> Outcome:
    """Integrate every cell until its signed weights first add up to more than zero."""
    outcome = Outcome.of(problem.numbers.size)
    order = slowest_first(problem.cells.cost, problem.sign)
    single = problem.forgiving[order]
    for precision, which in ((np.float32, order[single]), (np.float64, order[~single])):
        if which.size:
            with np.errstate(all="ignore"):
                outcome.put(which, _Pool(problem.take(which), precision).run())
    return outcome


class _Pool:
    """The lanes under way, each at work on one cell of the problem."""

    def __init__(self, problem: Problem, precision: Precision) -> None:
        self.problem, self.count, c = problem, problem.numbers.size, problem.cells
        self.outcome, self.crossings = Outcome.of(self.count), list[Steps]()
        self.sign, self.floor = one_column(problem.sign), one_column(problem.floor)
        self.source = Slope(c, precision)
        # Next to kappa = 2 a cost rises to its full size at once, unseen by a step from zero.
        steep = (abs(c.r) < _STEEP).any(axis=0)
        first = np.where(steep, _FIRST_STEP**2, _FIRST_STEP)
        self.first_length = (first * problem.floor.min(axis=0)).astype(precision)
        self.first_slope = np.empty(c.start.shape, precision)
        self.source.lengthen(self.first_length)
        self.source(c.start.astype(precision), self.first_slope)
        self.waiting, self.round = 0, 0
        width = _whole(min(POOL, self.count))
        self.cells, self.over = np.minimum(np.arange(width), self.count - 1), np.full(width, True)
        self.time, self.born = np.zeros((2, width))
        self.length = np.zeros(width, precision)
        # Row 0 holds z, row j holds h k_j: a stage's argument is one product with its weights.
        self.rows = np.zeros((8, len(c.start), width), precision)
        self.z, self.end = np.zeros((2, len(c.start), width))
        self._gather()
        self.refill()

    def _gather(self) -> None:
        """Lay out the parameters of the cells in the pool, and buffers of their shape."""
        self.slope = self.source.take(self.cells)
        self.error = np.empty_like(self.rows[0])
        self.lane_sign = columns(self.sign, self.cells).astype(self.rows.dtype)
        alike = self.slope.plain and self.sign.shape[-1] == 1
        self.lean = self.lane_sign[:, 0] + 0.1 if alike else None
        self.lane_floor = columns(self.floor, self.cells).astype(self.rows.dtype)
        self.doubtful = self.problem.doubtful[self.cells]
        self.tolerance = self.problem.tolerance[self.cells].astype(self.rows.dtype)

    def run(self) -> Outcome:
        """Integrate every cell and return what became of it."""
        while (idle := np.count_nonzero(self.over)) < self.over.size or self.waiting < self.count:
            # Idle lanes cost little until there are many of them.
            if _IDLE * idle >= self.over.size:
                self._fill_or_shrink()
            self.step()
            if self.round % _ROUNDS == 0:
                self._give_up()
        self.locate(at_least=1)
        return self.outcome

    def _fill_or_shrink(self) -> None:
        if self.waiting < self.count:
            self.refill()
            self.locate(at_least=_TOGETHER)
        else:
            self.shrink()

    def refill(self) -> None:
        """Start the next cells in the lanes that are over."""
        lanes = np.flatnonzero(self.over)[: self.count - self.waiting]
        new = slice(self.waiting, self.waiting + lanes.size)
        self.waiting = new.stop
        self.slope.put(lanes, self.source, new)
        for part, values in ((self.lane_sign, self.sign), (self.lane_floor, self.floor)):
            if values.shape[-1] > 1:
                part[:, lanes] = values[:, new]
        self.doubtful[lanes] = self.problem.doubtful[new]
        self.tolerance[lanes] = self.problem.tolerance[new]
        self.cells[lanes] = np.arange(new.start, new.stop)
        self.over[lanes], self.time[lanes], self.born[lanes] = False, 0.0, self.round
        self.length[lanes] = self.first_length[new]
        self.z[:, lanes] = self.problem.cells.start[:, new]
        self.rows[0][:, lanes], self.rows[1][:, lanes] = self.z[:, lanes], self.first_slope[:, new]

    def shrink(self) -> None:
        """Drop lanes that are over, if that leaves fewer vectors."""
        width = _whole(int(np.count_nonzero(~self.over)))
        if width == self.over.size:
            return
        keep = np.argsort(self.over, kind="stable")[:width]
        self.cells, self.over = self.cells[keep], self.over[keep]
        self.time, self.born, self.length = self.time[keep], self.born[keep], self.length[keep]
        self.z, self.end = self.z[:, keep], self.end[:, keep]
        self.rows = np.ascontiguousarray(self.rows[:, :, keep])
        self._gather()

    def step(self) -> None:
        """Try one step in every lane; mark those that are over and note why."""
        self.round += 1
        self.slope.lengthen(self.length)
        fill_stages(self.rows, self.slope, self.z, self.end)
        error = self._relative_error()
        accepted = error <= 1
        if not self.slope.plain:
            # No explicit step may pass zero: there a weight is held, or dies.
            self.over |= accepted & ((self.slope.weight <= 0) & (self.z > 0)).any(axis=0)
        self._cross(accepted, error)
        if self.doubtful.any():
            self._watch(np.flatnonzero(self.doubtful & accepted & ~self.over))
        self._commit(accepted, error)

    def _relative_error(self) -> Floats:
        """Return the error of the step over what is allowed, `_UNKNOWN` where it says nothing."""
        size_of_error(self.rows, self.error)
        allowed = np.abs(self.slope.argument)
        np.add(allowed, self.lane_floor, out=allowed)
        np.divide(self.error, allowed, out=self.error)
        largest = np.maximum.reduce(self.error, axis=0)
        np.divide(largest, self.tolerance, out=largest)
        # What changes fast is p, which all circuits share.
        turn = abs(self.rows[7][0] - self.rows[1][0])
        np.copyto(largest, _UNKNOWN, where=turn > _TURN)
        return np.asarray(np.fmin(largest, _UNKNOWN, out=largest))

    def _cross(self, accepted: Mask, error: Floats) -> None:
        """Note the lanes that crossed; repeat a step that may hide two crossings."""
        near = np.flatnonzero(self._close() & accepted & ~self.over)
        if not near.size:
            return
        signed = columns(self.lane_sign, near) * self.slope.weight[:, near]
        crossed = np.add.reduce(signed, axis=0) > 0
        if crossed.any():
            self.over[near[crossed]] = True
            self.crossings.append(self._steps(near[crossed]))
        hidden = self._hiding(near[~crossed])
        accepted[hidden], error[hidden] = False, np.inf

    def _close(self) -> Mask:
        """Return where the lead is not below minus a tenth of all weight, far from a crossing."""
        weight, sign = self.slope.weight, self.lane_sign
        if self.lean is not None:
            return np.asarray(np.dot(self.lean, weight) > 0)
        return np.asarray(np.add.reduce(sign * weight + 0.1 * abs(weight), axis=0) > 0)

    def _hiding(self, lanes: Indices) -> Indices:
        """Return the lanes whose lead falls at the end of a step inside which it was positive."""
        # It falls only where some weight moves against it.
        against = columns(self.lane_sign, lanes) * self.rows[7][:, lanes] < 0
        lanes = lanes[against.any(axis=0)]
        if not lanes.size:
            return lanes
        cells = self.cells[lanes]
        rho = self.problem.cells.rho[:, cells]
        speed = np.hypot(rho, 2 * self.slope.weight[:, lanes])
        rate = (self.problem.sign[:, cells] * speed * self.rows[7][:, lanes]).sum(axis=0)
        lanes, cells = lanes[rate < 0], cells[rate < 0]
        if not lanes.size:
            return lanes
        steps = self._steps(lanes)
        c, sign = self.problem.cells.take(cells), self.problem.sign[:, cells]
        inside = [share(c, sign, steps.at(np.array(part))) > 0 for part in (0.25, 0.5, 0.75)]
        return lanes[np.logical_or.reduce(inside)]

    def _steps(self, lanes: Indices) -> Steps:
        rows = self.rows[:, :, lanes]
        return Steps(
            self.cells[lanes],
            self.time[lanes],
            self.length[lanes],
            self.z[:, lanes],
            rows[1],
            self.end[:, lanes],
            rows[7],
            bend(rows),
        )

    def locate(self, at_least: int) -> None:
        """Write down the times of the crossings noted, once there are enough of them."""
        if sum(steps.cells.size for steps in self.crossings) >= at_least:
            steps, self.crossings = Steps.join(self.crossings), []
            part = self.problem.cells.take(steps.cells)
            found = locate(part, self.problem.sign[:, steps.cells], steps)
            self.outcome.time[steps.cells] = found

    def _watch(self, lanes: Indices) -> None:
        """Note the lanes that provably never cross."""
        cells = self.cells[lanes]
        c = self.problem.cells
        weight = weight_at(self.end[:, lanes], c.scale[:, cells], c.balance[:, cells])
        growth = self.rows[7][:, lanes] / (2 * self.length[lanes])
        verdict = self.problem.watch(self.problem.numbers[cells], weight, growth)
        self.outcome.verdict[cells] = verdict
        self.over[lanes[verdict != 0]] = True

    def _give_up(self) -> None:
        """Leave the lanes that take too many steps."""
        budget = np.where(self.doubtful, DOUBTFUL_BUDGET, BUDGET)
        self.over |= self.round - self.born >= budget

    def _commit(self, accepted: Mask, error: Floats) -> None:
        """Move the accepted lanes to the end of their steps and choose every next length."""
        factor = np.maximum(error, 1e-6, out=error)
        np.power(factor, -0.2, out=factor)
        np.multiply(factor, 0.9, out=factor)
        np.minimum(np.maximum(factor, 0.2, out=factor), _GROWTH, out=factor)
        passed = self.length
        rejected = np.flatnonzero(~accepted)
        if rejected.size:
            self.end[:, rejected] = self.z[:, rejected]
            self.rows[7][:, rejected] = self.rows[1][:, rejected]
            passed = self.length.copy()
            passed[rejected] = 0.0
        self.time += passed
        self.length *= factor
        self.z, self.end = self.end, self.z
        self.rows[0] = self.z
        np.multiply(self.rows[7], factor, out=self.rows[1])


def _whole(lanes: int) -> int:
    """Return the least multiple of a vector that holds so many lanes."""
    return -(-lanes // _VECTOR) * _VECTOR
