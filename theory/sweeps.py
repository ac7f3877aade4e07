"""A function of plain values, called over a grid of them: one labelled Dataset.

Parameters of the minimal model sweep by themselves, as arrays. This is for everything else: whole
protocols, trained networks, seeds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import xarray as xr


def sweep(function: Callable[..., Any], grid: Mapping[str, Iterable[Any]]) -> xr.Dataset:
    """Return what `function` returns for every combination of the values in `grid`.

    Parameters
    ----------
    function
        Called as ``function(kappa=1.2, seed=0)``, once for each combination. It returns a Dataset,
        such as a run, or a number or a DataArray, which is named after the function.
    grid
        Values of each argument by name: numbers or texts, none twice.

    Returns
    -------
    xarray.Dataset
        Dimensions named after the arguments, in their order, before those of the results.
        Attributes are kept where all results agree on them.

    Raises
    ------
    ValueError
        If the grid or one of its axes is empty, an axis repeats a value or holds something else
        than plain values, or if results do not fit together.

    Examples
    --------
    >>> def area(width, height):
    ...     return width * height
    >>> sweep(area, {"width": [1.0, 2.0], "height": [3.0, 5.0]}).area.values
    array([[ 3.,  5.],
           [ 6., 10.]])
    """
    axes = {name: _axis(name, values) for name, values in grid.items()}
    if not axes:
        raise ValueError("grid must not be empty")
    cells = [dict(zip(axes, cell, strict=True)) for cell in itertools.product(*axes.values())]
    results = [_as_dataset(function, cell) for cell in cells]
    return _assembled(results, axes)


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


def _as_dataset(function: Callable[..., Any], cell: Mapping[str, Any]) -> xr.Dataset:
    """Return the result of one cell as a Dataset."""
    result = function(**cell)
    dataset = (
        result
        if isinstance(result, xr.Dataset)
        else xr.DataArray(result).to_dataset(name=getattr(function, "__name__", "result"))
    )
    taken = cell.keys() & {*dataset.dims, *dataset.variables}
    if taken:
        raise ValueError(f"results must not use the names of the grid, got {sorted(taken)}")
    return dataset


def _assembled(results: list[xr.Dataset], axes: Mapping[str, list[Any]]) -> xr.Dataset:
    """Join results, of which the last axis varies fastest, along one axis after the other."""
    for name, values in reversed(list(axes.items())):
        size = len(values)
        groups = (results[start : start + size] for start in range(0, len(results), size))
        results = [_joined(group, name, values) for group in groups]
    return results[0]


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
