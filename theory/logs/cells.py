"""Cells as numbers: thousands separators, decimal commas, per cent signs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from theory.logs.written import NAN, are_thousands

#: What separates thousands, by what separates decimals.
THOUSANDS = {".": ",", ",": "."}
#: What torch or NumPy write for a number: tensor(0.5, grad_fn=...).
_CALL = r"[A-Za-z_][\w.]*\(([^,()]+)(?:,.*)?\)"
BLANK = ["", "nan", "+nan", "-nan", "none", "null", "na", "n/a"]


def as_numbers(
    cells: Any, column: str, decimal: str | None = None, *, counts: bool = False
) -> tuple[Any, bool]:
    """Return a column as floats, NaN where blank, and whether its cells say that it is in per cent.

    Parameters
    ----------
    cells
        A `pandas.Series` of numbers or of text.
    column
        Its name, for errors.
    decimal
        What separates decimals, "." or ",". The other one may separate thousands. None takes the
        point, if no cell can be read otherwise.
    counts
        Whether it counts steps, so that no decimals can be meant.

    Raises
    ------
    ValueError
        If a cell is no number, or may be one of two.

    Examples
    --------
    >>> steps, _ = as_numbers(pd.Series(["1,000", None]), "step", counts=True)
    >>> steps.tolist()
    [1000.0, nan]
    """
    if getattr(cells.dtype, "kind", "O") in "biuf":
        return cells.astype(float), False
    text = _text(cells)
    text = text[~text.str.lower().isin(BLANK)]
    percent = bool(len(text)) and bool(text.str.endswith("%").all())
    text = text.str.removesuffix("%") if percent else text
    _require_one_reading(text, column, decimal, counts)
    thousands = THOUSANDS[decimal or "."]
    plain = text.str.replace(thousands, "", regex=False)
    try:
        numbers = pd.to_numeric(plain.str.replace(decimal or ".", ".", regex=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"the column {column!r} must hold numbers: {error}") from error
    return numbers.astype(float).reindex(cells.index), percent


def says_nan(cells: Any) -> Any:
    """Return where the text of a column says nan, which a blank and a float do not.

    Examples
    --------
    >>> says_nan(pd.Series(["0.5", "NaN", None, ""])).tolist()
    [False, True, False, False]
    """
    if getattr(cells.dtype, "kind", "O") in "biuf":
        return pd.Series(False, cells.index)
    return _text(cells).str.fullmatch(NAN, case=False).reindex(cells.index, fill_value=False)


def _text(cells: Any) -> Any:
    """Return the cells that are not blank as text, without calls around them."""
    return cells.dropna().astype(str).str.strip().str.replace(f"^{_CALL}$", r"\1", regex=True)


def _require_one_reading(text: Any, column: str, decimal: str | None, counts: bool) -> None:
    """Refuse separators that do not separate thousands, or may separate decimals as well."""
    point, thousands = decimal or ".", THOUSANDS[decimal or "."]
    if counts and decimal is None and are_thousands(text):
        _ask(column, text[text.str.contains(".", regex=False)].iloc[0], decimal)
    separated = text[text.str.contains(thousands, regex=False)]
    if separated.empty:
        return
    grouped = rf"[+-]?[1-9]\d{{0,2}}(?:[{thousands}]\d{{3}})+(?:[{point}]\d*)?"
    wrong = separated[~separated.str.fullmatch(grouped)]
    if wrong.empty and not (decimal or counts or text.str.contains(".", regex=False).any()):
        wrong = separated
    if len(wrong):
        _ask(column, wrong.iloc[0], decimal)


def _ask(column: str, cell: str, decimal: str | None) -> None:
    raise ValueError(
        f"decimal must say what separates decimals, '.' or ',': the column {column!r} "
        f"holds {cell!r}, got {decimal!r}"
    )
