"""The paper's gradient descent on the subweights of the minimal model (Section 3, Appendix D)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from theory.checks import Parameter, integer, labelled, require_one_grid
from theory.minimal.model import RESERVED, MinimalModel
from theory.minimal.record import as_run
from theory.runs import DivergedError

Array = npt.NDArray[np.float64]

#: exp overflows above 709; a probability under e^-700 is zero for every purpose here.
_LARGEST_EXPONENT = 700.0


def descend(
    model: MinimalModel,
    steps: int,
    learning_rate: Any = 0.01,
    record_every: int = 1,
) -> xr.Dataset:
    r"""Train the model by simultaneous gradient descent on every subweight (Appendix D).

    .. math:: a_i \leftarrow a_i - \lambda L_i b_i, \qquad b_i \leftarrow b_i - \lambda L_i a_i

    with the slope L_i of `theory.minimal.gradient` at ``w_i = a_i b_i``. For kappa > 2 that slope
    is unbounded next to zero, so a tiny weight can jump across zero, which the flow never does.

    Parameters
    ----------
    model
        The model; its swept dimensions are trained side by side.
    steps
        Number of updates, at least 1.
    learning_rate
        lambda > 0; sweeps like a parameter of the model.
    record_every
        Updates between two records, at least 1; the start and the last update are always recorded.

    Returns
    -------
    xarray.Dataset
        A run (`theory.runs`): ``weight``, ``subweight_a`` and ``subweight_b`` with dims (step,
        circuit, ...), the losses, accuracies and ``parameter_norm`` with dims (step, ...).

    Raises
    ------
    ValueError
        If an argument is out of range.
    DivergedError
        If a weight overflows, which a smaller learning rate prevents.

    Examples
    --------
    >>> run = descend(MinimalModel.paper(), steps=5100)
    >>> weight = run.weight.sel(circuit="generalising") - run.weight.sel(circuit="memorising")
    >>> int(run.step[(weight > 0).argmax("step")])
    5010
    """
    steps = integer("steps", steps, at_least=1)
    record_every = integer("record_every", record_every, at_least=1)
    rate = labelled("learning_rate", learning_rate, above=0)
    rate_array = xr.DataArray(rate, name="learning_rate")
    require_one_grid([model.swept.rename("model"), rate_array], RESERVED)
    grid = model.swept + 0 * rate_array
    recorded = np.unique(np.append(np.arange(0, steps + 1, record_every), steps))
    first, second = _record(_Lanes.of(model, rate, grid), recorded)
    _refuse_overflow(first, second, recorded)
    coords = {"step": recorded, "circuit": list(model.names), **grid.coords}
    shape = (recorded.size, len(model.names), *grid.shape)
    subweight_a, subweight_b = (
        xr.DataArray(values.reshape(shape), coords, ("step", "circuit", *grid.dims))
        for values in (first, second)
    )
    settings = {"learning_rate": rate, "steps": steps, "record_every": record_every}
    return as_run(model, subweight_a, subweight_b, settings)


@dataclass(frozen=True)
class _Lanes:
    """The model's parameters in flat arrays: a row a circuit, a column ("lane") a swept cell."""

    first: Array
    second: Array
    cost: Array
    exponent: Array
    spare: Array
    rate: Array

    @classmethod
    def of(cls, model: MinimalModel, rate: Parameter, grid: xr.DataArray) -> _Lanes:
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


def _record(lanes: _Lanes, recorded: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Return both subweights at the recorded steps, shape (rows, circuits, lanes)."""
    shape = (recorded.size, *lanes.first.shape)
    first, second = np.empty(shape), np.empty(shape)
    trajectory = _updates(lanes)
    done = -1
    for row, step in enumerate(recorded):
        while done < step:
            a, b = next(trajectory)
            done += 1
        first[row], second[row] = a, b
    return first, second


def _updates(lanes: _Lanes) -> Iterator[tuple[Array, Array]]:
    """Yield the subweights at the start and after every update, in buffers that are used again."""
    a, b = lanes.first.copy(), lanes.second.copy()
    weight, slope, change = np.empty_like(a), np.empty_like(a), np.empty_like(a)
    wrong = np.empty_like(lanes.rate)
    yield a, b
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        while True:
            np.multiply(a, b, out=weight)
            _slope(lanes, weight, wrong, slope)
            np.multiply(slope, lanes.rate, out=slope)
            np.multiply(slope, b, out=change)
            np.multiply(slope, a, out=slope)
            np.subtract(a, change, out=a)
            np.subtract(b, slope, out=b)
            yield a, b


def _slope(lanes: _Lanes, weight: Array, wrong: Array, out: Array) -> None:
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


def _refuse_overflow(first: Array, second: Array, recorded: npt.NDArray[np.int64]) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        bad = ~np.isfinite(first * second)
    if bad.any():
        rows, _, lanes = np.nonzero(bad)
        raise DivergedError(
            f"weights overflowed in {np.unique(lanes).size} of {first.shape[2]} cells, first "
            f"recorded at step {recorded[rows.min()]}: use a smaller learning_rate",
            run=None,
        )
