"""Sphinx extension: builds of one book side by side wait for each other.

They would write the same pages, and delete each other's cache.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

PATIENCE = 24 * 3600  # seconds


def lock(build: Path) -> sqlite3.Connection:
    """Return a lock on a folder, after another process that holds it has ended or closed it."""
    build.mkdir(parents=True, exist_ok=True)
    # A database is locked alike on every system, and for no longer than its process lives.
    database = sqlite3.connect(build / ".lock", timeout=0, isolation_level=None)
    try:
        database.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        message = "another build of this book is running: waiting until it has ended"
        logging.getLogger(__name__).info(message)
        database.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
        database.execute("BEGIN EXCLUSIVE")
    return database


def wait_for_others(app: Sphinx, config: Config) -> None:
    """Wait, and hold the lock until the build is finished."""
    held = lock(Path(app.outdir).parent)
    app.connect("build-finished", lambda *_: held.close(), priority=999)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx, before whatever else touches the folder."""
    app.connect("config-inited", wait_for_others, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
