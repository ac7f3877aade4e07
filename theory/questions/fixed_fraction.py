r"""What becomes of the delay as the table grows and the fraction of it that is known stays.

At a fixed fraction of all pairs a label has the more examples the larger the modulus, so that
memorising gets dearer. Beside two fractions stands one part of the derived critical size, at which
both circuits cost in the same ratio whatever the modulus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import Adam, Optimiser, Stage, Training, TwoLayer, modular_addition
from theory.questions.delay_and_decay import L2_OF_SIZE
from theory.questions.passages import HALF, passages, passed_after
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import Bounds, log, slope_bounds
from theory.sweeps import sweep

ASKS = "What becomes of the delay as the table grows and the fraction of it that is known stays?"
PART = "infinite data"
KNOWN = (
    "Exploratory runs, not stored, seeds 0 and 1. With 64 units and a rate of 3e-3, at half of all "
    "pairs of moduli 31, 47, 61 and 83: fits at 120, 139, 152 and 168 updates, half right at 594, "
    "528, 386 and 300; at .4 of 47 and 61 at 626 and 565. So exponents in the modulus near -1.3 of "
    "the updates between and -1 of late over fit are expected; at 1.65 of the derived critical "
    "size 389 updates between at modulus 47 and 416 at 61. With 128 units and a rate of 1e-3, .3 "
    "of modulus 31 was never half right in 20000 updates, .3 of 43 at 1717. These very steps, one "
    "seed each: at half of 43 and 97 fits at 144 and 188, half right at 494 and 323, exponents of "
    "-1.2 and -.9; at 1.7 of the critical size the updates between had .6, where the models, "
    "computed after the first pilots and before these, have -.2. So that they miss all three is "
    "expected. How the delay goes with examples at one modulus, far more steeply than the model "
    "has it, was known. New are moduli, seeds, and how these exponents scatter. A design with ten "
    "seeds and moduli up to 101 was begun and given up for time; its runs were not looked at."
)
WIDTH, RATE, L2 = 128, 2e-3, 1.25e-4
#: After so many updates a network is given up.
UPDATES = 6000
#: Fractions of all pairs, and a part of the derived critical size.
FRACTIONS = {"0.35": 0.35, "0.5": 0.5}
PART_OF_SIZE, SAME_PART = 1.7, "1.7 of the critical size"
MODULI = (33, 51, 65, 77)
LESS = min(FRACTIONS)
#: Moduli of which a fraction is above the derived critical size, by a sixth at least.
ABOVE: Mapping[str, tuple[int, ...]] = {LESS: MODULI[1:], "0.5": MODULI}
#: And one of which the smaller is an eighth below it.
BELOW = MODULI[0]
SAMPLING = Sampling(least=6, batch=2, largest=6)
SEEDS = tuple(range(7500, 7500 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": MODULI,
    "known": (*FRACTIONS, SAME_PART),
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": MODULI[1:3]}

QUANTITIES = (
    Quantity(
        "delay_exponent",
        "The exponent in the modulus of the updates from fitting to half of the accuracy, at a "
        "fixed fraction of all pairs, .35 or .5.",
        PRIMARY,
        0.3,
        null=0.0,
        guess="the fraction alone matters",
    ),
    Quantity(
        "late_exponent",
        "The exponent in the modulus of the updates to half of the accuracy over those to fit, "
        "there.",
        SECONDARY,
        0.2,
        null=0.0,
        guess="the fraction alone matters",
    ),
    Quantity(
        "same_part_exponent",
        "The exponent in the modulus of the updates from fitting to half of the accuracy, at 1.7 "
        "of the derived critical size.",
        PRIMARY,
        0.3,
    ),
    Quantity(
        "below",
        f"The share of networks that come half-way within {UPDATES} updates on .35 of all pairs of "
        f"modulus {BELOW}.",
        SECONDARY,
        0.2,
    ),
    Quantity("delay", "Updates from fitting to half of the accuracy."),
    Quantity("late", "Updates to half of the accuracy over those to fit."),
    Quantity("fits", "Updates to fit."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, known: str, seed: int) -> xr.Dataset:
    """Return when one network fits and is half right, as `passages.passages`."""
    split = modular_addition(modulus).split(size_of(modulus, known), rng=seed)
    stage = Stage(optimiser(), UPDATES)
    found = passages(Training(TwoLayer(WIDTH), split, (stage,), seed), HALF)
    return found[["fits", "half", "updates", "test_accuracy", "parameter_norm"]]


def optimiser(l2: float = L2) -> Optimiser:
    """Return what a network is trained by."""
    return Adam(RATE, l2=l2)


def size_of(modulus: int, known: str) -> int:
    """Return a number of examples: of a fraction of all pairs, or of the same part."""
    if known == SAME_PART:
        return round(PART_OF_SIZE * float(circuits.critical_size(modulus, L2_OF_SIZE)))
    return round(FRACTIONS[known] * modulus**2)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    below = runs.half.sel(modulus=BELOW, known=LESS, drop=True)
    return {**growth(runs, ABOVE), "below": below.notnull().astype(float)}


def growth(runs: xr.Dataset, above: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Return times and their exponents in the modulus, at each fraction of the moduli above."""
    never_before = runs.half.fillna(runs.updates) / runs.fits
    late = Bounds(log(never_before), log(never_before).where(runs.half.notnull(), np.inf))
    delay = passed_after(runs, "half")
    return {
        "delay_exponent": _along_fractions(delay, above),
        "late_exponent": _along_fractions(late, above),
        "same_part_exponent": _exponent(delay, SAME_PART, runs["modulus"].values.tolist()),
        "delay": runs.half - runs.fits,
        "late": runs.half / runs.fits,
        "fits": runs.fits,
    }


def _along_fractions(values: Bounds, above: Mapping[str, tuple[int, ...]]) -> Bounds:
    each = [_exponent(values, known, moduli) for known, moduli in above.items()]
    along = xr.DataArray(list(above), dims="known", name="known")
    return Bounds(*(xr.concat(ends, along) for ends in zip(*each, strict=True)))


def _exponent(values: Bounds, known: str, moduli: Sequence[int]) -> Bounds:
    some = values.at(known=known, modulus=list(moduli))
    return slope_bounds(some, log(some.low["modulus"].astype(float)), "modulus")
