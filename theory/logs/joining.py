"""One value at each step: resumed runs, steps twice, rows without a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def by_step(name: str, values: Any, steps: Any, resumed: bool | None) -> tuple[Any, list[str]]:
    """Return the numbers of a column by step, increasing, and what was left out, in sentences.

    Parameters
    ----------
    name
        The quantity, for errors.
    values, steps
        One for each row, NaN where there is none.
    resumed
        Whether later rows replace what stands before them at the same step and beyond, as in a run
        that was resumed. False takes all rows, in whatever order. None takes what both give, if
        they give the same.

    Raises
    ------
    ValueError
        If a number has no step and one with a step follows, or if it has to be said whether a run
        was resumed.
    """
    values = values.dropna()
    at = steps.reindex(values.index)
    notes = _require_steps(name, values, at)
    values, at = values[at.notna()].to_numpy(), at.dropna().to_numpy()
    if np.all(np.diff(at) < 0):
        values, at = values[::-1], at[::-1]
    if np.all(np.diff(at) > 0):
        return pd.Series(values, at), notes
    last = _replaced(values, at)
    every = _sorted(values, at)
    conflict = every.index.duplicated().any()
    if resumed is None and (conflict or not last.equals(every)):
        raise ValueError(f"resumed must be True or False: {_example(name, values, at)}")
    if resumed is False and conflict:
        where = every.index[every.index.duplicated()][0]
        raise ValueError(
            f"{name} must have one value at a step, got {every[where].tolist()} at step {where:g}; "
            "resumed=True takes the later one"
        )
    kept = last if resumed else every
    return kept, [*notes, f"{name}: steps go back, {kept.size} of {at.size} rows were taken"]


def _require_steps(name: str, values: Any, at: Any) -> list[str]:
    """Leave out rows without a step at the end, and refuse others."""
    known = at.notna().to_numpy()
    number = int((~known).sum())
    if not known[: known.size - number].all() or (number and not known.any()):
        first = values[~known].iloc[0]
        raise ValueError(f"step must be there in each row of {name}, got none for {first:g}")
    return [f"{name}: {number} rows without a step at the end were left out"] if number else []


def _replaced(values: Any, at: Any) -> Any:
    """Return the rows that no later one replaces."""
    least_after = np.append(np.minimum.accumulate(at[::-1])[::-1][1:], np.inf)
    kept = at < least_after
    return pd.Series(values[kept], at[kept])


def _sorted(values: Any, at: Any) -> Any:
    """Return all rows by step, those that are the same once."""
    rows = pd.DataFrame({"at": at, "value": values}).drop_duplicates()
    return rows.set_index("at")["value"].sort_index(kind="stable").rename(None).rename_axis(None)


def _example(name: str, values: Any, at: Any) -> str:
    """Return where the steps go back, in words."""
    row = int(np.argmax(np.diff(at) <= 0)) + 1
    earlier = values[:row][at[:row] == at[row]]
    before = f"{earlier[-1]:g} there" if earlier.size else f"step {at[row - 1]:g}"
    return (
        f"{name} is {values[row]:g} at step {at[row]:g} after {before}; True "
        "takes the later rows instead of what stands before them at these steps and beyond, "
        "False all rows in any order"
    )
