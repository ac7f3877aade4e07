"""A figure in a file, whole or not at all."""

from __future__ import annotations

import io
import uuid
from pathlib import Path

from theory.figures import Figure

FORMATS = (".svg", ".png", ".pdf")


def format_of(path: str | Path) -> str:
    """Return the format of a figure, by the ending of its file.

    Raises
    ------
    ValueError
        If it is none of `FORMATS`.

    Examples
    --------
    >>> format_of("figures/seven.svg")
    'svg'
    """
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        raise ValueError(f"file must end with {', '.join(FORMATS)}, got {str(path)!r}")
    return ending[1:]


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure to a file, in the format that its ending says.

    What was there before stays until all of the new one is written.

    Raises
    ------
    ValueError
        If the ending is none of `FORMATS`.
    OSError
        If the file cannot be written; where it was nothing has changed.
    """
    path, content = Path(path), io.BytesIO()
    figure.savefig(content, format=format_of(path), bbox_inches="tight")
    unfinished = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    try:
        unfinished.write_bytes(content.getvalue())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
