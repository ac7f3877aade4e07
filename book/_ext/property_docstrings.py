"""Sphinx extension: read the docstring of a property or constant as plain text.

Napoleon takes what stands before the first colon of such a docstring for a type, and
would make dead links of its words. An empty comment as the first line holds it off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def keep_plain(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Put an empty comment before the docstring of a property or constant."""
    if what in {"attribute", "data", "property"}:
        lines[:0] = ["..", ""]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, to run before Napoleon."""
    app.connect("autodoc-process-docstring", keep_plain, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
