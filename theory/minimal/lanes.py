"""Gradient descent on flat arrays, where one update of a whole grid is a few array operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import xarray as xr

from theory.checks import Parameter
from theory.minimal.model import MinimalModel

Array = npt.NDArray[np.float64]

#: exp overflows above 709; a probability under e^-700 is zero for every purpose here.
_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True)
class Lanes:
    """The model's parameters in flat arrays: a row a circuit, a column ("lane") a swept cell."""

    first: Array
    second: Array
    cost: Array
    exponent: Array
    spare: Array
    rate: Array

    @classmethod
    def of(cls, model: MinimalModel, rate: Parameter, grid: xr.DataArray) -> Self:
        """Lay out `model` over `grid`."""

        def per_circuit(values: xr.DataArray) -> Array:
            full = values.broadcast_like(grid).transpose("circuit", *grid.dims)
            return np.array(full.values, dtype=np.float64).reshape(len(model.names), grid.size)

        def per_lane(values: Parameter) -> Array:
            return np.array((grid + values).values, dtype=np.float64).reshape(grid.size)

        # Where nothing is penalised, c_i |w_i|^r must be 0 also at w_i = 0 with r < 0.
        exponent = xr.where(model.cost > 0, model.exponent, 0.0)
        return cls(
            first=per_circuit(model.stack("first_subweight")),
            second=per_circuit(model.stack("second_subweight")),
            cost=per_circuit(model.cost),
            exponent=per_circuit(exponent),
            spare=np.log(per_lane(model.num_labels) - 1),
            rate=per_lane(rate),
        )


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
    """Write L_i into `out`: `theory.minimal.gradient` on flat arrays, in place."""
    np.sum(weight, axis=0, out=wrong)
    np.subtract(wrong, lanes.spare, out=wrong)
    np.minimum(wrong, _LARGEST_EXPONENT, out=wrong)
    np.exp(wrong, out=wrong)
    np.add(wrong, 1.0, out=wrong)
    np.divide(1.0, wrong, out=wrong)
    np.abs(weight, out=out)
    np.power(out, lanes.exponent, out=out)
    np.multiply(out, lanes.cost, out=out)
    at_zero = np.nonzero(weight == 0)
    held = -np.maximum(wrong[at_zero[1]] - out[at_zero], 0)
    np.copysign(out, weight, out=out)
    np.subtract(out, wrong, out=out)
    out[at_zero] = held
