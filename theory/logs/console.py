"""What a program has printed: ``name=value`` and ``name: value``, or the groups of a pattern."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd

from theory.logs.source import Source, Table
from theory.logs.vocabulary import EPOCH, EVALUATION, STEP, TEST, TRAIN, counts, is_side, meaning

#: What a file of lines is called that are understood without a pattern.
TEXT = "text"

#: What a number may be that has no digits; it is no word of a name.
_NO_DIGITS = r"(?:nan|inf(?:inity)?)"
_WORD = rf"(?!{_NO_DIGITS}(?![\w/.@-]))[A-Za-z_][\w/.@-]*"
#: Thousands may be separated; what a letter or more digits follow is no number.
_DIGITS = r"(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBER = rf"[+-]?(?:{_DIGITS}|{_NO_DIGITS})"
_NAME = rf"(?<![\w/.@-])(?P<name>{_WORD}(?: {_WORD}){{0,3}})['\"]?"
#: A number may stand within a call or brackets, tensor(0.5) or [3], and be one of so many: 90/100.
_BETWEEN = r"(?:\s*[=:]\s*|\s+|(?=\[))(?P<opened>\[)?\s*['\"]?(?:[a-z][\w.]*\()?"
_VALUE = rf"(?P<value>(?:{_NUMBER})(?:\s?%)?)(?!\w|[,.]\d)"
_OF = r"(?(opened)(?=[\]/]))(?:/(?P<of>\d+))?"
PAIR = re.compile(_NAME + _BETWEEN + _VALUE + _OF, re.IGNORECASE)
#: A side that is a word of its own, and no part of a file's name or of where the line is from.
SIDE = re.compile(
    rf"(?<![\w/.@:-])(?:{'|'.join(TRAIN | TEST | EVALUATION)})(?![\w/.@-]|:\d)", re.IGNORECASE
)
#: A step by the thousand or million: step 2k.
_MULTIPLE = re.compile(
    rf"(?<![\w/.@-])(?:{'|'.join(STEP | EPOCH)}){_BETWEEN}{_DIGITS}[km](?!\w)", re.IGNORECASE
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def read_text(text: str, pattern: str | None = None) -> Source:
    """Return what lines say: a row for each, or one for each match of a pattern.

    A step or an epoch on a line of its own counts for the lines below it, and so does a side. A
    quantity without a side is of that which its line names last before it.

    Raises
    ------
    ValueError
        If `pattern` is no regular expression with named groups, or without one a line holds one
        name twice.
    """
    text = _COLOURS.sub("", text)
    if pattern is not None:
        return Source("text by a pattern", (Table(_matches(text, pattern)),))
    lines, missed = _lines(text)
    rows, notes = _half_written(lines, text)
    frame = pd.DataFrame([row for _, row in rows])
    return Source(TEXT, (Table(frame),), notes=(*missed, *notes))


def _matches(text: str, pattern: str) -> pd.DataFrame:
    try:
        compiled = re.compile(pattern, re.MULTILINE)
    except (re.error, TypeError) as error:
        raise ValueError(
            f"pattern must be a regular expression, got {pattern!r}: {error}"
        ) from error
    if not compiled.groupindex:
        raise ValueError(f"pattern must have named groups, (?P<step>\\d+), got {pattern!r}")
    return pd.DataFrame(
        [found.groupdict() for found in compiled.finditer(text)], columns=list(compiled.groupindex)
    )


def _lines(text: str) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """Return the number and the pairs of each line that says something known, and notes."""
    rows: list[tuple[int, dict[str, str]]] = []
    alone: dict[int, set[str]] = {}
    beside: set[str] = set()
    heading: dict[str, str] = {}
    side = ""
    for number, line in enumerate(text.splitlines(), 1):
        if is_side(line):
            side = line
        _require_written_out(number, line)
        pairs = _pairs(line, side)
        row = dict(pairs)
        _require_once(number, pairs)
        steps = {name: value for name, value in row.items() if meaning(name) is None}
        if steps:
            heading, side = (steps if len(steps) == len(row) else {}), ""
        if len(row) > len(steps):
            rows.append((number, heading | row))
            beside |= steps.keys()
        elif steps:
            alone[number] = set(steps)
    # A step alone is a heading, unless other lines say the same kind of step beside a quantity.
    missed = [number for number, names in alone.items() if names <= beside]
    return rows, [
        f"line {number} says a step and no quantity that can be read" for number in missed
    ]


def _pairs(line: str, side: str) -> list[tuple[str, str]]:
    """Return what a line says of steps and quantities, with their sides.

    Examples
    --------
    >>> _pairs("val: step 9, loss=tensor(0.5), accuracy: 90/100", "")
    [('step', '9'), ('val/loss', '0.5'), ('val/accuracy', '0.9')]
    """
    pairs = []
    start = 0
    for found in PAIR.finditer(line):
        name, value, of = found["name"], found["value"].replace(" ", ""), found["of"]
        said = meaning(name)
        if said is None:
            name = SIDE.sub("", name).strip()
        before = line[start : found.start("name") if said and said.side else found.end("name")]
        side = [side, *SIDE.findall(before)][-1]
        start = found.end()
        if said and said.kind == "accuracy" and of:
            value = str(float(value) / float(of))
        if said and said.kind in ("loss", "accuracy") and not said.side and side:
            name = f"{side.strip()}/{name}"
        if said or counts(name, STEP | EPOCH):
            pairs.append((name, value))
    return pairs


def _require_written_out(number: int, line: str) -> None:
    """Refuse a step by the thousand."""
    if found := _MULTIPLE.search(line):
        raise ValueError(
            f"step must be written out, got {found[0]!r} in line {number}: write its zeros there"
        )


def _require_once(number: int, pairs: list[tuple[str, str]]) -> None:
    """Refuse a line that says a known name twice."""
    for name, times in Counter(name for name, _ in pairs).items():
        if times > 1:
            raise ValueError(
                f"pattern must be given, with a named group for each number: "
                f"line {number} says {name!r} {times} times"
            )


def _half_written(
    rows: list[tuple[int, dict[str, str]]], text: str
) -> tuple[list[tuple[int, dict[str, str]]], tuple[str, ...]]:
    """Leave out a last line that has no end and says less than the one before."""
    if not rows or text.endswith(("\n", "\r")) or rows[-1][0] < len(text.splitlines()):
        return rows, ()
    if len(rows) > 1 and len(rows[-1][1]) < len(rows[-2][1]):
        return rows[:-1], (f"line {rows[-1][0]} was left out: it is half-written",)
    return rows, ("the last line has no line end: taken as whole",)
