"""Sphinx extension: every page as a notebook, to download and to run elsewhere.

The download button offers a page as ``.ipynb``, converted by Jupytext, without outputs. Once
``_config.yml`` says where the repository is, the theme's buttons open pages on Binder and
Colab, and a notebook starts with a cell that makes it run on Colab.
"""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupytext
from nbformat.v4 import new_code_cell

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.application import Sphinx
    from sphinx.config import Config

PUBLISHED = "gh-pages/_sources"  # branch and folder from which Colab takes the notebooks
ON_COLAB = """\
# Colab has none of this book's files and packages yet.
import sys

if "google.colab" in sys.modules:
    !git clone --quiet --depth 1 {url} /content/source
    %cd -q /content/source/{folder}
    %pip install --quiet "/content/source[book,digits]"
"""


def drop_launch_buttons(app: Sphinx, config: Config) -> None:
    """Leave the launch buttons out where no repository is set: the theme would stumble."""
    if not config.html_theme_options.get("repository_url"):
        config.html_theme_options.pop("launch_buttons", None)


def is_notebook(app: Sphinx, page: str) -> bool:
    """Whether a page says with which kernel it runs."""
    return "kernelspec" in app.env.metadata.get(page, {})


def offer_notebook(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Make the theme's download button offer the notebook."""
    if is_notebook(app, page):
        context["ipynb_source"] = f"{page}.ipynb"


def use_published_notebook(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Point the button for Colab, which reads no Markdown, at the notebook."""
    groups = (group.get("buttons", []) for group in context["header_buttons"])
    for button in chain.from_iterable(groups):
        if button["text"] == "Colab":
            button["url"] = re.sub("/blob/.*", f"/blob/{PUBLISHED}/{page}.ipynb", button["url"])


def notebook(page: Path, theme_options: dict[str, Any]) -> NotebookNode:
    """A page as a notebook, with a cell for Colab where a repository is set."""
    converted = jupytext.read(page)
    if url := theme_options.get("repository_url"):
        source = ON_COLAB.format(url=url, folder=theme_options.get("path_to_docs", ""))
        hidden = {"jupyter": {"source_hidden": True}}
        converted.cells.insert(0, new_code_cell(source, id="on-colab", metadata=hidden))
    return converted


def write_notebooks(app: Sphinx, exception: Exception | None) -> None:
    """Write the notebooks to where the download buttons look for them."""
    if exception or app.builder.format != "html":
        return
    for page in filter(lambda page: is_notebook(app, page), app.env.found_docs):
        target = Path(app.outdir, "_sources", page).with_suffix(".ipynb")
        jupytext.write(notebook(app.env.doc2path(page), app.config.html_theme_options), target)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, around the theme, which makes its buttons at priority 501."""
    app.connect("config-inited", drop_launch_buttons)
    app.connect("html-page-context", offer_notebook)
    app.connect("html-page-context", use_published_notebook, priority=502)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
