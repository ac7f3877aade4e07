"""The delay at a norm that is held, by another account."""

from theory.theories.theory import Prediction, Theory

EXPONENTIAL_IN_NORM = Theory(
    "exponential in norm",
    "The delay grows as an exponential of the norm that is held.",
    "arXiv:2606.13753",
    "Read second hand, exp(7.5 norm) in its own unit: only the shape is asked, against a power.",
    {
        ("held_norm", "exponential"): lambda _: Prediction(
            0.0, "this shape foretells better than a power", direction=1
        )
    },
)
