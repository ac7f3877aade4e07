"""What one run of a file has recorded: each quantity by step, and where it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from theory.checks import boolean
from theory.logs.asking import Questions
from theory.logs.cells import THOUSANDS, as_numbers
from theory.logs.columns import Column, choose, columns_of, require_quantities
from theory.logs.ending import before_loss
from theory.logs.joining import by_step
from theory.logs.separate import question
from theory.logs.steps import steps_of

_SHAPES = "path must hold a table with a header, JSON, arrays, or lines of name=value"


@dataclass(frozen=True)
class Choices:
    """What whoever reads says of a log, as `theory.logs.read` takes it."""

    names: Mapping[str, str] = field(default_factory=dict)
    step: str | None = None
    run: Sequence[str] = ()
    resumed: bool | None = None
    decimal: str | None = None

    def __post_init__(self) -> None:
        require_quantities(self.names)
        if self.resumed is not None:
            boolean("resumed", self.resumed)
        if self.decimal not in (None, *THOUSANDS):
            raise ValueError(f"decimal must be '.' or ',', got {self.decimal!r}")


@dataclass(frozen=True)
class Found:
    """All columns of a run, those of quantities, and steps by table with their columns."""

    columns: list[Column]
    chosen: Mapping[str, Column]
    steps: Mapping[int, Any]
    counted: list[str]


@dataclass(frozen=True)
class Recording:
    """Quantities by step, and what was taken for what.

    Parameters
    ----------
    series
        A `pandas.Series` of each quantity, by step.
    columns
        The name of each quantity's column.
    steps
        Columns that count the steps.
    left_out
        Columns that were not taken.
    signed
        Quantities whose cells have a sign for per cent.
    notes
        Rows that were left out, in sentences.
    """

    series: Mapping[str, Any]
    columns: Mapping[str, str]
    steps: list[str]
    left_out: list[str]
    signed: set[str]
    notes: list[str]


def find(frames: list[Any], choices: Choices, questions: Questions) -> Found:
    """Return which columns are what in some tables of one run; what is open goes to `questions`."""
    columns = columns_of(frames)
    chosen = choose(columns, choices.names, questions)
    found = Found(columns, chosen, {}, [])
    with questions.collected():
        tables = sorted({column.table for column in chosen.values()})
        found = Found(columns, chosen, *steps_of(columns, tables, choices.step, choices.decimal))
    return found


def record(found: Found, choices: Choices) -> Recording:
    """Return what one run has recorded.

    Raises
    ------
    ValueError
        If nothing known is there, or something has to be said; names the argument.
    """
    there = list(dict.fromkeys(column.name for column in found.columns))
    if not found.chosen:
        raise ValueError(
            f"names must give columns by quantity, none is known of {there}: {_SHAPES}"
        )
    series, signed, notes, questions = {}, set(), [], Questions()
    for name, column in found.chosen.items():
        with questions.collected():
            values, percent = as_numbers(column.cells, column.name, choices.decimal)
            at = found.steps[column.table]
            values, lost = before_loss(name, column.cells, values, at)
            series[name], said = _by_step(name, values, column.table, found, choices)
            signed |= {name} if percent else set()
            notes += [*said, *lost]
    questions.ask()
    columns = {name: column.name for name, column in found.chosen.items()}
    left_out = [name for name in there if name not in (*columns.values(), *found.counted)]
    return Recording(series, columns, found.counted, left_out, signed, notes)


def _by_step(
    name: str, values: Any, table: int, found: Found, choices: Choices
) -> tuple[Any, list[str]]:
    """Return numbers by step as `by_step` does, and ask what may tell runs apart."""
    at = found.steps[table]
    try:
        return by_step(name, values, at, choices.resumed)
    except ValueError as error:
        if choices.resumed is not None:
            raise
        taken = {column.name for column in found.chosen.values()} | set(found.counted)
        cells = {
            column.name: column.cells
            for column in found.columns
            if column.table == table and column.name not in taken
        }
        recorded = at.reindex(values.dropna().index)
        raise ValueError(f"{question(cells, recorded, choices.run)}{error}") from error
