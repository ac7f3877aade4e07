"""Two laws of others for the delay at a norm that is held."""

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

LOGIT_SCALE = Theory(
    "scale of logits",
    "The delay goes with the scale of the logits, and hardly with the norm as such.",
    "arXiv:2606.18465",
    "Read second hand: 97 % of the variance of the delay under cross-entropy; over which range of "
    "norms and temperatures is not known, and the share depends on it.",
    {
        ("held_norm", "scale_alone"): lambda _: Prediction(
            0.97, "what is said of cross-entropy", error=0.03
        )
    },
)
