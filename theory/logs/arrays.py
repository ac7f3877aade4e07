"""NumPy's files and Parquet, without a pickle anywhere."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from theory.logs.source import Source, Table


def read_npy(content: bytes) -> Source:
    """Return the columns of a structured array, or one plain array as the column ``Value``."""
    array = _loaded(content)
    if array.dtype.names is None and array.ndim != 1:
        raise ValueError(
            f"path must hold a structured array, or one of shape (n,), got {array.shape}"
        )
    columns = {name: array[name] for name in array.dtype.names or ()} or {"Value": array}
    return Source("NumPy array", (Table(pd.DataFrame(_native(columns))),))


def read_npz(content: bytes) -> Source:
    """Return arrays as columns, those of one length as one table, and single values as metadata."""
    if not all(name.endswith(".npy") for name in _members(content)):
        raise ValueError(
            "path must hold NumPy's arrays, got another zip file: save a workbook as CSV"
        )
    arrays = _loaded(content)
    metadata = {name: array.item() for name, array in arrays.items() if array.ndim == 0}
    columns = {name: array for name, array in arrays.items() if array.ndim == 1}
    left = sorted(arrays.keys() - metadata.keys() - columns.keys())
    notes = tuple(f"{name} was left out: its shape is {arrays[name].shape}" for name in left)
    return Source("NumPy arrays", by_length(_native(columns)), metadata, notes)


def read_parquet(content: bytes) -> Source:
    """Return the table of a Parquet file, if pandas has an engine for it."""
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except ImportError as error:
        raise ValueError("path is Parquet, which pandas reads with pyarrow: install it") from error
    return Source("Parquet", (Table(frame.reset_index()),))


def by_length(columns: dict[str, Any], run: str = "") -> tuple[Table, ...]:
    """Return columns as tables, those of one length in one.

    Examples
    --------
    >>> [list(table.frame) for table in by_length({"loss": [2, 1], "acc": [0.5], "step": [0, 9]})]
    [['loss', 'step'], ['acc']]
    """
    lengths: dict[int, dict[str, Any]] = defaultdict(dict)
    for name, column in columns.items():
        lengths[len(column)][name] = column
    return tuple(Table(pd.DataFrame(each), run) for size, each in lengths.items() if size)


def _members(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except zipfile.BadZipFile as error:
        raise ValueError(f"path must hold whole arrays: {error}") from error


def _loaded(content: bytes) -> Any:
    try:
        loaded = np.load(io.BytesIO(content), allow_pickle=False)
        return dict(loaded) if isinstance(loaded, np.lib.npyio.NpzFile) else loaded
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(
            f"path must hold whole arrays of numbers, no pickle that may run code: {error}"
        ) from error


def _native(columns: dict[str, Any]) -> dict[str, Any]:
    """Return columns in the byte order of this machine, as pandas wants them."""
    return {name: column.astype(column.dtype.newbyteorder("=")) for name, column in columns.items()}
