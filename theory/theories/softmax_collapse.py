"""What stops a network that fits is the rounding of its softmax."""

import numpy as np

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory


def _helps(_: Measured) -> Prediction:
    return Prediction(0.0, "without the collapse it goes on to generalise", direction=1)


SOFTMAX_COLLAPSE = Theory(
    "softmax collapse",
    "Without decay logits grow along what they are, until the right label's probability is rounded "
    "to 1 and learning stops. Without that rounding networks generalise.",
    "Prieto et al. 2025 (arXiv:2501.04697)",
    "The abstract was read, and the settings of a copy of its code, which has a tiny epsilon "
    "throughout, 1e-18 to 1e-30. So rounding with a tiny epsilon is its case. With the usual one, "
    "that the rounding matters and that an epsilon does not, is our sharpening; as is that a "
    "gradient is along the parameters if it is more along them than across.",
    {
        ("without_decay", "rounding"): _helps,
        ("without_decay", "usual_rounding"): _helps,
        ("norm_and_loss", "free_end"): lambda _: Prediction(
            1.0, "weights are scaled up along what they are", direction=1
        ),
        ("without_decay", "epsilon"): lambda _: Prediction(
            0.0, "with a softmax that does not round nothing stops it"
        ),
        ("without_decay", "along"): lambda _: Prediction(
            float(np.sqrt(0.5)), "more along the parameters than across", direction=1
        ),
    },
)
