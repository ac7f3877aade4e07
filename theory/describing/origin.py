"""Where a run is from, in plain words: what was read of which file, and under which settings."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

#: What a report does not repeat of a source.
_UNSAID = {"kind", "versions", "read", "configuration"}
_MOST_NAMES, _WIDTH = 8, 200


def source_of(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the attributes of a run as plain values; what is JSON in them is read.

    What JSON has no number for is a word.

    Examples
    --------
    >>> source_of({"kind": "log", "configuration": '{"decay": 1.0, "best": NaN}'})
    {'kind': 'log', 'configuration': {'decay': 1.0, 'best': 'NaN'}}
    """
    return {str(name): _plain(value) for name, value in attributes.items()}


def _plain(value: Any) -> Any:
    try:
        found = json.loads(value, parse_constant=str)
    except (TypeError, ValueError):
        return str(value)
    return found if isinstance(found, dict) else str(value)


def origin(source: Mapping[str, Any]) -> list[str]:
    r"""Return lines that say where a run is from.

    Examples
    --------
    >>> columns = {"train_loss": "loss", "test_accuracy": "val_acc"}
    >>> read = {"files": ["a.csv"], "format": "CSV", "step": "it", "columns": columns}
    >>> print("\n".join(origin({"read": {**read, "percent": ["test_accuracy"]}})))
    From a.csv (CSV): steps are 'it', train_loss is 'loss', test_accuracy is 'val_acc' in per cent.
    """
    lines = [_said(f"{name}: {value}") for name, value in source.items() if name not in _UNSAID]
    if isinstance(read := source.get("read"), dict):
        lines += _read(read)
    if configuration := source.get("configuration"):
        lines.append(_said(f"Settings: {_settings(configuration)}."))
    return lines


def _read(read: Mapping[str, Any]) -> list[str]:
    """Return what a reader took for what, left out, and noted."""
    percent = read.get("percent") or ()
    taken = [f"steps are {read.get('step')!r}"] + [
        f"{name} is {column!r}{' in per cent' if name in percent else ''}"
        for name, column in read.get("columns", {}).items()
    ]
    if unit := read.get("loss_units"):
        taken.append(f"losses are in {unit!r}" if unit != "nat" else "losses are in nats")
    files = _names(read.get("files", ()))
    lines = [f"From {files} ({read.get('format')}): {', '.join(taken)}."]
    if left_out := read.get("left_out"):
        lines.append(f"Not used: {_names(left_out)}.")
    return lines + [f"Note: {note}." for note in read.get("notes", ())]


def _names(names: Any) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _settings(configuration: Any) -> str:
    if not isinstance(configuration, dict):
        return str(configuration)
    return ", ".join(f"{name} = {json.dumps(value)}" for name, value in configuration.items())


def _said(text: str) -> str:
    return textwrap.shorten(text, _WIDTH, placeholder=" ...")
