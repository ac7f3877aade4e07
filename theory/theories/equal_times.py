"""The delay starts where memorising and generalising take equally long."""

from theory.theories.theory import Prediction, Theory

EQUAL_TIMES = Theory(
    "equal times",
    "As parameters are added memorising gets faster; the delay starts where it takes as long as "
    "generalising.",
    "arXiv:2605.09724",
    "Read second hand. Memorising is taken to be fitting as many random labels, and generalising "
    "to be right on half of what was not seen.",
    {
        ("width", "late_at_equal"): lambda _: Prediction(
            1.0, "there a network generalises as it fits"
        )
    },
)
