"""Two phases: what memorises stays where it is until noise carries it over a barrier."""

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory, known


def _hysteresis(_: Measured) -> Prediction:
    return Prediction(1.04, "each phase stays beyond where both are as deep", direction=1)


def _jump(_: Measured) -> Prediction:
    return Prediction(1.0, "each phase ends at a jump to the other")


def _sooner(_: Measured) -> Prediction:
    return Prediction(1.0, "noise carries networks over the barrier sooner", direction=-1)


def _arrhenius(measured: Measured) -> Prediction:
    step = known(measured, "small_step")
    return Prediction(
        step**2,
        "the logarithm of the time goes with B, and 64 is as far from 32 as twice 32 from 16",
    )


METASTABLE = Theory(
    "two phases",
    "Memorising is metastable under L2: between two sizes there are both phases, and where a "
    "network ends depends on the one that it comes from.",
    "Ersoy and Wiesner 2026 (arXiv:2606.17120)",
    "The abstract was read: there is hysteresis, and noise ends it, in times with Arrhenius "
    "scaling, shown for linear networks and held likely for others. Second hand, that the log "
    "of the time goes as the batch over the learning rate. That the delay is such a time, and with "
    "Adam, too, is our reading.",
    {
        **{("batch_noise", name): _sooner for name in ("noisy", "total", "adam_noisy")},
        ("batch_noise", "large_step"): _arrhenius,
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
