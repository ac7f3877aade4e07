"""Square units on squared errors find waves without any regularisation."""

from theory.theories.theory import Prediction, Theory

COSINE_SOLUTION = Theory(
    "solution of cosines",
    "Square units on squared errors come to the solution of cosines, which is right everywhere, "
    "without regularisation, if the part of the table that they see is large enough.",
    "Gromov 2023 (arXiv:2301.02679)",
    "Read second hand; that the critical part of the table falls with the modulus, and that more "
    "than half of it is above.",
    {
        ("without_decay", name): lambda _: Prediction(1.0, "it is right everywhere")
        for name in ("squares_accuracy", "adam_squares_accuracy")
    },
)
