"""The program and style of a network that trains in the page, and the program of its worker."""

from __future__ import annotations

import json
from pathlib import Path

from theory.explorer import module
from theory.explorer.inside import program as inside

#: What trains, each file after those that it imports: all that the worker runs.
WORKER = ("random", "two_layer", "adam", "trainer", "worker")
#: Files of the page that the explorer of the model and that of a run have too, then its own.
EXPLORER = ("network", "theme", "live", "picture", "element")
INSIDE = ("numbers", "answers", "sum_box")
PAGE = ("settings", "sums", "history", "words", "progress", "layout", "live_network", "mount")
STATIC = Path(__file__).parent / "static"


def program() -> str:
    """Return the ES module of the page: it exports `mountTraining`.

    Examples
    --------
    >>> "export { mountTraining }" in program()
    True
    """
    files = [
        *(module.STATIC / f"{name}.js" for name in EXPLORER),
        *(inside.STATIC / f"{name}.js" for name in INSIDE),
        *(STATIC / f"{name}.js" for name in PAGE),
    ]
    return (
        f"const FROM_PYTHON = {json.dumps(module.numbers())};\n"
        f"const WORKER_PROGRAM = {json.dumps(worker())};\n"
        f"{module.joined(files)}export {{ mountTraining }};\n"
    )


def worker() -> str:
    """Return the script of the worker."""
    return f"{module.joined(STATIC / f'{name}.js' for name in WORKER)}serve(self);\n"


def style() -> str:
    """Return the style sheet: that of a run, and what is added to it."""
    return inside.style() + (STATIC / "training.css").read_text(encoding="utf-8")
