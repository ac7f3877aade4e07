"""The grid of a sweep: its axes, its cells, and the results of all cells as one Dataset."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

#: Values of an axis, by its name.
Axes = Mapping[str, list[Any]]
#: The arguments of one call.
Cell = dict[str, Any]

DIVERGED = "diverged"


def axes_of(grid: Mapping[str, Iterable[Any]]) -> Axes:
    """Return the axes of a grid as plain values.

    Raises
    ------
    ValueError
        If there is none, or one is empty, repeats a value or holds something else than plain
        values, or is called ``diverged``.
    """
    if not grid:
        raise ValueError("grid must not be empty")
    if DIVERGED in grid:
        raise ValueError(f"grid must not use the name {DIVERGED}")
    return {name: _axis(name, values) for name, values in grid.items()}


def cells_of(axes: Axes) -> list[Cell]:
    """Return the arguments of every call; the last axis varies fastest."""
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


def labelled(result: Any, name: str, cell: Cell, diverged: bool) -> xr.Dataset:
    """Return what the call of one cell returned as a Dataset that says whether it diverged.

    Raises
    ------
    ValueError
        If the result has variables or dimensions of the grid's names.
    """
    dataset: xr.Dataset = (
        result if isinstance(result, xr.Dataset) else xr.DataArray(result).to_dataset(name=name)
    )
    taken = {*cell, DIVERGED} & {*dataset.dims, *dataset.variables}
    if taken:
        raise ValueError(f"results must not use the names of the grid, got {sorted(taken)}")
    return dataset.assign_coords({DIVERGED: diverged})


def assembled(results: list[xr.Dataset], axes: Axes) -> xr.Dataset:
    """Join the results of all cells, in their order, along one axis after the other.

    Raises
    ------
    ValueError
        If they do not fit together.
    """
    diverged = np.array([result[DIVERGED].item() for result in results])
    results = _at_all_steps([result.drop_vars(DIVERGED) for result in results])
    for name, values in reversed(list(axes.items())):
        size = len(values)
        groups = (results[start : start + size] for start in range(0, len(results), size))
        results = [_joined(group, name, values) for group in groups]
    shape = [len(values) for values in axes.values()]
    return results[0].assign_coords({DIVERGED: (list(axes), diverged.reshape(shape))})


def _axis(name: str, values: Iterable[Any]) -> list[Any]:
    """Return the plain values of an axis."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise ValueError(f"{name} must be several values, got {values!r}")
    # NumPy's scalars become Python's, which every function takes and every format writes.
    plain = [value.item() if hasattr(value, "item") else value for value in values]
    if not plain:
        raise ValueError(f"{name} must not be empty")
    for value in plain:
        if not isinstance(value, (bool, int, float, str)):
            raise ValueError(f"{name} must hold numbers or texts, got {value!r}")
    if len(set(plain)) < len(plain):
        raise ValueError(f"{name} must not hold a value twice, got {plain}")
    return plain


def _at_all_steps(results: list[xr.Dataset]) -> list[xr.Dataset]:
    """Give every result all recorded steps, with NaN where it has none itself."""
    whole = next((result for result in results if result.variables), xr.Dataset())
    # Of a run that diverged at its start nothing was recorded, not even what it would record.
    results = [result if result.variables else whole.where(False) for result in results]
    recorded = [result.indexes["step"] for result in results if "step" in result.indexes]
    if not recorded:
        return results
    steps = np.unique(np.concatenate(recorded))
    return [each.reindex(step=steps) if "step" in each.indexes else each for each in results]


def _joined(group: list[xr.Dataset], name: str, values: list[Any]) -> xr.Dataset:
    axis = xr.DataArray(values, dims=name, name=name)
    try:
        return xr.concat(
            group,
            axis,
            data_vars="all",
            coords="different",
            compat="equals",
            join="exact",
            combine_attrs="drop_conflicts",
        )
    except ValueError as error:
        raise ValueError(f"results along {name} do not fit together: {error}") from error
