"""Which column is what: said by whoever reads, or by its name, or asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory import runs
from theory.logs.asking import Questions
from theory.logs.cells import as_numbers, says_nan
from theory.logs.vocabulary import Meaning, meaning


@dataclass(frozen=True)
class Column:
    """A column that holds something, and the number of the table in which it stands."""

    name: str
    cells: Any
    table: int


def columns_of(frames: Iterable[Any]) -> list[Column]:
    """Return the columns of some frames that have a name and are not blank."""
    return [
        Column(str(name), frame.iloc[:, position].reset_index(drop=True), table)
        for table, frame in enumerate(frames)
        for position, name in enumerate(frame.columns)
        if str(name).strip() and _recorded(frame.iloc[:, position]).any()
    ]


def _recorded(cells: Any) -> Any:
    """Return where cells hold something."""
    return cells.notna() & ~says_nan(cells)


def require_quantities(names: Mapping[str, str]) -> None:
    """Refuse names of quantities that are not known."""
    if not isinstance(names, Mapping) or names.keys() - runs.QUANTITIES.keys():
        known = ", ".join(runs.QUANTITIES)
        raise ValueError(f"names must give columns by quantity, of {known}, got {names!r}")


def choose(
    columns: list[Column], names: Mapping[str, str], questions: Questions
) -> dict[str, Column]:
    """Return the column of each quantity that is there.

    Parameters
    ----------
    columns
        All that there are.
    names
        Those that are known, by quantity. Who names some has seen the others: what has a word that
        is not known is then left out.
    questions
        Where it is asked which of several, or of which side, a column is.
    """
    found = {}
    for quantity, name in names.items():
        with questions.collected():
            same = [column for column in columns if column.name == name]
            if not same:
                there = list(dict.fromkeys(column.name for column in columns))
                raise ValueError(f"names must give {quantity} a column of {there}, got {name!r}")
            found[quantity] = only(same, f"names must say which column is {quantity}")
    rest = [column for column in columns if column.name not in names.values()]
    for quantity, (plain, doubtful) in _candidates(rest, "test_accuracy" in names).items():
        if quantity in names:
            continue
        with questions.collected():
            if plain:
                found[quantity] = _chosen(quantity, plain)
            elif not names:
                _ask(quantity, doubtful, " (left out if it names others alone)")
    return found


def only(columns: list[Column], question: str) -> Column:
    """Return the one of some columns, or any of them where all are of one table and hold the same.

    Raises
    ------
    ValueError
        If there are several; names `run` where they are in several tables and called the same.
    """
    first, *others = columns
    if all(first.table == other.table and same(first, other) for other in others):
        return first
    tables = {column.table for column in columns if column.name == first.name}
    if len(tables) > 1:
        raise ValueError(
            f"run must be given where {len(tables)} tables have a column {first.name!r}: "
            "run='file' takes each file as a run"
        )
    each = ", ".join(
        f"{column.name!r} ({_recorded(column.cells).sum()} of {column.cells.size} rows)"
        for column in columns
    )
    raise ValueError(f"{question}, got {each}")


def same(one: Column, other: Column) -> bool:
    """Return whether two columns hold the same numbers."""
    first, second = (as_numbers(each.cells, each.name)[0].to_numpy() for each in (one, other))
    return np.array_equal(first, second, equal_nan=True)


def _candidates(columns: list[Column], sided: bool) -> dict[str, tuple[list[Column], list[Column]]]:
    """Return what may be each quantity: what says nothing besides, and what says more."""
    found: dict[str, tuple[list[Column], list[Column]]] = defaultdict(lambda: ([], []))
    meanings = [(column, said) for column in columns if (said := meaning(column.name))]
    sided |= any((said.kind, said.side) == ("accuracy", "test") for _, said in meanings)
    for column, said in meanings:
        found[_quantity(said, sided)][not said.plain].append(column)
    return dict(found)


def _quantity(said: Meaning, sided: bool) -> str:
    """Return which quantity is meant.

    A loss without a side is that of training; an accuracy is, where a test side is beside it.
    """
    if said.kind not in ("loss", "accuracy"):
        return said.kind
    side = said.side or ("train" if said.kind == "loss" or sided else "some")
    return f"{side}_{said.kind}"


def _chosen(quantity: str, candidates: list[Column]) -> Column:
    if quantity == "some_accuracy":
        _ask(quantity, candidates)
    return only(candidates, f"names must say which column is {quantity}")


def _ask(quantity: str, candidates: list[Column], otherwise: str = "") -> None:
    each = ", ".join(dict.fromkeys(repr(column.name) for column in candidates))
    either = "train_accuracy or test_accuracy" if quantity == "some_accuracy" else quantity
    raise ValueError(f"names must say whether {either} is the column {each}{otherwise}")
