"""What stops a network that fits is the rounding of its softmax."""

from theory.questions.question import Measured
from theory.theories.homogeneous import KAPPA
from theory.theories.theory import Prediction, Theory


def _helps(_: Measured) -> Prediction:
    return Prediction(0.0, "without the collapse it goes on to generalise", direction=1)


def _nothing(_: Measured) -> Prediction:
    return Prediction(0.0, "the collapse stops learning altogether")


SOFTMAX_COLLAPSE = Theory(
    "softmax collapse",
    "Without decay logits grow along what they are, until the right label's probability is rounded "
    "to 1 and learning stops. Without that rounding networks generalise.",
    "Prieto et al. 2025 (arXiv:2501.04697)",
    "The abstract was read, and the settings of a copy of its code, which has a tiny epsilon "
    "throughout, 1e-18 to 1e-30; so that the usual one stops networks too may have been known. "
    "That a collapse stops all learning is taken at its word: gradients of wrong labels go on.",
    {
        ("without_decay", "rounding"): _helps,
        ("without_decay", "epsilon"): lambda _: Prediction(
            0.0, "with a softmax that does not round nothing stops it"
        ),
        ("without_decay", "usual_rounding"): _helps,
        ("without_decay", "double"): _helps,
        ("without_decay", "after_collapse"): _nothing,
        ("without_decay", "norm_after_collapse"): lambda _: Prediction(
            1.0, "the collapse stops learning altogether"
        ),
        ("without_decay", "margin_power"): lambda _: Prediction(
            KAPPA, "weights are scaled along their direction, and logits by the degree"
        ),
    },
)
