"""Where networks stop to generalise, over six moduli, from both sides, beside equal cost.

Networks from scratch and after grokking learn the same D examples, full batch, and are brought to
rest, as in `theory.questions.two_sides`. Both have as many updates on these examples; the network
on the pool, from which one of them comes, has had 2000 there.

The size of equal objective is measured on the same seeds and pools: where random labels cost as
much as the network on the pool. If efficiency decides where networks stop to generalise, the two go
together from modulus to modulus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import (
    Adam,
    Checkpoint,
    Rest,
    Split,
    Stage,
    Training,
    TwoLayer,
    modular_addition,
)
from theory.questions import practice
from theory.questions.at_rest import at_rest, with_random_labels
from theory.questions.cooled import DTYPE
from theory.questions.descended import RATE, grokked, nested
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import crossing, width_of
from theory.questions.resting import by_start, described, rested
from theory.statistics import Bounds, log, passage_bounds, slope_bounds
from theory.sweeps import sweep

ASKS = "Does equal cost say where networks stop to generalise, from modulus to modulus?"
PART = "critical size again"
KNOWN = (
    "The first trial, at moduli 47, 61 and 67, after grokking, not at rest. Put together after "
    "they had been read: half-way sizes after grokking over the size of equal objective are .805, "
    ".817 and .822 at moduli 29, 37 and 59 (`two_sides`) and .832, .830 and .827 at 79, 89 and 101 "
    "(`mixtures`). Half-way from scratch over after grokking is 1.13, 1.15 and 1.19 at 29, 37 and "
    "59; exploratory runs, not stored, had 1.09 to 1.14 at moduli 31 to 53 and 1.21 at 73. Widths "
    "D90/D10 are 1.57 after grokking and 1.71 from scratch (`two_sides`), 1.51 to 1.57 at 79 to "
    "101 (`mixtures`). Of equal weights these ratios are .851, .844 and .828 at 29, 37 and 59. So "
    "exponents in m are +.03 of half-way, -.04 of equal weights, +.10 of half-way from scratch. "
    "One pilot of these steps: accuracies from scratch of .52 at modulus 33 and .15 at 83, at .9 "
    "of the derived size. Expected are: both ratios off 1, a trend from scratch, one-sided mixing "
    "off in the place and the line on it, widths off a step, scratch above grokked and the more so "
    "the larger m. At risk are the trends after grokking, and the laws' widths, at moduli that "
    "were not seen at rest, two of them not prime."
)
WIDTH, L2 = 128, 1e-4
#: Prime but for 33 and 51, where some waves tell fewer sums apart.
MODULI = (33, 43, 51, 61, 71, 83)
SCRATCH, GROKKED = STARTS = ("scratch", "grokked")
#: D in parts of the derived critical size, and of random labels.
SIZES = (0.55, 0.66, 0.75, 0.84, 0.95, 1.1, 1.3, 1.6)
RANDOM = (0.6, 0.9, 1.2)
UPDATES = 5000
#: Where the network on the pool goes on for as many updates more, to see what that changes.
LONGER_AT = MODULI[0]
#: Test accuracy on the pool of what has grokked.
GROKKED_FROM = 0.9
SAMPLING = Sampling(least=4, batch=2, largest=6)
SEEDS = tuple(range(6000, 6000 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": MODULI,
    "part": SIZES,
    "start": STARTS,
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (33,), "part": (0.55, 1.6)}

_SAME_COST = "where both cost the same"
_FIXED = "as many examples for each label, at any modulus"
QUANTITIES = (
    Quantity(
        "half_over_cost",
        "The size at which half of what is never trained on is right, after grokking, over that at "
        "which random labels have the objective of the network on the pool.",
        PRIMARY,
        0.04,
        relative=True,
        null=1.0,
        guess=_SAME_COST,
    ),
    Quantity(
        "half_over_cost_scratch",
        "The same from scratch.",
        PRIMARY,
        0.04,
        relative=True,
        null=1.0,
        guess=_SAME_COST,
    ),
    Quantity(
        "trend",
        "The exponent in the modulus of this ratio, after grokking.",
        PRIMARY,
        0.08,
        null=-0.17,
        guess=_FIXED,
    ),
    Quantity("trend_scratch", "The same from scratch.", PRIMARY, 0.08, null=-0.17, guess=_FIXED),
    Quantity(
        "weights_over_cost",
        "The size at which both weights are equal, after grokking, over that of equal objective.",
        PRIMARY,
        0.04,
        relative=True,
        null=1.0,
        guess=_SAME_COST,
    ),
    Quantity(
        "weights_trend",
        "The exponent in the modulus of that ratio.",
        PRIMARY,
        0.08,
        null=-0.17,
        guess=_FIXED,
    ),
    Quantity(
        "weights_over_cost_scratch",
        "The size of equal weights from scratch over that of equal objective.",
        SECONDARY,
        0.04,
        relative=True,
        null=1.0,
        guess=_SAME_COST,
    ),
    Quantity(
        "width_grokked",
        "D90/D10 after grokking: sizes at which the test accuracy passes .9 and .1.",
        SECONDARY,
        0.05,
        relative=True,
    ),
    Quantity("width_scratch", "The same from scratch.", SECONDARY, 0.05, relative=True),
    Quantity(
        "scratch_over_grokked",
        "The half-way size from scratch over that after grokking.",
        SECONDARY,
        0.04,
        relative=True,
    ),
    Quantity("trend_between", "The exponent in the modulus of that.", SECONDARY, 0.05),
    Quantity(
        "longer",
        "The objective of the network on the pool after 5000 updates more over that before, at the "
        "smallest modulus.",
        CHECK,
        0.01,
        relative=True,
    ),
    Quantity("residual", "What is left of the forces, of the penalty.", CHECK, 1e-3),
    Quantity(
        "wrong_on_pool", "What is wrong of what is never trained on, on the pool.", CHECK, 0.05
    ),
    Quantity("moved", "How far the polish went, of the norm."),
    Quantity("accuracy", "Accuracy on what is never trained on."),
    Quantity("half_way", "The half-way size, in examples for a label."),
    Quantity("equal_cost", "The size of equal objective, in examples for a label."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `both`, `costs` and `longer`. Both starts are run, whatever `points` say.
    """
    grid = {name: points[name] for name in ("modulus", "part", "seed")}
    priced = sweep(costs, {"modulus": points["modulus"], "seed": points["seed"]}, folder)
    checked = sweep(longer, {"seed": points["seed"]}, folder)
    return (
        sweep(both, grid, folder)
        .merge(priced, join="exact", compat="no_conflicts")
        .merge(checked, join="exact", compat="no_conflicts")
    )


def both(modulus: int, part: float, seed: int) -> xr.Dataset:
    """Return what becomes of both starts on the same examples: numbers of `again`."""
    return by_start(lambda start: again(modulus, part, start, seed), STARTS)


def again(modulus: int, part: float, start: str, seed: int) -> xr.Dataset:
    """Return one network at rest: numbers of `resting.described`."""
    pool = _pool(modulus, seed)
    (places,) = nested(pool, [size_of(modulus, part)], seed)
    origin = _grokked(modulus, seed).checkpoint if start == GROKKED else None
    rest = _rested(pool, seed, places, origin)
    return xr.Dataset(described(TwoLayer(WIDTH), pool, rest, places))


def costs(modulus: int, seed: int) -> xr.Dataset:
    """Return what random labels cost, and the network on the pool.

    ``random_objective`` along ``random``; ``pool_objective`` and ``pool_accuracy``.
    """
    pool, whole = _pool(modulus, seed), _grokked(modulus, seed)
    found = [
        at_rest(
            with_random_labels(pool, size_of(modulus, part), seed), WIDTH, L2, seed, UPDATES
        ).objective.item()
        for part in RANDOM
    ]
    return xr.Dataset(
        {
            "random_objective": ("random", found),
            "pool_objective": whole.objective,
            "pool_accuracy": whole.test_accuracy,
        },
        {"random": list(RANDOM)},
    )


def longer(seed: int) -> xr.Dataset:
    """Return ``longer_objective`` of the network on the pool after many more updates, at rest."""
    pool = _pool(LONGER_AT, seed)
    rest = _rested(pool, seed, pool.train, _grokked(LONGER_AT, seed).checkpoint)
    return xr.Dataset({"longer_objective": rest.objective})


def size_of(modulus: int, part: float) -> int:
    """Return how many examples a part of the derived critical size has."""
    return round(part * float(circuits.critical_size(modulus, L2)))


def _pool(modulus: int, seed: int) -> Split:
    return practice.pool_of(modular_addition(modulus), seed)


@lru_cache(maxsize=SAMPLING.largest)
def _grokked(modulus: int, seed: int) -> Rest:
    return grokked(TwoLayer(WIDTH), _pool(modulus, seed), L2, seed)


def _rested(pool: Split, seed: int, places: np.ndarray, start: Checkpoint | None) -> Rest:
    stage = Stage(Adam(RATE, l2=L2), UPDATES, places)
    return rested(Training(TwoLayer(WIDTH), pool, (stage,), seed, dtype=DTYPE, start=start))


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity; of seeds that had not grokked the pool nothing is known."""
    had = runs.pool_accuracy >= GROKKED_FROM
    cost, _ = crossing(runs.random_objective, runs.pool_objective, "random")
    derived = [size_of(modulus, 1.0) / modulus for modulus in runs["modulus"].values]
    per_label = xr.DataArray(derived, {"modulus": runs["modulus"]}, "modulus")
    generalising = runs.test_logit / runs.train_logit
    half, even = (
        {start: _passed(each, start, 0.5, had) for start in STARTS}
        for each in (runs.test_accuracy, generalising)
    )
    half_over, even_over = (
        {start: bounds.over(cost) for start, bounds in each.items()} for each in (half, even)
    )
    between = half[SCRATCH].over(half[GROKKED])
    return {
        "half_over_cost": half_over[GROKKED],
        "half_over_cost_scratch": half_over[SCRATCH],
        "trend": _trend(half_over[GROKKED]),
        "trend_scratch": _trend(half_over[SCRATCH]),
        "width_grokked": _width(runs, GROKKED, had),
        "width_scratch": _width(runs, SCRATCH, had),
        "scratch_over_grokked": between,
        "trend_between": _trend(between),
        "weights_over_cost": even_over[GROKKED],
        "weights_trend": _trend(even_over[GROKKED]),
        "weights_over_cost_scratch": even_over[SCRATCH],
        "longer": runs.longer_objective / runs.pool_objective.sel(modulus=LONGER_AT, drop=True),
        "residual": runs.residual,
        "wrong_on_pool": 1 - runs.pool_accuracy,
        "moved": runs.moved,
        "accuracy": runs.test_accuracy,
        "half_way": Bounds.along(
            {start: half[start].over(1 / per_label) for start in STARTS}, "start"
        ),
        "equal_cost": cost * per_label,
    }


def _passed(values: xr.DataArray, start: str, level: float, had: xr.DataArray) -> Bounds:
    found = passage_bounds(values.sel(start=start, drop=True), level, "part")
    return found.known_where(had)


def _width(runs: xr.Dataset, start: str, had: xr.DataArray) -> Bounds:
    right = runs.test_accuracy.sel(start=start, drop=True)
    return width_of(right, "part").known_where(had)


def _trend(bounds: Bounds) -> Bounds:
    return slope_bounds(bounds.log(), log(bounds.low["modulus"]), "modulus")
