"""Where a log goes on and its numbers do not: nan or inf until it ends."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.logs.cells import says_nan


def before_loss(name: str, cells: Any, values: Any, steps: Any) -> tuple[Any, list[str]]:
    """Return the numbers of a column without inf at its end, and since when it has none, in words.

    Where cells say nan between numbers, too, they are the blanks of that log, and no loss.

    Parameters
    ----------
    name
        The quantity.
    cells, values, steps
        A `pandas.Series` of each, a cell for each row: as it is written, the number, and its step.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.Series([4.6, 0.3, np.inf])
    >>> values, notes = before_loss("train_loss", cells, cells, pd.Series([0, 100, 200]))
    >>> values.tolist(), notes
    ([4.6, 0.3, nan], ['train_loss is inf from step 200 on: it was read until then'])
    """
    nan, inf = says_nan(cells), np.isinf(values)
    end = steps[values.notna() & ~inf].max()
    if (nan & (steps < end)).any():
        nan &= False
    beyond = steps[(nan | inf) & (steps > end)]
    if beyond.empty:
        return values, []
    first = beyond.idxmin()
    said = "inf" if inf[first] else "nan"
    note = f"{name} is {said} from step {beyond[first]:g} on: it was read until then"
    return values.mask(inf & (steps > end)), [note]
