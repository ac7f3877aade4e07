"""Sphinx extension: typeset equations with a local MathJax, so that pages work offline.

MathJax comes from the PyPI package django-static-mathjax and is copied into the built
pages: the TeX reader, its extensions and the fonts. Django itself is not needed.
"""

from __future__ import annotations

import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

ENTRY = "tex-chtml.js"
NEEDED = (ENTRY, "input/tex/extensions", "output/chtml/fonts")


def mathjax_source() -> Path:
    """Folder with MathJax as it is served to browsers."""
    located = distribution("django-static-mathjax").locate_file("mathjax/static/mathjax/es5")
    return Path(str(located))


def use_local_path(app: Sphinx, config: Config) -> None:
    """Make pages load the copy; a path is relative to ``_static``."""
    config.mathjax_path = f"mathjax/{ENTRY}"


def copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    """Copy what pages load into the built ``_static``."""
    if exception or app.builder.format != "html":
        return
    source, target = mathjax_source(), Path(app.outdir) / "_static" / "mathjax"
    for name in NEEDED:
        copy = shutil.copytree if (source / name).is_dir() else shutil.copy2
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if not (target / name).exists():
            copy(source / name, target / name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", use_local_path)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
