"""Slow changes of the dataset size, with a floor under the weights: the loop simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.special import expit, log_expit

from theory import runs
from theory.checks import Parameter, labelled
from theory.minimal import losses
from theory.minimal.cells import Cells
from theory.minimal.dataset_size.critical_size import at_size
from theory.minimal.model import MinimalModel, closed_form

Array = npt.NDArray[np.float64]

#: Length of a step while weights settle, in units of 1/p: growing modes are followed, not jumped.
_STEP = 0.3
#: Largest change of a log weight in a step, and the change at which all is at rest.
_LARGEST_CHANGE, _AT_REST = 0.5, 1e-11
_MOST_STEPS = 20_000


@closed_form
def slow_sweep(model: MinimalModel, path: Any, floor: Any, beta: Any = 0.5) -> xr.Dataset:
    r"""Change D along a path so slowly that the weights settle at each size.

    Each circuit is balanced and follows gradient flow above a floor,

    .. math:: \frac{d \log w_i}{dt} = -2 L_i, \qquad w_i \ge \epsilon,

    until it rests, which takes the weights of the last size as the start of the next one. For
    kappa > 2 the path makes a loop (`loop_ends`; derived here).

    Parameters
    ----------
    model
        As `at_size` takes it, with weight decay, for any kappa and circuits. The first size starts
        from its weights, raised to the floor.
    path
        D > 0 in order, shape (steps,).
    floor
        eps > 0, in logits; sweeps.
    beta
        beta > 0; sweeps.

    Returns
    -------
    xarray.Dataset
        A run whose ``step`` counts the sizes and has the coordinate ``size``: ``weight``, dims
        (step, circuit, ...), with losses and accuracies.

    Raises
    ------
    ValueError
        If a number is out of range, swept dimensions do not fit together, or one is called
        ``size``.
    ArithmeticError
        If weights do not settle.

    Examples
    --------
    >>> model = MinimalModel.paper(kappa=3, param_norm=(1.0, 0.05))
    >>> run = slow_sweep(model, path=[300, 1800, 1850, 400, 90, 80], floor=0.1)
    >>> run.test_accuracy.values
    array([0., 0., 1., 1., 1., 0.])
    """
    sizes, low = _path(path), labelled("floor", floor, above=0)
    labelled("weight_decay", model.weight_decay, above=0)
    stages = [at_size(model, size, beta) for size in sizes]
    grid = stages[0].crossed(floor=low)
    if "size" in grid.dims:
        raise ValueError(f"no sweep must be called size, as the path is, got dims {grid.dims}")
    settling = _Settling.of(stages[0], grid, low)
    cells = Cells.of(model, grid)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The logarithm of a negative weight is NaN, which fmax passes over.
        log_weight = np.fmax(np.log(cells.weight), settling.bottom)
    rows = np.empty((sizes.size, *log_weight.shape))
    for row, (size, stage) in enumerate(zip(sizes, stages, strict=True)):
        log_weight = settling.rest(log_weight, Cells.of(stage, grid).cost, size)
        rows[row] = np.exp(log_weight)
    settings = {"path": sizes.tolist(), "floor": low, "beta": beta}
    return _as_run(model, grid, sizes, rows, settings)


@dataclass(frozen=True)
class _Settling:
    r"""Relaxation of log w, clamped from below, at fixed D; arrays (circuits, lanes).

    In units of 1/p the slopes are g_i = 2 (1 - c_i w_i^r / p), with the Jacobian

    .. math:: \partial g_i / \partial \log w_j = -2 (1 - p) w_j
              - 2 r \delta_{ij} c_i w_i^r / p.

    A step is implicit in the parts that damp and explicit in those that grow (r < 0), so that it
    stays in the basin that the flow is in. The implicit matrix is diagonal plus rank one.
    """

    bottom: Array
    r: Array
    log_rivals: Array

    @classmethod
    def of(cls, model: MinimalModel, grid: xr.DataArray, floor: Parameter) -> _Settling:
        """Lay out `model` over `grid`."""
        cells = Cells.of(model, grid)
        bottom = np.log(np.array((grid + floor).values, dtype=np.float64)).reshape(1, grid.size)
        return cls(np.broadcast_to(bottom, cells.cost.shape), cells.r, cells.log_rivals)

    def rest(self, log_weight: Array, cost: Array, size: float) -> Array:
        """Return log w at rest."""
        for _ in range(_MOST_STEPS):
            before = log_weight
            log_weight = np.maximum(before + self._change(before, np.log(cost)), self.bottom)
            if np.max(abs(log_weight - before)) < _AT_REST:
                return log_weight
        raise ArithmeticError(f"weights did not settle at size {size:g}")

    def _change(self, log_weight: Array, log_cost: Array) -> Array:
        weight = np.exp(log_weight)
        excess = self.log_rivals - weight.sum(axis=0)
        pull = np.exp(log_cost + self.r * log_weight - log_expit(excess))
        held = (log_weight <= self.bottom) & (pull >= 1)
        diagonal = 1 / (1 + 2 * _STEP * np.maximum(self.r, 0) * pull)
        column = np.where(held, 0.0, diagonal)
        row = 2 * _STEP * expit(-excess) * weight
        # Cut here too: else one that dies fast would make the others shoot up.
        own = np.clip(2 * _STEP * (1 - pull) * column, -_LARGEST_CHANGE, _LARGEST_CHANGE)
        change = own - column * (row * own).sum(axis=0) / (1 + (row * column).sum(axis=0))
        cut: Array = np.clip(change, -_LARGEST_CHANGE, _LARGEST_CHANGE)
        return cut


def _path(path: Any) -> Array:
    sizes = np.array(labelled("path", path, above=0), dtype=np.float64)
    if sizes.ndim != 1:
        raise ValueError(f"path must be one or more sizes in a row, got {path!r}")
    return sizes


def _as_run(
    model: MinimalModel, grid: xr.DataArray, sizes: Array, rows: Array, settings: dict[str, Any]
) -> xr.Dataset:
    coords = {
        "step": np.arange(sizes.size),
        "size": ("step", sizes, {"long_name": "number of examples", "units": "1"}),
        "circuit": list(model.names),
        **grid.coords,
    }
    shape = (sizes.size, len(model.names), *grid.shape)
    weight = xr.DataArray(rows.reshape(shape), coords, ("step", "circuit", *grid.dims))
    known = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    variables = {name: getattr(losses, name)(model, weight) for name in known}
    return runs.build(
        {"weight": weight, **{k: v.transpose("step", ...) for k, v in variables.items()}},
        {"generalises": model.stack("generalises")},
        runs.provenance("minimal model", {"model": model.configuration(), **settings}),
    )
