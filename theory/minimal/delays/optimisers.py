r"""Other optimisers than plain descent on the subweights of the minimal model (derived here).

An optimiser is anything with the two methods of `Optimiser`; those of `theory.networks` have them,
so that the very momentum and Adam that train a network train the model as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import xarray as xr

from theory.checks import integer
from theory.minimal.lanes import Array, Lanes, write_slope
from theory.minimal.model import MinimalModel
from theory.minimal.record import as_run, refuse_overflow


class Optimiser(Protocol):
    """A pure step function on flat vectors of parameters, with an explicit state (derived here)."""

    def start(self, theta: Array) -> Array:
        """Return the state before the first update, shape (rows, size)."""

    def step(self, theta: Array, gradient: Array, state: Array, updates: int) -> None:
        """Do one update of `theta` and `state` in place, after `updates` others."""


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
        One of `theory.networks`, or anything like it.

    Returns
    -------
    xarray.Dataset
        A run as `theory.descend` returns it.

    Raises
    ------
    ValueError
        If `steps` or `record_every` is out of range.
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
    recorded = np.unique(np.append(np.arange(0, steps + 1, record_every), steps))
    grid, wanted = model.swept, set(recorded.tolist())
    trajectory = _updates(Lanes.of(model, 1.0, grid), steps, optimiser)
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


def _updates(lanes: Lanes, steps: int, optimiser: Optimiser) -> Iterator[Array]:
    """Yield a and b at the start and after every update, shape (2, circuits, lanes)."""
    theta = np.array([lanes.first, lanes.second])
    flat = theta.reshape(-1)
    state = optimiser.start(flat)
    slope, wrong = np.empty_like(lanes.first), np.empty_like(lanes.rate)
    yield theta.copy()
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        for updates in range(steps):
            write_slope(lanes, theta[0] * theta[1], wrong, slope)
            gradient = slope * theta[::-1]
            optimiser.step(flat, gradient.reshape(-1), state, updates)
            yield theta.copy()
