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

from theory import circuits
from theory.networks import (
    Adam,
    Checkpoint,
    CrossEntropy,
    ExactCrossEntropy,
    GradientDescent,
    MeanSquaredError,
    Optimiser,
    Outcome,
    Snapshot,
    Stage,
    Training,
    TwoLayer,
    advance,
    cross_entropy,
    exact_cross_entropy,
    modular_addition,
)
from theory.networks.losses import Loss
from theory.networks.passes import loss_and_gradient
from theory.questions.descended import nested
from theory.questions.passages import EARLY
from theory.questions.practice import pool_of
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.sweeps import sweep

ASKS = "What does a network learn that goes on without weight decay?"
PART = "no decay"
KNOWN = (
    "Exploratory runs, not stored, at 1.7 of the derived critical size; at 1.3 only times were "
    "looked at. By quantity, for seed 0 at modulus 33 and 53: adam_gain .28, .13; rounding .29, "
    ".29; share .69, .57; accuracy .95, .57, where such shares give .93, .67 in mixtures; "
    "descent_loss 1.101, 1.110, where the flow has 1.106, 1.115, as derived before, but coded "
    "after the first of these, and when the exponent of the loss in the time since it fits was "
    "known, -1.14 to -1.155; its margin was chosen after both, so that it may be missed; along "
    ".87, .89; epsilon .20, .23; usual_rounding 0, .03, and within .04 in four more runs in "
    "single precision; descent_gain .04, 0, and at most .06 in 40000 updates from two starts; "
    "descent_share .04, .03; squares_accuracy 1, 1, the latter up from .35 after 2000 updates, "
    "and 1 at modulus 31. Softmaxes that round, with a tiny epsilon, fell back from .71 to .66 "
    "and from .31 to .28 while the norm went on growing; with a penalty accuracies were 1 and "
    ".98. In single precision, of seeds 1 and 3, too, an exact softmax with a tiny epsilon "
    "stopped at a loss of 5e-22, with shares of .64, .56 and .50, and accuracies within .04 and "
    ".12 of what such give; hence double precision. So signs at 1.7 are known. New are the "
    "smaller size and other moduli."
)
WIDTH, EMBEDDING_SCALE = 64, 0.1
#: D over the derived critical size, at this penalty.
PART_OF_SIZE, L2_OF_SIZE = 1.3, 1e-4
#: Below the gradients at the end, and, in single precision, about the least that has a square.
TINY, TINY_IN_SINGLE = 1e-30, 1e-20
#: The training loss (nat) below which a network fits, with the tail of fitting behind it.
FITTED = 1e-3
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


#: Adam in single precision with a softmax that rounds, or in double with one that does not.
ADAM, ADAM_EXACT = "Adam", "Adam, exact"
TINY_ROUNDED, TINY_EXACT = "tiny epsilon", "tiny epsilon, exact"
DECAYED, DESCENT, SQUARES = "Adam with a penalty", "descent", "descent on squares"
WAYS: Mapping[str, Way] = {
    ADAM: Way(_adam()),
    ADAM_EXACT: Way(_adam(), loss=ExactCrossEntropy(), dtype="float64"),
    TINY_ROUNDED: Way(_adam(TINY_IN_SINGLE)),
    TINY_EXACT: Way(_adam(TINY), loss=ExactCrossEntropy(), dtype="float64"),
    DECAYED: Way(_adam(l2=1.25e-4)),
    DESCENT: Way(_descent, 15_000),
    SQUARES: Way(_descent_of_squares, 8000, MeanSquaredError()),
}
#: Where the course of a run is kept, in parts of its updates.
PARTS_OF_RUN = (0.06, 0.08, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0)
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6500, 6500 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": (35, 45, 51),
    "way": tuple(WAYS),
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (35,), "way": (ADAM, TINY_EXACT)}

_NO_ROUNDING = "rounding does not matter"
QUANTITIES = (
    Quantity(
        "adam_gain",
        "By how much the accuracy on what is never trained on rises from where the loss falls "
        "below .001 to 5000 updates, with Adam and no decay.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "rounding",
        "After 5000 updates of Adam with a tiny epsilon, how much more accurate a network is in "
        "double precision with a softmax that does not round than in single with one that does.",
        PRIMARY,
        0.1,
        null=0.0,
        guess=_NO_ROUNDING,
    ),
    Quantity(
        "share",
        "Of the right logit over the mean on what is trained on, the share that is there on what "
        "is not, after 5000 updates with a tiny epsilon and a softmax that does not round.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "accuracy",
        "The accuracy of networks with a softmax that does not round, after 5000 updates of Adam "
        "with a tiny epsilon.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "descent_loss",
        "How many times as fast the inverse of the loss of momentum descent grows in the last half "
        "of all updates as in the quarter before.",
        PRIMARY,
        0.01,
        relative=True,
        null=1.0,
        guess="the loss goes as one over the time, as of a linear model",
    ),
    Quantity(
        "along",
        "The cosine between the parameters and the direction in which cross-entropy falls fastest, "
        "at the end of momentum descent.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "epsilon",
        "How much more accurate a network with a softmax that does not round is after 5000 updates "
        "with a tiny epsilon than with the usual one, both in double precision.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "usual_rounding",
        "After 5000 updates of Adam with the usual epsilon, how much more accurate a network is "
        "in double precision with a softmax that does not round than in single with one that "
        "does.",
        SECONDARY,
        0.05,
        null=0.0,
        guess=_NO_ROUNDING,
    ),
    Quantity(
        "descent_gain",
        "By how much the accuracy on what is never trained on rises from where the loss falls "
        "below .001 to the end, with momentum descent and no decay.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "descent_share",
        "By how much the share rises with momentum descent, from where the loss falls below .001.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "squares_accuracy",
        "The accuracy at the end of momentum descent on squared errors.",
        SECONDARY,
        0.05,
    ),
    Quantity("losses", "The loss of descent (nat) at a quarter and a half of its updates."),
    Quantity(
        "pull",
        "How far the right logit is there above those that pull at it, each by its error (nat).",
    ),
    Quantity("end_accuracy", "The accuracy at the end, by way."),
    Quantity("end_share", "The share at the end, by way."),
    Quantity("end_along", "The cosine at the end, by way."),
    Quantity(
        "certain",
        "The share of those trained on whose right label has a p that rounds to 1 at the end, by "
        "way.",
    ),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, way: str, seed: int) -> xr.Dataset:
    """Return what becomes of one network, as `course`."""
    given = WAYS[way]
    pool = pool_of(modular_addition(modulus), seed)
    size = round(PART_OF_SIZE * float(circuits.critical_size(modulus, L2_OF_SIZE)))
    examples = nested(pool, [size], seed)[0]
    stage = Stage(given.optimiser(modulus), given.updates, examples)
    network = TwoLayer(WIDTH, embedding_scale=EMBEDDING_SCALE)
    return course(Training(network, pool, (stage,), seed, given.loss, given.dtype), examples)


def course(training: Training, examples: np.ndarray) -> xr.Dataset:
    """Return what a run on these examples was like where it fits, on its way and at the end.

    ``fits`` in updates, where its loss is first below `FITTED`, NaN if it never is, with
    ``fit_accuracy`` and ``fit_share`` there; after `EARLY` updates ``test_accuracy`` and
    ``parameter_norm``; at the end ``along``. Along ``part`` of all updates: ``accuracy``, of the
    test set; ``loss`` and ``norm``; and as `looked_into` has them, ``train_lead``, ``test_lead``,
    ``pull`` and ``certain``.
    """
    found, end = advance(training, record_every=_EVERY, measurements=(looked_into,))
    early, share = found.sel(step=EARLY), found.test_lead / found.train_lead
    fits = _first(found.train_loss < FITTED)
    steps = [_EVERY * round(part * training.steps / _EVERY) for part in PARTS_OF_RUN]
    on_the_way = found.sel(step=steps).rename(step="part").assign_coords(part=list(PARTS_OF_RUN))
    return xr.Dataset(
        {
            "fits": fits,
            "fit_accuracy": _at(found.test_accuracy, fits),
            "fit_share": _at(share, fits),
            "along": along(training, examples, end),
            "test_accuracy": early.test_accuracy.item(),
            "parameter_norm": early.parameter_norm.item(),
            "accuracy": on_the_way.test_accuracy.variable,
            "loss": on_the_way.train_loss.variable,
            "norm": on_the_way.parameter_norm.variable,
            **{name: on_the_way[name].variable for name in _LOOKED_INTO},
        },
        {"part": list(PARTS_OF_RUN)},
    )


_LOOKED_INTO = ("train_lead", "test_lead", "pull", "certain")


def looked_into(snapshot: Snapshot) -> dict[str, float]:
    r"""Return ``train_lead``, ``test_lead``, ``pull`` and ``certain``.

    The leads are means of :math:`o_y - \bar o`, the right logit over the mean of all; ``pull`` is
    the mean of :math:`o_y - o_k` over all training examples and wrong labels, each counted by its
    error :math:`p_k`; ``certain`` is the share of training examples with a p of the right label
    that is exactly 1 in the precision of the network, so that as a difference its error is 0.
    """
    return {
        "train_lead": _lead(snapshot.train),
        "test_lead": _lead(snapshot.test),
        "pull": _pull(snapshot.train),
        "certain": float(np.mean(np.concatenate(_certain(snapshot.train)))),
    }


def along(training: Training, examples: np.ndarray, end: Checkpoint) -> float:
    r"""Return the cosine between :math:`\theta` and :math:`-\nabla L`, L the cross-entropy.

    On these examples, in double precision, with no error rounded away.
    """
    network, task = training.network, training.split.task
    theta, gradient = (network.zeros(task, "float64") for _ in range(2))
    theta.flat[:] = end.parameters.flat
    inputs = network.encode(task, examples, "float64")
    loss_and_gradient(network, ExactCrossEntropy(), inputs, task.labels[examples], theta, gradient)
    one, other = (each.flat / np.linalg.norm(each.flat) for each in (theta, gradient))
    return float(-one @ other)


def _lead(outcome: Outcome) -> float:
    leads = [
        logits[np.arange(labels.size), labels] - logits.mean(axis=1)
        for logits, labels in outcome.stretches()
    ]
    return float(np.concatenate(leads).mean(dtype=np.float64))


def _pull(outcome: Outcome) -> float:
    lead = wrong = 0.0
    for logits, labels in outcome.stretches():
        exact = logits.astype(np.float64)
        _, errors = exact_cross_entropy(exact, labels)
        # Errors of an example add up to 0.
        lead -= float(np.vdot(errors, exact))
        wrong -= float(errors[np.arange(labels.size), labels].sum())
    return lead / wrong


def _certain(outcome: Outcome) -> list[np.ndarray]:
    return [
        cross_entropy(logits, labels)[1][np.arange(labels.size), labels] == 1
        for logits, labels in outcome.stretches()
    ]


def _first(reached: xr.DataArray) -> float:
    return float(reached["step"].values[reached.values][0]) if reached.any() else np.nan


def _at(values: xr.DataArray, step: float) -> float:
    return float(values.sel(step=step)) if np.isfinite(step) else np.nan


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    end = runs.sel(part=1.0, drop=True)
    right, share = end.accuracy, end.test_lead / end.train_lead
    gain, risen = right - runs.fit_accuracy, share - runs.fit_share
    descent = runs.sel(way=DESCENT, drop=True)
    inverse = 1 / descent.loss

    def by(values: xr.DataArray, way: str) -> xr.DataArray:
        found: xr.DataArray = values.sel(way=way, drop=True)
        return found

    def speed(start: float, stop: float) -> xr.DataArray:
        grown: xr.DataArray = inverse.sel(part=stop, drop=True) - inverse.sel(part=start, drop=True)
        return grown / (stop - start)

    return {
        "adam_gain": by(gain, ADAM),
        "rounding": by(right, TINY_EXACT) - by(right, TINY_ROUNDED),
        "share": by(share, TINY_EXACT),
        "accuracy": by(right, TINY_EXACT),
        "descent_loss": speed(0.5, 1.0) / speed(0.25, 0.5),
        "along": by(runs.along, DESCENT),
        "epsilon": by(right, TINY_EXACT) - by(right, ADAM_EXACT),
        "usual_rounding": by(right, ADAM_EXACT) - by(right, ADAM),
        "descent_gain": by(gain, DESCENT),
        "descent_share": by(risen, DESCENT),
        "squares_accuracy": by(right, SQUARES),
        "losses": descent.loss.sel(part=[0.25, 0.5]),
        "pull": descent.pull.sel(part=0.5, drop=True),
        "end_accuracy": right,
        "end_share": share,
        "end_along": runs.along,
        "certain": end.certain,
    }
