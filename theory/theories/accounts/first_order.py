"""Grokking as a transition of the first order, in equilibrium."""

from theory.theories.accounts.account import ABSTRACT, Account, says

_INTERVAL = "the mixed phase is an interval"

FIRST_ORDER = Account(
    "first order",
    "Feature learning sets in as a phase transition of the first order; after it the state is a "
    "mixed phase, with features that are sharply distinct from those before.",
    "Rubin et al. 2024 (arXiv:2310.03789)",
    "The abstract was read: an adaptive kernel, two teachers, one of them modular addition. Second "
    "hand: sample, noise and width are one control; the mixed phase is an interval of it, and the "
    "error falls by 30% over that. That this is an interval of D, over which accuracies pass, is "
    "our reading; how wide, and what sharpens it, was not read.",
    {
        ("ungrokking", "width"): says(1.0, _INTERVAL, direction=1),
        **{
            (question, name): says(1.0, _INTERVAL, direction=1)
            for question in ("critical_again", "two_sides")
            for name in ("width_grokked", "width_scratch")
        },
    },
    access=ABSTRACT,
    published="2023-10",
    papers=("2310.03789",),
    silent={
        "efficiency_again": "it has no norms of circuits",
        "delay_and_decay": "it is of equilibrium, and gives no time",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "semi_grokking": "the mixed phase is of units, not of answers that are right",
    },
)
