"""Inside a training run: what a network answers at each step, in which waves, and by which circuit.

The same program runs as a widget in notebooks and in the pages of the book. It trains nothing: it
shows what `watch` has recorded.
"""

from __future__ import annotations

from theory.explorer.inside.packing import glanced, packed
from theory.explorer.inside.recording import (
    semi_grokked_training,
    spread,
    training_of_the_book,
    watch,
)
from theory.explorer.inside.widget import InsideARun

__all__ = [
    "InsideARun",
    "glanced",
    "packed",
    "semi_grokked_training",
    "spread",
    "training_of_the_book",
    "watch",
]
