"""Sphinx extension: the environment that the kernels inherit from the build.

No progress bars: they litter the output of a cell and would pull in widget scripts from
the network. One thread for linear algebra: the networks of this book are too small to
gain from more, and on a busy machine threads that wait for each other cost tenfold.

Matplotlib, IPython and Jupyter keep their files beside the built book, whatever the home
of the user is like: settings there would change the pages, and one that cannot be written
would make Matplotlib complain in the first cell that draws. IPython's settings are those in the
folder ``kernel`` beside this file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

INHERITED = {"TQDM_DISABLE": "1", "OPENBLAS_NUM_THREADS": "1"}
SETTINGS = Path(__file__).parent / "kernel"
FOLDERS = {"MPLCONFIGDIR": "matplotlib", "IPYTHONDIR": "ipython", "JUPYTER_RUNTIME_DIR": "jupyter"}


def keep_beside_the_book(app: Sphinx, config: Config) -> None:
    """Give the kernels folders of their own in the build."""
    for name, folder in FOLDERS.items():
        place = Path(app.outdir).parent / ".kernels" / folder
        place.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(place)
    profile = Path(os.environ["IPYTHONDIR"]) / "profile_default"
    shutil.copytree(SETTINGS, profile, dirs_exist_ok=True)
    # Matplotlib lists the fonts once. Here, since it says so in a cell where that takes long.
    listing = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(listing, check=True, capture_output=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Set what the caller has not set already, and what a caller has no say in."""
    for name, value in INHERITED.items():
        os.environ.setdefault(name, value)
    app.connect("config-inited", keep_beside_the_book)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
