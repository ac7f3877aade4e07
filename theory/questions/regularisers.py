r"""Whether a regulariser takes the delay away, and whether memory can still fit where one does.

Each is used alone, without any other decay, from so weak that the delay is there to so strong that
hardly anything fits. Beside it as many random labels are trained in the same way, which is what
memory alone can do. All start three times as large as usual: from smaller starts a penalty that is
strong enough takes a network to zero first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits, measures
from theory.networks import (
    Adam,
    CrossEntropy,
    Lasso,
    Noisy,
    Optimiser,
    SmoothedCrossEntropy,
    Snapshot,
    SpectralBound,
    Split,
    Stage,
    Training,
    TwoLayer,
    advance,
    cross_entropy,
    modular_addition,
)
from theory.networks.losses import Loss
from theory.questions.at_rest import with_random_labels
from theory.questions.descended import nested
from theory.questions.passages import HALF, MOST, followed
from theory.questions.practice import pool_of
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import Bounds, passage_bounds
from theory.sweeps import sweep

ASKS = "Does any regulariser let a network generalise as soon as it fits?"
PART = "regularisers"
KNOWN = (
    "Exploratory runs, not stored, of these ways, seed 0, at moduli 33, 47 and 59. In all ways but "
    "L1 more than half is right when it fits, near where random labels are no longer fitted: "
    "bounds of .88 and .89 of that, smoothing of 1.01 and 1.04, noise of about 1, L2 of .85 and "
    ".95. With L1 at most .02 is right then, .2 from a usual start. Random labels were fitted down "
    "to a bound 1.25 and 1.2 times what all pairs need. That one-sided mixing says .87 to .88 and "
    ".91 to .93 for bound and L2 was worked out after that. From a usual start L2 and L1 take "
    "networks to zero before the delay has gone. Smoothing alone ended at .9 to 1 of unseen pairs, "
    "without any decay. New are moduli and ten seeds."
)
WIDTH, EMBEDDING_SCALE, RATE = 64, 0.3, 3e-3
#: D in parts of the critical size that is derived at this penalty.
PART_OF_SIZE, L2_OF_SIZE = 1.65, 1e-4
#: Updates after which a network is given up; rates and updates on random labels and all pairs.
UPDATES = 4000
ALONE = ((RATE, 3000), (RATE / 10, 500))
BOUND, SMOOTHING, NOISE, L2, L1 = "bound", "smoothing", "noise", "L2", "L1"


@dataclass(frozen=True)
class Way:
    """A regulariser.

    Attributes
    ----------
    optimiser
        Takes a strength, a rate, and the modulus.
    strengths, for_memory
        In units of `unit`, for sums and for random labels; they rise.
    unit
        Takes the modulus, returns the unit of the strengths.
    loss
        Takes a strength.
    """

    optimiser: Callable[[float, float, int], Optimiser]
    strengths: tuple[float, ...]
    for_memory: tuple[float, ...]
    unit: Callable[[int], float] = lambda _: 1.0
    loss: Callable[[float], Loss] = lambda _: CrossEntropy()


def _bounded(strength: float, rate: float, modulus: int) -> SpectralBound:
    shapes = ((2 * modulus, WIDTH), (WIDTH, modulus))
    return SpectralBound(Adam(rate), strength, shapes)


WAYS: Mapping[str, Way] = {
    # Parts of m^.4, as the place at which the delay ended went at 33, 47 and 59.
    BOUND: Way(
        _bounded,
        (1.18, 1.25, 1.32, 1.39, 1.48),
        (1.32, 1.4, 1.48, 1.56, 1.64),
        lambda modulus: modulus**0.4,
    ),
    SMOOTHING: Way(
        lambda _, rate, __: Adam(rate),
        (0.1, 0.38, 0.41, 0.44, 0.47),
        (0.36, 0.39, 0.42, 0.45, 0.48),
        loss=SmoothedCrossEntropy,
    ),
    NOISE: Way(
        lambda strength, rate, _: Noisy(Adam(rate), strength),
        (0.27, 0.285, 0.3, 0.315, 0.33),
        (0.27, 0.285, 0.3, 0.315, 0.33),
    ),
    L2: Way(
        lambda strength, rate, _: Adam(rate, l2=strength),
        (0.06, 0.12, 0.14, 0.16, 0.175),
        (0.13, 0.145, 0.16, 0.175, 0.19),
        lambda modulus: 1 / modulus,
    ),
    L1: Way(
        lambda strength, rate, _: Lasso(Adam(rate), strength),
        (0.005, 0.012, 0.02, 0.03, 0.04),
        (0.02, 0.03, 0.04, 0.05, 0.06),
        lambda modulus: 1 / modulus,
    ),
}
#: Bounds for all pairs, in the same unit.
FOR_WAVES = (1.05, 1.12, 1.19, 1.26, 1.33)
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(7000, 7000 + SAMPLING.largest))
RUNGS = tuple(range(5))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": (49, 55, 63),
    "way": tuple(WAYS),
    "rung": RUNGS,
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (49,), "rung": (0,)}

_ENDS = (
    "{} at which half of the unseen pairs are right when a network fits, over that {} which it "
    "fits as many random labels."
)
_MEMORY = "the delay ends where memory alone can no longer fit"
_BEST = (
    "The share of unseen pairs that is right when a network fits, with {}, of the strength at "
    "which that is most for the other seeds."
)
QUANTITIES = (
    Quantity(
        "bound_ends",
        _ENDS.format("The bound of each matrix's largest singular value", "from"),
        PRIMARY,
        0.05,
        relative=True,
        null=1.0,
        guess=_MEMORY,
    ),
    Quantity(
        "l2_ends",
        _ENDS.format("The L2 penalty", "up to"),
        PRIMARY,
        0.05,
        relative=True,
        null=1.0,
        guess=_MEMORY,
    ),
    Quantity("best_smoothing", _BEST.format("label smoothing"), PRIMARY, 0.1),
    Quantity("best_l1", _BEST.format("an L1 penalty"), PRIMARY, 0.1),
    Quantity(
        "smoothing_ends",
        _ENDS.format("The smoothing of labels", "up to"),
        SECONDARY,
        0.05,
        relative=True,
    ),
    Quantity(
        "noise_ends",
        _ENDS.format("The noise on the weights", "up to"),
        SECONDARY,
        0.05,
        relative=True,
    ),
    Quantity(
        "smoothed",
        "The share of unseen pairs that is right at most within 4000 updates, with a tenth of "
        "smoothing and no decay.",
        SECONDARY,
        0.1,
    ),
    Quantity(
        "price_ratio",
        "The bound from which random labels are fitted over that from which all pairs are, to the "
        "third power.",
    ),
    Quantity("right", "The share of unseen pairs that is right when it fits, or in the end."),
    Quantity("late", "Updates until half of the unseen pairs are right, over those until it fits."),
    Quantity("half", "Updates until half of the unseen pairs are right."),
    Quantity("fits", "The share of runs that fit."),
    Quantity("memory_fits", "The share of runs on random labels that fit."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again`; as `memorised`, along ``random``; as `all_pairs`, along ``waves``.
    """
    places = {name: points[name] for name in ("modulus", "seed")}
    parts = (
        sweep(again, {name: points[name] for name in POINTS}, folder),
        sweep(memorised, {**places, "way": points["way"], "random": RUNGS}, folder),
        sweep(all_pairs, {**places, "waves": FOR_WAVES}, folder),
    )
    return xr.merge(parts, join="exact", compat="no_conflicts")


def again(modulus: int, way: str, rung: int, seed: int) -> xr.Dataset:
    """Return what one network is like when it fits, or in the end if it never does.

    ``fits`` and ``half``, the updates at which the cross-entropy on the training set falls below
    log 2 and at which half of the unseen pairs are right, NaN if that does not happen; ``right``,
    the share of these when it fits; ``test_accuracy``, the most of it; ``parameter_norm``, the
    last.
    """
    pool = pool_of(modular_addition(modulus), seed)
    stages = ((RATE, UPDATES),)
    course = followed(
        _training(modulus, way, WAYS[way].strengths[rung], pool, stages, seed, size_of(modulus)),
        MOST,
        (plain_loss,),
    )
    fits = measures.fit_step(course.assign(train_loss=course.plain_loss)).item()
    right = course.test_accuracy
    return xr.Dataset(
        {
            "fits": fits,
            "half": measures.generalisation_step(course, HALF).item(),
            "right": right[-1] if np.isnan(fits) else np.interp(fits, course["step"], right),
            "test_accuracy": right.max().item(),
            "parameter_norm": course.parameter_norm[-1].item(),
        }
    )


def plain_loss(snapshot: Snapshot) -> dict[str, float]:
    """Return ``plain_loss``, the cross-entropy on the training set, in nat, whatever is trained."""
    return {"plain_loss": cross_entropy(snapshot.train.logits, snapshot.train.labels)[0]}


def memorised(modulus: int, way: str, random: int, seed: int) -> xr.Dataset:
    """Return ``random_loss``, in nat, on as many random labels in the end."""
    pool = pool_of(modular_addition(modulus), seed)
    split = with_random_labels(pool, size_of(modulus), seed)
    strength = WAYS[way].for_memory[random]
    return xr.Dataset({"random_loss": _alone(modulus, way, strength, split, seed)})


def all_pairs(modulus: int, waves: float, seed: int) -> xr.Dataset:
    """Return ``waves_loss``, in nat, on all pairs but one in the end, with a bound."""
    split = modular_addition(modulus).split(modulus**2 - 1, rng=seed)
    return xr.Dataset({"waves_loss": _alone(modulus, BOUND, waves, split, seed)})


def size_of(modulus: int) -> int:
    """Return the number of examples."""
    return round(PART_OF_SIZE * float(circuits.critical_size(modulus, L2_OF_SIZE)))


def _training(
    modulus: int,
    way: str,
    strength: float,
    split: Split,
    stages: Sequence[tuple[float, int]],
    seed: int,
    size: int | None = None,
) -> Training:
    given = WAYS[way]
    scaled = strength * given.unit(modulus)
    examples = None if size is None else nested(split, [size], seed)[0]
    steps = tuple(
        Stage(given.optimiser(scaled, rate, modulus), updates, examples) for rate, updates in stages
    )
    network = TwoLayer(WIDTH, embedding_scale=EMBEDDING_SCALE)
    return Training(network, split, steps, seed, given.loss(scaled))


def _alone(modulus: int, way: str, strength: float, split: Split, seed: int) -> float:
    training = _training(modulus, way, strength, split, ALONE, seed)
    course, _ = advance(training, record_every=training.steps, measurements=(plain_loss,))
    return float(course.plain_loss[-1])


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    fits, best = runs.fits.notnull(), best_right(runs)
    return {
        "bound_ends": ends(runs, BOUND).over(memory_fits(runs, BOUND)),
        "l2_ends": ends(runs, L2).over(memory_fits(runs, L2)),
        "best_smoothing": best.sel(way=SMOOTHING, drop=True),
        "best_l1": best.sel(way=L1, drop=True),
        "smoothing_ends": ends(runs, SMOOTHING).over(memory_fits(runs, SMOOTHING)),
        "noise_ends": ends(runs, NOISE).over(memory_fits(runs, NOISE)),
        "smoothed": runs.test_accuracy.sel(way=SMOOTHING, rung=0, drop=True),
        "price_ratio": price_ratio(runs),
        "right": runs.right,
        "late": runs.half / runs.fits,
        "half": runs.half,
        "fits": fits.astype(float),
        "memory_fits": (runs.random_loss < measures.FIT_LOSS).astype(float),
    }


def ends(runs: xr.Dataset, way: str) -> Bounds:
    """Return the strength at which half of the unseen pairs are right when it fits.

    A bound that is raised lets the delay in, and a strength that is raised takes it away.
    """
    right = _along(runs.right, way, "rung", WAYS[way].strengths)
    if way == BOUND:
        return passage_bounds(1 - right, 1 - HALF, "rung")
    return passage_bounds(right, HALF, "rung")


def memory_fits(runs: xr.Dataset, way: str) -> Bounds:
    """Return the strength down or up to which random labels are fitted."""
    loss = _along(runs.random_loss, way, "random", WAYS[way].for_memory)
    sign = -1 if way == BOUND else 1
    return passage_bounds(sign * loss, sign * measures.FIT_LOSS, "random")


def _along(values: xr.DataArray, way: str, dim: str, strengths: Sequence[float]) -> xr.DataArray:
    return values.sel(way=way, drop=True).assign_coords({dim: list(strengths)})


def price_ratio(runs: xr.Dataset) -> Bounds:
    """Return (P_M/P_G)^3: from the bounds at which either fits."""
    waves = passage_bounds(-runs.waves_loss, -measures.FIT_LOSS, "waves")
    ratio = memory_fits(runs, BOUND).over(waves)
    return Bounds(ratio.low**3, ratio.high**3)


def best_right(runs: xr.Dataset) -> xr.DataArray:
    """Return the accuracy when it fits, at the strength that is best for the other seeds.

    Of runs that fit; a strength at which one of them does not is not taken.
    """
    right = runs.right.where(runs.fits.notnull())
    total = right.sum("seed", skipna=False)
    others = ((total - right) / (right.sizes["seed"] - 1)).fillna(-np.inf)
    best: xr.DataArray = right.isel(rung=others.argmax("rung")).drop_vars("rung")
    return best
