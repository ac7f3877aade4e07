"""Anybody's training log, as a run: tables whose columns have names of their own, and gaps.

Pandas reads the files: ``read_csv``, ``json_normalize``, ``DataFrame`` of rows or of columns. What
a log does not say of itself has to be said: which column is what, what counts as a step, what is in
per cent, and the unit of a loss.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import xarray as xr

from theory import runs


def from_table(
    table: Any,
    names: Mapping[str, str],
    *,
    step: str = "step",
    percent: Collection[str] = (),
    loss_units: str | None = None,
) -> xr.Dataset:
    """Return a run made of a table, of which rows may lack what others hold.

    A quantity counts as recorded at the steps where its column has a number: train and test may be
    recorded at different ones, in rows of their own, in any order. Columns and rows that are not
    asked for do not matter.

    Parameters
    ----------
    table
        Whatever `pandas.DataFrame` takes: a frame, a list of rows, columns by name.
    names
        The column of each quantity, by name of `theory.runs.QUANTITIES`.
    step
        The column of steps. Epochs are steps, if that is what you name.
    percent
        The quantities, as in `names`, that the log holds in per cent.
    loss_units
        As `theory.runs.from_columns` takes it.

    Returns
    -------
    xarray.Dataset
        The run, NaN where a quantity was not recorded.

    Raises
    ------
    ValueError
        If a column is missing or there twice, holds no number at all or something else than
        numbers, has numbers without a step or two of them at one step, `percent` names what is not
        in `names`, or as `theory.runs.from_columns`.

    Examples
    --------
    >>> rows = [
    ...     {"it": 10, "loss": 0.1},
    ...     {"it": 0, "loss": 2.3, "val_acc": 2.0},
    ...     {"it": 20, "val_acc": 100.0},
    ... ]
    >>> names = {"train_loss": "loss", "test_accuracy": "val_acc"}
    >>> run = from_table(rows, names, step="it", percent=["test_accuracy"])
    >>> run.train_loss.values, run.test_accuracy.values
    (array([2.3, 0.1, nan]), array([0.02,  nan, 1.  ]))
    """
    if unknown := sorted(set(percent) - names.keys()):
        raise ValueError(f"percent must name quantities of {list(names)}, got {unknown}")
    frame = pd.DataFrame(table)
    steps = _numbers(frame, step, "step")
    recorded = {name: _recorded(frame, name, names[name], steps) for name in names}
    columns = pd.DataFrame(recorded).sort_index()
    columns[list(percent)] /= 100
    _require_parts(columns)
    values = {str(name): column.to_numpy() for name, column in columns.items()}
    return runs.from_columns(columns.index.to_numpy(), loss_units=loss_units, gaps=True, **values)


def _recorded(frame: Any, name: str, column: str, steps: Any) -> Any:
    """Return the numbers of one column, by step."""
    values = _numbers(frame, column, name).dropna()
    if values.empty:
        raise ValueError(f"{name} must be recorded, got no number in the column {column}")
    at = steps[values.index]
    if at.isna().any():
        raise ValueError(f"{name} must have a step in each row, got {values[at.isna()].iloc[0]:g}")
    values.index = at
    several = values.groupby(level=0).nunique()
    if (several > 1).any():
        where = several.idxmax()
        raise ValueError(
            f"{name} must have one value at a step, "
            f"got {values[where].tolist()} at step {where:g} of the column {column}"
        )
    return values[~values.index.duplicated()]


def _numbers(frame: Any, column: str, name: str) -> Any:
    """Return a column as numbers, rows counted anew."""
    if column not in frame.columns:
        raise ValueError(f"{name} must be a column of {list(frame.columns)}, got {column!r}")
    found = frame[column]
    if found.ndim > 1:
        raise ValueError(f"{name} must be one column, got several that are called {column!r}")
    try:
        return pd.to_numeric(found).astype(float).reset_index(drop=True)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers in the column {column}: {error}") from error


def _require_parts(columns: Any) -> None:
    """Refuse accuracies that can only be in per cent."""
    for name in columns.columns.intersection(["train_accuracy", "test_accuracy"]):
        if (most := columns[name].max()) > 1 + runs.ROUNDING:
            raise ValueError(f"percent must name {name} if it is in per cent, got up to {most:g}")
