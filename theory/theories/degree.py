r"""The degree of the logits decides: 2 is a norm of the function, and 3 is not.

With ReLU units what the penalty takes is a norm of the function (`theory.circuits.relu`). So there
is one optimum, its price is derived, and starts that end apart do so for want of units. With square
units strength is cheaper in few of them: there are many states of rest, whatever the width. With
cubes, degree 4, the more so.
"""

from __future__ import annotations

from theory import circuits
from theory.questions import relu_cost
from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory, known

_LIE_APART = "states of rest are minima, and lie far apart"
_DIFFER = "states of rest differ in how many frequencies they have"


def _norm(measured: Measured) -> Prediction:
    over = known(measured, "norm_over_cosines")
    modulus, l2 = (relu_cost.setting(name, over) for name in ("modulus", "l2"))
    return Prediction(
        circuits.relu_generalising_norm(modulus, l2) / relu_cost.cosine_norm(over),
        "the best unit, in all translations and multiples; too few units are left out",
    )


def _right_logit(measured: Measured) -> Prediction:
    logit = known(measured, "right_logit")
    modulus, l2 = (relu_cost.setting(name, logit) for name in ("modulus", "l2"))
    return Prediction(
        circuits.relu_right_logit(modulus, l2), "where one more logit costs what it saves"
    )


def _norm_over_one(measured: Measured) -> Prediction:
    r"""Units of power n, between which a label's examples are divided evenly, cost more than one.

    N of them for q labels have :math:`(N/q)^{1/2(n + 1)}` of the norm; n = 3.
    """
    per_label = known(measured, "units_per_label")
    because = "each unit has its part of one label's examples: an upper edge, known to be passed"
    return Prediction(per_label ** (1 / 8), because)


def _at_rest(_: Measured) -> Prediction:
    return Prediction(1.0, "at rest pull and penalty balance, and nothing changes")


DEGREE = Theory(
    "degree",
    "With ReLU, degree 2, there is one state of rest and its price is derived; with squares many.",
    "derived here",
    "Ours, found after a few networks at moduli 23, 31, 41 and 47 were seen.",
    {
        ("relu_cost", "norm_over_cosines"): _norm,
        ("relu_cost", "right_logit"): _right_logit,
        ("relu_cost", "frequencies"): lambda _: Prediction(
            1.0, "at the optimum all wrong logits are alike, and so all frequencies"
        ),
        ("relu_cost", "relu_kappa"): lambda _: Prediction(
            2.0, "the degree, since all wrong logits and all examples are alike"
        ),
        ("relu_cost", "square_kappa"): lambda _: Prediction(
            3.0, "less than the degree, since wrong logits scatter", direction=-1
        ),
        ("relu_cost", "longer"): _at_rest,
        ("relu_cost", "euler"): _at_rest,
        ("two_starts", "euler"): _at_rest,
        ("two_starts", "relu_closes"): lambda _: Prediction(
            0.5, "one function, which more units find; chance alone would halve it", 0, -1
        ),
        ("two_starts", "relu_objectives"): lambda _: Prediction(
            0.0, "there is one optimum, and width 256 is taken to be enough"
        ),
        ("two_starts", "square_stays"): lambda _: Prediction(
            1.0, "states differ in their waves, for which there are units enough at any width; seen"
        ),
        ("cubic_units", "cube_stays"): lambda _: Prediction(
            1.0, "there are many states of rest at any width; seen at another modulus"
        ),
        ("cubic_units", "kappa_ratio"): lambda _: Prediction(
            4 / 3, "degree over degree; logits of what is memorised hardly scatter"
        ),
        ("cubic_units", "norm_over_one"): _norm_over_one,
        ("cubic_units", "euler"): _at_rest,
        ("two_starts", "square_apart"): lambda _: Prediction(
            0.0, "there are many states of rest", direction=1
        ),
        ("critical_again", "trend_between"): lambda _: Prediction(
            0.0,
            "a start from scratch spreads its waves over more frequencies, of which a larger "
            "modulus has more; seen",
            direction=1,
        ),
        ("annealing", "left"): lambda _: Prediction(0.0, _LIE_APART),
        ("annealing", "gap_after"): lambda _: Prediction(1.0, _LIE_APART),
        ("two_sides", "few_gain"): lambda _: Prediction(0.0, _DIFFER, direction=1),
        ("two_sides", "few_gain_grokked"): lambda _: Prediction(0.0, _DIFFER, direction=1),
        ("two_sides", "origin_gain"): lambda _: Prediction(0.0, _DIFFER),
    },
)
