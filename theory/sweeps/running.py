"""The loop over the cells of a grid, here or on other processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import xarray as xr
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from theory.progress import bar
from theory.runs import DivergedError
from theory.sweeps import cluster
from theory.sweeps.grid import Cell, assembled, axes_of, cells_of, labelled
from theory.sweeps.store import Store


class SweepError(RuntimeError):
    """A sweep stopped early; the message says where, why, and what is left of it."""


def sweep(
    function: Callable[..., Any],
    grid: Mapping[str, Iterable[Any]],
    store: str | Path | None = None,
) -> xr.Dataset:
    """Return what `function` returns for every combination of the values in `grid`.

    It runs where joblib is told to: in this process by default, in two of its own inside of
    ``with joblib.parallel_config(n_jobs=2):``, on the Dask cluster to which a client is connected
    inside of ``with joblib.parallel_config(backend="dask"):``. Linear algebra runs on one thread
    in every call, so that processes do not fight for cores and the same call gives the same bits.

    Parameters
    ----------
    function
        Called as ``function(kappa=1.2, seed=0)``, once for each combination. It returns a Dataset,
        such as a run, or a number or a DataArray, which is named after the function. For a store
        it must have a name, and constants must be bound by `functools.partial`.
    grid
        Values of each argument by name: numbers or texts, none twice.
    store
        Folder, made if need be, to which every run is written as soon as it is finished. Runs that
        it has already are taken from there; a file that is torn or altered is warned about and
        its run done again. On a cluster all workers must see the folder.

    Returns
    -------
    xarray.Dataset
        Dimensions named after the arguments, in their order, before those of the results.
        Attributes are kept where all results that have them agree.

        The Boolean coordinate ``diverged``, along all arguments, says which runs raised
        `theory.runs.DivergedError`; of these it holds what they had recorded. Runs of unequal
        length share one ``step`` with all steps that any of them recorded, and a run is NaN where
        it recorded none. Measures refuse NaN: choose runs that did not diverge first.

    Raises
    ------
    ValueError
        If the grid or one of its axes is empty, an axis repeats a value or holds something else
        than plain values, results do not fit together, or `function` is not fit for a store.
    OSError
        If the store cannot be written.
    SweepError
        If a call or a worker fails, or a cluster has had no worker for a minute. With a store
        nothing is lost that was finished: the same call goes on from there.

    Examples
    --------
    >>> def area(width, height):
    ...     return width * height
    >>> sweep(area, {"width": [1.0, 2.0], "height": [3.0, 5.0]}).area.values
    array([[ 3.,  5.],
           [ 6., 10.]])
    """
    axes = axes_of(grid)
    cells = cells_of(axes)
    place = None if store is None else Store.of(store, function)
    results = {} if place is None else place.finished(cells)
    missing = [index for index in range(len(cells)) if index not in results]
    work = ((function, index, cells[index], place) for index in missing)
    try:
        for index, result in bar(_running(work), "sweep", len(cells), done=len(results)):
            results[index] = result if place is None else place.load(cells[index])
    except Exception as error:
        # Whatever it was: an error of the function, a full disk, a worker or cluster that died.
        reason = f"{error}" if isinstance(error, SweepError) else _named(error)
        raise SweepError(f"{reason}\n{_what_is_left(cells, place)}") from error
    return assembled([results[index] for index in range(len(cells))], axes)


def _running(
    work: Iterable[tuple[Callable[..., Any], int, Cell, Store | None]],
) -> Iterable[tuple[int, Any]]:
    """Return what `_finish` makes of each piece of work, wherever joblib is told to go."""
    backend = cluster.dask_backend()
    if backend is not None:
        return cluster.results(backend, _finish, work)
    parallel = Parallel(return_as="generator_unordered")
    found: Iterable[tuple[int, Any]] = parallel(delayed(_finish)(*each) for each in work)
    return found


def _finish(
    function: Callable[..., Any], index: int, cell: Cell, store: Store | None
) -> tuple[int, xr.Dataset | None]:
    """Run one cell, and return its result, or None if a store has it now."""
    try:
        result = _result(function, cell)
        if store is None:
            return index, result
        store.save(cell, result)
    except Exception as error:
        where = ", ".join(f"{name}={value!r}" for name, value in cell.items())
        raise SweepError(f"{where}: {_named(error)}") from error
    return index, None


def _result(function: Callable[..., Any], cell: Cell) -> xr.Dataset:
    """Call the function of a sweep."""
    name = getattr(getattr(function, "func", function), "__name__", "result")
    try:
        with threadpool_limits(1):
            return labelled(function(**cell), name, cell, diverged=False)
    except DivergedError as error:
        recorded = xr.Dataset() if error.run is None else error.run
        return labelled(recorded, name, cell, diverged=True)


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _what_is_left(cells: list[Cell], store: Store | None) -> str:
    if store is None:
        return "Give a store to keep finished runs."
    there = sum(store.path(cell).exists() for cell in cells)
    return f"{there} of {len(cells)} runs are in {store.folder}: the same call goes on from there."
