"""Early a kernel, late the least norm: the bias of training changes."""

from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.laws import DELAY_BY_DECAY, LARGE_START, norm_ratio, power_of

_LIMIT = "in the limit of little decay the end is that of the least norm, whatever the decay"
_TIME = "the kernel holds until log(start) over the decay"

DICHOTOMY = Account(
    "two biases",
    "From a large start with little decay a network stays at a kernel predictor for long, and then "
    "goes sharply to one of the least norm, or the largest margin.",
    "Lyu et al. 2024 (arXiv:2311.18817)",
    "Sections 1 to 3.2 were read, in a copy: a sharp transition around log(start)/decay, proved "
    "for gradient flow in the limit of a large start and little decay, to a point that is "
    "stationary for the margin; sums without decay are right in the end, without such a "
    "transition. That this holds at the decays here, and that ends then do not depend on decay, is "
    "our reading. AdamW, in *one over the decay*, is not theirs.",
    {("decay_again", name): says(0.0, _LIMIT) for name in ("slope_grokked", "slope_scratch")},
    access=ABSTRACT,
    published="2023-11",
    papers=("2311.18817",),
    silent={
        "large_starts": "its time is that of a limit, with a decay that goes down as the start "
        "goes up; starts here are 8 to 32 times the usual, at one decay",
        "efficiency_again": "it compares a kernel with a least norm, not two circuits",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "semi_grokking": "the transition it proves is from one predictor to another",
        "delay_and_size": "the number of examples is in no time that was read",
    },
    laws={
        DELAY_BY_DECAY["descent"]: power_of("decay", -1.0, _TIME),
        LARGE_START["descent"]: norm_ratio("scale", "falls", _TIME, False),
    },
)
