"""Two phases: what memorises stays where it is until noise carries it over a barrier."""

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory


def _hysteresis(_: Measured) -> Prediction:
    return Prediction(1.04, "each phase stays beyond where both are as deep", direction=1)


def _jump(_: Measured) -> Prediction:
    return Prediction(1.0, "each phase ends at a jump to the other")


METASTABLE = Theory(
    "two phases",
    "Memorising is metastable under L2: between two sizes there are both phases, and where a "
    "network ends depends on the one that it comes from.",
    "arXiv:2606.17120",
    "Read second hand: that there is hysteresis, and that noise ends it, in a time whose logarithm "
    "goes with one over the learning rate.",
    {
        ("two_sides", "scratch_over_grokked"): lambda _: Prediction(
            1.0, "from scratch a network memorises first, and stays there", direction=1
        ),
        ("two_sides", "memorised_over_scratch"): lambda _: Prediction(
            1.0, "both come from the phase that memorises"
        ),
        ("critical_again", "scratch_over_grokked"): lambda _: Prediction(
            1.0, "from scratch a network memorises first, and stays there", direction=1
        ),
        ("critical_again", "width_grokked"): _jump,
        ("critical_again", "width_scratch"): _jump,
        ("annealing", "left"): lambda _: Prediction(
            0.5, "noise carries networks over the barrier", direction=1
        ),
        ("annealing", "gap_after"): lambda _: Prediction(
            0.5, "noise carries networks to the deeper phase", direction=-1
        ),
        ("annealing", "apart_slowly"): _hysteresis,
        ("annealing", "loop"): _hysteresis,
        ("annealing", "loop_grokked"): _hysteresis,
        ("two_sides", "width_grokked"): _jump,
        ("two_sides", "width_scratch"): _jump,
    },
)
