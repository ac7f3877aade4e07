"""An explorer of the minimal model: drag a slider, and see what becomes of the two circuits.

The same program runs as a widget in notebooks and in the pages of the book. It solves the equations
of `theory.minimal` in the browser, so that it answers without a kernel.
"""

from __future__ import annotations

try:
    from theory.explorer.widget import Explorer
except ModuleNotFoundError as error:
    if error.name != "anywidget":
        raise
    raise ModuleNotFoundError(
        "theory.explorer needs anywidget: pip install 'grokking-theory[book]'", name="anywidget"
    ) from error

__all__ = ["Explorer"]
