r"""How the minimal model's delay goes with the modulus, at a fixed fraction of the table.

Memorising costs as the cube root of D over the critical size, and that grows about as
:math:`m \log m`, not as :math:`m^2`: so memory gets dearer. The models are those of
`theory.theories.times`, with the derived costs and the labels of each modulus, trained by Adam as
the networks are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np

from theory import circuits, measures
from theory.minimal import descend_with
from theory.questions import fixed_fraction, fraction_again
from theory.questions.delay_and_decay import L2_OF_SIZE
from theory.questions.fixed_fraction import BELOW, L2, LESS, SAME_PART, optimiser, size_of
from theory.questions.question import Measured
from theory.theories.theory import Prediction
from theory.theories.times import KAPPAS, Maker, separate, shared

#: Updates in which every one of these models groks, and from one record to the next.
_UPDATES, _EVERY = 3000, 5


@cache
def times(maker: Maker, modulus: int, known: str) -> tuple[float, float]:
    """Return the updates until a model fits, and until it generalises."""
    part = size_of(modulus, known) / float(circuits.critical_size(modulus, L2_OF_SIZE))
    # The penalty is a part of the model's loss.
    run = descend_with(maker(modulus, L2, part), _UPDATES, optimiser(0.0), _EVERY)
    return float(measures.fit_step(run)), float(measures.generalisation_step(run))


def delay_exponent(maker: Maker, known: str, moduli: Sequence[int]) -> float:
    """Return the exponent in the modulus of the updates from fitting to generalising."""
    fits, generalises = _along(maker, known, moduli)
    return _power(moduli, generalises - fits)


def late_exponent(maker: Maker, known: str, moduli: Sequence[int]) -> float:
    """Return the exponent in the modulus of the updates to generalise over those to fit."""
    fits, generalises = _along(maker, known, moduli)
    return _power(moduli, generalises / fits)


def _along(maker: Maker, known: str, moduli: Sequence[int]) -> Iterator[np.ndarray]:
    found = [times(maker, modulus, known) for modulus in moduli]
    return (np.array(each) for each in zip(*found, strict=True))


def _power(moduli: Sequence[int], values: np.ndarray) -> float:
    return float(np.polyfit(np.log(moduli), np.log(values), 1)[0])


# A question, and a quantity of it.
Place = tuple[str, str]
# Takes what makes models; returns an exponent.
Exponent = Callable[[Maker], float]
# Moduli by the fraction of which they are asked.
Above = Mapping[str, Sequence[int]]


def _at_fractions(exponent: Callable[..., float], above: Above) -> Exponent:
    """Return the mean of an exponent over the fractions."""

    def mean(maker: Maker) -> float:
        return float(np.mean([exponent(maker, known, moduli) for known, moduli in above.items()]))

    return mean


def _exponents(question: str, above: Above, moduli: Sequence[int]) -> dict[Place, Exponent]:
    """Return what is asked of these moduli, by question and quantity."""
    return {
        (question, "delay_exponent"): _at_fractions(delay_exponent, above),
        (question, "late_exponent"): _at_fractions(late_exponent, above),
        (question, "same_part_exponent"): lambda maker: delay_exponent(maker, SAME_PART, moduli),
    }


_EXPONENTS = {
    **_exponents("fixed_fraction", fixed_fraction.ABOVE, fixed_fraction.MODULI),
    **_exponents("fraction_again", fraction_again.ABOVE, fraction_again.MODULI),
}
_SEPARATE = tuple(separate(kappa) for kappa in KAPPAS)
_BECAUSE = "computed with derived costs, trained by Adam as the network was"


def _of_separate(exponent: Exponent) -> Callable[[Measured], Prediction]:
    def prediction(_: Measured) -> Prediction:
        found = [exponent(maker) for maker in _SEPARATE]
        middle, off = (max(found) + min(found)) / 2, (max(found) - min(found)) / 2
        return Prediction(middle, f"{_BECAUSE}; the error is for kappa from .8 to 2", error=off)

    return prediction


def _of_shared(exponent: Exponent) -> Callable[[Measured], Prediction]:
    return lambda _: Prediction(exponent(shared), f"{_BECAUSE}, from a small start")


def _below(_: Measured) -> Prediction:
    part = size_of(BELOW, LESS) / float(circuits.critical_size(BELOW, L2_OF_SIZE))
    return Prediction(float(part > 1), "below the critical size memory is cheaper")


#: What the paper's model and the repaired one say.
OF_GROWING_TABLES: Mapping[Place, Callable[[Measured], Prediction]] = {
    **{place: _of_separate(each) for place, each in _EXPONENTS.items()},
    ("fixed_fraction", "below"): _below,
}
OF_GROWING_SHARED: Mapping[Place, Callable[[Measured], Prediction]] = {
    place: _of_shared(each) for place, each in _EXPONENTS.items()
}
