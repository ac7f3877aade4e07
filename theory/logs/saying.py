"""What a reader says of a log: what it took for what, what it left out, what the file says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from theory.logs.recording import Recording
from theory.logs.source import Source


def described(files: list[Path], sources: list[Source]) -> dict[str, Any]:
    """Return what files say beside their tables, by file where there are several."""
    each = {file.name: dict(source.metadata) for file, source in zip(files, sources, strict=True)}
    found = each if len(files) > 1 else each[files[0].name]
    plain: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return plain


def taken(
    files: list[Path], sources: list[Source], recordings: Mapping[str, Recording]
) -> dict[str, Any]:
    """Return what was taken for what, and what was left out, once for all runs."""
    columns: dict[str, str] = {}
    notes = [note for source in sources for note in source.notes]
    for run, each in recordings.items():
        columns = {**each.columns, **columns}
        notes += [f"{run}: {note}" if len(recordings) > 1 else note for note in each.notes]
    every = recordings.values()
    return {
        "files": [file.name for file in files],
        "format": ", ".join(dict.fromkeys(source.form for source in sources)),
        "runs": [run for run in recordings if run],
        "step": ", ".join(dict.fromkeys(name for each in every for name in each.steps)),
        "columns": columns,
        "left_out": list(dict.fromkeys(name for each in every for name in each.left_out)),
        "notes": notes,
    }
