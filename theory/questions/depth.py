r"""What more layers change, at one learning rate for all and at the best of each.

Networks of one to three hidden layers of ReLU, on sums modulo m, with AdamW. A depth has a learning
rate of its own, so what is compared at one rate may be the rate. No theory here speaks of it: that
of subweights in a row is for plain descent from a small start, and this is neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import measures
from theory.networks import MLP, AdamW, Split, Stage, Training, modular_addition
from theory.questions.descended import nested
from theory.questions.passages import EARLY, HALF, followed
from theory.questions.practice import pool_of
from theory.questions.question import Measured, Quantity, Sampling
from theory.statistics import exp, log
from theory.sweeps import sweep

ASKS = "What do more layers change in how late a network generalises?"
PART = "parameters"
KNOWN = (
    "Exploratory runs, not stored, modulus 31, seed 0, three quarters of all pairs, decay 1. One, "
    "two and three hidden layers fit after 1024, 420 and 258 updates at a rate of .001, after 329, "
    "140 and 99 at .003 and after 102, 53 and 53 at .01, and are half right after 3674, 1824 and "
    "6682, after 979, 571 and 1364, and after 352, 244 and 561. At 27, seed 41: half right after "
    "1524, 967 and 1195 at .003, 508, 319 and 556 at .01, 150, 150 and 314 at .03, 135, 77 and 320 "
    "at .06. So that two layers are the fastest, and that what three do goes with the rate, was "
    "known."
)
WIDTH, DECAY = 64, 1.0
#: Part of all pairs that is trained on.
PART_OF_PAIRS = 0.75
RATES = (0.003, 0.01, 0.03, 0.06, 0.12)
#: Train accuracy that counts as fitting: at log 2 deep networks have a tenth still wrong.
FITTED = 0.99
#: Updates after which a network is given up: so many over the rate, and at least.
PATIENCE, AT_LEAST = 36.0, 800
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6900, 6900 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": (27, 29, 35),
    "layers": (1, 2, 3),
    "rate": RATES,
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "rate": RATES[:1]}

_OWN = "each at the rate at which the other seeds are half right soonest"
QUANTITIES = (
    Quantity("two_soon", "Updates to half of the accuracy, two hidden layers over one, by rate."),
    Quantity("three_soon", "Updates to half of the accuracy, three over one, by rate."),
    Quantity("two_tuned", f"Updates to half of the accuracy, two over one, {_OWN}."),
    Quantity("three_tuned", f"Updates to half of the accuracy, three over one, {_OWN}."),
    Quantity("late", "Updates to half of the accuracy over those to fit."),
    Quantity("late_tuned", f"Updates to half of the accuracy over those to fit, {_OWN}."),
    Quantity("half", "Updates to half of the accuracy."),
    Quantity("fits", "Updates to fit."),
    Quantity("best_rate", "The rate at which the other seeds are half right soonest."),
    Quantity("known_share", "The share of runs that came to half of the accuracy."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, layers: int, rate: float, seed: int) -> xr.Dataset:
    """Return when one network fits and is half right, ``fits`` and ``half``, in updates.

    NaN where it has not; and, after `EARLY` updates, ``test_accuracy`` and ``parameter_norm``.
    """
    updates = max(round(PATIENCE / rate), AT_LEAST)
    stages = (Stage(AdamW(rate, DECAY), updates),)
    course = followed(Training(MLP((WIDTH,) * layers), examples(modulus, seed), stages, seed), HALF)
    early = course.sel(step=EARLY)
    return xr.Dataset(
        {
            "fits": measures.fit_step(course, fit_accuracy=FITTED).item(),
            "half": measures.generalisation_step(course, HALF).item(),
            "test_accuracy": early.test_accuracy.item(),
            "parameter_norm": early.parameter_norm.item(),
        }
    )


def examples(modulus: int, seed: int) -> Split:
    """Return the pairs to train on, and those that are only ever tested on."""
    pool = pool_of(modular_addition(modulus), seed)
    return replace(pool, train=nested(pool, [round(PART_OF_PAIRS * modulus**2)], seed)[0])


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    half, late = log(runs.half), log(runs.half / runs.fits)
    place = tuned(runs)
    best = half.isel(rate=place).drop_vars("rate")
    return {
        "two_soon": _over_one(half, 2),
        "three_soon": _over_one(half, 3),
        "two_tuned": _over_one(best, 2),
        "three_tuned": _over_one(best, 3),
        "late": exp(late),
        "late_tuned": exp(late.isel(rate=place).drop_vars("rate")),
        "half": runs.half,
        "fits": runs.fits,
        "best_rate": runs["rate"].isel(rate=place).drop_vars("rate"),
        "known_share": runs.half.notnull().astype(float),
    }


def tuned(runs: xr.Dataset) -> xr.DataArray:
    """Return the place on the ladder of rates at which the other seeds are half right soonest.

    For each depth, over their mean logarithm; what has not come counts as the patience.
    """
    patience = np.maximum(PATIENCE / runs["rate"], AT_LEAST)
    time = log(runs.half.fillna(patience))
    others = time.sum("seed") - time
    place: xr.DataArray = others.argmin("rate")
    return place


def _over_one(log_time: xr.DataArray, layers: int) -> xr.DataArray:
    """Return a time with so many hidden layers over that with one."""
    return exp(log_time.sel(layers=layers) - log_time.sel(layers=1))
