"""A race of two speeds, both functions of the number of parameters."""

from theory.theories.accounts.account import ABSTRACT, Account, says

TWO_SPEEDS = Account(
    "two speeds",
    "Memorising and generalising have a speed each, which depend on the number of parameters; "
    "grokking sets in close to where they are equal.",
    "Song and Ye 2026 (arXiv:2605.09724)",
    "The abstract was read; it times memorising on random labels. Our reading: that the time to "
    "fit sums goes as that does, and that the width of a two-layer network stands for the number "
    "of parameters, at any of the widths that are tried.",
    {("width", "fits_exponent"): says(0.0, "larger models memorise faster", direction=-1)},
    access=ABSTRACT,
    published="2026-05",
    papers=("2605.09724",),
    silent={
        "efficiency_again": "speeds are measured in it, not costs",
        "delay_and_decay": "no decay was read of",
        "forgetting": "nothing was read of networks from which examples are taken away",
    },
)
