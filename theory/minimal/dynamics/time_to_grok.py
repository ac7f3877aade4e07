"""When gradient flow groks: the first time at which w_G > w_M, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import xarray as xr

from theory.checks import number
from theory.minimal import fates
from theory.minimal.cells import Cells, Mask, Verdicts
from theory.minimal.dynamics.follow import at_rest, follow
from theory.minimal.dynamics.integrate import Step, turning
from theory.minimal.fast import pool
from theory.minimal.fates import REASONS, Fates
from theory.minimal.law import Array, is_the_paper_s
from theory.minimal.model import MinimalModel

#: Cells that are laid out at once.
_BLOCK = 65_536
#: Part of the scale of time on which a cell is followed below which it is followed again, and the
#: shortest time that is told from none.
_SHORT, _SHORTEST = 0.1, 1e-280
#: Steps between two looks whether the end is decided.
_EVERY = 8
#: Lead below zero, over all weight, of a step within which it may be above.
_CLOSE = 0.1
#: Weights below, in logits, differ by nothing that numbers can hold.
_NOTHING = 1e-290


def time_to_grok(model: MinimalModel, threshold: float = 0.95) -> xr.DataArray:
    r"""Return the first time at which gradient flow generalises (Section 3; derived here).

    .. math:: T = \inf \{ t \ge 0 : w_G(t) > \max(w_M(t), 0) \}

    since the labels that no circuit names have the logit zero. For other sets of circuits, those
    that are right at the threshold against the others, as in `theory.generalisation_step`. It is
    the limit of lambda times `theory.crossing_update`.

    Parameters
    ----------
    model
        The model. Cells under the paper's penalty whose weights start at zero or above are
        integrated side by side, all others one by one.
    threshold
        Fraction of the test inputs, in (0, 1].

    Returns
    -------
    xarray.DataArray
        T in updates times learning rate, dims: the swept ones; relative error at most 1e-6, under
        a weight decay of less than 1e-100 at most 1e-5.
        Rounding takes digits where both sides start at speeds that differ by a part d < 2e-5 (up
        to 2e-11 / d, never more than 0.1), or end at weights that differ by d < 1e-6 (up to
        1e-12 / d). A lead that soon ends again and is never more than 1e-6 of the weights may be
        missed. NaN only where the circuits never cross; the coordinate ``reason`` (text, one
        of `theory.minimal.REASONS`) says why, or "groks", or "generalises from the start". All
        reasons are proved but "comes to rest before", where weights no longer change by 1e-9 in
        as much time again.

    Raises
    ------
    ValueError
        If `threshold` is out of range, or if subweights are too small to square.
    ArithmeticError
        If a cell is undecided after a limited number of evaluations; it is named.

    Examples
    --------
    >>> print(f"{time_to_grok(MinimalModel.paper()).item():.3f}")
    50.058
    >>> time_to_grok(MinimalModel.paper(kappa=3)).reason.item()
    'never: trapped at zero'
    """
    threshold = number("threshold", threshold, above=0, at_most=1)
    swept = model.swept
    time, verdict = np.empty(swept.shape), np.empty(swept.shape, np.int8)
    numbers = np.arange(swept.size).reshape(swept.shape)
    for block, part in _parts(model):
        cells, right = Cells.of(part), fates.sides(part, part.swept, threshold)
        try:
            found = _closed(cells, right) if is_the_paper_s(model.penalty) else _open(cells, right)
        except _UndecidedError as error:
            cell = model.place(int(numbers[block].ravel()[error.lane]))
            raise ArithmeticError(f"time to grok {cell} is undecided: {error}") from error
        time[block], verdict[block] = (values.reshape(part.swept.shape) for values in found)
    attrs = {"long_name": "time to grok", "units": "1"}
    times = xr.DataArray(time, swept.coords, swept.dims, "time_to_grok", attrs)
    reason = np.array(REASONS, dtype=object)[verdict - 1]
    return times.assign_coords(reason=(swept.dims, reason))


class _UndecidedError(ArithmeticError):
    """A lane that could be neither integrated nor decided."""

    def __init__(self, lane: int, why: str) -> None:
        super().__init__(why)
        self.lane = lane


def _parts(model: MinimalModel) -> Iterator[tuple[tuple[slice, ...], MinimalModel]]:
    """Yield parts of a sweep that are small enough to be laid out at once, and where they are."""
    shape, dims = model.swept.shape, model.swept.dims
    if model.swept.size <= _BLOCK:
        yield (slice(None),) * len(shape), model
        return
    for block in _blocks(shape):
        yield block, model.isel(dict(zip(dims, block, strict=True)))


def _blocks(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Yield the places of such parts of a grid."""
    row = math.prod(shape[1:])
    rows = max(1, _BLOCK // max(row, 1))
    whole = [tuple(slice(None) for _ in shape[1:])]
    for first in range(0, shape[0], rows):
        for rest in whole if row <= _BLOCK else _blocks(shape[1:]):
            yield (slice(first, first + rows), *rest)


def _closed(cells: Cells, right: Mask) -> tuple[Array, Verdicts]:
    """Return times and verdicts under the paper's penalty: proofs, the pool, and what it leaves."""
    fate = fates.at_the_door(cells, right)
    time, verdict = np.where(fate.verdict == fates.FROM_THE_START, 0.0, np.nan), fate.verdict.copy()
    waiting = np.flatnonzero(verdict == fates.OPEN)
    easy = pool.takes(cells)
    pooled = waiting[easy[waiting]]
    if pooled.size:
        part = fate if pooled.size == cells.lanes else fate.take(pooled)
        time[pooled], verdict[pooled] = pool.times(part)
    verdict[np.isfinite(time) & (verdict == fates.OPEN)] = fates.GROKS
    for lane in np.flatnonzero(verdict == fates.OPEN):
        time[lane], verdict[lane] = _alone(fate.cells, right, int(lane), fate)
    return time, verdict


def _open(cells: Cells, right: Mask) -> tuple[Array, Verdicts]:
    """Return times and verdicts under any penalty, by following each cell until it rests."""
    found = [_alone(cells, right, lane, None) for lane in range(cells.lanes)]
    time, verdict = zip(*found, strict=True)
    return np.array(time), np.array(verdict)


def _alone(cells: Cells, right: Mask, lane: int, fate: Fates | None) -> tuple[float, int]:
    """Return the time and the verdict of one lane, followed step by step.

    Again where the time is short, on its scale: what little has moved by then must be large against
    the errors.
    """
    earliest = 1.0
    while True:
        time, verdict = _followed(cells, right, lane, fate, earliest)
        if not _SHORTEST < time < earliest * _SHORT:
            return time, verdict
        earliest = time


def _followed(
    cells: Cells, right: Mask, lane: int, fate: Fates | None, earliest: float
) -> tuple[float, int]:
    cell, for_it = cells.take(lane), right[:, lane]
    sign = fates.signs(cells.take([lane]), right[:, [lane]])[:, 0]

    def lead(z: Array) -> float:
        return float(fates.lead(for_it, sign, cell.weight_at(z)))

    def rise(z: Array) -> float:
        weight = cell.weight_at(z)
        return float(fates.rise(for_it, sign, weight, -cell.speed(weight) * cell.law.slope(weight)))

    if lead(cell.start) > 0:
        return 0.0, fates.FROM_THE_START
    certain = fate is not None and bool(fate.certain[lane])
    one = None if fate is None or certain else fate.take(np.array([lane]))
    before = cell.start
    try:
        for number, step in enumerate(follow(cell, earliest, tell_tiny=True)):
            weight = cell.weight_at(step.state)
            ahead = fates.lead(for_it, sign, weight)
            if ahead > 0:
                return turning(step, lead), fates.GROKS
            if ahead > -_CLOSE * abs(weight).sum() and rise(before) > 0 > rise(step.state):
                # It may have led for a moment, within the step.
                peak = turning(step, lambda z: -rise(z))
                shorter = replace(step, ended=peak, state=step.inside(peak))
                if lead(shorter.state) > 0:
                    return turning(shorter, lead), fates.GROKS
            before = step.state
            if number % _EVERY and np.isfinite(step.ended):
                continue
            if one is not None and (verdict := _proved(one, cell, step)):
                return np.nan, verdict
            if at_rest(cell, step):
                if not certain:
                    return np.nan, fates.AT_REST if np.any(sign) else fates.TIE
                if np.all(abs(weight) < _NOTHING):
                    raise ArithmeticError(
                        "the penalty holds all weights so close to zero that they cannot be told "
                        "apart"
                    )
    except ArithmeticError as error:
        raise _UndecidedError(lane, str(error)) from error
    raise _UndecidedError(lane, "no time that numbers reach is late enough")


def _proved(one: Fates, cell: Cells, step: Step) -> int:
    """Return the verdict that the end of a step proves, 0 for none."""
    weight = cell.weight_at(step.state)
    growth = -cell.law.slope(weight)
    return int(one.watch(np.zeros(1, np.intp), weight[:, None], growth[:, None])[0])
