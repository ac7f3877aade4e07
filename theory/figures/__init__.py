"""One palette and one way to draw a run, the same for models and networks.

Colours differ in lightness and lines in style, so every figure reads in greyscale too.
"""

from matplotlib.figure import Figure as Figure  # passed on, and documented elsewhere

from theory.figures.circuits import draw_cases, draw_laid_open, draw_unit
from theory.figures.curves import (
    draw_accuracies,
    draw_described,
    draw_losses,
    draw_norm,
    draw_weights,
    mark_delay,
)
from theory.figures.style import IN_THE_DARK, PALETTE, REGIME_COLOURS, panels
from theory.figures.summaries import draw_regimes, draw_replicates, draw_table

__all__ = [
    "IN_THE_DARK",
    "PALETTE",
    "REGIME_COLOURS",
    "draw_accuracies",
    "draw_cases",
    "draw_described",
    "draw_laid_open",
    "draw_losses",
    "draw_norm",
    "draw_regimes",
    "draw_replicates",
    "draw_table",
    "draw_unit",
    "draw_weights",
    "mark_delay",
    "panels",
]
