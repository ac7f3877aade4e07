"""Patterns that are learned at different speeds, in updates as in parameters."""

from theory.theories.accounts.account import ABSTRACT, Account, says

_WIDER = "what more updates do, more parameters do"

PATTERN_SPEEDS = Account(
    "pattern speeds",
    "Grokking and double descent are patterns of different speed; more parameters act as more "
    "updates do, so that there is grokking in the width, too.",
    "Davies et al. 2023 (arXiv:2303.06173)",
    "The abstract was read, which calls it a hypothesis. That wider networks generalise from fewer "
    "examples and sooner, over all widths that are tried here, is our reading.",
    {
        ("width", "half_way_narrow"): says(0.0, _WIDER, direction=-1),
        ("width", "half_way_wide"): says(0.0, _WIDER, direction=-1),
        ("width", "half_exponent"): says(0.0, _WIDER, direction=-1),
        ("harder_width", "half_way"): says(0.0, _WIDER, direction=-1),
    },
    access=ABSTRACT,
    published="2023-03",
    papers=("2303.06173",),
    silent={
        "efficiency_again": "its patterns have speeds, and no costs",
        "forgetting": "nothing was read of networks from which examples are taken away",
    },
)
