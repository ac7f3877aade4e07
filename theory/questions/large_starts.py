r"""What a large start does: digits, as they were made to grok by it, and modular addition.

All parameters of the start are scaled by one number. Where the delay comes from is asked of its
time, in units of decay: the norm of a network that nothing pulls at falls by e in :math:`1/(\lambda
\omega)` updates, with decoupled decay :math:`\omega` at the rate :math:`\lambda`, and in
:math:`(1 - \mu)/(\lambda \gamma)` with a penalty and momentum :math:`\mu`. And whether generalising
is cheaper is asked of digits with random labels, at small starts and at large ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from theory import circuits, measures
from theory.networks import (
    MLP,
    AdamW,
    Checkpoint,
    CrossEntropy,
    GradientDescent,
    Loss,
    MeanSquaredError,
    Network,
    Optimiser,
    Split,
    Stage,
    Training,
    TwoLayer,
    advance,
    digits,
    modular_addition,
    random_labels,
)
from theory.questions.descended import nested
from theory.questions.passages import EARLY, MOST, followed
from theory.questions.practice import pool_of
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling, Value
from theory.statistics import log, power, slope
from theory.sweeps import sweep

ASKS = "Is the delay of a large start that of circuits of different price?"
PART = "large starts"
KNOWN = (
    "Exploratory runs, not stored, of digits with 200 examples: at 8 times the usual start, decay "
    ".5, a network fits at 400 and generalises at 1700; at the usual one there is no delay; the "
    "exponent of the time in decay is -.98. Pilots of these steps, seed 0. Digits with 150, 200 "
    "and 400 examples: .8 right at 400, 360 and 300 with a start of 4, at 1780, 1480 and 920 with "
    "8, at 3060, 2660 and 2140 with 16: per e-fold of the start .85 to .98 in units of decay. "
    "Modulus 31: half right at 1632, 2187 and 2772 with descent (.80 and .84), at 1044, 1505 and "
    "2090 with AdamW (.67 and .84). Its norm half-way was 33.5 with descent whatever the start, "
    "and rose from 40 to 46 with AdamW. Half the usual start fits and generalises at once with "
    "descent. So that slopes are near one or below, and that small starts have no delay, was "
    "known. Single runs of the finished steps, seed 1, tried for their time: random labels on 150 "
    "digits end at a norm of 17.5 where their own end at 12.2; on 400, from a start of 16, at 31.6 "
    "and 17.3. Norms at which digits generalise were not known, but for one."
)
#: The start of digits and of addition, scaled by these; slopes are read off from the second on.
SCALES = (1, 4, 8, 16)
FROM = SCALES[1:]
DIGITS, DESCENT, ADAMW = "digits", "descent", "AdamW"
#: Examples of digits; moduli of addition.
CASES: Mapping[str, Sequence[int]] = {
    DIGITS: (150, 250, 400),
    DESCENT: (39, 45, 51),
    ADAMW: (39, 45, 51),
}
#: How the cases are called along their dimension.
SMALL, MIDDLE, LARGE = "small", "middle", "large"
#: D of addition in parts of the derived critical size at gamma = 1e-4.
PART_OF_SIZE, L2_OF_SIZE = 1.7, 1e-4
#: Of digits, from which the examples are drawn, and how long random labels are trained.
POOL, MEMORISING = 1400, 10_000
#: Training accuracy that counts as fitting.
FITTED = 0.99
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6450, 6450 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Value]] = {
    "way": tuple(CASES),
    "case": (SMALL, MIDDLE, LARGE),
    "scale": SCALES,
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Value]] = {**POINTS, "way": (DIGITS, ADAMW), "scale": SCALES[1:3]}


@dataclass(frozen=True)
class Way:
    """How it is trained, what test accuracy counts as generalising, and how long it takes.

    Attributes
    ----------
    network, loss, optimiser
        What is trained, and how.
    falls
        By what part of itself the norm falls in one update that only decays.
    right
        The test accuracy.
    updates
        After so many it is given up.
    """

    network: Network
    loss: Loss
    optimiser: Optimiser
    falls: float
    right: float
    updates: int


_DECAY, _L2, _RATE, _MOMENTUM = 0.5, 1e-3, 0.1, 0.9
WAYS: Mapping[str, Way] = {
    DIGITS: Way(MLP((64, 64)), MeanSquaredError(), AdamW(1e-3, _DECAY), 1e-3 * _DECAY, 0.8, 20_000),
    DESCENT: Way(
        TwoLayer(64),
        CrossEntropy(),
        GradientDescent(_RATE, l2=_L2, momentum=_MOMENTUM),
        _RATE / (1 - _MOMENTUM) * _L2,
        0.5,
        20_000,
    ),
    ADAMW: Way(TwoLayer(64), CrossEntropy(), AdamW(1e-3, 1.0), 1e-3, 0.5, 20_000),
}

_NO_MATTER = "the start does not matter"
_SLOPE = (
    "Updates until {}, per e-fold of the scale of the start, in units of the time in which decay "
    "alone takes the norm down by e; {}."
)
QUANTITIES = (
    Quantity(
        "slope_digits",
        _SLOPE.format(".8 of unseen digits are right", "AdamW"),
        PRIMARY,
        0.15,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "slope_descent",
        _SLOPE.format("half of unseen sums are right", "momentum descent with a penalty"),
        PRIMARY,
        0.15,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "slope_adamw",
        _SLOPE.format("half of unseen sums are right", "AdamW"),
        PRIMARY,
        0.15,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "norm_digits",
        "The exponent in the scale of the start of the norm at which .8 of unseen digits are "
        "right.",
        PRIMARY,
        0.05,
        null=1.0,
        guess="the norm stays what it was",
    ),
    Quantity(
        "cheaper_small",
        "The squared norm with which digits with random labels are known, over that with their "
        "own, both from the usual start, in the end.",
        PRIMARY,
        0.1,
        relative=True,
        null=1.0,
        guess="all labels cost the same",
    ),
    Quantity(
        "norm_descent",
        "As the fourth, half of unseen sums, with descent.",
        SECONDARY,
        0.05,
        null=1.0,
        guess="the norm stays what it was",
    ),
    Quantity(
        "norm_adamw", "The same with AdamW.", SECONDARY, 0.05, null=1.0, guess="it stays as it was"
    ),
    Quantity(
        "cheaper_large",
        "As the fifth, from a start of 16.",
        SECONDARY,
        0.1,
        relative=True,
        null=1.0,
        guess="all labels cost the same",
    ),
    Quantity(
        "late_small",
        "Updates until it generalises, over those until .99 of the training set is right, on "
        "digits, from the usual start.",
        SECONDARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "one_end",
        "The norm on digits in the end from a start of 16, over that from the usual one.",
        SECONDARY,
        0.1,
        relative=True,
    ),
    Quantity("generalises", "Updates until it generalises."),
    Quantity("fits", "Updates until .99 of the training set is right."),
    Quantity("norm", "The norm when it generalises."),
    Quantity("end_accuracy", "Test accuracy on digits in the end, with their own labels."),
    Quantity("memorised", "The share of random labels that are right in the end."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Value]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again` and, along ``labels`` and ``start``, as `digits_in_the_end`.
    """
    ends = {
        "labels": ("own", "random"),
        "case": points["case"],
        "start": (SCALES[0], SCALES[-1]),
        "seed": points["seed"],
    }
    parts = (
        sweep(again, {name: points[name] for name in POINTS}, folder),
        sweep(digits_in_the_end, ends, folder),
    )
    return xr.merge(parts, join="exact", compat="no_conflicts")


def again(way: str, case: str, scale: int, seed: int) -> xr.Dataset:
    """Return when one network fits and generalises, in updates; NaN where it has not.

    ``fits``, ``generalises``, the norm there, ``norm``, and after `EARLY` updates
    ``test_accuracy`` and ``parameter_norm``.
    """
    given = WAYS[way]
    split = examples_of(way, case, seed)
    course = followed(_training(given, split, scale, given.updates, seed), MOST)
    early = course.sel(step=EARLY)
    generalises = measures.generalisation_step(course, given.right).item()
    reached = np.isfinite(generalises)
    norm = np.interp(generalises, course["step"], course.parameter_norm) if reached else np.nan
    return xr.Dataset(
        {
            "fits": measures.fit_step(course, fit_accuracy=FITTED).item(),
            "generalises": generalises,
            "norm": float(norm),
            "test_accuracy": early.test_accuracy.item(),
            "parameter_norm": early.parameter_norm.item(),
        }
    )


def digits_in_the_end(labels: str, case: str, start: int, seed: int) -> xr.Dataset:
    """Return what a network on digits is like in the end, with their own labels or random ones.

    ``end_norm``, ``end_train`` and ``end_test``.
    """
    own = examples_of(DIGITS, case, seed)
    split = own if labels == "own" else random_labels(own, seed)
    training = _training(WAYS[DIGITS], split, start, MEMORISING, seed)
    course, _ = advance(training, record_every=training.steps)
    end = course.isel(step=-1)
    return xr.Dataset(
        {
            "end_norm": end.parameter_norm.item(),
            "end_train": end.train_accuracy.item(),
            "end_test": end.test_accuracy.item(),
        }
    )


def examples_of(way: str, case: str, seed: int) -> Split:
    """Return the examples of one case."""
    number = CASES[way][POINTS["case"].index(case)]
    if way == DIGITS:
        pool, size = digits().split(POOL, rng=seed), number
    else:
        pool = pool_of(modular_addition(number), seed)
        size = round(PART_OF_SIZE * float(circuits.critical_size(number, L2_OF_SIZE)))
    return replace(pool, train=nested(pool, [size], seed)[0])


def _training(way: Way, split: Split, scale: int, updates: int, seed: int) -> Training:
    parameters = way.network.initialise(split.task, np.random.default_rng(seed), "float32")
    parameters.flat[:] *= scale
    start = Checkpoint.given(parameters, split.task, trained_on=[])
    stages = (Stage(way.optimiser, updates),)
    return Training(way.network, split, stages, seed, way.loss, start=start)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    far = runs.sel(scale=list(FROM))
    slopes = slope(far.generalises, log(far["scale"]), "scale")
    norms = power(far.norm, far["scale"], "scale")
    squared = runs.end_norm**2
    cheaper = squared.sel(labels="random") / squared.sel(labels="own")
    own = runs.end_norm.sel(labels="own")
    usual, large = SCALES[0], SCALES[-1]
    late = (runs.generalises / runs.fits).sel(way=DIGITS, scale=usual)
    return {
        **{
            f"slope_{way.lower()}": slopes.sel(way=way) * given.falls for way, given in WAYS.items()
        },
        **{f"norm_{way.lower()}": norms.sel(way=way) for way in WAYS},
        "cheaper_small": cheaper.sel(start=usual),
        "cheaper_large": cheaper.sel(start=large),
        "late_small": late,
        "one_end": own.sel(start=large) / own.sel(start=usual),
        "generalises": runs.generalises,
        "fits": runs.fits,
        "norm": runs.norm,
        "end_accuracy": runs.end_test.sel(labels="own"),
        "memorised": runs.end_train.sel(labels="random"),
    }
