"""Sphinx extension: the directive ``explorer``, which mounts the explorer in a page.

    ```{explorer} small
    ```

Its program and style are written into the page itself, so that it runs offline, from a file server
and from a file. Without an argument the explorer is the full one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import Directive

from theory.explorer.module import program, style

if TYPE_CHECKING:
    from sphinx.application import Sphinx

VIEWS = ("full", "small")


class ExplorerFigure(Directive):
    """Where the explorer stands in a page."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the element that the program fills, and the program."""
        view = self.arguments[0] if self.arguments else "full"
        if view not in VIEWS:
            raise self.error(f"explorer must be one of {', '.join(VIEWS)}, got {view}")
        width = "full-width" if view == "full" else ""
        html = (
            f'<div class="{width}"><div class="grokking-explorer" data-view="{view}"></div></div>\n'
            f"<style>\n{style()}</style>\n"
            f'<script type="module">\n{program()}mountAll();\n</script>\n'
        )
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("explorer", ExplorerFigure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
