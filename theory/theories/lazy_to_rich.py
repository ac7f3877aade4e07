"""Grokking as a late change from a network that hardly moves to one that learns features."""

from theory.theories.theory import Prediction, Theory

LAZY_TO_RICH = Theory(
    "lazy to rich",
    "A network first fits with the features that it starts with, and learns better ones later; "
    "neither needs decay, nor that the norm falls.",
    "Kumar et al. 2024 (arXiv:2310.06110)",
    "The abstract was read, and a review that shows a figure: gradient descent on squared errors "
    "without decay, where the norm grows. That it grows by more than the margin, and in a network "
    "of square units on sums, is our reading; how lazy our start is was not measured.",
    {
        ("norm_and_loss", "squares_end"): lambda _: Prediction(
            1.0, "features grow without anything that takes the norm down", direction=1
        ),
    },
)
