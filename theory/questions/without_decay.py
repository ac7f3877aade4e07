"""What becomes of a network that fits and goes on without any decay.

All start alike, and differ in the loss, the optimiser, and in what may stop them: a softmax that
rounds the right label's probability to 1, and the epsilon below which Adam's steps fade.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits, measures
from theory.networks import (
    Adam,
    CrossEntropy,
    ExactCrossEntropy,
    GradientDescent,
    Loss,
    MeanSquaredError,
    Optimiser,
    Outcome,
    Snapshot,
    Stage,
    Training,
    TwoLayer,
    advance,
    cross_entropy,
    modular_addition,
)
from theory.questions.descended import nested
from theory.questions.passages import EARLY, HALF
from theory.questions.practice import pool_of
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import log, slope
from theory.sweeps import sweep

ASKS = "What does a network learn that goes on without weight decay?"
PART = "no decay"
KNOWN = (
    "Exploratory runs of these steps, not stored. Modulus 33, seeds 0, 1 and 3: Adam rises from .1 "
    "where it fits to .75, .68 and .71, as much within .02 with an exact softmax; with a tiny "
    "epsilon to .72, .63 and .68 where it collapses and back to .65, .61 and .57, in double "
    "precision to .91, .81 and .83, and with an exact softmax to .88 and .86, in one run of 12000 "
    "updates to .96; with a penalty to 1. Modulus 53, seeds 1 and 3: gains of .27 and .18, of an "
    "exact softmax .26 and .22, of a tiny epsilon .21 and .17; after the collapse -.03 and 0. Its "
    "seed 0, 3000 updates: Adam .32, with a tiny epsilon .285, and with an exact softmax .44. "
    "Descent gained .01 to .06, in 40000 updates from two starts too, and .11 to .14 in share; its "
    "loss went to the power -1.14 and -1.155, log(1/loss) to 4.4 in the norm. On squares all are "
    "right, at modulus 31, too. Shares with an exact softmax .64 at 33, .56 and .50 at 53, and "
    "accuracies within .04 and .12 of what such shares give in mixtures. So signs are known; that "
    "the norm still grows after the collapse, too. New are the sizes at moduli that were not seen. "
    "What is computed was so after these runs, and from nothing in them, but that for the loss all "
    "rivals may count, which one rival missed by .06."
)
WIDTH, EMBEDDING_SCALE = 64, 0.1
#: D over the derived critical size, at this penalty.
PART_OF_SIZE, L2_OF_SIZE = 1.7, 1e-4
#: Below the gradients but for the last updates, and above what single precision can square.
TINY = 1e-20
#: Where a network fits: its accuracy on what it is trained on, under either loss.
FITS = 0.99
#: It has collapsed where so many of its examples are certain.
COLLAPSED = 0.99
_EVERY = 50


@dataclass(frozen=True)
class Way:
    """A way to train.

    Attributes
    ----------
    optimiser
        Takes the modulus.
    updates
        A multiple of `_EVERY`.
    loss, dtype
        As `theory.networks.Training`.
    """

    optimiser: Callable[[int], Optimiser]
    updates: int = 5000
    loss: Loss = field(default_factory=CrossEntropy)
    dtype: str = "float32"


def _adam(epsilon: float = 1e-8, l2: float = 0.0) -> Callable[[int], Optimiser]:
    return lambda _: Adam(1e-3, l2=l2, epsilon=epsilon)


def _descent(_: int) -> Optimiser:
    return GradientDescent(0.5, momentum=0.9)


def _descent_of_squares(modulus: int) -> Optimiser:
    # The loss is a mean over labels, too.
    return GradientDescent(0.08 * modulus, momentum=0.9)


ADAM, ADAM_EXACT = "Adam", "Adam, exact softmax"
SMALL, SMALL_EXACT = "tiny epsilon", "tiny epsilon, exact softmax"
SMALL_DOUBLE = "tiny epsilon, double precision"
DECAYED, DESCENT = "Adam with a penalty", "descent"
SQUARES, ADAM_SQUARES = "descent on squares", "Adam on squares"
WAYS: Mapping[str, Way] = {
    ADAM: Way(_adam()),
    ADAM_EXACT: Way(_adam(), loss=ExactCrossEntropy()),
    SMALL: Way(_adam(TINY)),
    SMALL_EXACT: Way(_adam(TINY), loss=ExactCrossEntropy()),
    SMALL_DOUBLE: Way(_adam(TINY), dtype="float64"),
    DECAYED: Way(_adam(l2=1.25e-4)),
    DESCENT: Way(_descent, 15_000),
    SQUARES: Way(_descent_of_squares, 8000, MeanSquaredError()),
    ADAM_SQUARES: Way(_adam(), 3000, MeanSquaredError()),
}
#: Where the course of a run is kept, in parts of its updates.
PARTS_OF_RUN = (0.06, 0.08, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0)
#: The last stretch: what is said of the end is from here on.
LATE = 0.25
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6500, 6500 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": (35, 45, 51),
    "way": tuple(WAYS),
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (35,), "way": (ADAM, SMALL_EXACT)}

QUANTITIES = (
    Quantity(
        "adam_gain",
        "By how much the accuracy on what is never trained on rises from where a network fits to "
        "the end, with Adam and no decay.",
        PRIMARY,
        0.1,
    ),
    Quantity("descent_gain", "The same with momentum descent.", PRIMARY, 0.1),
    Quantity(
        "squares_accuracy",
        "The accuracy at the end of momentum descent on squared errors.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "rounding",
        "How much more accurate Adam with a tiny epsilon is at the end if the softmax does not "
        "round.",
        PRIMARY,
        0.1,
        null=0.0,
        guess="rounding does not matter",
    ),
    Quantity(
        "epsilon",
        "How much more accurate Adam with a tiny epsilon is at the end than with the usual one, "
        "both with a softmax that does not round.",
        PRIMARY,
        0.1,
    ),
    Quantity(
        "share",
        "Of the right logit over the mean on what is trained on, the share that is there on what "
        "is not, at the end, with a tiny epsilon and a softmax that does not round.",
        PRIMARY,
        0.05,
    ),
    Quantity("accuracy", "The accuracy of these networks at the end.", PRIMARY, 0.05),
    Quantity(
        "descent_share",
        "By how much the share rises from where a network fits to the end, with momentum descent.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "descent_loss",
        "The exponent of the loss of momentum descent in the updates since it fits, from a quarter "
        "of all on.",
        PRIMARY,
        0.05,
        null=-1.0,
        guess="one over the time, as of a linear model",
    ),
    Quantity(
        "usual_rounding",
        "As rounding, with the usual epsilon.",
        SECONDARY,
        0.05,
        null=0.0,
        guess="rounding does not matter",
    ),
    Quantity(
        "double",
        "How much more accurate Adam with a tiny epsilon is at the end in double precision.",
        SECONDARY,
        0.1,
        null=0.0,
        guess="rounding does not matter",
    ),
    Quantity(
        "after_collapse",
        "By how much the accuracy rises from where 99 % of all examples are certain to the end, "
        "with Adam and a tiny epsilon.",
        SECONDARY,
        0.03,
    ),
    Quantity(
        "norm_after_collapse",
        "The norm at the end over that where 99 % of all examples are certain, with Adam and a "
        "tiny epsilon.",
        SECONDARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "margin_power",
        "The exponent of log(1/loss) in the norm with momentum descent, from a quarter of all "
        "updates on.",
        SECONDARY,
        0.3,
    ),
    Quantity(
        "adam_squares_accuracy",
        "The accuracy at the end of Adam on squared errors.",
        SECONDARY,
        0.05,
    ),
    Quantity("decayed_accuracy", "The accuracy at the end with a penalty.", CHECK, 0.05),
    Quantity("late_loss", "The loss of momentum descent at a quarter of its updates (nat)."),
    Quantity("since_fit", "The updates since it fits, at the end over those at a quarter of all."),
    Quantity("end_accuracy", "The accuracy at the end, by way."),
    Quantity("end_share", "The share at the end, by way."),
    Quantity("certain", "The share of examples that are certain at the end, by way."),
    Quantity("gain", "By how much the accuracy rises from where it fits, by way."),
    Quantity("rising", "How much the accuracy rises by tenfold updates, at the end, by way."),
    Quantity("half_share", "The share of runs that came to half of the accuracy, by way."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, way: str, seed: int) -> xr.Dataset:
    """Return what becomes of one network, as `course`."""
    given = WAYS[way]
    pool = pool_of(modular_addition(modulus), seed)
    size = round(PART_OF_SIZE * float(circuits.critical_size(modulus, L2_OF_SIZE)))
    stage = Stage(given.optimiser(modulus), given.updates, nested(pool, [size], seed)[0])
    network = TwoLayer(WIDTH, embedding_scale=EMBEDDING_SCALE)
    return course(Training(network, pool, (stage,), seed, given.loss, given.dtype))


def course(training: Training) -> xr.Dataset:
    """Return what a run was like where it fits, where it collapses, on its way and at the end.

    ``fits`` and ``collapses`` in updates, NaN where it did not; ``fit_accuracy`` and ``fit_share``
    there, ``collapse_accuracy`` and ``collapse_norm``; ``most``, the largest test accuracy; after
    `EARLY` updates ``test_accuracy`` and ``parameter_norm``. Along ``part`` of all updates:
    ``accuracy``, of the test set; ``loss`` and ``norm``; and as `looked_into` has them,
    ``train_lead``, ``test_lead`` and ``certain``.
    """
    found, _ = advance(training, record_every=_EVERY, measurements=(looked_into,))
    early, share = found.sel(step=EARLY), found.test_lead / found.train_lead
    fits = measures.fit_step(found, fit_accuracy=FITS).item()
    collapses = _first(found.certain >= COLLAPSED)
    steps = [_EVERY * round(part * training.steps / _EVERY) for part in PARTS_OF_RUN]
    on_the_way = found.sel(step=steps).rename(step="part").assign_coords(part=list(PARTS_OF_RUN))
    return xr.Dataset(
        {
            "fits": fits,
            "fit_accuracy": _at(found.test_accuracy, fits),
            "fit_share": _at(share, fits),
            "collapses": collapses,
            "collapse_accuracy": _at(found.test_accuracy, collapses),
            "collapse_norm": _at(found.parameter_norm, collapses),
            "most": found.test_accuracy.max().item(),
            "test_accuracy": early.test_accuracy.item(),
            "parameter_norm": early.parameter_norm.item(),
            "accuracy": on_the_way.test_accuracy.variable,
            "loss": on_the_way.train_loss.variable,
            "norm": on_the_way.parameter_norm.variable,
            **{name: on_the_way[name].variable for name in ("train_lead", "test_lead", "certain")},
        },
        {"part": list(PARTS_OF_RUN)},
    )


def looked_into(snapshot: Snapshot) -> dict[str, float]:
    r"""Return ``train_lead``, ``test_lead`` and ``certain``.

    The leads are means of :math:`o_y - \bar o`, the right logit over the mean of all; ``certain``
    is the share of training examples with a p of the right label that is exactly 1 in the
    precision of the network, so that as a difference its error is 0.
    """
    return {
        "train_lead": _lead(snapshot.train),
        "test_lead": _lead(snapshot.test),
        "certain": float(np.mean(np.concatenate(_certain(snapshot.train)))),
    }


def _lead(outcome: Outcome) -> float:
    leads = [
        logits[np.arange(labels.size), labels] - logits.mean(axis=1)
        for logits, labels in outcome.stretches()
    ]
    return float(np.concatenate(leads).mean(dtype=np.float64))


def _certain(outcome: Outcome) -> list[np.ndarray]:
    return [
        cross_entropy(logits, labels)[1][np.arange(labels.size), labels] == 1
        for logits, labels in outcome.stretches()
    ]


def _first(reached: xr.DataArray) -> float:
    return float(reached["step"].values[reached.values][0]) if reached.any() else np.nan


def _at(values: xr.DataArray, step: float) -> float:
    return float(np.interp(step, values["step"], values)) if np.isfinite(step) else np.nan


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    end = runs.sel(part=1.0, drop=True)
    right, share = end.accuracy, end.test_lead / end.train_lead
    gain = right - runs.fit_accuracy
    late = runs.sel(part=[part for part in PARTS_OF_RUN if part >= LATE])
    since = xr.DataArray([WAYS[way].updates for way in runs["way"].values], {"way": runs["way"]})
    since_fit = late["part"] * since - runs.fits
    descent, small = late.sel(way=DESCENT, drop=True), runs.sel(way=SMALL, drop=True)
    loss, updates = log(descent.loss), log(since_fit.sel(way=DESCENT, drop=True))

    def over(one: str, other: str) -> xr.DataArray:
        more: xr.DataArray = right.sel(way=one, drop=True) - right.sel(way=other, drop=True)
        return more

    return {
        "adam_gain": gain.sel(way=ADAM, drop=True),
        "descent_gain": gain.sel(way=DESCENT, drop=True),
        "squares_accuracy": right.sel(way=SQUARES, drop=True),
        "rounding": over(SMALL_EXACT, SMALL),
        "epsilon": over(SMALL_EXACT, ADAM_EXACT),
        "share": share.sel(way=SMALL_EXACT, drop=True),
        "accuracy": right.sel(way=SMALL_EXACT, drop=True),
        "descent_loss": _between_ends(loss, updates),
        "usual_rounding": over(ADAM_EXACT, ADAM),
        "double": over(SMALL_DOUBLE, SMALL),
        "after_collapse": right.sel(way=SMALL, drop=True) - small.collapse_accuracy,
        "norm_after_collapse": end.norm.sel(way=SMALL, drop=True) / small.collapse_norm,
        "margin_power": _between_ends(log(-loss), log(descent.norm)),
        "descent_share": (share - runs.fit_share).sel(way=DESCENT, drop=True),
        "adam_squares_accuracy": right.sel(way=ADAM_SQUARES, drop=True),
        "decayed_accuracy": right.sel(way=DECAYED, drop=True),
        "late_loss": descent.loss.sel(part=LATE, drop=True),
        "since_fit": _ratio(since_fit.sel(way=DESCENT, drop=True)),
        "end_accuracy": right,
        "end_share": share,
        "certain": end.certain,
        "gain": gain,
        "rising": slope(late.accuracy, log(late["part"]) / np.log(10), "part"),
        "half_share": (runs.most >= HALF).astype(float),
    }


def _between_ends(y: xr.DataArray, x: xr.DataArray) -> xr.DataArray:
    """Return the slope between the first and the last point along ``part``."""
    return slope(y.isel(part=[0, -1]), x.isel(part=[0, -1]), "part")


def _ratio(values: xr.DataArray) -> xr.DataArray:
    found: xr.DataArray = values.isel(part=-1, drop=True) / values.isel(part=0, drop=True)
    return found
