"""Without weight decay a network that has memorised never generalises."""

from theory.theories.theory import Prediction, Theory

DECAY_NEEDED = Theory(
    "decay is needed",
    "What takes a network from memorising to generalising is weight decay; without it nothing "
    "changes.",
    "Nanda et al. 2023 (arXiv:2301.05217)",
    "Read second hand, as: never without decay. That is of a transformer with AdamW; taken to mean "
    "cross-entropy, with either optimiser. Other accounts of decay, of large starts or of the "
    "minimal model, are not counted here.",
    {
        ("without_decay", name): lambda _: Prediction(0.0, "nothing takes the norm down")
        for name in ("adam_gain", "descent_gain")
    },
)
