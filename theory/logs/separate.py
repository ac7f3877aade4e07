"""Several runs in one file: columns that begin with a run's name, or a column that names runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from theory.logs.source import Table
from theory.logs.vocabulary import EPOCH, RUN, STEP, counts, meaning, words

#: Between a run and a metric, in exports of Weights & Biases.
BETWEEN = " - "


def by_run(tables: Iterable[Table]) -> dict[str, list[Any]]:
    """Return the frames of each run by its name, "" where a file names none.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["Step", "sun - loss", "sea - loss"]
    >>> found = by_run([Table(pd.DataFrame([[0, 4.0, 5.0]], columns=names))])
    >>> {run: list(frame.columns) for run, (frame,) in found.items()}
    {'sun': ['Step', 'loss'], 'sea': ['Step', 'loss']}
    """
    found: dict[str, list[Any]] = defaultdict(list)
    for table in tables:
        for run, frame in _parts(table.frame).items():
            found[run or table.run].append(frame)
    return found


def _parts(frame: Any) -> dict[str, Any]:
    """Return the part of each run of a table."""
    split = [_split(str(name)) for name in frame.columns]
    runs = dict.fromkeys(run for run, _ in split if run)
    if runs:
        return {run: _columns(frame, split, run) for run in runs}
    for position, (_, name) in enumerate(split):
        labels = frame.iloc[:, position]
        if _names_runs(name) and labels.nunique() > 1:
            rest = frame.drop(columns=frame.columns[position])
            return {str(run): part for run, part in rest.groupby(labels, sort=False)}
    return {"": frame}


def _names_runs(name: str) -> bool:
    said = set(words(name))
    return bool(said & RUN) and said <= RUN | {"id", "name"}


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
