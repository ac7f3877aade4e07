"""The minimal model with all three ingredients, and with one of them taken away."""

from __future__ import annotations

from pathlib import Path

from theory.figures import Figure, draw_losses, draw_weights
from theory.minimal import MinimalModel, descend
from theory.paper_figures.following import looks
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
#: Records that are drawn, at most.
SHOWN = 200


def stored(shelf: str | Path) -> Drawn:
    """Return the three runs: the model needs no stored ones."""
    return again(shelf)


def again(folder: str | Path) -> Drawn:
    """Do the three runs, and keep nothing."""
    return {
        title: descend(model, STEPS, learning_rate=RATE, record_every=10)
        for title, model in MODELS.items()
    }


def draw(drawn: Drawn) -> Figure:
    """Return the figure: losses above weights, a column a model."""
    figure, axes = table(2, len(drawn))
    for (above, below), (title, run) in zip(axes.T, drawn.items(), strict=True):
        # As dense as a logarithmic axis shows, or the drawing would be heavy.
        some = run.isel(step=list(looks(run.sizes["step"] - 1, SHOWN, first=1)))
        draw_losses(above, some)
        draw_weights(below, some)
        below.legend(loc="center left", frameon=False)
        above.set_title(title, fontsize="medium")
        above.set_ylim(0.02, 12)
    axes[0, 0].legend(loc="lower left", frameon=False)
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
        ax.get_legend().remove()
    return figure
