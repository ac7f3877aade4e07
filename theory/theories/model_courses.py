"""What models of two circuits say of norm and test loss on the way, with a network's numbers.

Trained as the network was, from a small generalising circuit: the paper's model for every kappa up
to 2, and that of `theory.repaired`, of degree 3. What is read off hardly depends on how small the
start is; times, which do, are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from theory import measures
from theory.minimal import MinimalModel, descend, descend_with
from theory.questions import delay_and_decay
from theory.questions.norm_and_loss import ADAM, DESCENT, L2, PART_OF_SIZE, POINTS, RATE, WEAK
from theory.questions.question import Measured
from theory.theories.theory import Prediction
from theory.theories.times import KAPPAS, Maker, separate, shared

#: Updates of Adam, and of descent at a rate at which it is smooth, after which a model is at rest.
_BY_ADAM, _BY_DESCENT, _DESCENT_RATE = 6000, 8000, 0.1
_EVERY = 10
_SEPARATE, _SHARED = tuple(separate(kappa) for kappa in KAPPAS), (shared,)
_MODULI = tuple(POINTS["modulus"])
#: What is read off: the norm at the end over that where it fits; the norm where both circuits weigh
#: the same over the largest until then; the share of the fall of the test loss that is done there;
#: and its largest value over that of guessing, in nats.
END, FELL, FALL, RISE = "end", "fell", "fall", "rise"


@cache
def courses(makers: tuple[Maker, ...], ways: tuple[str, ...]) -> xr.DataArray:
    """Return what models show, along ``maker``, ``modulus``, ``way`` and ``what``.

    Parameters
    ----------
    makers
        Of models of one kind.
    ways
        Those of the question with a penalty, by Adam or by descent.
    """
    places = list(product(makers, _MODULI, ways))
    run = _trained(_beside([made(m, L2[way], PART_OF_SIZE) for made, m, way in places]), ways)
    found = [_read(run.isel(place=at), m) for at, (_, m, _) in enumerate(places)]
    shape = (len(makers), len(_MODULI), len(ways), len(found[0]))
    coords = {"modulus": list(_MODULI), "way": list(ways), "what": [END, FELL, FALL, RISE]}
    return xr.DataArray(np.reshape(found, shape), coords, ("maker", *coords))


def _trained(model: MinimalModel, ways: tuple[str, ...]) -> xr.Dataset:
    if DESCENT in ways:
        return descend(model, _BY_DESCENT, _DESCENT_RATE, _EVERY)
    # The penalty is a part of the model's loss.
    optimiser = delay_and_decay.WAYS[ADAM].optimiser(RATE, 0.0)
    return descend_with(model, _BY_ADAM, optimiser, _EVERY)


def _beside(models: Sequence[MinimalModel]) -> MinimalModel:
    """Return one model along ``place``, of models of one penalty."""
    norms = zip(*([each.param_norm for each in model.circuits] for model in models), strict=True)
    circuits = tuple(
        replace(circuit, param_norm=_along(norm))
        for circuit, norm in zip(models[0].circuits, norms, strict=True)
    )
    return replace(
        models[0],
        circuits=circuits,
        kappa=_along([model.kappa for model in models]),
        weight_decay=_along([model.weight_decay for model in models]),
        num_labels=_along([model.num_labels for model in models]),
    )


def _along(values: Sequence[Any]) -> xr.DataArray:
    return xr.DataArray([float(each) for each in values], dims="place")


def _read(run: xr.Dataset, modulus: int) -> tuple[float, float, float, float]:
    fits, equal = measures.fit_step(run).item(), measures.generalisation_step(run).item()
    norm, loss, step = run.parameter_norm.values, run.test_loss.values, run["step"].values
    there = np.interp(equal, step, loss)
    return (
        norm[-1] / np.interp(fits, step, norm),
        np.interp(equal, step, norm) / norm[step <= equal].max(),
        (loss.max() - there) / (loss.max() - loss[-1]),
        loss.max() - np.log(modulus),
    )


def _found(makers: tuple[Maker, ...], way: str, what: str) -> xr.DataArray:
    ways = (DESCENT,) if way == DESCENT else (ADAM, WEAK)
    return courses(makers, ways).sel(way=way, what=what, drop=True)


#: Of which way what is asked.
_ASKED = {
    "adam_end": (ADAM, END),
    "weak_end": (WEAK, END),
    "adam_fell": (ADAM, FELL),
    "descent_fall": (DESCENT, FALL),
    "adam_fall": (ADAM, FALL),
    "descent_rise": (DESCENT, RISE),
}
_RATIOS = (END, FELL)
_BECAUSE = "computed with the network's derived costs, trained as the network was"
_NO_NOISE = "noise of the gradient has no place in it, which is our reading"


def _of_shared_units(way: str, what: str) -> Callable[[Measured], Prediction]:
    return lambda _: Prediction(_found(_SHARED, way, what).isel(maker=0), _BECAUSE)


def _of_separate(way: str, what: str) -> Callable[[Measured], Prediction]:
    def prediction(_: Measured) -> Prediction:
        found = _found(_SEPARATE, way, what)
        low, high = found.min("maker"), found.max("maker")
        because = f"{_BECAUSE}; the error is for kappa from .8 to 2"
        if what in _RATIOS:
            error = float(np.sqrt(high / low).max()) - 1
            return Prediction((low * high) ** 0.5, because, error)
        return Prediction((low + high) / 2, because, float((high - low).max()) / 2)

    return prediction


#: What the paper's model and the repaired one say of norm and loss, and of the noise of batches.
OF_SEPARATE_COURSES = {
    **{("norm_and_loss", name): _of_separate(*asked) for name, asked in _ASKED.items()},
    **{
        ("batch_noise", name): lambda _: Prediction(1.0, _NO_NOISE)
        for name in ("noisy", "large_step", "total")
    },
}
OF_SHARED_COURSES = {
    ("norm_and_loss", name): _of_shared_units(*asked) for name, asked in _ASKED.items()
}
