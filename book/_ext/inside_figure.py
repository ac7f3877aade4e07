"""Sphinx extension: the directive ``inside``, which shows what is inside a recorded run.

    ```{inside} data/inside_a_run.nc
    :name: fig-inside
    Caption, in Markdown.
    ```

With ``:view: glance`` it is a small picture that plays by itself, and the content, any Markdown,
stands beside it, or above it where there is little room.

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
from theory.explorer.inside import glanced, packed
from theory.explorer.inside.program import glance_program, glance_style, program, style

if TYPE_CHECKING:
    import xarray as xr
    from sphinx.application import Sphinx


VIEWS = ("full", "glance")


def html(run: xr.Dataset) -> str:
    """Return the element that the program fills, the run, and the program."""
    return (
        f'<div class="full-width"><div class="grokking-run"></div>\n'
        f"{_script(packed(run))}</div>\n"
        f"<style>\n{style()}</style>\n"
        f'<script type="module">\n{program()}mountInside();\n</script>\n'
    )


def glance_html(run: xr.Dataset) -> str:
    """Return the same of a glance at the run."""
    return (
        f'<div class="glance-picture"><div class="grokking-glance"></div>\n'
        f"{_script(glanced(run))}</div>\n"
        f"<style>\n{glance_style()}</style>\n"
        f'<script type="module">\n{glance_program()}mountGlances();\n</script>\n'
    )


def _script(values: dict[str, Any]) -> str:
    """Return values as the page holds them: JSON, compressed."""
    data = json.dumps(values, separators=(",", ":"), allow_nan=False)
    text = base64.b64encode(gzip.compress(data.encode(), mtime=0)).decode()
    return f'<script type="application/gzip">{text}</script>'


def _view(argument: str | None) -> str:
    return directives.choice(argument, VIEWS)


class InsideFigure(SphinxDirective):
    """A figure that shows a recorded run; the argument is its file.

    The content is the caption, or in a glance what stands beside the picture.
    """

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged, "view": _view}

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        recorded = runs.read(Path(path))
        if self.options.get("view") == "glance":
            return self._glance(recorded)
        caption = " ".join(self.content)
        words, messages = self.state.inline_text(caption, self.lineno)
        figure = nodes.figure(
            "",
            nodes.raw("", html(recorded), format="html"),
            nodes.caption(caption, "", *words),
        )
        self.add_name(figure)
        return [figure, *messages]

    def _glance(self, recorded: xr.Dataset) -> list[nodes.Node]:
        words = nodes.container(classes=["glance-words"])
        self.state.nested_parse(self.content, self.content_offset, words)
        picture = nodes.raw("", glance_html(recorded), format="html")
        opening = nodes.container("", words, picture, classes=["glance-opening"])
        self.add_name(opening)
        return [opening]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("inside", InsideFigure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
