"""Sphinx extension: the build fails unless its pages work with the network off.

Every script, style sheet, font, picture and frame of the built pages must be a file
among them, and so must every file that a page links to. Links to other sites are fine:
a reader follows them, a page does not load them.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from sphinx.errors import SphinxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

LOADING_ATTRIBUTES = {"src", "poster", "data"}
CSS_REFERENCE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?P<url>.*?)["']?\s*[);]""")
SCRIPT_REFERENCE = re.compile(r"""["'](?P<url>(?:https?:)?//[^"']+\.(?:m?js|css|json))["']""")


class NotSelfContainedError(SphinxError):
    """The built pages load or link to something that is not there."""

    category = "The built pages are not self-contained"


def css_references(text: str) -> Iterator[str]:
    """Addresses that a style sheet loads."""
    for match in CSS_REFERENCE.finditer(text):
        yield match["url"]


class References(HTMLParser):
    """Collect what one page loads and what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the addresses among the attributes of a tag."""
        self.inside = tag
        for name, value in attrs:
            if value is None:
                continue
            if name == "href" and tag == "a":
                self.linked.append(value)
            elif name == "href":
                self.loaded.append(value)
            elif name == "srcset":
                self.loaded.extend(part.split()[0] for part in value.split(","))
            elif name in LOADING_ATTRIBUTES:
                self.loaded.append(value)
            elif name == "style":
                self.loaded.extend(css_references(value))

    def handle_data(self, data: str) -> None:
        """Collect the addresses in scripts and styles written into the page."""
        if self.inside == "style":
            self.loaded.extend(css_references(data))
        elif self.inside == "script":
            self.loaded.extend(match["url"] for match in SCRIPT_REFERENCE.finditer(data))

    def handle_endtag(self, tag: str) -> None:
        """Leave a script or style."""
        self.inside = ""


def is_external(address: str) -> bool:
    """Whether an address names another host (a data: address carries its own content)."""
    return bool(urlsplit(address).netloc)


def is_missing(address: str, beside: Path) -> bool:
    """Whether an address relative to a file names no file."""
    parts = urlsplit(address)
    return not parts.scheme and not (beside.parent / unquote(parts.path)).exists()


def references(file: Path) -> tuple[list[str], list[str]]:
    """What a page or style sheet loads, and what it links to."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".css":
        return list(css_references(text)), []
    page = References()
    page.feed(text)
    return page.loaded, page.linked


def files_of(folder: Path) -> list[Path]:
    """Pages and style sheets; the HTML files in ``_static`` are templates of the theme."""
    pages = [file for file in folder.rglob("*.html") if "_static" not in file.parts]
    return sorted([*pages, *folder.rglob("*.css")])


def problems(folder: Path) -> list[str]:
    """List what the pages and style sheets in a folder load from elsewhere or miss."""
    found = []
    for file in files_of(folder):
        loaded, linked = references(file)
        name = file.relative_to(folder).as_posix()
        found += [f"{name} loads {one}" for one in loaded if is_external(one)]
        local = [one for one in loaded + linked if not is_external(one)]
        found += [f"{name} misses {one}" for one in local if is_missing(one, file)]
    return found


def check(app: Sphinx, exception: Exception | None) -> None:
    """Stop a build whose pages would not work offline."""
    if exception or app.builder.format != "html":
        return
    found = problems(Path(app.outdir))
    if found:
        raise NotSelfContainedError("\n".join(found))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, after the extensions that still copy files at the end."""
    app.connect("build-finished", check, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
