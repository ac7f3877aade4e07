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
    r: Array
    log_rivals: Array
    rate: Array

    @classmethod
    def of(cls, model: MinimalModel, rate: Parameter, grid: xr.DataArray) -> Self:
        """Lay out `model` over `grid`."""
        cost = per_circuit(model, "param_norm", grid) ** 2 * per_lane(model.unit_cost, grid)
        return cls(
            first=per_circuit(model, "first_subweight", grid),
            second=per_circuit(model, "second_subweight", grid),
            cost=cost,
            # Where nothing is penalised, c_i |w_i|^r must be 0 also at w_i = 0 with r < 0.
            r=np.where(cost > 0, per_lane(model.r, grid), 0.0),
            log_rivals=np.log(per_lane(model.num_labels, grid) - 1),
            rate=per_lane(rate, grid),
        )


def per_lane(value: Parameter, grid: xr.DataArray) -> Array:
    """Return one value a cell of `grid`, which is zero everywhere, shape (lanes,)."""
    if isinstance(value, float):
        return np.full(grid.size, value)
    return np.array((grid + value).values, dtype=np.float64).reshape(grid.size)


def per_circuit(model: MinimalModel, parameter: str, grid: xr.DataArray) -> Array:
    """Return one parameter of all circuits, shape (circuits, lanes)."""
    return np.stack([per_lane(getattr(circuit, parameter), grid) for circuit in model.circuits])


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
