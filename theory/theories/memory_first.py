r"""Where a regulariser ends the delay, if memory goes first (derived here).

Memory is fast, so beside the waves of the moment a network has all the memory that the regulariser
affords, and it moves along that as waves grow. Half of the answers are right where both weights
are half of the logit A at which it fits.

*Penalty.* Memory beside waves is at rest where
:math:`p = \tfrac\gamma2\, \partial |\theta|^2 / \partial w_M`, and p is 1/2 wherever it just fits.
Below :math:`\gamma_M`, up to which that is so of memory alone, memory fits before there are any
waves. Beside a few of them a logit of memory is dearer, in every law of sharing and with circuits
of their own if kappa is above 2: waves that come in undo the fit, and the delay ends at
:math:`\gamma_M`. Of their own and with kappa below 2 a mixture has the cheaper logit, and the delay
ends above, where the two halves fit: at :math:`2^{2/\kappa - 1} \gamma_M`.

*Bound* on the largest singular value of each matrix. Logits go with its third power, as they do
with that of a norm. If the price of a mixture is made up as that in norms is, laws of mixing say
what they say on a sphere; that it is has not been shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from theory.questions.question import Measured
from theory.theories.on_a_sphere import Ratio, one_sided, ratio_by, symmetric
from theory.theories.theory import Prediction

#: Sums cost memory some 2 % more norm than random labels, so 4 % in a penalty; and of a bound it is
#: assumed that a mixture's price is made up as in norms.
_BOUND_OFF, _PENALTY_OFF, _STRENGTH_OFF = 0.04, 0.04, 0.02

About = Mapping[tuple[str, str], Callable[[Measured], Prediction]]


def _bound(law: Ratio) -> About:
    def where(measured: Measured) -> Prediction:
        because = "memory goes first, and shares a bound with waves as it shares a norm"
        return Prediction(ratio_by(law, measured), because, error=_BOUND_OFF)

    return {("regularisers", "bound_ends"): where}


def _at_memorys(error: float) -> Callable[[Measured], Prediction]:
    because = "memory goes first for as long as it can fit alone"
    return lambda _: Prediction(1.0, because, error=error)


#: For the laws of sharing, and for the paper's model.
BY_ONE_SIDED: About = {
    **_bound(one_sided),
    ("regularisers", "l2_ends"): _at_memorys(_PENALTY_OFF),
    ("regularisers", "smoothing_ends"): _at_memorys(_STRENGTH_OFF),
    ("regularisers", "noise_ends"): _at_memorys(_STRENGTH_OFF),
}
BY_SYMMETRIC = _bound(symmetric)
BY_SEPARATE: About = {
    ("regularisers", "l2_ends"): lambda _: Prediction(
        1.0, "kappa is at most 2, and that is its value for 2", error=_PENALTY_OFF, direction=1
    ),
}
