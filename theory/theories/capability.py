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
            place: lambda _: Prediction(
                0.0, "larger networks generalise from fewer examples", direction=-1
            )
            for place in (
                ("width", "half_way_narrow"),
                ("width", "half_way_wide"),
                ("grokked_width", "half_way_few"),
                ("grokked_width", "half_way_enough"),
                ("harder_width", "half_way"),
            )
        },
        ("semi_grokking", "in_part"): lambda _: Prediction(
            0.15, "there is a band of semi-grokking", direction=1
        ),
        ("semi_grokking", "half_way_width"): lambda _: Prediction(
            1.0, "larger networks generalise from fewer examples", direction=-1
        ),
    },
)
