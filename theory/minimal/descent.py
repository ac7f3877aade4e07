"""Training the subweights of the minimal model: the paper's descent, and other optimisers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from theory.checks import integer, labelled
from theory.minimal.cells import Cells, per_lane
from theory.minimal.fast.updates import Lanes, updates
from theory.minimal.law import Array, is_the_paper_s
from theory.minimal.model import MinimalModel
from theory.minimal.trajectory import as_run, refuse_overflow
from theory.optimiser import Optimiser, probed, require_optimiser


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
    cells, rates = Cells.of(model, grid), per_lane(rate, grid)
    if is_the_paper_s(model.penalty):
        trajectory = updates(Lanes.of(cells, rates))
    else:
        trajectory = plain_updates(cells, rates)
    first, second = _record(trajectory, recorded, cells.first.shape)
    refuse_overflow(first, second, recorded)
    coords = {"step": recorded, "circuit": list(model.names), **grid.coords}
    shape = (recorded.size, len(model.names), *grid.shape)
    subweight_a, subweight_b = (
        xr.DataArray(values.reshape(shape), coords, ("step", "circuit", *grid.dims))
        for values in (first, second)
    )
    settings = {"learning_rate": rate, "steps": steps, "record_every": record_every}
    return as_run(model, subweight_a, subweight_b, settings)


def plain_updates(cells: Cells, rate: Array) -> Iterator[tuple[Array, Array]]:
    """Yield the subweights at the start and after every update, under any penalty."""
    a, b = cells.first, cells.second
    with np.errstate(over="ignore", invalid="ignore"):
        while True:
            yield a, b
            push = rate * cells.law.slope(a * b)
            a, b = a - push * b, b - push * a


def descend_with(
    model: MinimalModel, steps: int, optimiser: Optimiser, record_every: int = 1
) -> xr.Dataset:
    r"""Train the model by another optimiser, on every subweight at once.

    The optimiser is given a_i and b_i with the gradients

    .. math:: \frac{\partial L}{\partial a_i} = L_i b_i, \qquad
              \frac{\partial L}{\partial b_i} = L_i a_i,

    with the slope L_i of `theory.minimal.gradient`; the penalty is a part of the loss.

    Parameters
    ----------
    model, steps, record_every
        As `theory.descend` takes them.
    optimiser
        One of `theory.networks`, so that the very momentum and Adam that train a network train the
        model as well, or your own.

    Returns
    -------
    xarray.Dataset
        A run as `theory.descend` returns it.

    Raises
    ------
    ValueError
        If `steps` or `record_every` is out of range, or `optimiser` is none.
    ArithmeticError
        If a weight overflows, which a smaller learning rate prevents.

    Examples
    --------
    >>> from theory import crossing_update, networks
    >>> model = MinimalModel.paper()
    >>> run = descend_with(model, 700, networks.Adam(learning_rate=0.01))
    >>> int(crossing_update(run))
    240
    """
    steps = integer("steps", steps, at_least=1)
    record_every = integer("record_every", record_every, at_least=1)
    require_optimiser("optimiser", optimiser)
    recorded = np.unique(np.append(np.arange(0, steps + 1, record_every), steps))
    grid, wanted = model.swept, set(recorded.tolist())
    trajectory = _updates(Cells.of(model), steps, optimiser)
    rows = np.array([theta for step, theta in enumerate(trajectory) if step in wanted])
    refuse_overflow(rows[:, 0], rows[:, 1], recorded)
    coords = {"step": recorded, "circuit": list(model.names), **grid.coords}
    shape = (recorded.size, len(model.names), *grid.shape)
    first, second = (
        xr.DataArray(rows[:, which].reshape(shape), coords, ("step", "circuit", *grid.dims))
        for which in (0, 1)
    )
    settings = {"optimiser": repr(optimiser), "steps": steps, "record_every": record_every}
    return as_run(model, first, second, settings)


def _updates(cells: Cells, steps: int, optimiser: Optimiser) -> Iterator[Array]:
    """Yield a and b at the start and after every update, shape (2, circuits, lanes)."""
    theta = np.array([cells.first, cells.second])
    flat = theta.reshape(-1)
    state = optimiser.start(flat)
    yield theta.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for updates in range(steps):
            at = probed(optimiser, flat, updates).reshape(theta.shape)
            gradient = cells.law.slope(at[0] * at[1]) * at[::-1]
            optimiser.step(flat, gradient.reshape(-1), state, updates)
            yield theta.copy()


def _record(
    trajectory: Iterator[tuple[Array, Array]],
    recorded: npt.NDArray[np.int64],
    shape: tuple[int, ...],
) -> tuple[Array, Array]:
    """Return both subweights at the recorded steps, shape (rows, circuits, lanes)."""
    first, second = np.empty((2, recorded.size, *shape))
    done = -1
    for row, step in enumerate(recorded):
        while done < step:
            a, b = next(trajectory)
            done += 1
        first[row], second[row] = a, b
    return first, second
