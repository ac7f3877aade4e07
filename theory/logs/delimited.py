"""Tables of text: commas, tabs, semicolons or spaces between fields, and a header."""

from __future__ import annotations

import csv
import io
import re
import warnings
from typing import Any

import numpy as np
import pandas as pd

from theory.logs.source import INDEX, Source, Table
from theory.logs.written import as_written

SPACES = r"\s+"
FORMS = {",": "CSV", "\t": "TSV", ";": "CSV with semicolons", SPACES: "columns between spaces"}


def delimiter(content: bytes) -> str | None:
    r"""Return what separates the fields of a table, None where the text is no table.

    A table has a header, and below it as many fields, numbers or blanks.

    Examples
    --------
    >>> delimiter(b"step;loss\n0;4,1"), delimiter(b"step=0, loss=4\nstep=1, loss=3")
    (';', None)
    """
    _, header, start = _above(content)
    start = _first(content, start)
    row = content[start : _end(content, start)].decode()
    fields = {sep: _fields(header, sep) for sep in FORMS}
    for sep, names in sorted(fields.items(), key=_likely, reverse=True):
        first = _fields(row, sep)
        if any(map(_number, names)) or (sep == SPACES and not _fits(first, names)):
            continue
        # One column alone is a table, too; blanks alone are one where there are several.
        if any(map(_number, first)) or (len(first) > 1 and not any(first)):
            return sep
    return None


def read_table(content: bytes, sep: str, text: bool = False) -> Source:
    """Return the table that a text in UTF-8 holds; comments above it are its metadata.

    Parameters
    ----------
    content, sep
        The file, and what separates its fields.
    text
        Whether cells stay text, since their decimals are separated otherwise.

    Raises
    ------
    ValueError
        If a line has more or fewer fields than the header. One at the end, without a line end, is
        still being written, and left out.
    """
    comments, header, start = _above(content)
    names = _names(content, header, start, sep)
    options = {"names": range(len(names)), "sep": sep, "dtype": str if text else None}
    frame, notes = _rows(content, start, options)
    if frame.dtypes.iloc[0].kind not in "biuf" and (again := frame[0] == names[0]).any():
        frame, notes = frame[~again], [*notes, "the header stands there again: left out"]
    frame.columns = names
    metadata = {"comments": comments} if comments else {}
    return Source(FORMS[sep], (Table(frame),), metadata, tuple(notes))


def _names(content: bytes, header: str, start: int, sep: str) -> list[str]:
    """Return the names of columns; pandas writes an index first, and no name or a blank for it."""
    first, *others = [name.strip() for name in _fields(header, sep)]
    start = _first(content, start)
    row = content[start : _end(content, start)].decode()
    if sep == SPACES and len(_fields(row, sep)) > 1 + len(others):
        return [INDEX, first, *others]
    return [first or INDEX, *others]


def _first(content: bytes, start: int) -> int:
    """Return where the first line begins that is not blank."""
    while content[start : start + 1] == b"\n":
        start += 1
    return start


def _fits(row: list[str], names: list[str]) -> bool:
    """Return whether a row between spaces has a field for each name, or numbers and an index."""
    return len(row) == len(names) or (len(row) == len(names) + 1 and all(map(_number, row)))


def _likely(fields: tuple[str, list[str]]) -> tuple[bool, int]:
    """Return how likely something separates fields; spaces also stand within names."""
    sep, names = fields
    return sep != SPACES, len(names)


def _above(content: bytes) -> tuple[list[str], str, int]:
    """Return comments and header of a table, and where the rows begin.

    The last comment is the header where numbers follow it. A line above all, of Excel's, says what
    separates fields, which is seen anyhow.
    """
    found = re.match(rb"(?:sep=.\n)?(?:\s*#[^\n]*(?:\n|$))*\n*", content)
    above = found[0] if found else b""
    lines = [line.strip() for line in above.decode().splitlines()]
    comments = [line.strip("# ") for line in lines if line.startswith("#") and line.strip("# ")]
    end = _end(content, len(above))
    header = content[len(above) : end].decode()
    if comments and any(map(_number, re.split(r"[,;\s]+", header))):
        return comments[:-1], comments[-1], len(above)
    return comments, header, end + 1


def _end(content: bytes, start: int) -> int:
    """Return where a line ends."""
    end = content.find(b"\n", start)
    return len(content) if end < 0 else end


def _fields(line: str, sep: str) -> list[str]:
    if sep == SPACES:
        return line.split()
    return next(csv.reader([line], delimiter=sep, skipinitialspace=True), [])


def _number(field: str) -> bool:
    number = r"\s*([+-]?(\d[\d.,]*|\.\d+)(e[+-]?\d+)?%?|nan)\s*"
    return re.fullmatch(number, field, re.IGNORECASE) is not None


def _rows(content: bytes, start: int, options: dict[str, Any]) -> tuple[Any, list[str]]:
    """Return the rows as a frame, without a last one that is half-written, and say so."""
    sep = options["sep"]
    try:
        frame = _parsed(content, start, options)
        even = _even(frame, content, start, sep)
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        even = False
    if not even and (whole := _whole(content, start, sep, len(options["names"]))) < len(content):
        line = len(content[:whole].splitlines()) + 1
        note = f"line {line} was left out: it is half-written"
        return _parsed(content[:whole], start, options), [note]
    open_end = start < len(content) and not content.endswith(b"\n")
    return frame, ["the last line has no line end: taken as whole"] if open_end else []


def _parsed(content: bytes, start: int, options: dict[str, Any]) -> Any:
    def text(columns: list[int]) -> Any:
        exact = {"dtype": str, "usecols": columns, "keep_default_na": False}
        return _read(content, start, options | exact)

    nan = re.search(rb"\bnan\b", content, re.IGNORECASE) is not None
    return as_written(_read(content, start, options), text, nan)


def _read(content: bytes, start: int, options: dict[str, Any]) -> Any:
    rows = io.BytesIO(content)
    rows.seek(start)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        return pd.read_csv(rows, header=None, index_col=False, **options)


def _even(frame: Any, content: bytes, start: int, sep: str) -> bool:
    """Return whether it is plain that no line has fewer fields than others; none has more."""
    if frame.iloc[:, -1].notna().all():
        return True
    separators = len(frame) * (frame.shape[1] - 1)
    quoted = content.find(b'"', start) >= 0
    return not quoted and content.count(sep.encode(), start) == separators


def _whole(content: bytes, start: int, sep: str, fields: int) -> int:
    """Return where the whole lines end, and refuse any other that is broken."""
    counts = _counts(content[start:], sep)
    wrong = np.flatnonzero((counts != fields) & (counts > 0))
    if not wrong.size:
        return len(content)
    found = counts[wrong[0]]
    if wrong[0] == counts.size - 1 and not content.endswith(b"\n") and found < fields:
        return content.rfind(b"\n") + 1
    line = content.count(b"\n", 0, start) + 1 + wrong[0]
    raise ValueError(f"line {line} must have {fields} fields like the header, got {found}")


def _counts(rows: bytes, sep: str) -> np.ndarray:
    """Return how many fields each line has, 0 for one that is blank, counted outside of quotes."""
    rows = rows.removesuffix(b"\n")
    if sep == SPACES:
        return np.array([len(line.split()) for line in rows.split(b"\n")])
    data = np.frombuffer(rows + b"\n", np.uint8)
    plain = np.bitwise_xor.accumulate(data == ord('"')) == 0
    ends = np.flatnonzero(data == ord("\n"))
    separators = np.flatnonzero((data == ord(sep)) & plain)
    inside = np.diff(np.searchsorted(separators, ends), prepend=0)
    length = np.diff(ends, prepend=-1) - 1
    counts: np.ndarray = np.where(length > 0, inside + 1, 0)
    return counts
