"""An effective theory of representations: they form if there are enough examples."""

import xarray as xr

from theory.questions.question import Measured
from theory.statistics import power
from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.laws import DELAY_BY_SIZE, HALF_WAY, pole_in, power_of
from theory.theories.theory import Prediction, known

_POLE = "the time diverges at a critical size"
_BETTER = f"{_POLE}: a pole foretells better than a power"
_PART = "one part of all pairs is enough, whatever the modulus"


def _trend(measured: Measured) -> Prediction:
    cost = known(measured, "equal_cost")
    by_cost = xr.DataArray(power(cost, cost["modulus"], "modulus"))
    return Prediction(1 - by_cost, f"{_PART}: D/m goes as m, over what costs measured")


EFFECTIVE_THEORY = Account(
    "effective theory",
    "Generalising comes from structured representations, which form if the training set is large "
    "enough, and the more slowly the nearer it is to that.",
    "Liu et al. 2022 (arXiv:2205.10343)",
    "The abstract was read: that an effective theory tells how representations depend on the size "
    "of the training set, and that there are four phases. Second hand: that the time diverges at "
    "a critical size, and that no network stays in part. That this size is one part of all pairs "
    "at every modulus is our reading of a toy setting.",
    {
        **{
            ("delay_and_size", f"{way}_pole"): says(0.0, _BETTER, direction=1)
            for way in ("descent", "adamw", "adam")
        },
        ("semi_grokking", "in_part"): says(0.0, "the representation forms, or it does not"),
        ("critical_again", "trend"): _trend,
        ("critical_again", "trend_scratch"): _trend,
    },
    access=ABSTRACT,
    published="2022-05",
    papers=("2205.10343",),
    silent={
        "efficiency_again": "it has no norms of circuits",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "delay_and_decay": "its phases are drawn over decay; no law of the time was read",
    },
    laws={
        **{table: pole_in("size", _POLE) for table in DELAY_BY_SIZE.values()},
        **{table: power_of("modulus", 1.0, _PART) for table in HALF_WAY.values()},
    },
)
