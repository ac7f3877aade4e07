"""Sphinx extension: the directive ``inside``, which shows what is inside a recorded run.

    ```{inside} data/inside_a_run.nc
    :name: fig-inside
    Caption, in Markdown.
    ```

With ``:view: glance`` it is a small picture that plays by itself, and the content, any Markdown,
stands beside it, or above it where there is little room.

Program and style are written into the page itself. So is the run of a glance, which is compressed;
that of the full view is a script beside the page, which would be too heavy. Both work offline, from
a file server and from a file.
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
from sphinx.util.osutil import relative_uri

from theory import runs
from theory.explorer.inside import glanced, packed
from theory.explorer.inside.program import glance_program, glance_style, program, style

if TYPE_CHECKING:
    import xarray as xr
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


VIEWS = ("full", "glance")


#: Where the scripts with the runs are, among the built pages.
SCRIPTS = "_static/runs"


class RecordedRun(nodes.Element):
    """The full view of a run, whose file is its ``source``."""


def html(script: str) -> str:
    """Return the element that the program fills, the address of the run, and the program."""
    return (
        f'<div class="full-width"><div class="grokking-run"></div>\n'
        f'<script src="{script}" defer></script></div>\n'
        f"<style>\n{style()}</style>\n"
        f'<script type="module">\n{program()}mountInside();\n</script>\n'
    )


def glance_html(run: xr.Dataset) -> str:
    """Return the same of a glance at the run."""
    return (
        f'<div class="glance-picture"><div class="grokking-glance"></div>\n'
        f'<script type="application/gzip">{_text(glanced(run))}</script></div>\n'
        f"<style>\n{glance_style()}</style>\n"
        f'<script type="module">\n{glance_program()}mountGlances();\n</script>\n'
    )


def script(run: xr.Dataset) -> str:
    """Return the script of the full view: once it has run, the run is its text."""
    return f'document.currentScript.textContent = "{_text(packed(run))}";\n'


def _text(values: dict[str, Any]) -> str:
    """Return values as a page holds them: JSON, compressed, in base64."""
    data = json.dumps(values, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(data.encode(), mtime=0)).decode()


def write(translator: HTML5Translator, node: RecordedRun) -> None:
    """Write the full view into the page, and its run beside it."""
    source, builder = Path(node["source"]), translator.builder
    name = f"{SCRIPTS}/{source.stem}.js"
    target = Path(builder.outdir, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(script(runs.read(source)), encoding="utf-8")
    page = builder.get_target_uri(builder.current_docname)
    translator.body.append(html(relative_uri(page, name)))
    raise nodes.SkipNode


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
        if self.options.get("view") == "glance":
            return self._glance(runs.read(Path(path)))
        caption = " ".join(self.content)
        words, messages = self.state.inline_text(caption, self.lineno)
        figure = nodes.figure(
            "",
            RecordedRun(source=path),
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
    app.add_node(RecordedRun, html=(write, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
