"""Whether a network that had grokked stops to generalise once it goes on with few examples.

Beside it the contrast with catastrophic forgetting: to go on with as many other examples, or with
another task, removes nothing that generalising is paid for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import Adam, Split, Stage, Training, TwoLayer, accuracy, advance, modular
from theory.questions.practice import Subject, at_sizes, grokked
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import half_way, half_way_bounds
from theory.statistics import Bounds, log, passage_bounds, power
from theory.sweeps import sweep

ASKS = "Does a network that had grokked stop to generalise when examples are removed, and how?"
PART = "four predictions"
KNOWN = "all of it: these are the runs of the first trial"
WIDTH = 128
MODULI = (41, 59, 71)
SEEDS = (200, 201, 202, 203, 204, 205)
#: The first trial had as many seeds as its time allowed.
SAMPLING = Sampling(least=6, largest=6)
#: D/m of what a network goes on with.
SIZES = tuple(float(size) for size in np.geomspace(5, 28, 14).round(2))
#: Ways to go on: as in the other experiments, three times as long, at a third of the rate.
WAYS = {"standard": (3e-3, 1600), "longer": (3e-3, 4800), "slower": (1e-3, 4800)}
#: What networks of the contrast go on with, after `SHARE` of all examples of their modulus.
CONTRASTS = ("fewer", "the same", "others", "another task")
SHARE = 0.45
#: From fewer examples than the whole pool it takes a weaker penalty to grok.
CONTRAST_FIRST = Stage(Adam(3e-3, l2=1e-5), 2000)
L2 = 1e-4
#: Number of seeds of the longer and the slower runs.
CHECKED_SEEDS = 5
POINTS = {"modulus": MODULI, "per_label": SIZES, "seed": SEEDS}
LIVE = POINTS


QUANTITIES = (
    Quantity(
        "accuracy_of_few",
        "Test accuracy of a network that has gone on with 5 examples for a label.",
        CHECK,
        0.1,
        null=1.0,
        guess="it stays",
    ),
    Quantity(
        "accuracy_of_many",
        "The same with 28 examples for a label.",
        CHECK,
        0.05,
    ),
    Quantity(
        "width",
        "D90/D10: sizes at which the test accuracy passes 0.9 and 0.1.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "longer",
        "The half-way point after three times as many updates over that of the others.",
        CHECK,
        0.03,
        relative=True,
    ),
    Quantity(
        "slower",
        "The same at a third of the learning rate, for three times as many updates.",
        CHECK,
        0.03,
        relative=True,
    ),
    Quantity(
        "other_examples",
        "How far the test accuracy falls when a network goes on with as many other examples "
        "instead of the same.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "fewer_examples",
        "How far it falls when a network goes on with an eighth of its examples.",
        SECONDARY,
        0.2,
        null=0.0,
        guess="nothing is lost",
    ),
    Quantity("other_task", "How far it falls when a network goes on with differences."),
    Quantity("half_way", "D50/m, the half-way point in examples for a label."),
    Quantity("width_against_modulus", "The exponent with which log(D90/D10) grows with m."),
)


def run(
    folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS, shorter: int = 1
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `practice.continued`. ``checked_accuracy``, along ``way`` and ``checked_seed``,
    is the test accuracy of the longer and the slower runs of the first modulus and the first
    seeds; ``contrast``, along ``then``, that of `contrasts`, of the last modulus. All stages of
    training can be so many times `shorter`.
    """
    moduli, sizes, seeds = (points[name] for name in ("modulus", "per_label", "seed"))
    one = partial(curve, sizes=list(sizes), shorter=shorter)
    main = sweep(one, {"modulus": moduli, "seed": seeds}, folder)
    few = {"modulus": moduli[:1], "way": ("longer", "slower"), "seed": seeds[:CHECKED_SEEDS]}
    checks = sweep(one, few, folder).test_accuracy.isel(modulus=0, drop=True)
    forgetting = partial(contrasts, shorter=shorter)
    contrast = sweep(forgetting, {"modulus": moduli[-1:], "seed": seeds}, folder)
    return main.assign(
        checked_accuracy=checks.rename(seed="checked_seed"),
        contrast=contrast.contrasts.isel(modulus=0, drop=True),
    )


def curve(
    modulus: int,
    seed: int,
    sizes: Sequence[float] = SIZES,
    way: str = "standard",
    shorter: int = 1,
) -> xr.Dataset:
    """Return what becomes of one network at all sizes, along ``per_label``."""
    subject = Subject(modulus, WIDTH, seed)
    rate, steps = WAYS[way]
    return at_sizes(subject, grokked(subject), Adam(rate, L2), steps // shorter, sizes)


def again(modulus: int, per_label: float, seed: int) -> xr.Dataset:
    """Return one run."""
    return curve(modulus, seed, [per_label]).isel(per_label=0, drop=True)


def contrasts(modulus: int, seed: int, shorter: int = 1) -> xr.DataArray:
    """Return test accuracies on sums, along ``then``, of a network that goes on in four ways.

    It groks a part of all examples. It goes on with an eighth of them, with the same, with as many
    others, or with the differences of the same pairs.
    """
    network, sums = TwoLayer(WIDTH), modular("x+y", modulus)
    order = np.random.default_rng([seed, 2]).permutation(len(sums.labels))
    size = round(SHARE * order.size)
    first, others, tests = order[:size], order[size : 2 * size], order[2 * size :]
    split = Split(sums, first, tests)
    _, start = advance(Training(network, split, (CONTRAST_FIRST,), seed))
    ways = {
        "fewer": (split, first[: size // 8]),
        "the same": (split, first),
        "others": (split, others),
        "another task": (Split(modular("x-y", modulus), first, tests), first),
    }
    found, (rate, steps) = [], WAYS["standard"]
    for where, examples in (ways[name] for name in CONTRASTS):
        stage = Stage(Adam(rate, L2), steps // shorter, np.sort(examples))
        _, end = advance(Training(network, where, (stage,), seed, start=start))
        logits = network.forward(end.parameters, network.encode(sums, tests, "float32")).logits
        found.append(accuracy(logits, sums.labels[tests]))
    return xr.DataArray(found, {"then": list(CONTRASTS)})


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    right = runs.test_accuracy
    checked = runs.checked_accuracy.rename(checked_seed="seed")
    standard = half_way(right.isel(modulus=0, drop=True))
    longer, slower = (
        half_way_bounds(checked.sel(way=way, drop=True)) for way in ("longer", "slower")
    )
    fall = runs.contrast.sel(then="the same") - runs.contrast
    return {
        "accuracy_of_few": right.isel(per_label=0, drop=True),
        "accuracy_of_many": right.isel(per_label=-1, drop=True),
        "width": width_bounds(right),
        "longer": longer.over(standard),
        "slower": slower.over(standard),
        "other_examples": fall.sel(then="others", drop=True),
        "fewer_examples": fall.sel(then="fewer", drop=True),
        "other_task": fall.sel(then="another task", drop=True),
        "half_way": half_way_bounds(right),
        "width_against_modulus": power(log(width(right)), right["modulus"], "modulus"),
    }


def width(right: xr.DataArray) -> xr.DataArray:
    """Return D90/D10, NaN where one of them is not known."""
    bounds = width_bounds(right)
    return bounds.low.where(bounds.low == bounds.high)


def width_bounds(right: xr.DataArray) -> Bounds:
    """Return D90/D10, or bounds of it."""
    most, least = (passage_bounds(right, level, "per_label") for level in (0.9, 0.1))
    largest = most.high / least.low.where(least.low > 0)
    return Bounds(most.low / least.high, largest.fillna(np.inf))
