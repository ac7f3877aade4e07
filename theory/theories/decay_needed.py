"""Without weight decay a network that has memorised never generalises."""

from theory.theories.theory import Prediction, Theory

DECAY_NEEDED = Theory(
    "decay is needed",
    "What takes a network from memorising to generalising is weight decay; without it nothing "
    "changes.",
    "Nanda et al. 2023 (arXiv:2301.05217), Liu et al. 2023 (Omnigrok, arXiv:2210.01117)",
    "Read second hand, as: never without decay. The first is of a transformer with AdamW, the "
    "second of large starts; taken to mean cross-entropy, with either optimiser.",
    {
        ("without_decay", name): lambda _: Prediction(0.0, "nothing takes the norm down")
        for name in ("adam_gain", "descent_gain")
    },
)
