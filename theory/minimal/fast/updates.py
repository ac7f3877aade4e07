"""Updates of gradient descent on flat arrays: one of a whole grid is a few array operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from theory.minimal.cells import Cells
from theory.minimal.law import Array

#: exp overflows above 709; a probability under e^-700 is zero for every purpose here.
_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True)
class Lanes:
    """What an update needs: a row a circuit, a column ("lane") a swept cell."""

    first: Array
    second: Array
    cost: Array
    r: Array
    log_rivals: Array
    rate: Array

    @classmethod
    def of(cls, cells: Cells, rate: Array) -> Self:
        """Lay out cells under the paper's penalty, with a learning rate each."""
        return cls(cells.first, cells.second, cells.cost, cells.r, cells.log_rivals, rate)

    def take(self, which: Any) -> Self:
        """Return some of the lanes."""
        # Contiguous rows: elementwise functions may round differently on others.
        parts = (getattr(self, field.name)[..., which] for field in fields(self))
        return type(self)(*(np.ascontiguousarray(part) for part in parts))


def updates(lanes: Lanes) -> Iterator[tuple[Array, Array]]:
    """Yield the subweights at the start and after every update, in buffers that are used again."""
    a, b = lanes.first.copy(), lanes.second.copy()
    weight, slope, change = np.empty_like(a), np.empty_like(a), np.empty_like(a)
    wrong = np.empty_like(lanes.rate)
    yield a, b
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        while True:
            np.multiply(a, b, out=weight)
            write_slope(lanes, weight, wrong, slope)
            np.multiply(slope, lanes.rate, out=slope)
            np.multiply(slope, b, out=change)
            np.multiply(slope, a, out=slope)
            np.subtract(a, change, out=a)
            np.subtract(b, slope, out=b)
            yield a, b


def write_slope(lanes: Lanes, weight: Array, wrong: Array, out: Array) -> None:
    """Write L_i into `out`: `theory.minimal.law.Law.slope`, in place."""
    np.add.reduce(weight, axis=0, out=wrong)
    np.subtract(wrong, lanes.log_rivals, out=wrong)
    np.minimum(wrong, _LARGEST_EXPONENT, out=wrong)
    np.exp(wrong, out=wrong)
    np.add(wrong, 1.0, out=wrong)
    np.divide(1.0, wrong, out=wrong)
    np.abs(weight, out=out)
    np.power(out, lanes.r, out=out)
    np.multiply(out, lanes.cost, out=out)
    at_zero = (weight == 0).nonzero()
    held = -np.maximum(wrong[at_zero[1]] - out[at_zero], 0) if at_zero[0].size else None
    np.copysign(out, weight, out=out)
    np.subtract(out, wrong, out=out)
    if held is not None:
        out[at_zero] = held


def plain_updates(lanes: Lanes) -> Iterator[tuple[Array, Array, Array]]:
    """Yield the same, to the last digit, for kappa < 2 and weights that are not negative.

    The power of a negative one is NaN, unless r is whole; if that is odd it has the right sign.
    """
    a, b, rate = lanes.first.copy(), lanes.second.copy(), _row_values(lanes.rate)
    r, log_rivals = lanes.r[0], _row_values(lanes.log_rivals)
    weight, slope, change = a * b, np.empty_like(a), np.empty_like(a)
    wrong, (first, *others) = np.empty_like(lanes.rate), weight
    with np.errstate(over="ignore", invalid="ignore"):
        while True:
            total = first
            for row in others:
                total = np.add(total, row, out=wrong)
            np.subtract(total, log_rivals, out=wrong)
            np.exp(wrong, out=wrong)
            np.add(wrong, 1.0, out=wrong)
            np.divide(1.0, wrong, out=wrong)
            np.power(weight, r, out=slope)
            np.multiply(slope, lanes.cost, out=slope)
            np.subtract(slope, wrong, out=slope)
            np.multiply(slope, rate, out=slope)
            np.multiply(slope, b, out=change)
            np.multiply(slope, a, out=slope)
            np.subtract(a, change, out=a)
            np.subtract(b, slope, out=b)
            np.multiply(a, b, out=weight)
            yield a, b, weight


def _row_values(values: Array) -> Array:
    """Return one value a row where all lanes agree, which spares the cache, else `values`."""
    same = values.size > 0 and bool(np.all(values == values[..., :1]))
    return values[..., 0] if same else values
