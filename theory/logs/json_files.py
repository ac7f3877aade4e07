"""JSON in the shapes that logs have: records, lists by name, trainer states, a record a line."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from theory.logs.arrays import by_length
from theory.logs.source import INDEX, Source, Table
from theory.logs.vocabulary import EPOCH, STEP, counts, is_side, meaning, side_of, words

#: Records under these names are settings, whatever their keys are called.
SETTINGS = {"_meta", "meta", "metadata", "config", "configuration", "args", "hparams", "settings"}
#: A key of the summary that Hugging Face's trainer appends: its train_loss is a mean of all steps.
SUMMARY = "train_runtime"
TENSORBOARD = ["Wall time", "Step", "Value"]


def read_json(content: Any) -> Source:
    """Return what a JSON document holds.

    Raises
    ------
    ValueError
        If it is neither an object nor a list of records.
    """
    if isinstance(content, list):
        return _records(content, "JSON records")
    if not isinstance(content, dict):
        raise ValueError(f"path must hold JSON records or lists by name, got {content!r}")
    if "log_history" in content:
        rest = {name: value for name, value in content.items() if name != "log_history"}
        return _records(content["log_history"], "Hugging Face trainer state", rest)
    if {"columns", "data"} <= content.keys():
        frame = pd.DataFrame(content["data"], columns=content["columns"])
        index = _index(content.get("index", []))
        return Source("JSON columns and data", (Table(frame.assign(**index)),))
    return _by_name(content)


def loaded(text: str) -> Any:
    """Return what JSON says, with NaN as text: a float would be as a null is.

    Examples
    --------
    >>> loaded("[NaN, null, -Infinity]")
    ['nan', None, -inf]
    """
    return json.loads(text, parse_constant=_constant)


def _constant(name: str) -> float | str:
    return "nan" if name == "NaN" else float(name)


def read_json_lines(text: str) -> Source:
    """Return records, one a line; a last line that is half-written is left out.

    Raises
    ------
    ValueError
        If another line is no record; names the line.
    """
    records, notes = [], []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                records.append(loaded(line))
        except ValueError as error:
            if number < len(lines):
                raise ValueError(f"line {number} must be a JSON record: {error}") from error
            notes.append(f"line {number} was left out: it is half-written")
    found = _records(records, "JSON lines")
    return Source(found.form, found.tables, found.metadata, (*notes, *found.notes))


def flat(nested: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return a nested object in one level.

    Examples
    --------
    >>> flat({"step": 1, "train": {"loss": 0.5}})
    {'step': 1, 'train/loss': 0.5}
    """
    found: dict[str, Any] = {}
    for name, value in nested.items():
        found |= (
            flat(value, f"{above}{name}/") if isinstance(value, dict) else {above + name: value}
        )
    return found


def _records(records: Any, form: str, metadata: Mapping[str, Any] | None = None) -> Source:
    """Return rows, and what says nothing of a step or a quantity as metadata."""
    if records and all(isinstance(each, list) and len(each) == 3 for each in records):
        return Source("TensorBoard", (Table(pd.DataFrame(records, columns=TENSORBOARD)),))
    rows, rest = [], dict(metadata or {})
    for record in records:
        if not isinstance(record, dict):
            raise ValueError(f"path must hold JSON records, got {record!r}")
        row = flat(record)
        if SUMMARY in row or not _is_row(row):
            rest |= {"summary": record} if SUMMARY in row else record
        else:
            rows.append(row)
    return Source(form, (Table(pd.DataFrame(rows)),), rest)


def _is_row(row: Mapping[str, Any]) -> bool:
    """Whether a record has a number for a step or a quantity."""
    return any(
        (meaning(name) or counts(name, STEP | EPOCH)) and not isinstance(value, (list, bool))
        for name, value in row.items()
        if name.split("/")[0].lower() not in SETTINGS
    )


def _by_name(content: dict[str, Any]) -> Source:
    """Return lists by name: those of one length are a table, and objects of lists may be runs."""
    runs = {name: flat(value) for name, value in content.items() if isinstance(value, dict)}
    if len(runs) > 1 and all(_is_run(name, columns) for name, columns in runs.items()):
        tables = [table for name, columns in runs.items() for table in _tables(columns, name)]
        rest = {name: value for name, value in content.items() if name not in runs}
        return Source("JSON runs by name", tuple(tables), rest)
    if tables := _series(content) or _indexed(content):
        return Source("JSON series by name", tuple(tables), _without_objects(content))
    if all(name.isdigit() and isinstance(value, dict) for name, value in content.items()):
        frame = pd.DataFrame([flat(value) for value in content.values()])
        return Source("JSON records", (Table(frame.assign(**_index(list(content)))),))
    columns = flat(content)
    records = [name for name, value in columns.items() if _are_records(value)]
    if len(records) > 1:
        rest = {name: value for name, value in columns.items() if name not in records}
        tables = [_named(name, columns[name]) for name in records]
        return Source("JSON records by name", tuple(tables), rest)
    rest = {name: value for name, value in columns.items() if not _is_column(name, value)}
    if len(records) == 1:
        del rest[records[0]]
        return _records(columns[records[0]], "JSON records", rest)
    kept = {name: value for name, value in columns.items() if name not in rest}
    if not kept:
        return _records([content], "JSON record")
    return Source("JSON lists by name", _tables(kept), rest)


def _named(name: str, records: list[Any]) -> Table:
    """Return records as a table, of a side or of a run as they are called."""
    frame = pd.DataFrame([flat(record) for record in records])
    return Table(frame.assign(side=name)) if is_side(name) else Table(frame, name)


def _is_run(name: str, columns: Mapping[str, Any]) -> bool:
    """Whether an object of lists is a run, and not the train or test side of one."""
    known = any(isinstance(value, list) and meaning(key) for key, value in columns.items())
    return known and side_of(set(words(name))) == ""


def _tables(columns: Mapping[str, Any], run: str = "") -> tuple[Table, ...]:
    """Return tables: those of objects that count their own steps, else one for each length."""
    lists = {name: column for name, column in columns.items() if isinstance(column, list)}
    groups: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, column in lists.items():
        groups[name.rpartition("/")[0]][name] = column
    counted = sum(any(counts(name, STEP | EPOCH) for name in each) for each in groups.values())
    if counted < 2:
        return by_length(lists, run)
    return tuple(table for group in groups.values() for table in by_length(group, run))


def _series(content: Mapping[str, Any]) -> list[Table]:
    """Return objects that hold steps and values, each a table with values as they are called."""
    frames = {}
    for name, value in content.items():
        if isinstance(value, dict) and {"step", "value"} <= value.keys():
            frames[name] = pd.DataFrame({"step": value["step"], name: value["value"]})
    return [Table(frame) for frame in frames.values()]


def _indexed(content: Mapping[str, Any]) -> list[Table]:
    """Return the columns of what ``DataFrame.to_json`` writes: values by row, by name."""
    rows = [value for value in content.values() if isinstance(value, dict)]
    plain = len(rows) == len(content) and all(
        key.isdigit() and not isinstance(each, (dict, list))
        for row in rows
        for key, each in row.items()
    )
    if not plain or not all(rows):
        return []
    frames: dict[tuple[str, ...], dict[str, Any]] = defaultdict(dict)
    for name, value in content.items():
        frames[tuple(value)][name] = list(value.values())
    return [Table(pd.DataFrame(each).assign(**_index(list(keys)))) for keys, each in frames.items()]


def _index(keys: list[Any]) -> dict[str, list[Any]]:
    """Return an index that counts something else than the rows."""
    return {} if [*map(str, keys)] == [*map(str, range(len(keys)))] else {INDEX: keys}


def _without_objects(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if not isinstance(value, dict)}


def _is_column(name: str, value: Any) -> bool:
    settings = name.split("/")[0].lower() in SETTINGS
    plain = isinstance(value, list) and not any(isinstance(each, (list, dict)) for each in value)
    return plain and not settings


def _are_records(value: Any) -> bool:
    objects = isinstance(value, list) and all(isinstance(each, dict) for each in value)
    return objects and any(_is_row(flat(each)) for each in value)
