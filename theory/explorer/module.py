"""The explorer's program and style, as one ES module and one style sheet.

The program is written in files that import each other, one idea a file. Notebooks and pages get it
as a single module: the files one after the other, without what names them to each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from theory import circuits

#: Files of the program, each after those that it imports.
FILES = (
    "network",
    "model",
    "squared_norm",
    "shared_units",
    "law",
    "integrator",
    "run",
    "equilibria",
    "borders",
    "settings",
    "axes",
    "story",
    "address",
    "guide",
    "regimes",
    "phases",
    "outcome",
    "words",
    "theme",
    "live",
    "picture",
    "marks",
    "time_view",
    "plane_view",
    "map_view",
    "element",
    "controls",
    "screen",
    "guide_box",
    "layout",
    "labels",
    "sizes",
    "hands",
    "explorer",
    "pages",
    "notebook",
    "widget",
)
#: Style sheets: what comes later has the last word.
SHEETS = ("explorer", "touch", "screen")
STATIC = Path(__file__).parent / "static"

_COMMENT = re.compile(r"^ *(/\*\*((?!\*/).)*\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def program() -> str:
    """Return the ES module: it exports what anywidget asks for, and `mountAll` for pages.

    Examples
    --------
    >>> "export { mountAll }" in program()
    True
    """
    files = joined(STATIC / f"{name}.js" for name in FILES)
    return f"const FROM_PYTHON = {json.dumps(numbers())};\n{files}export {{ mountAll }};\n"


def numbers() -> dict[str, Any]:
    """Return what the program takes from `theory.circuits`: see ``static/from_python.d.ts``."""
    limit = circuits.limit()
    return {
        "limit": {"units": limit.units, "squared_norm": limit.squared_norm},
        "mixing": circuits.MIXING,
    }


def style() -> str:
    """Return the style sheet."""
    return "".join((STATIC / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS)


def joined(files: Iterable[Path]) -> str:
    """Return files without imports, exports and the comments that stand on lines of their own."""
    sources = "".join(file.read_text(encoding="utf-8") for file in files)
    return _EXPORT.sub("", _IMPORT.sub("", _COMMENT.sub("", sources)))
