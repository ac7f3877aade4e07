"""Regimes of weight decay: none below a critical one, a power above."""

from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.laws import DELAY_BY_DECAY, shifted_power_of

DECAY_REGIMES = Account(
    "decay regimes",
    "Weight decay separates memorising, grokking and collapse; above a critical decay the time "
    "falls as a power.",
    "Verma 2026 (arXiv:2605.20441)",
    "The abstract was read, of transformers with AdamW: a critical decay of .0158, almost no "
    "grokking below, an exponent of .757 [.725, .799] of the time, on a grid of four; other "
    "architectures have critical decays of their own, and claims beyond transformers are put out "
    "of scope. That the power is in the decay less the critical one is second hand. Our reading: "
    "that below includes none, and that Adam stands for AdamW there; in the law of the curve the "
    "critical decay is fitted. What is refuted on trial takes .0158, which it does not claim of "
    "these networks.",
    {("without_decay", "adam_gain"): says(0.0, "below the critical decay there is no grokking")},
    access=ABSTRACT,
    published="2026-05",
    papers=("2605.20441",),
    silent={
        "decay_again": "where networks end is not in it, but for collapse at a decay of 10",
        "delay_and_size": "no law in the number of examples was read",
        "efficiency_again": "it has no circuits",
    },
    laws={DELAY_BY_DECAY["AdamW"]: shifted_power_of("decay", -0.757)},
)
