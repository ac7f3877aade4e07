"""The delay is the time in which decay takes the norm down: one over the decay."""

from theory.theories.theory import Prediction, Theory

_EXPONENTS = (
    "descent_exponent",
    "descent_most_exponent",
    "adamw_exponent",
    "adamw_most_exponent",
)

ONE_OVER_DECAY = Theory(
    "one over the decay",
    "A network that fits drifts along what fits until decay has taken its norm down, in a time of "
    "one over the decay.",
    "Liu et al. 2023 (Omnigrok, arXiv:2210.01117), Lyu et al. 2024 (arXiv:2311.18817)",
    "Read second hand: ln(w0/wc)/gamma, and (1/lambda) times a logarithm of the start, for "
    "gradient flow; taken to mean AdamW's decay as well, with which Omnigrok trains.",
    {
        ("delay_and_decay", name): lambda _: Prediction(-1.0, "the norm falls at its rate")
        for name in _EXPONENTS
    },
)
