"""The paper's gradient descent on the subweights of the minimal model (Section 3, Appendix D)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from theory.checks import integer, labelled
from theory.minimal.lanes import Array, Lanes, updates
from theory.minimal.model import MinimalModel
from theory.minimal.record import as_run, refuse_overflow


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
        If an argument is out of range, or sweeps do not cross to one grid.
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
    grid = model.crossed(learning_rate=rate)
    recorded = np.unique(np.append(np.arange(0, steps + 1, record_every), steps))
    first, second = _record(Lanes.of(model, rate, grid), recorded)
    refuse_overflow(first, second, recorded)
    coords = {"step": recorded, "circuit": list(model.names), **grid.coords}
    shape = (recorded.size, len(model.names), *grid.shape)
    subweight_a, subweight_b = (
        xr.DataArray(values.reshape(shape), coords, ("step", "circuit", *grid.dims))
        for values in (first, second)
    )
    settings = {"learning_rate": rate, "steps": steps, "record_every": record_every}
    return as_run(model, subweight_a, subweight_b, settings)


def _record(lanes: Lanes, recorded: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Return both subweights at the recorded steps, shape (rows, circuits, lanes)."""
    shape = (recorded.size, *lanes.first.shape)
    first, second = np.empty(shape), np.empty(shape)
    trajectory = updates(lanes)
    done = -1
    for row, step in enumerate(recorded):
        while done < step:
            a, b = next(trajectory)
            done += 1
        first[row], second[row] = a, b
    return first, second
