"""Progress on the way through long work: a bar with the time left, where somebody watches."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


def bar(
    items: Iterable[Item], title: str, total: int, *, done: int = 0, show: bool | None = None
) -> Iterable[Item]:
    """Return the same items, drawing a bar on the standard error while they are used up.

    Parameters
    ----------
    items
        What to go through.
    title
        Shown before the bar.
    total
        Number of items, those already done included.
    done
        How many were done before; they do not count for the time left.
    show
        Whether to draw; None draws in a terminal or a live notebook, unless the environment
        sets ``TQDM_DISABLE`` or this is the worker of another process.
    """
    hidden = not (_is_watched() if show is None else show)
    # Plain text also in notebooks, where the widget would need one more package.
    drawn: Iterable[Item] = tqdm(items, title, total, initial=done, leave=False, disable=hidden)
    return drawn


def _is_watched() -> bool:
    """Whether somebody may be looking at this process in a terminal or a live notebook."""
    if os.environ.get("TQDM_DISABLE") or multiprocessing.parent_process() is not None:
        return False
    ipython = sys.modules.get("IPython")
    in_notebook = ipython is not None and hasattr(ipython.get_ipython(), "kernel")
    return in_notebook or sys.stderr.isatty()
