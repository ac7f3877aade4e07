r"""Features that emerge: lazy, each for itself, and together.

Features that generalise need :math:`D \sim m \log m` examples of a group of m elements.
"""

import numpy as np
import xarray as xr

from theory.questions.question import Measured
from theory.statistics import log, power
from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.laws import HALF_WAY, Law
from theory.theories.theory import Prediction, known

_ENOUGH = "m log m examples are enough"
_DECAY = "without decay the gradient of the hidden layer has nothing of the labels"


def per_label(modulus: xr.DataArray) -> xr.DataArray:
    """Return how many examples a label are enough, up to a factor."""
    return log(modulus)


def _trend(measured: Measured) -> Prediction:
    cost = known(measured, "equal_cost")
    moduli = cost["modulus"]
    needed = power(per_label(moduli.astype(float)), moduli, "modulus")
    by_cost = xr.DataArray(power(cost, moduli, "modulus"))
    return Prediction(float(needed) - by_cost, f"{_ENOUGH}, over what costs measured")


FEATURE_EMERGENCE = Account(
    "emergence of features",
    "A two-layer network is lazy first; then, thanks to decay, each unit climbs an energy of its "
    "own, whose maxima are features; then they share the work.",
    "Tian 2025 (arXiv:2509.21519)",
    "The abstract and sections 4.4 to 5 were read, in a copy: three stages; decay carries the "
    "labels into the gradient; m log m examples are enough to keep the maxima, which is proved; "
    "with fewer they become memories, which is to explain ungrokking. Our reading: that what is "
    "enough is where half is right; that the pace of the second stage, and of unlearning, goes "
    "with the decay. Abstracts of several versions differ in what they say of decay; the copy has "
    "it.",
    {
        ("critical_again", "trend"): _trend,
        ("critical_again", "trend_scratch"): _trend,
        ("without_decay", "adam_gain"): says(0.0, _DECAY),
        ("without_decay", "descent_gain"): says(0.0, _DECAY),
        ("delay_and_decay", "descent_exponent"): says(-1.0, "the pull on features is the decay's"),
        ("forgetting", "lost_by_penalty"): says(
            0.0, "with few examples the maxima are memories, and decay pulls there", direction=1
        ),
    },
    access=ABSTRACT,
    published="2025-09",
    papers=("2509.21519",),
    silent={
        "efficiency_again": "it has features and their energy, not norms of circuits",
        "semi_grokking": "both kinds of maxima may be there at once; no share of networks is said",
        "several_circuits": "which features are taken is in it; what was read has no number",
        "answers": "its groups have as many answers as elements",
    },
    laws={
        table: Law(
            f"D/m as log m: {_ENOUGH}", lambda places, _: np.log(np.log(places["modulus"]))[None]
        )
        for table in HALF_WAY.values()
    },
)
