r"""How long the minimal model takes, with the numbers of a network, trained as the network was.

Of a network of square units on addition modulo m: either the paper's model, whose circuits are
their own, for every kappa up to 2, or the model of `theory.repaired`, of degree 3. Neither knows
how small a network's generalising circuit starts, nor the unit of time; exponents do not need them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import xarray as xr

from theory import circuits, measures
from theory.checks import Parameter
from theory.minimal import Circuit, MinimalModel, descend_with, time_to_grok
from theory.questions.delay_and_decay import ADAM, DECAYS, DESCENT, L2_OF_SIZE, POINTS, WAYS, Change
from theory.questions.delay_and_size import FAR, NEAR
from theory.questions.question import Measured
from theory.repaired import KAPPA, repaired_model
from theory.theories.theory import Prediction

#: The paper leaves kappa open; its results on the delay are for kappa up to 2.
KAPPAS = (0.8, 1.4, 2.0)
#: Subweights at the start: of what generalises, in units of that of what memorises.
_START = 1e-2
#: The strongest penalty for which costs are derived.
_STRONGEST = 1e-3
#: Updates of Adam in which every one of these models groks.
_UPDATES, _EVERY = 4000, 10

# Takes a modulus, gamma and D over the derived critical size; returns a model.
Maker = Callable[[int, float, float], MinimalModel]
# gamma, and D over the derived critical size, of every place.
Places = tuple[tuple[float, float], ...]
# Takes what makes models, and places; returns times at these, in any unit.
Clock = Callable[[Maker, Places], xr.DataArray]


def shared(modulus: int, l2: float, part: float) -> MinimalModel:
    """Return the model in which both circuits sit in the same units."""
    size = part * float(circuits.critical_size(modulus, L2_OF_SIZE))
    return repaired_model(modulus, l2, size, _START)


def separate(kappa: float) -> Maker:
    """Return the paper's model with this kappa.

    Its norms are such that either circuit at the log-odds that are derived costs what it does in
    the network.
    """

    def made(modulus: int, l2: float, part: float) -> MinimalModel:
        generalising, memorising = (each.param_norm for each in shared(modulus, l2, part).circuits)
        unit = float(circuits.affordable(l2)) ** (1 / KAPPA - 1 / kappa)
        return MinimalModel(
            (
                Circuit("generalising", generalising * unit, True, 0.0, _START),
                Circuit("memorising", memorising * unit, False, 0.0, 1.0),
            ),
            kappa,
            l2 / 2,
            modulus,
        )

    return made


def by_descent(maker: Maker, places: Places) -> xr.DataArray:
    """Return the time of gradient flow, of which momentum changes the unit."""
    return time_to_grok(_together(maker, places))


def by_adam(maker: Maker, places: Places) -> xr.DataArray:
    """Return the updates of Adam from fitting to generalising."""
    return measures.delay(_by_adam(maker, places))


def by_adam_total(maker: Maker, places: Places) -> xr.DataArray:
    """Return the updates of Adam from the start to generalising."""
    return measures.generalisation_step(_by_adam(maker, places))


@cache
def _by_adam(maker: Maker, places: Places) -> xr.Dataset:
    way = WAYS[ADAM]
    # The penalty is a part of the model's loss.
    optimiser = way.optimiser(way.rate, 0.0)
    return descend_with(_together(maker, places), _UPDATES, optimiser, _EVERY)


#: The modulus in the middle of those that are asked: exponents hardly go with it.
_MODULUS = POINTS["modulus"][1]
_SEPARATE = tuple(separate(kappa) for kappa in KAPPAS)


@cache
def decay_exponent(maker: Maker, clock: Clock, way: str) -> float:
    """Return the exponent of a time in the penalty."""
    penalties = [WAYS[way].decay * decay for decay in DECAYS]
    known = [each for each in penalties if each <= _STRONGEST]
    return _power(known, clock(maker, tuple((each, Change.part) for each in known)))


@cache
def size_exponent(maker: Maker, clock: Clock, way: str, parts: tuple[float, ...]) -> float:
    """Return the exponent of a time in D, from some parts of the critical size."""
    l2 = WAYS[way].decay * Change.decay
    return _power(parts, clock(maker, tuple((l2, each) for each in parts)))


def bend(maker: Maker) -> float:
    """Return the exponent in D near the critical size less that far above it, by descent."""
    near, far = (size_exponent(maker, by_descent, DESCENT, parts) for parts in (NEAR, FAR))
    return near - far


def _together(maker: Maker, places: Places) -> MinimalModel:
    """Return one model along a dimension of places, of models that differ in norms and decay."""
    models = [maker(_MODULUS, *place) for place in places]
    first = models[0]
    norms = zip(*([each.param_norm for each in model.circuits] for model in models), strict=True)
    circuits_along = tuple(
        replace(circuit, param_norm=_along(norm))
        for circuit, norm in zip(first.circuits, norms, strict=True)
    )
    decay = _along([model.weight_decay for model in models])
    return replace(first, circuits=circuits_along, weight_decay=decay)


def _along(values: Sequence[Parameter]) -> xr.DataArray:
    return xr.DataArray([float(each) for each in values], dims="place")


def _power(places: Sequence[float], times: xr.DataArray) -> float:
    return float(np.polyfit(np.log(places), np.log(times.values), 1)[0])


_BECAUSE = "computed with the network's derived costs, trained as the network was"
# Takes a maker of models; returns an exponent.
Exponent = Callable[[Maker], float]
#: Of which times which exponent is asked.
_EXPONENTS: Mapping[tuple[str, str], Exponent] = {
    ("delay_and_decay", "descent_exponent"): lambda made: decay_exponent(made, by_descent, DESCENT),
    ("delay_and_decay", "adam_exponent"): lambda made: decay_exponent(made, by_adam, ADAM),
    ("delay_and_decay", "adam_total_exponent"): lambda made: decay_exponent(
        made, by_adam_total, ADAM
    ),
    ("delay_and_size", "descent_far"): lambda made: size_exponent(made, by_descent, DESCENT, FAR),
    ("delay_and_size", "adam_far"): lambda made: size_exponent(made, by_adam, ADAM, FAR),
    ("delay_and_size", "descent_bend"): bend,
}


def _for_every_kappa(exponent: Exponent) -> Callable[[Measured], Prediction]:
    def prediction(_: Measured) -> Prediction:
        found = [exponent(made) for made in _SEPARATE]
        middle, off = (max(found) + min(found)) / 2, (max(found) - min(found)) / 2
        return Prediction(middle, f"{_BECAUSE}; the error is for kappa from .8 to 2", error=off)

    return prediction


def _of_shared_units(exponent: Exponent) -> Callable[[Measured], Prediction]:
    return lambda _: Prediction(exponent(shared), f"{_BECAUSE}, from a small start")


#: What the paper's model and the repaired one say of times.
OF_SEPARATE_CIRCUITS = {about: _for_every_kappa(each) for about, each in _EXPONENTS.items()}
OF_SHARED_UNITS = {about: _of_shared_units(each) for about, each in _EXPONENTS.items()}
