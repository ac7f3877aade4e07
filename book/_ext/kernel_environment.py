"""Sphinx extension: the environment that the kernels inherit from the build.

No progress bars: they litter the output of a cell and would pull in widget scripts from
the network. One thread for linear algebra: the networks of this book are too small to
gain from more, and on a busy machine threads that wait for each other cost tenfold.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

INHERITED = {"TQDM_DISABLE": "1", "OPENBLAS_NUM_THREADS": "1"}


def setup(app: Sphinx) -> dict[str, Any]:
    """Set what the caller has not set already."""
    for name, value in INHERITED.items():
        os.environ.setdefault(name, value)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
