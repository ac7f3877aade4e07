"""The minimal model with all three ingredients, and with one of them taken away."""

from __future__ import annotations

from pathlib import Path

from theory.figures import Figure, draw_losses, draw_weights
from theory.figures.style import styled
from theory.minimal import MinimalModel, descend
from theory.paper_figures.panels import table
from theory.paper_figures.paper_figure import Drawn

TITLE = "The three ingredients, in the minimal model"
MINUTES = 0.1
#: By the paper's numbers; then generalising is the dearer one, and then it is learned as fast.
MODELS = {
    "all three": MinimalModel.paper(),
    "no efficiency": MinimalModel.paper(param_norm=(2.0, 1.0)),
    "no slow learning": MinimalModel.paper(second_subweight=(1.0, 1.0)),
}
STEPS, RATE = 20_000, 0.01


def stored(shelf: str | Path) -> Drawn:
    """Return the three runs: the model needs no stored ones."""
    return again(shelf)


def again(folder: str | Path) -> Drawn:
    """Do the three runs, and keep nothing."""
    return {
        title: descend(model, STEPS, learning_rate=RATE, record_every=10)
        for title, model in MODELS.items()
    }


@styled
def draw(drawn: Drawn) -> Figure:
    """Return the figure: losses above weights, a column a model."""
    figure, axes = table(2, len(drawn))
    for (above, below), (title, run) in zip(axes.T, drawn.items(), strict=True):
        draw_losses(above, run)
        draw_weights(below, run)
        below.legend(loc="center left")
        above.set_title(title, fontsize="medium")
        above.set_ylim(0.02, 12)
    axes[0, 0].legend(loc="lower left")
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
        ax.get_legend().remove()
    return figure
