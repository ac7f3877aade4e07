"""Omnigrok: training and test loss against the norm, an L and a U."""

from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.laws import DELAY_BY_DECAY, LARGE_START, norm_ratio, power_of

_INVERSE = "one over the decay: the norm falls at its rate"
_FALL = "the time in which decay alone takes the norm down to one, from above it"
_LESS_DATA = "the more examples, the less lies between what fits and what generalises"

OMNIGROK_AFTER = Account(
    "Omnigrok",
    "Train loss against the norm is an L, test loss a U; what starts at a large norm fits at once "
    "and generalises when decay has taken it down, the more dramatically the more it takes "
    "representations.",
    "Liu et al. 2023 (Omnigrok, arXiv:2210.01117)",
    "The text to section 4 was read, in a copy: ln(w0/wc)/gamma, if decay is all there is; more "
    "data widen the zone that generalises. From a summary: a norm that is held small nearly ends "
    "grokking. Our reading: that a bound on singular values is such a norm; in the question on "
    "transplants, that the norm alone decides, whatever the representation: its authors lay the "
    "drama to representations, and might say otherwise.",
    {
        ("delay_and_size", "descent_far"): says(0.0, _LESS_DATA, direction=-1),
        ("delay_and_size", "adam_far"): says(0.0, _LESS_DATA, direction=-1),
        ("regularisers", "best_bound"): says(
            0.5, "at a norm that is held small enough grokking is nearly gone", direction=1
        ),
    },
    access=ABSTRACT,
    published="2022-10",
    papers=("2210.01117",),
    silent={
        "forgetting": "it says nothing of circuits, nor of what happens when examples go",
        "critical_again": "it has a critical size, the tip of a contour, and no law of it",
        "decay_again": "how fast the norm falls is in it, not where it ends",
        "semi_grokking": "it has one test loss at each norm, and says nothing of parts",
        "infinite_data": "nothing was read of it",
        "without_decay": "from above its norm nothing happens then, from below all is fast; on "
        "which side these starts are it does not tell",
        "held_norm": "that grokking nearly goes at a small held norm is theirs, before the paper; "
        "at which part of memory's norm was not read",
    },
    laws={
        **{DELAY_BY_DECAY[way]: power_of("decay", -1.0, _INVERSE) for way in ("descent", "AdamW")},
        **{table: norm_ratio("scale", "falls", _FALL, False) for table in LARGE_START.values()},
    },
)
