r"""The delay as a power of the decay less a least decay, below which nothing groks."""

import numpy as np

from theory.questions.delay_and_decay import ADAMW, DECAYS, WAYS
from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory

#: The exponent, and the least decay, in AdamW's unit.
_POWER, _LEAST = -0.757, 0.0158


def exponent() -> float:
    """Return the exponent of the decay alone, over the decays that are asked."""
    decays = WAYS[ADAMW].decay * np.array(DECAYS)
    return float(np.polyfit(np.log(decays), _POWER * np.log(decays - _LEAST), 1)[0])


def _exponent(_: Measured) -> Prediction:
    return Prediction(exponent(), "(decay - .0158)^-.757 over these decays", error=0.04)


SHIFTED_POWER = Theory(
    "shifted power",
    "The delay goes as the power -.757 of the decay less .0158.",
    "arXiv:2605.20441",
    "Read second hand, with its interval of .725 to .799; the least decay is that of its networks.",
    {
        ("delay_and_decay", "adamw_exponent"): _exponent,
        ("delay_and_decay", "adamw_most_exponent"): _exponent,
        ("delay_and_decay", "adamw_shifted"): lambda _: Prediction(
            0.0, "this shape, with whatever least decay, foretells better than a power", direction=1
        ),
    },
)
