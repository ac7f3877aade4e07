"""What was found in a file, before anybody asks which column is what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The name of a column in which pandas has written an index without a name.
INDEX = "index"


@dataclass(frozen=True)
class Table:
    """Rows under names of their own: a `pandas.DataFrame`, and the run that it belongs to."""

    frame: Any
    run: str = ""


@dataclass(frozen=True)
class Source:
    """A file's tables, each with steps of its own, and what else it says.

    Parameters
    ----------
    form
        The format, in words.
    tables
        What was recorded.
    metadata
        What the file says beside it, by name: settings, seeds, a summary at its end.
    notes
        What was left out, in sentences.
    """

    form: str
    tables: tuple[Table, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
