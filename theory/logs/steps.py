"""What counts the steps of each table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from theory.logs.cells import as_numbers
from theory.logs.columns import Column, only
from theory.logs.vocabulary import EPOCH, STEP, counts, says_multiple

#: What `step` may be where no column counts: rows, from 0 on.
ROW = "row"


def steps_of(
    columns: list[Column], tables: list[int], step: str | None, decimal: str | None
) -> tuple[dict[int, Any], list[str]]:
    """Return the steps of each row, by table, and the columns that they come from.

    Parameters
    ----------
    columns
        All that there are.
    tables
        Those that need steps.
    step
        The column, "epoch" for one that counts epochs, "row" to count rows from 0, or None.
    decimal
        As `theory.logs.cells.as_numbers` takes it.

    Raises
    ------
    ValueError
        If it has to be said what counts; names `step`.
    """
    _require_there(columns, step)
    own = {table: [each for each in columns if each.table == table] for table in tables}
    found = {table: _counter(held, step) for table, held in own.items()}
    steps = {
        table: as_numbers(column.cells, column.name, decimal, counts=True)[0]
        for table, column in found.items()
        if column
    }
    for table, column in found.items():
        if column:
            _require_whole(steps[table], column.name)
    rows = {table: own[table][0].cells.size for table in tables if table not in steps}
    _require_each(rows, steps, step, list(dict.fromkeys(column.name for column in columns)))
    names = dict.fromkeys(column.name for column in found.values() if column)
    steps |= {table: pd.Series(np.arange(float(size))) for table, size in rows.items()}
    return steps, [*names, *([ROW] if rows else [])]


def _require_there(columns: list[Column], step: str | None) -> None:
    there = list(dict.fromkeys(column.name for column in columns))
    kind = {"step": STEP, "epoch": EPOCH}.get(step or "", set())
    words = any(counts(name, kind) for name in there)
    if step not in (None, ROW, *there) and not words:
        raise ValueError(f"step must be a column of {there}, or 'row', got {step!r}")


def _counter(columns: list[Column], step: str | None) -> Column | None:
    """Return the column that counts, None where a table has none."""
    exact = [column for column in columns if column.name == step]
    if step == ROW and not exact:
        return None
    kind = EPOCH if step and counts(step, EPOCH) else STEP
    candidates = exact or [column for column in columns if counts(column.name, kind)]
    if candidates:
        counter = only(candidates, "step must say which column counts the steps")
        if not exact and says_multiple(counter.name):
            raise ValueError(
                f"step must be given: {counter.name!r} may count more than single steps, and "
                f"step={counter.name!r} takes its numbers as they are"
            )
        return counter
    epochs = [column.name for column in columns if counts(column.name, EPOCH)]
    if epochs and kind is STEP:
        raise ValueError(f"step must be given: step={epochs[0]!r} takes epochs as steps")
    return None


def _require_whole(steps: Any, column: str) -> None:
    wrong = steps[steps.notna() & (steps != steps.round())]
    if len(wrong):
        raise ValueError(
            f"step must hold whole numbers, got {wrong.iloc[0]:g} in the column {column!r}; "
            f"step={ROW!r} counts rows from 0"
        )


def _require_each(
    rows: dict[int, int], steps: dict[int, Any], step: str | None, there: list[str]
) -> None:
    """Refuse a table that nothing counts, unless it has a row for each step of the others."""
    if step == ROW and len(sizes := sorted(set(rows.values()))) > 1:
        each = " and ".join(map(str, sizes))
        raise ValueError(
            f"step must name a column: {ROW!r} would count tables of {each} rows alike"
        )
    ends = {each.max() for each in steps.values()}
    for size in rows.values():
        if step != ROW and {size - 1} != ends:
            raise ValueError(
                f"step must be given: no column counts the steps of {size} rows, of {there}: "
                f"name one, or step={ROW!r} counts rows from 0"
            )
