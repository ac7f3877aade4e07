"""Kernel machines that grok: features alone decide."""

from theory.questions.question import Measured
from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.theory import Prediction, known

_FEATURES = "the transition is of features alone, and these are there from the start"


def _as_scratch(measured: Measured) -> Prediction:
    because = "entries that are shuffled are no features of the task"
    return Prediction(known(measured, "scratch_right"), because)


KERNEL_MACHINES = Account(
    "kernel machines",
    "A kernel machine that learns features groks, without a network and without descent; "
    "features decide, and neither the train nor the test loss tells when.",
    "Mallinar et al. 2025 (arXiv:2407.20199)",
    "The abstract was read, which finds the same features in networks. Second hand: that accounts "
    "by norms cannot account for it; that features of the right form, if given, let a kernel "
    "generalise at once and a network soon; that in networks the train loss counts. That "
    "embeddings which have generalised are such features in a network, whatever their norm, is "
    "our reading.",
    {
        ("transplants", "donor_right"): says(0.5, _FEATURES, direction=1),
        ("transplants", "rescaled_right"): says(0.5, _FEATURES, direction=1),
        ("transplants", "shuffled_right"): _as_scratch,
        ("transplants", "shuffled_pace"): says(1.0, "they have to be learned", direction=1),
    },
    access=ABSTRACT,
    published="2024-07",
    papers=("2407.20199",),
    silent={
        "efficiency_again": "its machines have no norm that decides",
        "decay_again": "decay stands in for a penalty on features, second hand; no strength",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "held_norm": "that norms do not decide is said of machines that have none",
    },
)
