"""Sphinx extension: the directive ``inside``, which shows what is inside a recorded run.

    ```{inside} data/inside_a_run.nc
    :name: fig-inside
    Caption, in Markdown.
    ```

Program, style and run, which is compressed, are written into the page itself, so that it works
offline, from a file server and from a file.
"""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from theory import runs
from theory.explorer.inside import packed
from theory.explorer.inside.program import program, style

if TYPE_CHECKING:
    import xarray as xr
    from sphinx.application import Sphinx


def html(run: xr.Dataset) -> str:
    """Return the element that the program fills, the run, and the program."""
    data = json.dumps(packed(run), separators=(",", ":"), allow_nan=False)
    text = base64.b64encode(gzip.compress(data.encode(), mtime=0)).decode()
    return (
        f'<div class="full-width"><div class="grokking-run"></div>\n'
        f'<script type="application/gzip">{text}</script></div>\n'
        f"<style>\n{style()}</style>\n"
        f'<script type="module">\n{program()}mountInside();\n</script>\n'
    )


class InsideFigure(SphinxDirective):
    """A figure that shows a recorded run; the argument is its file, the content the caption."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        caption = " ".join(self.content)
        words, messages = self.state.inline_text(caption, self.lineno)
        figure = nodes.figure(
            "",
            nodes.raw("", html(runs.read(Path(path))), format="html"),
            nodes.caption(caption, "", *words),
        )
        self.add_name(figure)
        return [figure, *messages]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("inside", InsideFigure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
