"""Square units on squared errors find waves without any regularisation."""

from theory.theories.theory import Prediction, Theory

COSINE_SOLUTION = Theory(
    "solution of cosines",
    "Square units on squared errors come to the solution of cosines, which is right everywhere, "
    "without regularisation, if the part of the table that they see is large enough.",
    "Gromov 2023 (arXiv:2301.02679)",
    "Read second hand. The part that is enough is said to fall with the modulus; that .37 to .50 "
    "of the table is enough at these is our reading.",
    {
        ("without_decay", "squares_accuracy"): lambda _: Prediction(
            1.0, "it is right everywhere, if what it sees is enough"
        )
    },
)
