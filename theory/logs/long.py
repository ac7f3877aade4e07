"""Long tables: a column that names the quantity of each row, or the side that it is of."""

from __future__ import annotations

from typing import Any

import pandas as pd

from theory.logs.vocabulary import is_side, meaning, side_of, words

#: What people call the column of names, and that of values.
TAG = {"tag", "metric", "key", "name", "variable", "series", "scalar", "quantity"}
VALUE = {"value", "values"}


def wide(frame: Any) -> list[Any]:
    """Return a table for each quantity and each side that a column names, or else the frame.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(0, "train", "loss", 4.1), (0, "val", "acc", 0.1)]
    >>> frame = pd.DataFrame(rows, columns=["step", "split", "metric", "value"])
    >>> [list(each) for each in wide(frame)]
    [['step', 'train/loss'], ['step', 'val/acc']]
    """
    return [each for part in _by_tag(frame) for each in _by_side(part)]


def nameless(frame: Any) -> str | None:
    """Return the column of values of a table that does not say of what they are, None of others.

    Examples
    --------
    >>> import pandas as pd
    >>> nameless(pd.DataFrame(columns=["Wall time", "Step", "Value"]))
    'Value'
    """
    names = [str(name) for name in frame.columns]
    values = [name for name in names if _is(name, VALUE)]
    if len(values) != 1 or _tags(frame) or any(meaning(name) for name in names):
        return None
    return values[0]


def _is(name: str, known: set[str]) -> bool:
    said = set(words(name))
    return bool(said) and said <= known


def _tags(frame: Any) -> list[str]:
    """Return the columns of names, which hold text."""
    return [
        str(name)
        for position, name in enumerate(frame.columns)
        if _is(str(name), TAG) and pd.api.types.infer_dtype(frame.iloc[:, position]) == "string"
    ]


def _by_tag(frame: Any) -> list[Any]:
    """Return a table for each name that stands in a column of names beside one of values."""
    tags, values = _tags(frame), [name for name in frame.columns if _is(str(name), VALUE)]
    if len(tags) != 1 or len(values) != 1:
        return [frame]
    groups = frame.drop(columns=tags).groupby(frame[tags[0]], sort=False)
    return [part.rename(columns={values[0]: tag}) for tag, part in groups]


def _by_side(frame: Any) -> list[Any]:
    """Return a table for each side that a column names, whose columns say it too."""
    named = [name for name in map(str, frame.columns) if _has_no_side(name)]
    for position, name in enumerate(frame.columns if named else ()):
        sides = _sides(str(name), frame.iloc[:, position])
        if sides is not None:
            groups = frame.drop(columns=name).groupby(sides, sort=False)
            return [
                part.rename(columns={each: f"{side}/{each}" for each in named})
                for side, part in groups
            ]
    return [frame]


def _has_no_side(name: str) -> bool:
    said = meaning(name)
    return said is not None and said.kind in ("loss", "accuracy") and not said.side


def _sides(name: str, cells: Any) -> Any:
    """Return the side of each row, None where a column does not say it."""
    if cells.dtype == bool and is_side(name):
        side = side_of(set(words(name)))
        return cells.map({True: side, False: "test" if side == "train" else "train"})
    if cells.isna().any() or pd.api.types.infer_dtype(cells) != "string":
        return None
    return cells if all(map(is_side, cells.unique())) else None
