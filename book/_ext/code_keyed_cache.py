"""Sphinx extension: run a page again when the page, the package *or* its data have changed.

Jupyter's cache knows a page by its cells alone. Here each state of the package, of the stored
runs in the book's folder ``data``, of the kernels' settings in ``_ext/kernel``, of the installed
distributions and of Python gets a cache folder of its own, named after a checksum of them;
folders of other states are deleted. With ``CI=true`` in the environment every page is executed,
whatever is cached.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.config import Config

PREFIX = ".cache-"
SETTINGS = Path(__file__).parent / "kernel"


def installed_versions() -> list[str]:
    """Python and every installed distribution, each with its version."""
    found = {f"{one.metadata['Name']}=={one.version}" for one in distributions()}
    return [sys.version, *sorted(found)]


def state_key(folders: Iterable[Path], versions: Iterable[str]) -> str:
    """Checksum of all files in some folders, their names and the given versions."""
    digest = hashlib.sha256("\n".join(versions).encode())
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"\0{file.relative_to(folder.parent).as_posix()}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def package_folder() -> Path:
    """Folder of the installed package, found without importing it."""
    spec = find_spec("theory")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("install the project first: pip install -e .[book]")
    return Path(spec.origin).parent


def prune(folder: Path, keep: str) -> None:
    """Delete the caches of other states."""
    for old in folder.glob(f"{PREFIX}*"):
        if old.name != keep:
            shutil.rmtree(old)


def choose_cache(app: Sphinx, config: Config) -> None:
    """Tell MyST-NB which cache to use, or in CI to use none."""
    if os.environ.get("CI") == "true":
        config.nb_execution_mode = "force"
        return
    build = Path(app.outdir).parent
    folders = [package_folder(), Path(app.srcdir) / "data", SETTINGS]
    name = PREFIX + state_key(folders, installed_versions())[:16]
    prune(build, keep=name)
    config.nb_execution_cache_path = str(build / name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", choose_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
