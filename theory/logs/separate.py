"""Several runs in one log, told apart by columns' names, by what stands in columns, or by files."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from theory.logs.long import wide
from theory.logs.source import Table
from theory.logs.vocabulary import EPOCH, RUN, STEP, counts, meaning, words

#: Between a run and a metric, in exports of Weights & Biases.
BETWEEN = " - "
#: What `run` may be where each file is a run.
FILE = "file"


def apart(tables: Sequence[Table], given: Sequence[str] | None) -> list[str]:
    """Return the columns that tell runs apart: those that are given, or one that is so called.

    Raises
    ------
    ValueError
        If a column that is given is in no table; names `run`.
    """
    there = list(dict.fromkeys(str(name) for table in tables for name in table.frame.columns))
    if given is not None:
        if wrong := [name for name in given if name not in (*there, FILE)]:
            raise ValueError(f"run must name columns of {there}, or 'file', got {wrong[0]!r}")
        return list(given)
    return [
        name
        for name in there
        if _names_runs(name)
        and any(name in each.frame and _labels(each.frame, name).nunique() > 1 for each in tables)
    ][:1]


def by_run(tables: Iterable[Table], columns: Sequence[str]) -> dict[str, list[Any]]:
    """Return the frames of each run by its name, "" where a log names none.

    Raises
    ------
    ValueError
        If one of the `columns` that tell runs apart is blank in a row; names `run`.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["Step", "sun - loss", "sea - loss"]
    >>> found = by_run([Table(pd.DataFrame([[0, 4.0, 5.0]], columns=names))], [])
    >>> {run: list(frame.columns) for run, (frame,) in found.items()}
    {'sun': ['Step', 'loss'], 'sea': ['Step', 'loss']}
    """
    found: dict[str, list[Any]] = defaultdict(list)
    for table in tables:
        for run, part in _parts(table.frame, [name for name in columns if name in table.frame]):
            found[", ".join(filter(None, (table.run, run)))] += wide(part)
    return found


def question(cells: Mapping[str, Any], at: Any, columns: Sequence[str]) -> str:
    """Return what has to be asked where steps go back, "" where no column tells why.

    Parameters
    ----------
    cells
        Further columns of the table by name.
    at
        The steps, where something is recorded.
    columns
        What tells runs apart already.

    Examples
    --------
    >>> import pandas as pd
    >>> decay = pd.Series([0.1, 0.1, 1.0, 1.0])
    >>> question({"decay": decay}, pd.Series([0, 10, 0, 10]), [])
    "run must say what tells runs apart, if there are several: run='decay' would; "
    """
    names = _telling(cells, at)
    epochs = [name for name in names if counts(name, EPOCH)]
    if epochs:
        return f"step must go on, and begins anew with each {epochs[0]!r}: step='row' counts rows; "
    if not names:
        return ""
    every = [*columns, *names]
    run = every[0] if len(every) == 1 else every
    return f"run must say what tells runs apart, if there are several: run={run!r} would; "


def _telling(cells: Mapping[str, Any], at: Any) -> list[str]:
    """Return one or two columns, for each value of which the steps increase."""
    some = {name: column.reindex(at.index).astype(str) for name, column in cells.items()}
    few = [name for name, column in some.items() if 1 < column.nunique() <= at.size / 2]
    for names in itertools.chain(*(itertools.combinations(few, count) for count in (1, 2))):
        groups = at.groupby([some[name] for name in names])
        if all(part.is_monotonic_increasing and part.is_unique for _, part in groups):
            return list(names)
    return []


def _parts(frame: Any, columns: list[str]) -> list[tuple[str, Any]]:
    """Return the part of each run of a table, with its name."""
    split = [_split(str(name)) for name in frame.columns]
    runs = dict.fromkeys(run for run, _ in split if run)
    if runs:
        return [(run, _columns(frame, split, run)) for run in runs]
    if not columns:
        return [("", frame)]
    labels = [_labels(frame, name) for name in columns]
    for name, label in zip(columns, labels, strict=True):
        if blank := int(label.isna().sum()):
            raise ValueError(f"run must be in each row, got {blank} blanks in the column {name!r}")
    groups = frame.drop(columns=columns).groupby(labels, sort=False)
    return [(_called(columns, values), part) for values, part in groups]


def _labels(frame: Any, name: str) -> Any:
    """Return the cells of a column, of which some may be lists, as what can be told apart."""
    cells = frame.iloc[:, list(frame.columns).index(name)]
    return cells if cells.dtype.kind != "O" else cells.map(str, na_action="ignore")


def _called(columns: list[str], values: tuple[Any, ...]) -> str:
    """Return the name of a run: its one value, or what each column says."""
    if len(columns) == 1:
        return str(values[0])
    return ", ".join(f"{name}={value}" for name, value in zip(columns, values, strict=True))


def _names_runs(name: str) -> bool:
    said = set(words(name))
    return bool(said & RUN) and said <= RUN | {"id", "name", "hash"}


def _split(name: str) -> tuple[str, str]:
    """Return run and metric of a column, "" for one of all runs."""
    run, between, metric = name.rpartition(BETWEEN)
    known = meaning(metric.partition("__")[0]) or counts(metric.partition("__")[0], STEP | EPOCH)
    return (run, metric) if between and known else ("", name)


def _columns(frame: Any, split: list[tuple[str, str]], run: str) -> Any:
    """Return the columns of one run, and those of all."""
    kept = [position for position, (owner, _) in enumerate(split) if owner in ("", run)]
    part = frame.iloc[:, kept]
    return part.set_axis([split[position][1] for position in kept], axis=1)
