"""What the text of a table says and its numbers do not: nan, and a point between thousands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

NAN = r"[+-]?nan"
#: 1.000 and 12.500 beside 0 and 500: decimals or thousands.
GROUPED, SHORT = r"[1-9]\d{0,2}\.\d{3}", r"\d{1,3}"


def as_written(frame: Any, text: Callable[[list[int]], Any], nan: bool) -> Any:
    """Return a frame whose cells say nan, or thousands with a point, where the text does.

    Parameters
    ----------
    frame
        A `pandas.DataFrame`, columns by number.
    text
        Takes the numbers of columns, and returns a frame of them in which all cells are text.
    nan
        Whether the text holds nan anywhere.
    """
    blank = [name for name in frame if nan and frame[name].isna().any()]
    whole = [name for name in frame if _may_be_thousands(frame[name])]
    if not blank and not whole:
        return frame
    said = text(sorted({*blank, *whole})).apply(_stripped)
    for name in blank:
        cells = said[name].str.fullmatch(NAN, case=False)
        frame[name] = frame[name].astype(object).mask(cells, "nan") if cells.any() else frame[name]
    for name in whole:
        if are_thousands(said[name]):
            frame[name] = said[name].where(frame[name].notna())
    return frame


def are_thousands(text: Any) -> bool:
    """Return whether all cells look like whole numbers, some of them with a point after thousands.

    Examples
    --------
    >>> import pandas as pd
    >>> [are_thousands(pd.Series(cells)) for cells in (["0", "1.000"], ["0.000", "1.000"])]
    [True, False]
    """
    text = text[text != ""]
    grouped = text.str.fullmatch(GROUPED)
    return bool(grouped.any() and (grouped | text.str.fullmatch(SHORT)).all())


def _stripped(cells: Any) -> Any:
    return cells.str.strip()


def _may_be_thousands(cells: Any) -> bool:
    """Return whether numbers below 1000 have three decimals at most, seen without their text."""
    if cells.dtype.kind != "f" or not 1 <= cells.max() < 1000:
        return False
    thousand = cells.dropna().to_numpy() * 1000
    return bool(np.isfinite(thousand).all() and np.allclose(thousand, np.round(thousand)))
