"""Read anybody's training log as a run, and say what was taken for what."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from theory import runs
from theory.logs.asking import Questions
from theory.logs.console import TEXT
from theory.logs.files import open_log
from theory.logs.long import nameless
from theory.logs.recording import Choices, Found, Recording, find, record
from theory.logs.saying import described, short, taken
from theory.logs.separate import FILE, apart, by_run
from theory.logs.source import Source, Table
from theory.logs.units import begins_high, in_percent, loss_unit
from theory.logs.vocabulary import says_percent

ACCURACIES = ("train_accuracy", "test_accuracy")
LOSSES = ("train_loss", "test_loss")


def read(
    path: str | Path | Sequence[str | Path],
    *,
    names: Mapping[str, str] | None = None,
    step: str | None = None,
    run: str | Sequence[str] | None = None,
    percent: Collection[str] | None = None,
    loss_units: str | None = None,
    resumed: bool | None = None,
    pattern: str | None = None,
    encoding: str | None = None,
    decimal: str | None = None,
) -> xr.Dataset:
    r"""Return a training log as a run, ready for every measure.

    The format is seen from the content: tables of text (CSV, tabs, semicolons, spaces), JSON
    (records, lists by name, a record a line, Hugging Face's ``trainer_state.json``), NumPy's arrays
    (``.npy``, ``.npz``, no pickles), Parquet where pandas has an engine for it, lines that a
    program has printed; as they are or packed by gzip. Exports of Weights & Biases, Lightning and
    TensorBoard are such files.

    Columns are known by their names: ``val_acc``, ``eval/accuracy``, ``train/loss``, ``loss``,
    ``param_norm`` and the like. Validation is the test side. A loss whose name has no side is that
    of training, and so is an accuracy beside one of the test side. A name with a word that is not
    known (``ood_acc``), or of a sum of losses (``total_loss``), is asked. Accuracies above 1 are in
    per cent. What is seen to be open is asked, all at once, and the error names the argument.

    Where a log ends in nan or inf, a quantity is recorded until then, and ``notes`` say so. Cells
    that are blank are no nan, and arrays of NumPy do not tell one from the other.

    Whether a loss is in nats is seen only where it contradicts an accuracy (see
    `theory.runs.from_columns`), or the file says so: bits and other units that do not are taken
    for nats, unless `loss_units` is given.

    Parameters
    ----------
    path
        The file, or several that belong together. A series without a name, as TensorBoard and
        MLflow write them, is called as its file is: without its ending, or from ``metrics/`` on.
    names
        The columns of quantities that cannot be known by name, or are several, by name of
        `theory.runs.QUANTITIES`. Where some are given, others with unknown words are left out.
    step
        The column of steps. Epochs are steps if you name them ("epoch"); "row" counts rows from 0.
    run
        The column that tells runs apart, or several; "file" takes each file as a run, called by
        as much of its path as it takes. None takes one called run, seed or trial, if it holds
        several.
    percent
        The accuracies that are in per cent, and no others. None sees it from the numbers, and asks
        where one begins above a half at a loss above 2.
    loss_units
        Of the losses, as `theory.runs.from_columns` takes it: "nat", "1" for mean squared error.
    resumed
        Where the steps go back: True if later rows replace those before them at the same step and
        beyond, False if the rows are in no order. None takes what both give, if it is the same.
    pattern
        A regular expression (as in `re.MULTILINE`) with named groups, for text: each match is a
        row, each group a column. None finds ``name=value`` and ``name: value``.
    encoding
        Of text. None takes UTF-8, or what a byte-order mark says.
    decimal
        What separates decimals, "." or ",". The other one may separate thousands.

    Returns
    -------
    xarray.Dataset
        The run, NaN where a quantity was not recorded. Several runs in one file lie along ``run``.
        Its attribute ``configuration`` holds what the file says besides, as JSON, and ``read`` what
        was taken for what: ``files``, ``format``, ``step``, ``columns`` by quantity, ``percent``,
        ``loss_units``, ``left_out`` (columns), ``notes`` (on rows and lines).

    Raises
    ------
    ValueError
        If the file is missing, empty or of no known format, a line within it is broken, nothing
        known is in it, or something has to be said; names the argument, or the line.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "log.csv")
    ...     _ = file.write_text("step,train/loss,val_acc\n0,2.3,10\n50,0.4,\n100,0.1,98\n")
    ...     run = read(file)
    >>> run.train_loss.values, run.test_accuracy.values
    (array([2.3, 0.4, 0.1]), array([0.1 ,  nan, 0.98]))
    >>> json.loads(run.attrs["read"])["columns"]
    {'train_loss': 'train/loss', 'test_accuracy': 'val_acc'}
    """
    files = _files(path)
    sources = [open_log(file, encoding, pattern, decimal) for file in files]
    metadata = described(files, sources)
    given = [run] if isinstance(run, str) else run
    every = list(_named(files, sources, names or {}, FILE in (given or ())))
    choices = Choices(dict(names or {}), step, apart(every, given), resumed, decimal)
    tables = by_run(every, choices.run)
    questions = Questions(_hint(sources))
    found = {name: find(frames, choices, questions) for name, frames in tables.items()}
    with questions.collected():
        unit = loss_unit(_losses(found.values()), metadata, loss_units)
    questions.ask()
    recordings, percents = _recorded(found, choices, percent, questions)
    joined = _joined(recordings, percents, unit)
    said = taken(files, sources, recordings) | {"percent": percents, "loss_units": _unit(joined)}
    return joined.assign_attrs(runs.provenance("log", metadata), read=json.dumps(said))


def _files(path: str | Path | Sequence[str | Path]) -> list[Path]:
    paths = [path] if isinstance(path, str | Path) else path
    try:
        files = [Path(each) for each in paths]
    except TypeError as error:
        raise ValueError(f"path must be a path, or several, got {path!r}") from error
    if not files:
        raise ValueError(f"path must name a file, got {path!r}")
    for place, times in Counter(file.resolve() for file in files).items():
        if times > 1:
            raise ValueError(f"path must name each file once, got {str(place)!r} twice")
    return files


def _hint(sources: list[Source]) -> str:
    """Return what else may be given where lines are understood by what they look like."""
    if any(source.form == TEXT for source in sources):
        return "; or a pattern with named groups, such as (?P<step>\\d+), for lines as they are"
    return ""


def _named(
    files: list[Path], sources: list[Source], names: Mapping[str, str], each_a_run: bool
) -> Iterator[Table]:
    """Yield all tables; a series without a name is called as its file, and so may be a run."""
    for file, called, source in zip(files, short(files), sources, strict=True):
        for table in source.tables:
            value, frame = nameless(table.frame), table.frame
            if value is not None and value not in names.values():
                frame = frame.rename(columns={value: _series(file)})
            run = ", ".join(filter(None, (called, table.run))) if each_a_run else table.run
            yield Table(frame, run)


def _series(file: Path) -> str:
    """Return what a file says by its name that it holds, below MLflow's folder or by itself."""
    *folders, name = file.parts
    if "metrics" in folders:
        return "/".join([*folders[folders.index("metrics") + 1 :], name])
    return name.removesuffix(".gz").rpartition(".")[0]


def _losses(found: Iterable[Found]) -> set[str]:
    """Return the names of the columns that hold losses."""
    return {each.chosen[name].name for each in found for name in LOSSES if name in each.chosen}


def _recorded(
    found: Mapping[str, Found],
    choices: Choices,
    percent: Collection[str] | None,
    questions: Questions,
) -> tuple[dict[str, Recording], list[str]]:
    """Return what each run has recorded, and what of it is in per cent, or ask."""
    recordings = {}
    for name, each in found.items():
        with questions.collected():
            recordings[name] = record(each, choices)
    percents: list[str] = []
    with questions.collected():
        percents = in_percent(*_accuracies(recordings.values()), percent)
    questions.ask()
    return recordings, percents


def _accuracies(
    recordings: Iterable[Recording],
) -> tuple[dict[str, float], set[str], dict[str, str]]:
    """Return the largest of each accuracy, which have signs of per cent, and why others may be."""
    most: dict[str, float] = {}
    signed: set[str] = set()
    doubts: dict[str, str] = {}
    for each in recordings:
        for name in (name for name in ACCURACIES if name in each.series):
            most[name] = max(most.get(name, 0.0), float(each.series[name].max()))
            if says_percent(each.columns[name]):
                doubts[name] = f"as its column {each.columns[name]!r} is called"
            elif doubt := begins_high(name, each.series):
                doubts.setdefault(name, doubt)
        signed |= each.signed
    return most, signed, doubts


def _joined(
    recordings: Mapping[str, Recording], percents: Collection[str], unit: str | None
) -> xr.Dataset:
    """Return one run, or several along ``run``."""
    found = []
    for each in recordings.values():
        step = functools.reduce(pd.Index.union, (series.index for series in each.series.values()))
        values = {name: _at(step, series) for name, series in each.series.items()}
        values |= {name: values[name] / 100 for name in percents if name in values}
        found.append(runs.from_columns(step, loss_units=unit, gaps=True, **values))
    if len(found) == 1:
        return found[0]
    along = xr.IndexVariable("run", list(recordings))
    joined: xr.Dataset = xr.concat(found, along, join="outer", data_vars="all")
    return runs.validate(joined)


def _at(step: Any, series: Any) -> Any:
    """Return the values at all steps of a run, NaN where a series, by step, has none."""
    values = np.full(step.size, np.nan)
    values[step.searchsorted(series.index)] = series.to_numpy()
    return values


def _unit(run: xr.Dataset) -> str | None:
    """Return the unit of a run's losses, None where it has none."""
    return next((runs.units(run, name) for name in LOSSES if name in run), None)
