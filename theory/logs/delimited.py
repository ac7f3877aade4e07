"""Tables of text: commas, tabs, semicolons or spaces between fields, and a header."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import numpy as np
import pandas as pd

from theory.logs.source import Source, Table

FORMS = {",": "CSV", "\t": "TSV", ";": "CSV with semicolons", r"\s+": "columns between spaces"}


def delimiter(text: str) -> str | None:
    r"""Return what separates the fields of a table, None where the text is no table.

    A table has a header, and below it as many fields, numbers or blanks, in each line.

    Examples
    --------
    >>> delimiter("step;loss\n0;4,1"), delimiter("step=0, loss=4\nstep=1, loss=3")
    (';', None)
    """
    lines = _body(text)[1].lstrip("\n").split("\n", 2)
    for sep in FORMS:
        names, *below = (_fields(line, sep) for line in lines[:2])
        # One column alone is a table, too; a line of words is not.
        if (len(names) > 1 or " " not in lines[0]) and not any(map(_number, names)):
            first = below[0] if below else []
            if first and len(first) <= len(names) and any(map(_number, first)):
                return sep
            if len(names) > 1 and sep != r"\s+" and not any(first):
                return sep
    return None


def read_table(text: str, sep: str) -> Source:
    """Return the table that a text holds; comments above it are its metadata.

    Raises
    ------
    ValueError
        If a line has more or fewer fields than the header. One at the end, without a line end, is
        still being written, and left out.
    """
    comments, body = _body(text)
    body = body.lstrip("\n")
    before = text.count("\n", 0, len(text) - len(body)) if body else 0
    header, _, rows = body.partition("\n")
    names = [name.strip() for name in _fields(header, sep)]
    rows, notes = _whole_lines(rows, sep, len(names), before + 2)
    frame = pd.DataFrame(columns=range(len(names)))
    if rows.strip():
        options: Any = {"header": None, "names": range(len(names)), "index_col": False}
        frame = pd.read_csv(io.BytesIO(rows.encode()), sep=sep, low_memory=False, **options)
    frame.columns = names
    metadata = {"comments": comments} if comments else {}
    return Source(FORMS[sep], (Table(frame),), metadata, notes)


def _body(text: str) -> tuple[list[str], str]:
    """Return the comments above a table, and the table; a header may be the last comment."""
    found = re.match(r"(?:\s*#[^\n]*(?:\n|$))*", text)
    comments = [line.strip("# ") for line in (found[0] if found else "").splitlines()]
    body = text[found.end() if found else 0 :]
    if comments and any(map(_number, re.split(r"[,;\s]+", body.lstrip().split("\n", 1)[0]))):
        header = comments.pop()
        return comments, f"{header}\n{body}"
    return [line for line in comments if line], body


def _fields(line: str, sep: str) -> list[str]:
    if sep == r"\s+":
        return line.split()
    return next(csv.reader([line], delimiter=sep, skipinitialspace=True), [])


def _number(field: str) -> bool:
    return (
        re.fullmatch(r"\s*[+-]?(\d[\d.,]*|\.\d+)(e[+-]?\d+)?%?\s*|\s*nan\s*", field, re.I)
        is not None
    )


def _whole_lines(rows: str, sep: str, fields: int, first: int) -> tuple[str, tuple[str, ...]]:
    """Return the rows without a last one that is half-written, and what is to be said of it."""
    counts = _counts(rows, sep)
    wrong = np.flatnonzero((counts != fields) & (counts > 0))
    open_end = bool(rows) and not rows.endswith("\n")
    last = counts.size - 1
    if open_end and wrong.size and wrong[0] == last and counts[last] < fields:
        note = f"line {first + last} was left out: it is half-written"
        return rows[: rows.rfind("\n") + 1], (note,)
    if wrong.size:
        found = counts[wrong[0]]
        raise ValueError(
            f"line {first + wrong[0]} must have {fields} fields like the header, got {found}"
        )
    return rows, ("the last line has no line end: taken as whole",) if open_end else ()


def _counts(rows: str, sep: str) -> np.ndarray:
    """Return how many fields each line has, 0 for one that is blank, counted outside of quotes."""
    if sep == r"\s+":
        return np.array([len(line.split()) for line in rows.removesuffix("\n").split("\n")])
    data = np.frombuffer((rows.removesuffix("\n") + "\n").encode(), np.uint8)
    plain = np.ones(data.size, bool)
    if '"' in rows:
        plain = np.bitwise_xor.accumulate(data == ord('"')) == 0
    ends = np.flatnonzero(data == ord("\n"))
    separators = np.flatnonzero((data == ord(sep)) & plain)
    inside = np.diff(np.searchsorted(separators, ends), prepend=0)
    length = np.diff(ends, prepend=-1) - 1
    counts: np.ndarray = np.where(length > 0, inside + 1, 0)
    return counts
