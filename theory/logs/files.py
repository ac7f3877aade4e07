"""From a path to what its file holds: the format is seen from the content."""

from __future__ import annotations

import ast
import codecs
import gzip
import json
import re
import zlib
from pathlib import Path
from typing import Any

from theory.logs import arrays, console, delimited, json_files
from theory.logs.source import Source

#: The first bytes of binary files.
GZIP, NPY, ZIP, PARQUET = b"\x1f\x8b", b"\x93NUMPY", b"PK\x03\x04", b"PAR1"
PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))
BINARY = {NPY: arrays.read_npy, ZIP: arrays.read_npz, PARQUET: arrays.read_parquet}
#: The first line of a metric that MLflow keeps in a file, and what its columns are.
MLFLOW, MLFLOW_HEADER = re.compile(rb"\d{13} \S+ \d+\n"), b"timestamp value step\n"
#: The longer marks first: that of UTF-32 begins like that of UTF-16.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


def open_log(
    path: str | Path,
    encoding: str | None = None,
    pattern: str | None = None,
    decimal: str | None = None,
) -> Source:
    """Return what a file holds; the choices are those of `theory.logs.read`.

    Raises
    ------
    ValueError
        If there is no such file, it is empty, or no format that is known; or as its format's
        reader. Names the path.
    """
    try:
        return _source(_content(Path(path)), encoding, pattern, decimal == ",")
    except ValueError as error:
        raise ValueError(f"{error} (in {path})") from error


def _content(path: Path) -> bytes:
    """Return the bytes of a file, unpacked."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"path must be a file that can be read, got {error.strerror}") from error
    if path.suffix in (".pkl", ".pickle", ".pt", ".pth") or content.startswith(PICKLES):
        raise ValueError(
            "path must be no pickle, which may run code when it is read: "
            "keep its lists by json.dump or numpy.savez"
        )
    if content.startswith(GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"path must be a whole gzip file: {error}") from error
    return content


def _source(content: bytes, encoding: str | None, pattern: str | None, commas: bool) -> Source:
    for mark, reader in BINARY.items():
        if content.startswith(mark):
            return reader(content)
    content = _utf8(content, encoding)
    first = re.search(rb"\S", content)
    if first is None:
        raise ValueError("path must hold a log, got an empty file")
    if pattern is not None:
        return console.read_text(content.decode(), pattern)
    if MLFLOW.match(content):
        content = MLFLOW_HEADER + content
    if first[0] in b"{[" and (found := _json(content.decode())):
        return found
    sep = delimited.delimiter(content)
    if sep is not None:
        return delimited.read_table(content, sep, commas)
    return console.read_text(content.decode())


def _utf8(content: bytes, encoding: str | None) -> bytes:
    """Return text in UTF-8; a character that is half-written at its end is left out."""
    marked = next((name for mark, name in MARKS.items() if content.startswith(mark)), None)
    name = encoding or marked or "utf-8"
    if not (encoding or marked) and b"\0" in content:
        raise ValueError(
            "path must hold text, arrays of NumPy or Parquet, got other bytes: "
            "TensorBoard exports CSV, and encoding='utf-16-le' is for text of two bytes a character"
        )
    try:
        # Text that is plain ASCII, most logs, is the same in UTF-8 and need not be copied.
        plain = name == "utf-8" and content.isascii()
        text = b"" if plain else codecs.getincrementaldecoder(name)().decode(content).encode()
    except UnicodeDecodeError as error:
        raise ValueError(f"encoding must be given, if it is not {name}: {error}") from error
    except (LookupError, TypeError) as error:
        raise ValueError(f"encoding must be one that Python knows, got {name!r}") from error
    content = content if plain else text.removeprefix(codecs.BOM_UTF8)
    newlines = b"\r" in content
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if newlines else content


def _json(text: str) -> Source | None:
    """Return what JSON holds, whole or a record a line, None where lines are something else."""
    try:
        return json_files.read_json(json_files.loaded(text))
    except json.JSONDecodeError as error:
        first, _, rest = text.strip().partition("\n")
        try:
            json.loads(first)
        except json.JSONDecodeError:
            if (printed := _printed(text)) is not None:
                return json_files.read_json(printed)
            if text.lstrip().startswith(('{"', "{\n", "[\n", "[{", "[[")):
                raise ValueError(f"path must hold whole JSON: {error}") from error
            return None
        return json_files.read_json_lines(text) if rest else None


def _printed(text: str) -> Any:
    """Return what Python has printed of a dictionary or a list, None if it is something else."""
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
