r"""What derived costs say where several sums have one answer, and what another theory says.

Memory takes one unit a label, of outputs that are centred over q labels, so at one number of
examples D its squared norm over A^(2/3) goes as :math:`q^{1/3} D^{2/3} (1 - 1/q)^{-1/3}`. Waves
cost what `theory.circuits.answers` says. Both are equal at a D that goes as

.. math:: q^{-1/2} (1 - 1/q)^{1/2} \sqrt{N / \text{gain}}\; A .

Sums modulo a divisor q are the task modulo q with each of its tokens m/q times over, and so have
its N and A, under a penalty that is :math:`(m/q)^{2/3}` times as strong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from theory import circuits
from theory.questions import answers
from theory.questions.answers import DEALT, L2, POINTS, SHARED, SUMS
from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory

#: Frequencies that a network takes: the fewest and the most that were seen.
_FEW, _MANY = 4, 10
#: The formulas of N and A are for moduli from 23 on; so far they may be off in a price.
_BELOW_RANGE = 0.03


def waves(way: str) -> tuple[float, float]:
    """Return the squared norm of waves over A^(2/3), over that with all answers, and its error."""
    if way == SUMS:
        return float(np.mean([_sums(modulus)[0] for modulus in POINTS["modulus"]])), _BELOW_RANGE
    ends = np.mean([_dealt(m, seed) for m in POINTS["modulus"] for seed in answers.SEEDS], axis=0)
    return float(ends.mean()), float(np.ptp(ends) / 2)


def _sums(modulus: int) -> tuple[float, float]:
    """Return the price of waves and A, both over those with all answers."""
    few, penalty = modulus // SHARED, L2 * SHARED ** (2 / 3)
    units = circuits.expected_units(few, penalty) / circuits.expected_units(modulus, L2)
    logit = circuits.expected_logit(few, penalty) / circuits.expected_logit(modulus, L2)
    return float((units / SHARED) ** (1 / 3)), float(logit)


def _dealt(modulus: int, seed: int) -> tuple[float, float]:
    """Return the least and the largest price of waves, over that with all answers.

    The least if a frequency has one phase of outputs, that of the largest gain, in few frequencies;
    the largest if it needs both, so that what it says of other sums cancels, in many.
    """
    dealt = answers.answers_of(modulus, DEALT, seed)
    one, both = (np.sort(gains)[::-1] for gains in circuits.wave_gains(dealt).T)
    return float(one[:_FEW].mean() ** (-1 / 3)), float(both[:_MANY].mean() ** (-1 / 3))


def size_exponent(way: str) -> tuple[float, float]:
    """Return the exponent of the size of equal cost in the number of answers, and its error."""
    price, off = waves(way)
    logits = [_sums(modulus)[1] if way == SUMS else 1.0 for modulus in POINTS["modulus"]]
    waves_gain = 1.5 * np.log(price) + np.log(np.mean(logits))
    exponent = -waves_gain / np.log(SHARED) - 1.5 * memory_exponent()
    return float(exponent), float(1.5 * off / price / np.log(SHARED))


def memory_exponent() -> float:
    """Return the exponent of the price of memory in the number of answers."""
    few = [(1 - 1 / m) / (1 - SHARED / m) for m in POINTS["modulus"]]
    return float(1 / 3 - np.log(few).mean() / 3 / np.log(SHARED))


def _size(way: str) -> Prediction:
    value, off = size_exponent(way)
    return Prediction(value, "memory and waves cost the same there", error=off)


def _price(way: str) -> Prediction:
    value, off = waves(way)
    return Prediction(value, "how far waves reach where sums share an answer", error=off / value)


#: For the theory of derived costs.
OF_ANSWERS: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("answers", "half_dealt"): lambda _: _size(DEALT),
    ("answers", "half_sums"): lambda _: _size(SUMS),
    ("answers", "cost_dealt"): lambda _: _size(DEALT),
    ("answers", "cost_sums"): lambda _: _size(SUMS),
    ("answers", "memory"): lambda _: Prediction(memory_exponent(), "one unit a label"),
    ("answers", "waves_dealt"): lambda _: _price(DEALT),
    ("answers", "waves_sums"): lambda _: _price(SUMS),
    ("answers", "half_over_cost"): lambda _: Prediction(1.0, "half-way is a part of equal cost"),
}

COVERAGE = Theory(
    "coverage of answers",
    "How many examples are needed follows the number of answers.",
    "arXiv:2607.05104",
    "Read second hand, as: fewer answers, fewer examples, whichever answers they are. If it is "
    "meant of sums modulo a divisor only, it says nothing of answers that are dealt out.",
    {
        ("answers", name): lambda _: Prediction(0.0, "fewer answers, fewer examples", direction=1)
        for name in ("half_dealt", "half_sums")
    },
)
