r"""Whether a regulariser takes the delay away, and whether memory can still fit where one does.

Each is used alone, without any other decay, from so weak that the delay is there to so strong that
hardly anything fits. Beside it as many random labels are trained in the same way, which is what
memory alone can do. All start three times as large as usual: from smaller starts a penalty that is
strong enough takes a network to zero first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits, measures
from theory.networks import (
    Snapshot,
    Split,
    Stage,
    Training,
    TwoLayer,
    advance,
    cross_entropy,
    modular_addition,
)
from theory.questions.at_rest import with_random_labels
from theory.questions.descended import nested
from theory.questions.passages import HALF, MOST, followed
from theory.questions.practice import pool_of
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.restraints import BOUND, FOR_WAVES, L2, NOISE, SMOOTHING, WAYS, WIDTH
from theory.statistics import Bounds, passage_bounds
from theory.sweeps import sweep

ASKS = "Does any regulariser let a network generalise as soon as it fits?"
PART = "regularisers"
KNOWN = (
    "Exploratory runs, not stored, of these ways, at moduli 33, 47 and 59 with seed 0, a few with "
    "seed 1. In all ways but L1 more than half is right when it fits, near where random labels are "
    "no longer fitted: bounds of .88 and .89 of that, smoothing of 1.01 and 1.04, noise of about "
    "1, L2 of .77 to .95. With L1 at most .02 is right then at strengths up to .03, .36 at .04; "
    "from a usual start .2. Strengths are placed around that. Random labels were fitted down to a "
    "bound 1.25 and 1.2 times what all pairs need, of which one-sided mixing makes .87 to .88, and "
    "the symmetric law hardly anything else. Under L2 random labels alone are fitted no sooner "
    "than sums are half right, and the strongest penalties take a network to zero, from a usual "
    "start before the delay has gone; of those that were half right when they fitted some stay at "
    ".7 to .8. Smoothing alone ended at .9 to 1 of unseen pairs, without any decay. New are moduli "
    "and ten seeds."
)
EMBEDDING_SCALE = 0.3
#: D in parts of the critical size that is derived at this penalty.
PART_OF_SIZE, L2_OF_SIZE = 1.65, 1e-4
#: Updates after which any network is given up, and records on random labels and on all pairs.
UPDATES, RECORDS = 3000, 100
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(7000, 7000 + SAMPLING.largest))
RUNGS, MEMORY_RUNGS = tuple(range(7)), tuple(range(5))
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
_BEST = (
    "The share of unseen pairs that is right when a network fits, with {}, at the strength at "
    "which that is most for the other seeds."
)
QUANTITIES = (
    Quantity(
        "bound_ends",
        _ENDS.format("The bound of each matrix's largest singular value", "from"),
        PRIMARY,
        0.05,
        relative=True,
        null=0.885,
        guess="as pilots had it",
    ),
    Quantity(
        "l2_ends",
        _ENDS.format("The L2 penalty", "up to"),
        PRIMARY,
        0.05,
        relative=True,
        null=0.9,
        guess="as pilots had it",
    ),
    *(
        Quantity(f"best_{way.lower()}", _BEST.format(given.name), PRIMARY, 0.1)
        for way, given in WAYS.items()
    ),
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
        "The most of the unseen pairs that is right within 3000 updates, with a tenth of "
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
    Quantity("fits", "Updates until it fits."),
    Quantity("known_share", "The share of runs that fit."),
    Quantity("memory_fits", "Updates until as many random labels are fitted."),
    Quantity("memory_share", "The share of runs on random labels that fit."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again`; as `memorised`, along ``random``; as `all_pairs`, along ``waves``.
    """
    places = {name: points[name] for name in ("modulus", "seed")}
    parts = (
        sweep(again, {name: points[name] for name in POINTS}, folder),
        sweep(memorised, {**places, "way": points["way"], "random": MEMORY_RUNGS}, folder),
        sweep(all_pairs, {**places, "waves": FOR_WAVES}, folder),
    )
    return xr.merge(parts, join="exact", compat="no_conflicts")


def again(modulus: int, way: str, rung: int, seed: int) -> xr.Dataset:
    """Return what one network is like when it fits, or in the end if it never does.

    ``fits`` and ``half``, the updates at which the cross-entropy on the training set falls below
    log 2 and at which half of the unseen pairs are right, NaN if that does not happen; ``right``,
    the share of these when it fits, or in the end; ``test_accuracy``, the most of it;
    ``parameter_norm``, the last.
    """
    pool = pool_of(modular_addition(modulus), seed)
    known = nested(pool, [size_of(modulus)], seed)[0]
    training = training_of(modulus, way, WAYS[way].strengths[rung], pool, seed, known)
    course = followed(training, MOST, (plain_loss,), fitted="plain_loss")
    fits = measures.fit_step(course.assign(train_loss=course.plain_loss)).item()
    right = course.test_accuracy
    return xr.Dataset(
        {
            "fits": fits,
            "half": measures.generalisation_step(course, HALF).item(),
            "right": float(right[-1] if np.isnan(fits) else np.interp(fits, right["step"], right)),
            "test_accuracy": right.max().item(),
            "parameter_norm": course.parameter_norm[-1].item(),
        }
    )


def plain_loss(snapshot: Snapshot) -> dict[str, float]:
    """Return ``plain_loss``, the cross-entropy on the training set, in nat, whatever is trained."""
    return {"plain_loss": cross_entropy(snapshot.train.logits, snapshot.train.labels)[0]}


def memorised(modulus: int, way: str, random: int, seed: int) -> xr.Dataset:
    """Return what becomes of as many random labels.

    ``random_loss``, the least cross-entropy, in nat, and ``random_fits``, the update at which it
    falls below log 2, NaN if it does not.
    """
    pool = pool_of(modular_addition(modulus), seed)
    split = with_random_labels(pool, size_of(modulus), seed)
    least, fits = _alone(modulus, way, WAYS[way].for_memory[random], split, seed)
    return xr.Dataset({"random_loss": least, "random_fits": fits})


def all_pairs(modulus: int, waves: float, seed: int) -> xr.Dataset:
    """Return ``waves_loss``, the least cross-entropy, in nat, on all pairs but one, by a bound."""
    split = modular_addition(modulus).split(modulus**2 - 1, rng=seed)
    return xr.Dataset({"waves_loss": _alone(modulus, BOUND, waves, split, seed)[0]})


def size_of(modulus: int) -> int:
    """Return the number of examples."""
    return round(PART_OF_SIZE * float(circuits.critical_size(modulus, L2_OF_SIZE)))


def training_of(
    modulus: int,
    way: str,
    strength: float,
    split: Split,
    seed: int,
    known: np.ndarray | None = None,
) -> Training:
    """Return what is trained at a strength in its unit, on `known` or all of the split's set."""
    given = WAYS[way]
    scaled = strength * given.unit(modulus)
    stage = Stage(given.optimiser(scaled, modulus, seed), UPDATES, known)
    network = TwoLayer(WIDTH, embedding_scale=EMBEDDING_SCALE)
    return Training(network, split, (stage,), seed, given.loss(scaled))


def _alone(modulus: int, way: str, strength: float, split: Split, seed: int) -> tuple[float, float]:
    """Return the least cross-entropy, and the update at which it fits."""
    training = training_of(modulus, way, strength, split, seed)
    course, _ = advance(training, record_every=UPDATES // RECORDS, measurements=(plain_loss,))
    fits = measures.fit_step(course.assign(train_loss=course.plain_loss)).item()
    return float(course.plain_loss.min()), fits


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    best = best_right(runs)
    return {
        "bound_ends": ends(runs, BOUND).over(memory_fits(runs, BOUND)),
        "l2_ends": ends(runs, L2).over(memory_fits(runs, L2)),
        **{f"best_{way.lower()}": best.sel(way=way, drop=True) for way in WAYS},
        "smoothing_ends": ends(runs, SMOOTHING).over(memory_fits(runs, SMOOTHING)),
        "noise_ends": ends(runs, NOISE).over(memory_fits(runs, NOISE)),
        "smoothed": runs.test_accuracy.sel(way=SMOOTHING, rung=0, drop=True),
        "price_ratio": price_ratio(runs),
        "right": runs.right,
        "late": runs.half / runs.fits,
        "half": runs.half,
        "fits": runs.fits,
        "known_share": runs.fits.notnull().astype(float),
        "memory_fits": runs.random_fits,
        "memory_share": runs.random_fits.notnull().astype(float),
    }


def ends(runs: xr.Dataset, way: str) -> Bounds:
    """Return the strength at which half of the unseen pairs are right when it fits.

    A bound that is raised lets the delay in, and any other strength takes it away. A run that never
    fits and ends below one half, such as one that a penalty has taken to zero, says nothing: the
    next weaker strength stands for it.
    """
    says = runs.fits.notnull() | (runs.right >= HALF)
    right = _along(runs.right.where(says), way, "rung", WAYS[way].strengths)
    if way == BOUND:
        return passage_bounds(1 - _carried(right, RUNGS[::-1]), 1 - HALF, "rung")
    return passage_bounds(_carried(right, RUNGS), HALF, "rung")


def _carried(right: xr.DataArray, order: Sequence[int]) -> xr.DataArray:
    """Return it with what the strength before says where one says nothing, none right at first."""
    parts = [xr.zeros_like(right.isel(rung=0, drop=True))]
    for rung in order:
        parts.append(right.isel(rung=rung, drop=True).fillna(parts[-1]))
    carried: xr.DataArray = xr.concat(parts[1:], right["rung"][list(order)]).sortby("rung")
    return carried


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

    Strengths at which all of the others fit are compared. NaN if the network itself does not fit.
    """
    right = runs.right.where(runs.fits.notnull())
    found = []
    for seed in right["seed"].values:
        others = right.drop_sel(seed=seed).mean("seed", skipna=False)
        best = others.fillna(-1.0).argmax("rung")
        found.append(right.sel(seed=seed).isel(rung=best).drop_vars("rung"))
    best_of_all: xr.DataArray = xr.concat(found, "seed")
    return best_of_all
