"""Omnigrok: a large start fits at once, and decay takes its norm down to where it should be."""

from theory.questions.large_starts import WAYS
from theory.theories.planted import OF_NORM_ALONE
from theory.theories.theory import Prediction, Theory

_BECAUSE = "decay alone takes the norm from the start's to one and the same"

OMNIGROK = Theory(
    "Omnigrok",
    "A network generalises at a norm of its own; from a large start decay has to take it there.",
    "Liu et al. 2023 (Omnigrok, arXiv:2210.01117)",
    "Read second hand: ln(w0/wc)/gamma from a large start, no delay from a small one. That "
    "gradients leave the norm alone on the way is our reading.",
    {
        **{
            ("large_starts", f"slope_{way.lower()}"): lambda _: Prediction(1.0, _BECAUSE)
            for way in WAYS
        },
        **OF_NORM_ALONE,
        ("large_starts", "late_small"): lambda _: Prediction(
            1.0, "a small start generalises as it fits"
        ),
        ("large_starts", "late_large"): lambda _: Prediction(
            1.0, "a large one fits long before", direction=1
        ),
    },
)
