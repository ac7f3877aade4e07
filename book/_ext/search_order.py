"""Sphinx extension: what the search finds comes in the order of the book, and the API last.

A chapter that has the words in its name comes first. Pages that match a query as well as each other
come in the order in which they are read, so that the one that introduces a word is before those
that use it. Snippets are without formulas' source.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sphinx_external_toc.parsing import parse_toc_yaml

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: Pages that come last, whatever they match, with those below them.
LAST = ("api", "genindex", "py-modindex", "results")

_SCORER = """
const READING_ORDER = %s;
const LAST = %s;
// More than headings of other pages weigh.
const NAMED = 20;

/** @type {any} */
var Scorer = {
  // Sphinx's own weights of matches.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([page, title, , , score]) => {
    const asked = new URLSearchParams(location.search).get("q")?.toLowerCase() ?? "";
    const words = asked.split(/[^\\p{L}\\p{N}]+/u).filter(Boolean);
    const chapter = title.split(" > ")[0].toLowerCase();
    const named = words.filter((word) => chapter.includes(word)).length / (words.length || 1);
    const place = READING_ORDER.indexOf(page);
    const later = place < 0 ? 1 : place / READING_ORDER.length;
    return score + NAMED * named - later - (LAST.includes(page.split("/")[0]) ? 100 : 0);
  },
};

document.addEventListener("DOMContentLoaded", () => {
  const plain = Search.htmlToText;
  Search.htmlToText = (...found) => plain(...found).replace(/\\\\[([].*?\\\\[)\\]]/gs, "…");
});
"""


def scorer(pages: list[str]) -> str:
    """Return the script that scores what was found, given the pages in the order of the book."""
    return _SCORER % (json.dumps(pages), json.dumps(LAST))


def write_scorer(app: Sphinx) -> None:
    """Hand the scorer to Sphinx, which reads it from a file."""
    toc = parse_toc_yaml(app.srcdir / "_toc.yml")
    pages = list(toc)  # the root first
    file = app.outdir.parent / "search_order.js"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(scorer(pages), encoding="utf-8")
    app.config.html_search_scorer = str(file)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_scorer, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
