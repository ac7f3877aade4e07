r"""Where a regulariser ends the delay, if memory goes first (derived here).

Memory is fast, so beside the waves of the moment a network has all the memory that the regulariser
affords, and it moves along that as waves grow. Half of the answers are right where both weights
are half of the logit A at which it fits.

*Penalty.* Memory beside waves is at rest where
:math:`p = \tfrac\gamma2\, \partial |\theta|^2 / \partial w_M`, and p is 1/2 wherever it just fits.
So penalties compare as these derivatives: of memory alone at A, and of an even mixture at A/2 each.
With :math:`\rho = (R/R_M)^3` of the even mixture, as on a sphere, and
:math:`y = 1/(2\rho)`, :math:`x = 1/(2u\rho)`, one-sided mixing :math:`x + y^b = 1` gives

.. math:: \frac{\gamma}{\gamma_M} = \frac{x + b y^b}{2\, \rho^{2/3}\, b y^b},

and the symmetric law :math:`x^t + y^t = 1` gives :math:`1 / (2 \rho^{2/3} y^t)`. With circuits of
their own, of any kappa, it is :math:`2^{2/\kappa - 1}`.

*Bound* on the largest singular value of each matrix. Logits go with its third power, as they do
with that of a norm, so laws of mixing say what they say on a sphere if the price of a mixture is
made up alike. Circuits of their own, in subspaces that are orthogonal, have the whole bound each,
and are A/2 each at :math:`2^{-1/3}` of what memory alone needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from theory import circuits
from theory.circuits.mixtures import MIXING
from theory.questions import regularisers
from theory.questions.held_norm import DEGREE
from theory.questions.question import Measured
from theory.theories.on_a_sphere import SYMMETRIC_EXPONENT, Ratio, one_sided, ratio_by, symmetric
from theory.theories.theory import Prediction

#: Sums cost memory some 2 % more norm than random labels, so 4 % in a penalty.
_SUMS_OFF, _PENALTY_OFF = 0.02, 0.04
_BECAUSE = "memory goes first and fits with as much of waves as the regulariser leaves room for"


def one_sided_penalty(price_ratio: float) -> float:
    """Return gamma/gamma_M by one-sided mixing, at u."""
    rho = one_sided(price_ratio) ** DEGREE
    x, y = 1 / (2 * price_ratio * rho), (1 / (2 * rho)) ** MIXING
    return float((x + MIXING * y) / (2 * rho ** (2 / DEGREE) * MIXING * y))


def symmetric_penalty(price_ratio: float) -> float:
    """Return gamma/gamma_M by the symmetric law, at u."""
    rho = symmetric(price_ratio) ** DEGREE
    return float(1 / (2 * rho ** (2 / DEGREE) * (1 / (2 * rho)) ** SYMMETRIC_EXPONENT))


def separate_penalty(kappa: float) -> float:
    """Return gamma/gamma_M with circuits of their own."""
    return float(2 ** (2 / kappa - 1))


def derived_price_ratio(modulus: int) -> float:
    """Return u = (P_M/P_G)^3 of both circuits as they are derived, at the size of the question."""
    per_label = regularisers.size_of(modulus) / modulus
    units = circuits.expected_units(modulus, regularisers.L2_OF_SIZE)
    memory = circuits.memorising_norm(1.0, per_label, modulus)
    return float((memory / circuits.generalising_norm(1.0, modulus, units)) ** DEGREE)


def _mixing(
    on_sphere: Ratio, penalty: Ratio
) -> Mapping[tuple[str, str], Callable[[Measured], Prediction]]:
    def bound(measured: Measured) -> Prediction:
        return Prediction(ratio_by(on_sphere, measured), _BECAUSE, error=_SUMS_OFF)

    def decay(_: Measured) -> Prediction:
        ratios = [penalty(derived_price_ratio(each)) for each in regularisers.POINTS["modulus"]]
        return Prediction(float(np.mean(ratios)), _BECAUSE, error=_PENALTY_OFF)

    return {("regularisers", "bound_ends"): bound, ("regularisers", "l2_ends"): decay}


def _while_it_can(_: Measured) -> Prediction:
    return Prediction(1.0, "memory goes first for as long as it can fit", error=0.02)


#: For the laws of sharing, for the paper's model, and for that with the degree for kappa.
BY_ONE_SIDED = {
    **_mixing(one_sided, one_sided_penalty),
    ("regularisers", "smoothing_ends"): _while_it_can,
    ("regularisers", "noise_ends"): _while_it_can,
}
BY_SYMMETRIC = _mixing(symmetric, symmetric_penalty)
BY_SEPARATE: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("regularisers", "l2_ends"): lambda _: Prediction(
        separate_penalty(2.0), "kappa is at most 2, and that is its value for 2", direction=1
    ),
}
BY_DEGREE: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("regularisers", "bound_ends"): lambda _: Prediction(
        2 ** (-1 / DEGREE), "circuits of their own have the whole bound each"
    ),
    ("regularisers", "l2_ends"): lambda _: Prediction(
        separate_penalty(DEGREE), "half of a logit is dearer than a whole one, by the logit"
    ),
}
