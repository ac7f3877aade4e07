"""What a norm does to the delay it does through the scale of the logits."""

from theory.questions.held_norm import RAISED_MODULUS
from theory.questions.question import Measured
from theory.statistics import power
from theory.theories.accounts.account import ABSTRACT, Account
from theory.theories.theory import Prediction, known

#: What of a larger norm's delay stays at one scale of the logits: they have taken back .83 and .89.
_STAYS, _ERROR = 0.14, 0.03


def _stays(measured: Measured) -> Prediction:
    half = known(measured, "half").sel(modulus=RAISED_MODULUS, drop=True)
    exponent = float(power(half, half["large"], "large").mean())
    because = f"{_STAYS} of the exponent without a temperature, which is {exponent:.1f} here"
    return Prediction(_STAYS * exponent, because, error=_ERROR * exponent)


LOGIT_SCALE = Account(
    "logit scale",
    "Under cross-entropy a held norm sets the delay through the scale of the logits and how far "
    "the softmax is saturated, and hardly by itself.",
    "Truong 2026 (arXiv:2606.18465)",
    "The abstract was read: the scale of the logits explains 97% of the delay's variance, the "
    "norm 1 to 2% more; put back, it takes back .83 and .89 of what a larger norm adds to the "
    "delay; on squared errors the norm has a route of its own. Our reading: that this is of "
    "logarithms, and that what twice the norm adds without a temperature follows the power that "
    "it has up to a third more.",
    {("held_norm", "norm_alone"): _stays},
    access=ABSTRACT,
    published="2026-06",
    papers=("2606.18465",),
    silent={
        "efficiency_again": "it has no circuits",
        "delay_and_decay": "its norms are held",
        "without_decay": "nothing was read of networks whose norm is free and that do not decay",
    },
)
