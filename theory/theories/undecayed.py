"""The minimal model without decay, trained as the network was: weights only grow.

Prices are out of it, so that both circuits feel the same pull, and any kappa gives the same, in
shared units as well. Descent multiplies both by the same factor; Adam adds the same to all
subweights, so that what generalises comes up to what memorises, and never past it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import xarray as xr

from theory import measures
from theory.minimal import Circuit, MinimalModel, descend, descend_with
from theory.questions.question import Measured
from theory.questions.without_decay import POINTS, SMALL_EXACT, WAYS
from theory.theories.theory import Prediction

#: Subweights of what memorises at the start: the share of what generalises is asked of both.
_STARTS = (1.0, 0.1)
#: Those of what generalises, in units of that.
_SMALL = 1e-2
#: Any: without decay it is nowhere.
_KAPPA = 2.0
#: A rate at which the model descends smoothly, until its loss is about as low as a network's.
_RATE, _UPDATES = 0.1, 20_000
_EVERY = 10
#: The modulus in the middle.
_MODULUS = POINTS["modulus"][1]


@cache
def by_adam(start: float) -> xr.Dataset:
    """Return a run of as many updates of the same Adam."""
    way = WAYS[SMALL_EXACT]
    return descend_with(_model(start), way.updates, way.optimiser(_MODULUS), _EVERY)


@cache
def by_descent(start: float) -> xr.Dataset:
    """Return a run of descent, of which momentum changes the unit of time."""
    return descend(_model(start), _UPDATES, _RATE, _EVERY)


def _model(start: float) -> MinimalModel:
    return MinimalModel(
        (
            Circuit("generalising", 1.0, True, 0.0, _SMALL * start),
            Circuit("memorising", 1.0, False, 0.0, start),
        ),
        _KAPPA,
        0.0,
        _MODULUS,
    )


def share(run: xr.Dataset) -> xr.DataArray:
    """Return the share of what generalises, along the records after the start."""
    weight = run.weight.isel(step=slice(1, None))
    found: xr.DataArray = weight.sel(circuit="generalising", drop=True) / weight.sum("circuit")
    return found


def risen(values: xr.DataArray, run: xr.Dataset) -> float:
    """Return by how much something has risen from where the run fits to the end."""
    fits = measures.fit_step(run).item()
    return float(values[-1] - np.interp(fits, values["step"], values))


def _gain(trained: Callable[[float], xr.Dataset]) -> Callable[[Measured], Prediction]:
    def prediction(_: Measured) -> Prediction:
        runs = [trained(start) for start in _STARTS]
        gains = [risen(run.test_accuracy, run) for run in runs]
        return Prediction(float(np.mean(gains)), "what memorises stays ahead")

    return prediction


def _share(_: Measured) -> Prediction:
    found = [share(by_adam(start))[-1].item() for start in _STARTS]
    middle, off = (max(found) + min(found)) / 2, (max(found) - min(found)) / 2
    because = "Adam adds the same to both; the error is for how large memory starts"
    return Prediction(middle, because, error=off)


def _share_by_descent(_: Measured) -> Prediction:
    rises = [risen(share(run), run) for run in map(by_descent, _STARTS)]
    return Prediction(float(np.mean(rises)), "descent multiplies both by the same")


#: For the paper's model.
WITHOUT_DECAY: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("without_decay", "adam_gain"): _gain(by_adam),
    ("without_decay", "descent_gain"): _gain(by_descent),
    ("without_decay", "share"): _share,
    ("without_decay", "descent_share"): _share_by_descent,
}
