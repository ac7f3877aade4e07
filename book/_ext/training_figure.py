"""Sphinx extension: the directive ``training``, which mounts a network that trains in the page.

    ```{training}
    :name: fig-training
    Caption, in Markdown.
    ```

Program and style are written into the page itself, so that it works offline, from a file server
and from a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from theory.explorer.training.program import program, style

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def html() -> str:
    """Return the element that the program fills, and the program."""
    return (
        '<div class="full-width"><div class="grokking-training"></div></div>\n'
        f"<style>\n{style()}</style>\n"
        f'<script type="module">\n{program()}mountTraining();\n</script>\n'
    )


class TrainingFigure(SphinxDirective):
    """A figure in which a network trains; the content is its caption."""

    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        caption = " ".join(self.content)
        words, messages = self.state.inline_text(caption, self.lineno)
        figure = nodes.figure(
            "", nodes.raw("", html(), format="html"), nodes.caption(caption, "", *words)
        )
        self.add_name(figure)
        return [figure, *messages]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("training", TrainingFigure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
