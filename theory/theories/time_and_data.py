"""How the delay goes with the number of examples: two laws of others."""

from theory.theories.theory import Prediction, Theory

_WAYS = ("descent", "adamw", "adam")

EXPONENTIAL_IN_DATA = Theory(
    "exponential in data",
    "The delay falls exponentially with the fraction of data.",
    "arXiv:2509.10562",
    "Read second hand: T ~ exp(-beta fraction).",
    {
        ("delay_and_size", f"{way}_exponential"): lambda _: Prediction(
            0.0, "T ~ exp(-beta D) foretells better than a power", direction=1
        )
        for way in _WAYS
    },
)

POLE_IN_DATA = Theory(
    "pole in data",
    "The delay diverges at a critical size, as one over the distance.",
    "arXiv:2307.09550",
    "Read second hand: T ~ 1/(D - D_c).",
    {
        ("delay_and_size", f"{way}_pole"): lambda _: Prediction(
            0.0, "T ~ 1/(D - D_c) foretells better than a power", direction=1
        )
        for way in _WAYS
    },
)
