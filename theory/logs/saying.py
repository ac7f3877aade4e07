"""What a reader says of a log: what it took for what, what it left out, what the file says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from theory.logs.recording import Recording
from theory.logs.source import Source


def short(files: list[Path]) -> list[str]:
    """Return the ends of paths, each as long as it takes to tell the file from all others.

    Examples
    --------
    >>> short([Path("runs/a/log.csv"), Path("runs/b/log.csv"), Path("runs/b/seed.csv")])
    ['a/log.csv', 'b/log.csv', 'seed.csv']
    """
    ends = {file: [Path(*file.parts[-n:]) for n in range(1, len(file.parts) + 1)] for file in files}
    times = Counter(end for each in ends.values() for end in set(each))
    return [str(next((end for end in ends[file] if times[end] == 1), file)) for file in files]


def described(files: list[Path], sources: list[Source]) -> dict[str, Any]:
    """Return what files say beside their tables, by file where there are several."""
    each = [dict(source.metadata) for source in sources]
    found = dict(zip(short(files), each, strict=True)) if len(files) > 1 else each[0]
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
        "files": short(files),
        "format": ", ".join(dict.fromkeys(source.form for source in sources)),
        "runs": [run for run in recordings if run],
        "step": ", ".join(dict.fromkeys(name for each in every for name in each.steps)),
        "columns": columns,
        "left_out": list(dict.fromkeys(name for each in every for name in each.left_out)),
        "notes": notes,
    }
