"""Sphinx extension: no progress bars in built pages.

They litter the output of a cell and would pull in widget scripts from the network.
The kernels that execute the pages inherit the environment of the build.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Switch tqdm off, unless the reader of this book has said otherwise."""
    os.environ.setdefault("TQDM_DISABLE", "1")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
