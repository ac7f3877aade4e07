"""How far the quantities of a run are recorded."""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory import runs


def recorded_to(run: xr.Dataset) -> xr.Dataset:
    """Return the last step at which each quantity is recorded, and as ``end`` that of the run.

    Where there are several runs, each ends where nothing of it is recorded any more.

    Examples
    --------
    >>> columns = {"train_loss": [4.0, 0.1, 0.1], "test_accuracy": [0.0, 1.0, float("nan")]}
    >>> found = recorded_to(runs.from_columns([0, 10, 20], gaps=True, **columns))
    >>> found.test_accuracy.item(), found.end.item()
    (10.0, 20.0)
    """
    last = {name: _last(run[name]) for name in runs.QUANTITIES if name in run}
    end = xr.concat(xr.broadcast(*last.values()), "quantity").max("quantity")
    # A single run may go on with rows in which nothing is a number.
    end = end if end.size > 1 else xr.full_like(end, float(run["step"][-1]))
    return xr.Dataset({**last, "end": end})


def _last(values: xr.DataArray) -> xr.DataArray:
    known = values.notnull().any([dim for dim in ("circuit", "layer") if dim in values.dims])
    found: xr.DataArray = known["step"].where(known).max("step")
    return found.reset_coords(drop=True)


def cut_off(known: xr.DataArray, end: xr.DataArray) -> xr.DataArray:
    """Return whether another record was due before the end.

    It was if the run goes on for as long as the records were ever apart.

    Examples
    --------
    >>> known = xr.DataArray([True, True, False, False], {"step": [0, 10, 15, 19]}, "step")
    >>> [bool(cut_off(known, xr.DataArray(end))) for end in (19, 20)]
    [False, True]
    """
    found: xr.DataArray = xr.apply_ufunc(
        _cut_off,
        known["step"].drop_vars("step"),
        known.drop_vars("step"),
        end,
        input_core_dims=[["step"], ["step"], []],
        vectorize=True,
        output_dtypes=[bool],
    )
    return found


def _cut_off(step: np.ndarray, known: np.ndarray, end: float) -> bool:
    own = step[known]
    return bool(own.size and end > own[-1] and end - own[-1] >= np.diff(own).max(initial=0))
