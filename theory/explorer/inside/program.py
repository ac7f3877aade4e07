"""The program and style that show what is inside a run, for pages and notebooks."""

from __future__ import annotations

from pathlib import Path

from theory.explorer import module

#: Files that the explorer of the model has too, then its own, each after those that it imports.
SHARED = ("theme", "live", "picture", "element", "notebook")
FILES = (
    "recording",
    "numbers",
    "words",
    "outvoted",
    "curves",
    "answers",
    "waves",
    "weights",
    "layout",
    "inside",
    "mount",
)
STATIC = Path(__file__).parent / "static"


def program() -> str:
    """Return the ES module: it exports what anywidget asks for, and `mountInside` for pages."""
    shared = [module.STATIC / f"{name}.js" for name in SHARED]
    own = [STATIC / f"{name}.js" for name in FILES]
    return f"{module.joined([*shared, *own])}export {{ mountInside }};\n"


def style() -> str:
    """Return the style sheet: that of the explorer, and what is added to it."""
    return module.style() + (STATIC / "inside.css").read_text(encoding="utf-8")
