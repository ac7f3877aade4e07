"""The programs and styles that show what is inside a run: all of it, or a glance."""

from __future__ import annotations

from pathlib import Path

from theory.explorer import module

#: Files that the explorer of the model has too, then its own, each after those that it imports.
SHARED = ("theme", "live", "picture", "element", "notebook")
FILES = (
    "recording",
    "inside_recording",
    "numbers",
    "words",
    "outvoted",
    "panels",
    "curves",
    "answers",
    "waves",
    "weights",
    "sum_box",
    "layout",
    "inside",
    "mount",
)
#: The same of a glance, which has files of its own and some of those above.
GLANCE_SHARED = ("theme", "live", "picture", "element")
GLANCE_FILES = (
    "recording",
    "numbers",
    "words",
    "panels",
    "accuracies",
    "answers",
    "glance_layout",
    "glance",
)
STATIC = Path(__file__).parent / "static"


def program() -> str:
    """Return the ES module: it exports what anywidget asks for, and `mountInside` for pages."""
    return f"{_joined(SHARED, FILES)}export {{ mountInside }};\n"


def glance_program() -> str:
    """Return the ES module of a glance: it exports `mountGlances` for pages."""
    return f"{_joined(GLANCE_SHARED, GLANCE_FILES)}export {{ mountGlances }};\n"


def style() -> str:
    """Return the style sheet: that of the explorer, and what is added to it."""
    return module.style() + (STATIC / "inside.css").read_text(encoding="utf-8")


def glance_style() -> str:
    """Return the style sheet of a glance."""
    return (STATIC / "glance.css").read_text(encoding="utf-8")


def _joined(shared: tuple[str, ...], own: tuple[str, ...]) -> str:
    files = [module.STATIC / f"{name}.js" for name in shared]
    return module.joined([*files, *(STATIC / f"{name}.js" for name in own)])
