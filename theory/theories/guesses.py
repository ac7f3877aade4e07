"""What the authors of circuit efficiency expect beyond their model."""

from theory.theories.theory import Prediction, Theory

GUESSES = Theory(
    "authors' guesses",
    "A network may hold several generalising circuits and reach one after the other; with more "
    "parameters it may not be seen in part.",
    "Varma et al. 2023, section 5.3, and discussions of it",
    "Sure that it was said as a guess, and not as a prediction.",
    {
        ("semi_grokking", "earlier_plateaus"): lambda _: Prediction(
            0.1, "one circuit after the other", direction=1
        ),
        ("transient", "largest_step"): lambda _: Prediction(
            1 / 3, "one circuit after the other, and few of them", direction=1
        ),
        ("transient", "with_turnover"): lambda _: Prediction(
            0.5, "what is gained comes with another circuit", direction=1
        ),
        ("transient", "moved"): lambda _: Prediction(
            0.5, "another circuit is ahead in the end", direction=1
        ),
        ("semi_grokking", "in_part_width"): lambda _: Prediction(
            -0.05, "larger networks may do without", direction=-1
        ),
    },
)
