"""Whether the strength of weight decay moves anything in ungrokking.

By L2, which is in the loss, by AdamW with the settings that are common, and by AdamW "inside": with
an epsilon so large and a decay so weak that no parameter comes near the inverse of the decay.
There decay times epsilon is the strength that is varied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import Adam, AdamW, Decaying
from theory.questions.practice import Subject, at_sizes, grokked, settled
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import half_way, half_way_bounds
from theory.statistics import Bounds, log, slope, slope_bounds
from theory.sweeps import sweep

ASKS = "Does the strength of weight decay move where and how far networks ungrok?"
PART = "four predictions"
KNOWN = "all of it: these are the runs of the first trial"
MODULUS, WIDTH = 43, 128
SEEDS = (300, 301, 302, 303)
#: The first trial had as many seeds as its time allowed.
SAMPLING = Sampling(least=4, largest=4)
#: D/m of what a network goes on with.
SIZES = tuple(float(size) for size in np.geomspace(2.5, 28, 14).round(2))
#: Strengths over the weakest, the same for every optimiser.
FACTORS = (1.0, 3.0, 10.0, 30.0, 100.0)
WEAKEST = {"l2": 1e-5, "adamw": 0.03}
#: Updates on the whole pool and then on fewer examples.
STEPS = {"l2": (800, 2400), "adamw": (2000, 5000)}
#: AdamW inside: its decay, and the strengths of L2 that it is held against.
INSIDE_DECAY, INSIDE_STEPS, INSIDE_FACTORS = 0.1, (2000, 16000), (10.0, 100.0)
#: Number of its seeds.
INSIDE_SEEDS = 3
#: D/m at which accuracies are compared, meant to be in the transition of L2. At the first L2 is at
#: its floor, and at the other two AdamW at its ceiling: there nothing could fail.
FIXED = (SIZES[6], SIZES[8], SIZES[10])
POINTS: Mapping[str, Sequence[Any]] = {
    "optimiser": tuple(WEAKEST),
    "factor": FACTORS,
    "per_label": SIZES,
    "seed": SEEDS,
}
#: What a page may run again: AdamW, which is not at rest, makes much of a rounding error.
LIVE = {**POINTS, "optimiser": ("l2",)}


QUANTITIES = (
    Quantity(
        "l2_accuracy_slope",
        "How far the test accuracy at one size rises for a factor of ten in the strength of L2.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "l2_half_way_slope",
        "The exponent with which the half-way point D50 grows with the strength of L2.",
        PRIMARY,
        0.02,
    ),
    Quantity(
        "adamw_accuracy_slope",
        "How far the test accuracy at one size rises for a factor of ten in the decay of AdamW.",
        CHECK,  # it can hold by the mean with two sizes at which no network of AdamW ungroks
        0.05,
    ),
    Quantity(
        "adamw_half_way_slope",
        "The exponent with which D50 grows with the decay of AdamW.",
        PRIMARY,
        0.02,
    ),
    Quantity(
        "inside_imbalance",
        "What is left over of gradient and decay, as a part of the decay, where AdamW inside has "
        "come to.",
        CHECK,
        0.1,
    ),
    Quantity(
        "inside_half_way",
        "D50/m with AdamW inside.",
        PRIMARY,
        0.1,
        relative=True,
        null=12.3,
        guess="as in the question on ungrokking, the mean of three moduli",
    ),
    Quantity(
        "inside_half_way_slope",
        "The exponent with which D50 grows with the strength of AdamW inside.",
        SECONDARY,
        0.02,
    ),
    Quantity("l2_half_way", "D50/m with L2."),
    Quantity(
        "last_change",
        "How far the accuracy still moved, on average over sizes, in the last fifth of the "
        "updates.",
    ),
)


def run(
    folder: str | Path,
    points: Mapping[str, Sequence[Any]] = POINTS,
    modulus: int = MODULUS,
    shorter: int = 1,
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `practice.continued`. For AdamW inside of the box, with the first seeds, their
    names begin with ``inside_``, and so do factor and seed. All stages of training after the
    first can be so many times `shorter`.
    """
    settings: Any = {"sizes": list(points["per_label"]), "modulus": modulus, "shorter": shorter}
    grid = {name: values for name, values in points.items() if name != "per_label"}
    main = sweep(partial(curve, **settings), grid, folder)
    few = {"factor": INSIDE_FACTORS, "seed": points["seed"][:INSIDE_SEEDS]}
    inside = sweep(partial(curve_inside, **settings), few, folder)
    own = {*inside.data_vars, *inside.dims} - {"per_label"}
    inside = inside.drop_vars("diverged").rename({name: f"inside_{name}" for name in own})
    return main.merge(inside, join="exact", compat="no_conflicts")


def curve(
    optimiser: str,
    factor: float,
    seed: int,
    sizes: Sequence[float] = SIZES,
    modulus: int = MODULUS,
    shorter: int = 1,
) -> xr.Dataset:
    """Return what becomes of one network at all sizes, along ``per_label``."""
    strength = WEAKEST[optimiser] * factor
    step = Adam(3e-3, strength) if optimiser == "l2" else AdamW(1e-3, strength)
    return _curve(Subject(modulus, WIDTH, seed), step, STEPS[optimiser], sizes, shorter)


def curve_inside(
    factor: float,
    seed: int,
    sizes: Sequence[float] = SIZES,
    modulus: int = MODULUS,
    shorter: int = 1,
) -> xr.Dataset:
    """Return the same for AdamW deep inside of the box."""
    step = AdamW(3e-2, INSIDE_DECAY, epsilon=WEAKEST["l2"] * factor / INSIDE_DECAY)
    return _curve(Subject(modulus, WIDTH, seed), step, INSIDE_STEPS, sizes, shorter)


def again(optimiser: str, factor: float, per_label: float, seed: int) -> xr.Dataset:
    """Return one run."""
    return curve(optimiser, factor, seed, [per_label]).isel(per_label=0, drop=True)


def _curve(
    subject: Subject,
    optimiser: Decaying,
    steps: tuple[int, int],
    sizes: Sequence[float],
    shorter: int,
) -> xr.Dataset:
    first, then = (each // shorter for each in steps)
    start = settled(subject, grokked(subject), optimiser, first)
    return at_sizes(subject, start, optimiser, then, sizes)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    right = {name: runs.test_accuracy.sel(optimiser=name, drop=True) for name in WEAKEST}
    names = {"inside_factor": "factor", "inside_seed": "seed"}
    inside = runs.inside_test_accuracy.rename(names)
    moved = abs(runs.test_accuracy - runs.test_accuracy_before)
    return {
        "l2_accuracy_slope": accuracy_slope(right["l2"]),
        "l2_half_way_slope": exponent(right["l2"]),
        "adamw_accuracy_slope": accuracy_slope(right["adamw"]),
        "adamw_half_way_slope": exponent(right["adamw"]),
        "inside_imbalance": runs.inside_imbalance.rename(names).mean("per_label"),
        "inside_half_way": half_way_bounds(inside),
        "inside_half_way_slope": exponent(inside),
        "l2_half_way": half_way(right["l2"]),
        "last_change": moved.mean(["per_label", "factor"]),
    }


def accuracy_slope(right: xr.DataArray) -> xr.DataArray:
    """Return how far the accuracy at `FIXED` sizes rises for a factor of ten in strength."""
    fixed = right.sel(per_label=list(FIXED), method="nearest")
    steepness: xr.DataArray = slope(fixed, log(fixed["factor"]), "factor") * np.log(10)
    return steepness


def exponent(right: xr.DataArray) -> Bounds:
    """Return the exponent of D50 in the strength, or bounds where a D50 is not known."""
    return slope_bounds(half_way_bounds(right).log(), log(right["factor"]), "factor")
