"""No explicit regulariser lets a network generalise as soon as it fits."""

from theory.theories.theory import Prediction, Theory

_BECAUSE = "memory is learned faster under any regulariser, so a network fits first"

NO_REGULARISER = Theory(
    "no regulariser",
    "Whatever is added to the loss or held, a network fits before it generalises.",
    "An author of Varma et al. 2023, in an answer to readers",
    "Second hand: it would be a surprise to see such a regulariser. That it is meant of those that "
    "are tried here, and of half of the unseen pairs when it fits, is our reading.",
    {
        ("regularisers", name): lambda _: Prediction(0.5, _BECAUSE, direction=-1)
        for name in ("best_bound", "best_smoothing", "best_noise", "best_l2", "best_l1")
    },
)
