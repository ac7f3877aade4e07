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
from theory.networks.losses import Loss
from theory.questions.descended import nested
from theory.questions.passages import EARLY, MOST, followed
from theory.questions.practice import pool_of
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling, Value
from theory.statistics import log, slope
from theory.sweeps import sweep

ASKS = "Is the delay of a large start that of circuits of different price?"
PART = "large starts"
KNOWN = (
    "Exploratory runs, not stored, of digits with 200 examples: at 8 times the usual start, decay "
    ".5, a network fits at 400 and generalises at 1700; at the usual one there is no delay; the "
    "exponent of the time in decay is -.98. Pilots of these steps, seeds 0 and 2. Digits with 100 "
    "and 250 examples: .8 right at 1980 and 1140 with a start of 8, 3340 and 2380 with 16, 4680 "
    "and 3880 with 32, so slopes of .97 and .99; with starts of 4 to 16 and 150 to 400 examples "
    ".96 to .66, since what a start of 4 takes is not decay. Modulus 31 and 43, starts of 4 to 32: "
    "descent .77 to .84; AdamW .67 to 1.02. That small starts have no delay was known, and "
    "that random labels on digits end at 2 to 4 times the squared norm of their own, in five runs."
)
#: The start of digits and of addition, scaled by these; slopes are read off from the second on.
SCALES = (1, 8, 16, 32)
FROM = SCALES[1:]
DIGITS, DESCENT, ADAMW = "digits", "descent", "AdamW"
#: Examples of digits; moduli of addition.
CASES: Mapping[str, Sequence[int]] = {
    DIGITS: (100, 150, 250),
    DESCENT: (39, 45, 51),
    ADAMW: (39, 45, 51),
}
#: How the cases are called along their dimension.
SMALL, MIDDLE, LARGE = "small", "middle", "large"
#: D of addition in parts of the derived critical size at gamma = 1e-4.
PART_OF_SIZE, L2_OF_SIZE = 1.7, 1e-4
#: Of digits, from which the examples are drawn, and how long random labels are trained.
POOL, MEMORISING = 1400, 10_000
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6450, 6450 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Value]] = {
    "way": tuple(CASES),
    "case": (SMALL, MIDDLE, LARGE),
    "scale": SCALES,
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Value]] = {**POINTS, "way": (DIGITS, ADAMW), "scale": SCALES[2:]}


@dataclass(frozen=True)
class Way:
    """How it is trained, what accuracy counts as knowing, and how long it takes.

    Attributes
    ----------
    network, loss, optimiser
        What is trained, and how.
    falls
        By what part of itself the norm falls in one update that only decays.
    right
        The accuracy.
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
        0.1,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "slope_descent",
        _SLOPE.format("half of unseen sums are right", "momentum descent with a penalty"),
        PRIMARY,
        0.1,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "slope_adamw",
        _SLOPE.format("half of unseen sums are right", "AdamW"),
        PRIMARY,
        0.1,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "cheaper_small",
        "The squared norm with which digits with random labels are known, over that with their "
        "own, both from the usual start, in the end.",
        SECONDARY,
        0.1,
        relative=True,
        null=1.0,
        guess="all labels cost the same",
    ),
    Quantity(
        "cheaper_large",
        "The squared norm with which digits with random labels are known, over that with their "
        "own, both from the largest start, in the end.",
        SECONDARY,
        0.1,
        relative=True,
        null=1.0,
        guess="all labels cost the same",
    ),
    Quantity(
        "late_small",
        "Updates until .8 of unseen digits are right, over those until .8 of the training set is, "
        "from the usual start.",
        SECONDARY,
        0.5,
        relative=True,
    ),
    Quantity(
        "late_large",
        "Updates until .8 of unseen digits are right, over those until .8 of the training set is, "
        "from the largest start.",
        SECONDARY,
        0.5,
        relative=True,
    ),
    Quantity(
        "one_end",
        "The norm on digits in the end from the largest start, over that from the usual one.",
        SECONDARY,
        0.1,
        relative=True,
    ),
    Quantity("generalises", "Updates until it generalises."),
    Quantity("fits", "Updates until as much of the training set is right."),
    Quantity("norm", "The norm when it generalises."),
    Quantity("pushed", "How much larger that is, in e-folds, than had decay alone been there."),
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

    ``fits`` and ``generalises``, where as much of the training set and of the unseen is right;
    ``norm`` at the latter, and ``pushed``, its logarithm over that of the start after so many
    updates of decay alone; and after `EARLY` updates ``test_accuracy`` and ``parameter_norm``.
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
            "fits": measures.fit_step(course, fit_accuracy=given.right).item(),
            "generalises": generalises,
            "norm": float(norm),
            "pushed": float(np.log(norm / course.parameter_norm[0]) + given.falls * generalises),
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
    far = runs.generalises.sel(scale=list(FROM))
    slopes = slope(far, log(far["scale"]), "scale").where(far.notnull().all("scale"))
    squared = runs.end_norm**2
    cheaper = squared.sel(labels="random") / squared.sel(labels="own")
    own = runs.end_norm.sel(labels="own")
    usual, large = SCALES[0], SCALES[-1]
    late = (runs.generalises / runs.fits).sel(way=DIGITS)
    return {
        **{
            f"slope_{way.lower()}": slopes.sel(way=way) * given.falls for way, given in WAYS.items()
        },
        "cheaper_small": cheaper.sel(start=usual),
        "cheaper_large": cheaper.sel(start=large),
        "late_small": late.sel(scale=usual),
        "late_large": late.sel(scale=large),
        "one_end": own.sel(start=large) / own.sel(start=usual),
        "generalises": runs.generalises,
        "fits": runs.fits,
        "norm": runs.norm,
        "pushed": runs.pushed,
        "end_accuracy": runs.end_test.sel(labels="own"),
        "memorised": runs.end_train.sel(labels="random"),
    }
