"""Memorising and generalising as competition for capacity."""

from theory.theories.theory import Prediction, Theory

CAPABILITY = Theory(
    "competing capacities",
    "A network memorises as much as its parameters allow; between what it can memorise and what "
    "makes it generalise at once lie bands of semi-grokking and grokking.",
    "Huang et al. 2024 (arXiv:2402.15175)",
    "Read second hand: that there are bands in D, and that larger networks need fewer examples.",
    {
        **{
            ("width", name): lambda _: Prediction(
                0.0, "larger networks generalise from fewer examples", direction=-1
            )
            for name in ("half_way_narrow", "half_way_wide")
        },
        ("semi_grokking", "in_part"): lambda _: Prediction(
            0.15, "there is a band of semi-grokking", direction=1
        ),
        ("semi_grokking", "half_way_width"): lambda _: Prediction(
            1.0, "larger networks generalise from fewer examples", direction=-1
        ),
    },
)
