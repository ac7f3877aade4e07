r"""Ridge regression that groks: what the data do not see decays at its own rate.

A linear model :math:`y = w \cdot x` with more inputs than examples, squared errors, weight decay
:math:`\lambda`, gradient flow from a start of the size s. What the examples see is fitted at once.
The rest of the start is only taken down by decay,

.. math:: |w_\perp(t)| = s\, e^{-\lambda t}, \qquad t_* = \frac{\log(s / s_*)}{\lambda} ,

until it is as small as the test error asks for, :math:`s_*` (the linear case, derived here; the
paper proves bounds of this kind). Without decay it stays.
"""

from __future__ import annotations

import numpy as np

from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.laws import DELAY_BY_DECAY, LARGE_START, norm_ratio, power_of

_BECAUSE = "what the examples do not see is taken down by decay alone"


def time(decay: float, start: float, enough: float) -> float:
    """Return when what is not seen has come down from a start to a size that is small enough.

    Infinite without decay, and 0 where it is small enough from the start.

    Examples
    --------
    >>> round(time(0.01, 10.0, 1.0))
    230
    """
    if start <= enough:
        return 0.0
    return float(np.log(start / enough) / decay) if decay else float("inf")


def decay_exponent() -> float:
    """Return the exponent of the time in the decay."""
    weak, strong = time(0.01, 10.0, 1.0), time(0.02, 10.0, 1.0)
    return float(np.log2(strong / weak))


def gain_without_decay(updates: float = 1e9) -> float:
    """Return how much of what was wrong is right after so many updates without decay."""
    return float(time(0.0, 10.0, 1.0) < updates)


RIDGE = Account(
    "ridge regression",
    "Linear regression with decay groks: it overfits early, and what the examples do not see "
    "decays late; how late is set by hyperparameters, which can do away with it.",
    "Xu et al. 2026 (arXiv:2601.19791)",
    "The abstract was read: bounds on the time in terms of hyperparameters, and that they describe "
    "networks as well. Second hand: that it goes as one over decay and with the logarithm of the "
    "start. That it is to hold of these networks is our reading.",
    {
        ("delay_and_decay", "descent_exponent"): says(decay_exponent(), _BECAUSE),
        ("delay_and_decay", "descent_most_exponent"): says(decay_exponent(), _BECAUSE),
        ("without_decay", "descent_gain"): says(
            gain_without_decay(), "without decay what the examples do not see stays"
        ),
    },
    access=ABSTRACT,
    published="2026-01",
    papers=("2601.19791",),
    silent={
        "efficiency_again": "a linear model has no circuits",
        "delay_and_size": "the number of examples is in bounds that were not read",
        "large_starts": "it proves bounds; their constants were not read",
        "semi_grokking": "nothing was read of it",
        "forgetting": "nothing was read of networks from which examples are taken away",
    },
    laws={
        DELAY_BY_DECAY["descent"]: power_of("decay", decay_exponent(), _BECAUSE),
        LARGE_START["descent"]: norm_ratio("scale", "falls", _BECAUSE, True),
    },
)
