"""What the authors of circuit efficiency expect beyond their model."""

from collections.abc import Callable

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory


def _at_least(least: float, because: str) -> Callable[[Measured], Prediction]:
    return lambda _: Prediction(least, because, direction=1)


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
        **{
            (question, name): _at_least(least, because)
            for question in ("transient", "transient_again")
            for name, least, because in (
                ("largest_step", 1 / 3, "one circuit after the other, and few of them"),
                ("with_turnover", 0.5, "what is gained comes with another circuit"),
                ("moved", 0.5, "another circuit is ahead in the end"),
            )
        },
        ("semi_grokking", "in_part_width"): lambda _: Prediction(
            -0.05, "larger networks may do without", direction=-1
        ),
    },
)
