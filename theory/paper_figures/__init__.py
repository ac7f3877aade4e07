"""The figures of the paper (arXiv 2309.02390), drawn again from runs of this project.

Their numbers are those of the paper's first version. What they show is known here second hand, from
captions and passages that others quote.
"""

from collections.abc import Mapping
from pathlib import Path

import joblib

from theory.paper_figures import (
    figure_1,
    figure_2,
    figure_3,
    figure_4,
    figure_5,
    figure_6,
    figure_7,
    figure_8,
    figure_9,
    figure_10,
)
from theory.paper_figures.paper_figure import Drawn, PaperFigure
from theory.paper_figures.saving import format_of, save

#: By the paper's numbers.
FIGURES: Mapping[int, PaperFigure] = {
    1: figure_1,
    2: figure_2,
    3: figure_3,
    4: figure_4,
    5: figure_5,
    6: figure_6,
    7: figure_7,
    8: figure_8,
    9: figure_9,
    10: figure_10,
}

__all__ = ["FIGURES", "PaperFigure", "figure_of", "format_of", "save", "with_new_runs"]


def figure_of(number: int) -> PaperFigure:
    """Return the figure of a number.

    Raises
    ------
    ValueError
        If the paper has none of that number; names those that there are.

    Examples
    --------
    >>> figure_of(7).TITLE
    'Many ungrokking runs'
    """
    if number not in FIGURES:
        there = "\n".join(f"{each:>4}  {FIGURES[each].TITLE}" for each in FIGURES)
        raise ValueError(
            f"number must be that of a figure of the paper, got {number}; there are\n{there}\n"
            "and no others: the paper has no more that are known here"
        )
    return FIGURES[number]


def with_new_runs(figure: PaperFigure, folder: str | Path) -> Drawn:
    """Do the runs of a figure on all cores, kept in a folder as they finish."""
    with joblib.parallel_config(n_jobs=-1):
        return figure.again(folder)
