"""After how many updates gradient descent groks, over whole phase diagrams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import Any, Self

import numpy as np
import xarray as xr

from theory.checks import integer, labelled, number
from theory.minimal.cells import Cells, Indices, Mask, per_lane
from theory.minimal.fast.dormand_prince import one_column
from theory.minimal.fast.pool import slowest_first
from theory.minimal.fast.updates import Lanes, plain_updates, updates
from theory.minimal.fates import lead as lead_of
from theory.minimal.fates import sides
from theory.minimal.law import Array
from theory.minimal.model import MinimalModel, closed_form
from theory.runs import DivergedError

#: Lanes under way at a time, and updates between two looks at which of them are done.
_POOL, _BLOCK = 8192, 32
#: Part of them that may be over and go on idly.
_IDLE = 0.1


@closed_form
def updates_to_grok(
    model: MinimalModel, steps: int, learning_rate: Any = 0.01, threshold: float = 0.95
) -> xr.DataArray:
    """Return the number of updates after which gradient descent first generalises (Appendix D).

    It is ``crossing_update(descend(model, steps, learning_rate))`` without the run: no more is kept
    than the lanes under way, and cells that are done make room for others.

    Parameters
    ----------
    model, steps, learning_rate
        As `theory.descend` takes them.
    threshold
        Fraction of the test inputs, as `theory.generalisation_step` takes it.

    Returns
    -------
    xarray.DataArray
        Number of updates, a whole number, NaN where `steps` are not enough; dims: the swept ones.

    Raises
    ------
    ValueError
        If an argument is out of range.
    DivergedError
        If a weight overflows before the crossing, which a smaller learning rate prevents.

    Examples
    --------
    >>> int(updates_to_grok(MinimalModel.paper(), steps=10_000))
    5010
    """
    steps = integer("steps", steps, at_least=1)
    rate = labelled("learning_rate", learning_rate, above=0)
    threshold = number("threshold", threshold, above=0, at_most=1)
    grid = model.crossed(learning_rate=rate)
    lanes = Lanes.of(Cells.of(model, grid), per_lane(rate, grid))
    found = _search(lanes, np.where(sides(model, grid, threshold), 1.0, -1.0), steps)
    attrs = {"long_name": "updates to grok", "units": "1"}
    return xr.DataArray(found.reshape(grid.shape), grid.coords, grid.dims, attrs=attrs)


@dataclass(frozen=True)
class _Batch:
    """Cells under way: parameters with the subweights reached, and the updates done."""

    cells: Indices
    sign: Array
    lanes: Lanes
    done: Array

    @classmethod
    def start(cls, lanes: Lanes, sign: Array, cells: Indices) -> Self:
        """Start some cells of `lanes`."""
        everything = cls(np.arange(lanes.rate.size), sign, lanes, np.zeros(lanes.rate.size))
        return everything.take(cells)

    def take(self, which: Indices) -> Self:
        """Return some of the cells."""
        sign = np.ascontiguousarray(self.sign[:, which])
        return type(self)(self.cells[which], sign, self.lanes.take(which), self.done[which])

    def join(self, others: Sequence[Self]) -> Self:
        """Return these cells and others."""
        batches = [self, *others]
        lanes = (
            np.concatenate([getattr(batch.lanes, field.name) for batch in batches], axis=-1)
            for field in fields(Lanes)
        )
        return type(self)(
            np.concatenate([batch.cells for batch in batches]),
            np.concatenate([batch.sign for batch in batches], axis=-1),
            Lanes(*lanes),
            np.concatenate([batch.done for batch in batches]),
        )

    def at(self, first: Array, second: Array, done: Array) -> Self:
        """Return the same cells with other subweights reached, after `done` updates."""
        return replace(self, lanes=replace(self.lanes, first=first, second=second), done=done)

    def leads(self, plain: bool) -> Iterator[tuple[Array, Array, Array]]:
        """Yield both subweights and the lead after every update, in buffers that are used again."""
        lead, sign, right = np.empty_like(self.lanes.rate), one_column(self.sign), self.sign > 0
        for first, second, weight in (plain_updates if plain else _any_updates)(self.lanes):
            if not plain:
                lead[:] = lead_of(right, self.sign, weight)
            elif sign.shape[-1] == 1:
                np.dot(sign[:, 0], weight, out=lead)
            else:
                np.add.reduce(sign * weight, axis=0, out=lead)
            yield first, second, lead


#: Cells as they were before the block within which they cross or overflow, and whether that was a
#: plain one.
_Crossings = tuple[_Batch, bool]


def _any_updates(lanes: Lanes) -> Iterator[tuple[Array, Array, Array]]:
    """Yield both subweights and the weight after every update of `theory.descend`."""
    for first, second in islice(updates(lanes), 1, None):
        yield first, second, first * second


def _search(lanes: Lanes, sign: Array, steps: int) -> Array:
    """Return the first update of every cell after which its lead is above zero."""
    found = np.where(lead_of(sign > 0, sign, lanes.first * lanes.second) > 0, 0.0, np.nan)
    waiting = slowest_first(lanes.cost, sign)
    waiting = waiting[np.isnan(found[waiting])]
    batch, crossings = _Batch.start(lanes, sign, waiting[:0]), list[_Crossings]()
    while batch.cells.size or waiting.size:
        free = _POOL - batch.cells.size
        batch = _advance(batch.join([_Batch.start(lanes, sign, waiting[:free])]), steps, crossings)
        waiting = waiting[free:]
        if sum(part.cells.size for part, _ in crossings) >= _POOL or not batch.cells.size:
            _replay(crossings, found, steps)
            crossings.clear()
    return found


def _advance(batch: _Batch, steps: int, crossings: list[_Crossings]) -> _Batch:
    """Update the cells until a tenth of them is over, and return the others.

    Cells that cross or overflow within a block of updates are added to `crossings` as they were
    before it.
    """
    over, done = np.zeros(batch.cells.size, dtype=bool), batch.done
    first, second = batch.lanes.first, batch.lanes.second
    r = batch.lanes.r
    # An even power of a negative weight would be no NaN.
    odd = np.all((r > 0) & (r % 2 != 0))
    plain = bool(odd and np.all(first * second >= 0))
    trajectory = batch.leads(plain)
    while np.count_nonzero(over) < _IDLE * over.size:
        before = batch.at(first.copy(), second.copy(), done)
        first, second, best = _block(trajectory)
        if plain and not np.all(np.isfinite(best)):
            plain, trajectory = False, before.leads(plain=False)
            first, second, best = _block(trajectory)
        ended = (best > 0) | ~np.isfinite(best)
        crossings.append((before.take(np.flatnonzero(ended & ~over)), plain))
        done = done + _BLOCK
        over |= ended | (done >= steps)
    return batch.at(first, second, done).take(np.flatnonzero(~over))


def _block(trajectory: Iterator[tuple[Array, Array, Array]]) -> tuple[Array, Array, Array]:
    """Return both subweights after a block of updates and the largest lead within it."""
    first, second, lead = next(trajectory)
    best = lead.copy()
    for _ in range(_BLOCK - 1):
        next(trajectory)
        np.maximum(best, lead, out=best)
    return first, second, best


def _replay(crossings: list[_Crossings], found: Array, steps: int) -> None:
    """Write the updates in which cells cross within a block into `found`.

    Raises
    ------
    DivergedError
        If a weight overflows before that.
    """
    (batch, _), *others = crossings
    batch, plain = batch.join([part for part, _ in others]), all(plain for _, plain in crossings)
    for update, (_, _, lead) in enumerate(islice(batch.leads(plain), _BLOCK), start=1):
        under_way = np.isnan(found[batch.cells]) & (batch.done + update <= steps)
        _refuse_overflow(under_way & ~np.isfinite(lead), batch.done + update)
        fresh = np.flatnonzero(under_way & (lead > 0))
        found[batch.cells[fresh]] = batch.done[fresh] + update


def _refuse_overflow(bad: Mask, done: Array) -> None:
    if bad.any():
        raise DivergedError(
            f"weights overflowed in {np.count_nonzero(bad)} cells within {done[bad].min():g} "
            "updates: use a smaller learning_rate",
            None,
        )
