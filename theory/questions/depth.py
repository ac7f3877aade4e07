r"""What more layers change, at one learning rate for all and at the best of each.

Networks of one to three hidden layers of ReLU, on sums modulo m, with AdamW. A depth has a learning
rate of its own, so what is compared at one rate may be the rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import MLP, AdamW, Split, Stage, Training, modular_addition
from theory.questions.descended import nested
from theory.questions.passages import HALF, passages
from theory.questions.practice import pool_of
from theory.questions.question import SECONDARY, Measured, Quantity, Sampling
from theory.statistics import exp, log
from theory.sweeps import sweep

ASKS = "What do more layers change in how late a network generalises?"
PART = "parameters"
KNOWN = (
    "Exploratory runs, not stored, modulus 31, seed 0, three quarters of all pairs, decay 1. One, "
    "two and three hidden layers fit after 1024, 420 and 258 updates at a rate of .001, after 329, "
    "140 and 99 at .003 and after 102, 53 and 53 at .01, and are half right after 3674, 1824 and "
    "6682, after 979, 571 and 1364, and after 352, 244 and 561. So that two layers are the "
    "fastest, and that three are the latest after their fit, was known; .03 and other moduli are "
    "new."
)
WIDTH, DECAY = 64, 1.0
#: Part of all pairs that is trained on.
PART_OF_PAIRS = 0.75
RATES = (0.003, 0.01, 0.03)
ONE_RATE = RATES[0]
#: Updates after which a network is given up, times the rate.
PATIENCE = 24.0
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6900, 6900 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": (27, 29, 35),
    "layers": (1, 2, 3),
    "rate": RATES,
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "rate": (ONE_RATE,)}

_LATE = "Updates to half of the accuracy over those to fit, with {} hidden layers over one, {}."
_SOON = "Updates to half of the accuracy, with {} hidden layers over one, {}."
_ONE, _OWN = "at one learning rate", "each at the rate at which it is half right soonest"
_NO_MATTER = "layers do not matter"


def _quantity(name: str, meaning: str) -> Quantity:
    return Quantity(name, meaning, SECONDARY, 0.25, relative=True, null=1.0, guess=_NO_MATTER)


QUANTITIES = (
    _quantity("three_late", _LATE.format("three", _ONE)),
    _quantity("three_late_tuned", _LATE.format("three", _OWN)),
    _quantity("three_soon", _SOON.format("three", _ONE)),
    _quantity("three_soon_tuned", _SOON.format("three", _OWN)),
    _quantity("two_late", _LATE.format("two", _ONE)),
    _quantity("two_late_tuned", _LATE.format("two", _OWN)),
    _quantity("two_soon", _SOON.format("two", _ONE)),
    _quantity("two_soon_tuned", _SOON.format("two", _OWN)),
    Quantity("half", "Updates to half of the accuracy."),
    Quantity("fits", "Updates to fit."),
    Quantity("best_rate", "The rate at which it is half right soonest."),
    Quantity("known_share", "The share of runs that came to half of the accuracy."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, layers: int, rate: float, seed: int) -> xr.Dataset:
    """Return when one network fits and is half right, ``fits`` and ``half``, in updates.

    NaN where it has not; and, early on, ``test_accuracy`` and ``parameter_norm``: see
    `passages.passages`.
    """
    stage = Stage(AdamW(rate, DECAY), round(PATIENCE / rate))
    network = MLP((WIDTH,) * layers)
    found = passages(Training(network, examples(modulus, seed), (stage,), seed), HALF)
    return found[["fits", "half", "test_accuracy", "parameter_norm"]]


def examples(modulus: int, seed: int) -> Split:
    """Return the pairs to train on, and those that are only ever tested on."""
    pool = pool_of(modular_addition(modulus), seed)
    return replace(pool, train=nested(pool, [round(PART_OF_PAIRS * modulus**2)], seed)[0])


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    half, late = log(runs.half), log(runs.half / runs.fits)
    best = half.fillna(np.inf).argmin("rate")
    found: dict[str, xr.DataArray] = {}
    for count, layers in (("three", 3), ("two", 2)):
        for name, values in (("late", late), ("soon", half)):
            for tuned, chosen in (
                ("", values.sel(rate=ONE_RATE, drop=True)),
                ("_tuned", values.isel(rate=best).drop_vars("rate")),
            ):
                ratio = chosen.sel(layers=layers) - chosen.sel(layers=1)
                found[f"{count}_{name}{tuned}"] = exp(ratio)
    return {
        **{each.name: found[each.name] for each in QUANTITIES if each.name in found},
        "half": runs.half,
        "fits": runs.fits,
        "best_rate": runs["rate"].isel(rate=best).drop_vars("rate"),
        "known_share": runs.half.notnull().astype(float),
    }
