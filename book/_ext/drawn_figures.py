"""Sphinx extension: what cells have drawn stands in the page itself, and not as a picture.

So it is in the page's font and colours, light or dark (``svg_in_page.py``). Below it are a button
that enlarges it (``_static/figures.js``) and a link to the file, which is complete by itself. A
figure that makes the page heavy, or has a colour without a meaning, is a warning.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

from svg_in_page import in_page, undeclared

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

#: What a figure may add to a page, in characters.
MOST = 80_000
#: Where MyST-NB puts what cells have drawn.
DRAWN = "jupyter_execute"

_FRAME = """<div class="drawing">{drawing}</div>
<p class="drawing-tools">
<button type="button" data-figure="enlarge" hidden>Enlarge</button>
<a href="{file}" download="{name}.svg">Save as SVG</a>
</p>
"""


def framed(svg: str, alt: str, name: str, file: str) -> str:
    """Return the HTML of a figure, given how to name it and where its file is."""
    return _FRAME.format(drawing=in_page(svg, alt, name), file=file, name=name)


def faults(html: str) -> list[str]:
    """Return what is wrong with a figure in a page."""
    found = [
        f"{colour} is in no palette of theory/figures/style.py"
        for colour in sorted(undeclared(html))
    ]
    if len(html) > MOST:
        found.append(f"{len(html)} characters of drawing: rasterise what has many points")
    return found


class Drawing(nodes.Element):
    """A figure in a page, as its ``html``; its letters are no words for the search to find."""


def write(translator: HTML5Translator, node: Drawing) -> None:
    """Write a figure into the page."""
    translator.body.append(node["html"])
    raise nodes.SkipNode


class DrawnFigures(SphinxPostTransform):
    """Put the figures of a page in the places of their pictures."""

    default_priority = 800  # after MyST-NB has chosen what to show of an output
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace the pictures of a page."""
        pictures = [each for each in self.document.findall(nodes.image) if self._is_drawn(each)]
        for number, picture in enumerate(pictures, start=1):
            picture.replace_self(Drawing(html=self._html(picture, number)))

    def _is_drawn(self, picture: nodes.image) -> bool:
        path = Path(picture["uri"])
        return path.suffix == ".svg" and DRAWN in path.parts

    def _html(self, picture: nodes.image, number: int) -> str:
        svg = Path(self.app.srcdir, picture["uri"]).read_text(encoding="utf-8")
        names = picture.parent.get("ids") or [f"figure-{number}"]
        html = framed(svg, picture.get("alt", ""), names[0], self._file(picture["uri"]))
        for fault in faults(html):
            logging.getLogger(__name__).warning(fault, location=picture)
        return html

    def _file(self, uri: str) -> str:
        """Have Sphinx copy the file, and return its address from the page."""
        builder, name = self.app.builder, self.env.images[uri][1]
        builder.images[uri] = name
        page = builder.get_target_uri(self.env.docname)
        return relative_uri(page, f"{builder.imagedir}/{quote(name)}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(Drawing, html=(write, None))
    app.add_post_transform(DrawnFigures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
