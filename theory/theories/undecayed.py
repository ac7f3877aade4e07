"""The minimal model without decay: weights only grow.

An extension of ours: the paper calls its own explanation incomplete without decay. Prices are out
of it, so that both circuits feel the same pull, whatever kappa is. Descent multiplies both by the
same factor; Adam adds the same to all subweights, so that what generalises comes up to what
memorises, and never past it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import xarray as xr

from theory.minimal import Circuit, MinimalModel, descend
from theory.questions.question import Measured
from theory.questions.without_decay import FITTED, POINTS
from theory.theories.theory import Prediction

#: Subweights at the start, of what generalises and of what memorises.
_STARTS = (1e-2, 1.0)
#: Any: without decay it is nowhere.
_KAPPA = 2.0
#: A rate at which the model descends smoothly, until its loss is about as low as a network's.
_RATE, _UPDATES = 0.1, 20_000
#: The modulus in the middle.
_MODULUS = POINTS["modulus"][1]


def model(generalising: float, memorising: float, kappa: float = _KAPPA) -> MinimalModel:
    """Return the model without decay, by the subweights at its start."""
    return MinimalModel(
        (
            Circuit("generalising", 1.0, True, 0.0, generalising),
            Circuit("memorising", 1.0, False, 0.0, memorising),
        ),
        kappa,
        0.0,
        _MODULUS,
    )


def share(run: xr.Dataset) -> xr.DataArray:
    r"""Return the lead of the right logit on what is not trained on over that on what is.

    With s the part of what generalises in both weights, :math:`(s - 1/q) / (1 - 1/q)`: elsewhere
    what memorises is on a wrong label, and both are over the mean logit.
    """
    part = run.weight.sel(circuit="generalising", drop=True) / run.weight.sum("circuit")
    found: xr.DataArray = (part - 1 / _MODULUS) / (1 - 1 / _MODULUS)
    return found


@cache
def _by_descent() -> float:
    """Return by how much the share rises, of descent, of which momentum changes the unit of time.

    From where the loss is as low as that of a network that fits.
    """
    run = descend(model(*_STARTS), _UPDATES, _RATE, 10)
    rising = share(run).where(run.train_loss < FITTED, drop=True)
    return float(rising[-1] - rising[0])


def _never_past(_: Measured) -> Prediction:
    return Prediction(
        0.5,
        "by Adam what generalises comes up to what memorises at most; the paper's model without "
        "decay is an extension of ours",
        direction=-1,
    )


#: For the paper's model.
WITHOUT_DECAY: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("without_decay", "share"): _never_past,
    ("without_decay", "descent_share"): lambda _: Prediction(
        _by_descent(), "descent multiplies both by the same, in an extension of ours"
    ),
}
