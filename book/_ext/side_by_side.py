"""Sphinx extension: pages are executed side by side, as many at once as there are cores.

Jupyter Book itself asks Sphinx for one after another.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sphinx import builders

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

#: They do not say that pages can be read side by side. What they keep of a page is in its nodes.
SAFE = ("sphinx_togglebutton", "sphinx_multitoc_numbering")


def one_by_one(pages: list[str], *_: int) -> list[list[str]]:
    """Return pages in heaps of one, so that no core is left with a heap of long ones."""
    return [[page] for page in pages]


def read_side_by_side(app: Sphinx, env: BuildEnvironment, _: list[str]) -> None:
    """Have pages read in as many processes as there are cores."""
    app.parallel = os.cpu_count() or 1
    builders.make_chunks = one_by_one  # type: ignore[assignment]
    for name in SAFE:
        app.extensions[name].parallel_read_safe = True
    # What this domain knows of a page its extension hands over elsewhere.
    env.domains["prf"].merge_domaindata = lambda *_: None  # type: ignore[method-assign]


def write_in_turn(app: Sphinx, _: BuildEnvironment) -> None:
    """Have pages written by one process, which takes seconds."""
    app.parallel = 1


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("env-before-read-docs", read_side_by_side)
    app.connect("env-updated", write_in_turn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
