"""Sphinx extension: repair the markup of the theme where it misleads a screen reader.

The accessibility checker of ``make browser`` found these faults; it finds them again should
a new release of the theme write its markup in another way.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

REPAIRS = [
    # Labels that hide the words that they stand for: the text itself is the better label.
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    (r'(<button class="btn search-button-field[^>]*) aria-label="Search"', r"\1"),
    # The button is called "Color mode"; each of its pictures had another name.
    (r'(<i class="theme-switch [^>]*) title="[^"]*"', r"\1"),
    # What opens the pages below one in the list of pages had no name at all.
    (r'<summary>(<span class="toctree-toggle")', r'<summary aria-label="Pages below">\1'),
    # A list whose entries are no list items, with a role that has been withdrawn.
    (r'<div role="list" class="citation-list">', '<div class="citation-list">'),
    (r' role="doc-biblioentry"', ""),
]


def repaired(html: str) -> str:
    """A page with all repairs done."""
    for fault, repair in REPAIRS:
        html = re.sub(fault, repair, html)
    return html


def repair_pages(app: Sphinx, exception: Exception | None) -> None:
    """Repair every built page."""
    if exception or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        page.write_text(repaired(page.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", repair_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
