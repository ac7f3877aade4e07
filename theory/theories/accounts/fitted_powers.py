r"""Powers that were fitted to 384 settings, without a mechanism.

.. math:: T \propto H^{-0.27} D^{-2.04} \eta^{-0.50} \lambda^{-0.64}
"""

from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.laws import DELAY_BY_SIZE, HALF_BY_WIDTH, power_of

#: Of the time, in width and examples.
WIDTH, DATA = -0.27, -2.04
_FITTED = "as fitted elsewhere, to networks of two hidden layers"

FITTED_POWERS = Account(
    "fitted powers",
    "The time at which networks generalise is a product of powers of width, data, rate and decay, "
    "most of all of data; below a decay of about 1 they do not.",
    "Quantifying the memorization-to-generalization transition (ICML 2026 workshop, OpenReview "
    "Qh29Wjs8oo)",
    "The abstract was read: the four exponents, of two hidden layers on modular arithmetic; R2 = "
    ".73, or .82 with interactions; a sharp boundary at a decay of 1; a norm that only falls on "
    "the way. It does not say which optimiser. Our reading: Adam for the data and for no decay, "
    "which is below the boundary; that the delay goes as the time does; that data are the fraction "
    "of all pairs.",
    {
        ("width", "half_exponent"): says(WIDTH, _FITTED),
        ("delay_and_size", "adam_far"): says(DATA, _FITTED),
        ("without_decay", "adam_gain"): says(0.0, "there is no grokking below the boundary"),
    },
    access=ABSTRACT,
    published="2026-05",
    silent={
        "efficiency_again": "it has no circuits",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "decay_again": "it is of times",
        "delay_and_decay": "its power is of decays above about 1, and here they are 1 and less",
        "norm_and_loss": "that norms fall is in it; from which start was not read",
    },
    laws={
        **{DELAY_BY_SIZE[way]: power_of("fraction", DATA) for way in ("Adam", "AdamW")},
        HALF_BY_WIDTH: power_of("width", WIDTH),
    },
)
