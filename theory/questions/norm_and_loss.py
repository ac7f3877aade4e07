r"""How norm and test loss go from fitting to the end, with and without decay.

Networks of `theory.questions.delay_and_decay`, followed to a fixed number of updates: momentum
descent and Adam with the penalty :math:`\tfrac\gamma2 |\theta|^2`, AdamW, and two ways without any
decay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits, measures
from theory.networks import (
    Adam,
    AdamW,
    CrossEntropy,
    GradientDescent,
    MeanSquaredError,
    Optimiser,
    Stage,
    Training,
    TwoLayer,
    advance,
    modular_addition,
)
from theory.networks.losses import Loss
from theory.questions.descended import nested
from theory.questions.passages import EARLY, HALF, MOST
from theory.questions.practice import pool_of
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.sweeps import sweep

ASKS = "How do the norm and the test loss go while a network that fits comes to generalise?"
PART = "where theories part"
KNOWN = (
    "Exploratory runs, not stored, modulus 31, seed 0, at 1.7 of the derived critical size. The "
    "norm at the end over that where it fits: Adam with L2 .93, at a sixteenth of it 1.02; descent "
    ".84; AdamW 1.48; squared errors from embeddings three times as large, no decay, 1.21; Adam, "
    "no decay, 1.73. The norm where .9 is right over the largest before: .96, .94, .82, 1 with "
    "AdamW. The share of the fall of the test loss that is done where half is right: Adam .53, "
    ".58, descent .75, AdamW .50; and where a tenth is right: Adam .06, AdamW .07, descent .25 to "
    ".44. It rises above guessing by .14 and .23 with Adam, .12 with AdamW, 2.1 with descent. That "
    "norms grow from fitting to half-way was known from theory.questions.delay_and_decay, at "
    "other moduli. At modulus 43, seed 1, the same ratios were .90, .995, "
    ".83, 1.41, 1.05 and 1.69, and the train loss did not rise tenfold without decay. Models were "
    "computed at moduli 31 and 37 between these runs. So signs are known, and about how far each "
    "theory is off. New are moduli, seeds and how much they scatter."
)
WIDTH, PART_OF_SIZE, L2_OF_SIZE = 64, 1.7, 1e-4
#: Early accuracy, and how many times the lowest loss so far is a rise of the train loss (with the
#: smallest that counts, nat).
FIRST, RISE, LEAST_LOSS = 0.1, 10.0, 1e-6
_RECORDS, _KEPT = 400, 40


@dataclass(frozen=True)
class Way:
    """A way to train.

    Attributes
    ----------
    optimiser
        That it is trained by.
    updates
        All of them.
    embedding_scale
        Of the start.
    loss
        As `theory.networks.Training`.
    """

    optimiser: Optimiser
    updates: int
    embedding_scale: float = 0.1
    loss: Loss = field(default_factory=CrossEntropy)


DESCENT, ADAM, WEAK, ADAMW = "descent", "Adam", "Adam, weak", "AdamW"
SQUARES, FREE = "squares, no decay", "Adam, no decay"
#: gamma of the ways with a penalty.
L2: Mapping[str, float] = {DESCENT: 1e-3, ADAM: 5e-4, WEAK: 5e-4 / 16}
RATE = 1e-3
WAYS: Mapping[str, Way] = {
    DESCENT: Way(GradientDescent(0.1, l2=L2[DESCENT], momentum=0.9), 5000, 0.4),
    ADAM: Way(Adam(RATE, l2=L2[ADAM]), 3000),
    WEAK: Way(Adam(RATE, l2=L2[WEAK]), 3000),
    ADAMW: Way(AdamW(RATE, 1.0), 3000),
    SQUARES: Way(GradientDescent(2.5, momentum=0.9), 3000, 0.3, MeanSquaredError()),
    FREE: Way(Adam(RATE), 3000),
}
SAMPLING = Sampling(least=5, batch=1, largest=6)
SEEDS = tuple(range(8300, 8300 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"modulus": (29, 33), "way": tuple(WAYS), "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (33,), "way": (ADAM, ADAMW)}

_OVER = "The norm at the end over that where it fits, {}."
_FELL = "The norm where nine tenths are right over the largest until then, {}."
_FALL = (
    "The share of the fall of the test loss, from its largest to its last, that is done where {} "
    "of the unseen pairs are right, with {}."
)
_SAME, _AS_RIGHT = "the norm stays", "as much as of the accuracy"
QUANTITIES = (
    Quantity(
        "adam_end",
        _OVER.format("with Adam and a penalty"),
        PRIMARY,
        0.05,
        relative=True,
        null=1.0,
        guess=_SAME,
    ),
    Quantity("adamw_end", _OVER.format("with AdamW"), PRIMARY, 0.05, relative=True),
    Quantity(
        "squares_end",
        _OVER.format("with squared errors and no decay, fitting by what is right"),
        PRIMARY,
        0.05,
        relative=True,
    ),
    Quantity("adamw_fell", _FELL.format("with AdamW"), PRIMARY, 0.05, relative=True),
    Quantity(
        "descent_fall",
        _FALL.format("half", "momentum descent"),
        PRIMARY,
        0.1,
        null=0.5,
        guess=_AS_RIGHT,
    ),
    Quantity(
        "adamw_first", _FALL.format("a tenth", "AdamW"), PRIMARY, 0.05, null=0.1, guess=_AS_RIGHT
    ),
    Quantity(
        "weak_end",
        "The norm at the end over that where it fits, with Adam and a penalty a sixteenth as "
        "strong.",
        SECONDARY,
        0.05,
        relative=True,
        null=1.0,
        guess=_SAME,
    ),
    Quantity("adam_fell", _FELL.format("with Adam"), SECONDARY, 0.05, relative=True),
    Quantity("adam_fall", _FALL.format("half", "Adam"), SECONDARY, 0.1, null=0.5, guess=_AS_RIGHT),
    Quantity(
        "descent_rise",
        "How far the test loss rises above that of guessing (nat), with momentum descent.",
        SECONDARY,
        0.5,
    ),
    Quantity(
        "calm",
        "The share of networks, trained by Adam without decay, of which half of the unseen pairs "
        "are right before the train loss has risen tenfold.",
        SECONDARY,
        0.1,
    ),
    Quantity("free_end", _OVER.format("with Adam and no decay"), CHECK, 0.05, relative=True),
    Quantity("end_over_fit", "The norm at the end over that where it fits, by way."),
    Quantity("end_over_right", "The same over that where 99 in 100 examples are right."),
    Quantity("fell", "The norm where nine tenths are right over the largest until then, by way."),
    Quantity("first_fall", _FALL.format("a tenth", "each way")),
    Quantity("half_fall", _FALL.format("half", "each way")),
    Quantity("half_over_peak", "Updates to half of the accuracy over those to the largest loss."),
    Quantity("peak_over_fit", "Updates to the largest test loss over those to fit."),
    Quantity("still", "The norm at the end over that after four fifths of the updates."),
    Quantity("end_right", "The accuracy at the end."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, way: str, seed: int) -> xr.Dataset:
    """Return what one network goes through, as `course`."""
    given = WAYS[way]
    pool = pool_of(modular_addition(modulus), seed)
    size = round(PART_OF_SIZE * float(circuits.critical_size(modulus, L2_OF_SIZE)))
    stage = Stage(given.optimiser, given.updates, nested(pool, [size], seed)[0])
    network = TwoLayer(WIDTH, embedding_scale=given.embedding_scale)
    return course(Training(network, pool, (stage,), seed, given.loss))


def course(training: Training) -> xr.Dataset:
    """Return when a run passes the marks, and norm and test loss there.

    ``updates`` along ``mark``: "fits", by a train loss below log 2 or, of squared errors, by
    accuracy; "right", with 99 in 100 examples right; "first", "half" and "most", with so much of
    the unseen right; "peak", where the test loss is largest; and "end"; NaN where it has not been.
    At each ``norm``, and ``loss``, that of the test set. ``largest_norm`` is until "most",
    ``norm_before`` after four fifths of the updates, and ``rise`` the largest factor by which the
    train loss is above its lowest so far, until "half". ``test_accuracy`` and ``parameter_norm``
    are after `EARLY` updates; ``end_right`` is the last accuracy; and the course is along ``part``
    of all updates.
    """
    run, _ = advance(training, record_every=training.steps // _RECORDS)
    marks = _marks(run)
    steps = xr.DataArray(list(marks.values()), {"mark": list(marks)}, "mark")
    parts = np.geomspace(0.02, 1.0, _KEPT)
    on_the_way = run.interp(step=xr.DataArray(parts * training.steps, {"part": parts}, "part"))
    early = run.interp(step=EARLY)
    return xr.Dataset(
        {
            "updates": steps,
            "norm": _at(run.parameter_norm, steps),
            "loss": _at(run.test_loss, steps),
            "largest_norm": _until(run.parameter_norm, marks["most"]).max().item(),
            "norm_before": run.parameter_norm.interp(step=0.8 * training.steps).item(),
            "rise": _rise(_until(run.train_loss, marks["half"]).values),
            "end_right": run.test_accuracy[-1].item(),
            "test_accuracy": early.test_accuracy.item(),
            "parameter_norm": early.parameter_norm.item(),
            "norm_on_the_way": on_the_way.parameter_norm.variable,
            "loss_on_the_way": on_the_way.test_loss.variable,
            "right_on_the_way": on_the_way.test_accuracy.variable,
        },
        {"part": parts},
    )


def _marks(run: xr.Dataset) -> dict[str, float]:
    in_nats = run.train_loss.attrs["units"] == "nat"
    right = measures.fit_step(run, fit_accuracy=0.99).item()
    unseen = {"first": FIRST, "half": HALF, "most": MOST}
    return {
        "fits": measures.fit_step(run).item() if in_nats else right,
        "right": right,
        **{name: measures.generalisation_step(run, part).item() for name, part in unseen.items()},
        "peak": float(run["step"][run.test_loss.argmax("step")]),
        "end": float(run["step"][-1]),
    }


def _at(values: xr.DataArray, steps: xr.DataArray) -> xr.DataArray:
    found = np.interp(steps, values["step"], values)
    return steps.copy(data=np.where(np.isnan(steps), np.nan, found))


def _until(values: xr.DataArray, step: float) -> xr.DataArray:
    return values if np.isnan(step) else values.sel(step=slice(None, step))


def _rise(loss: np.ndarray) -> float:
    above = loss + LEAST_LOSS
    return float((above / np.minimum.accumulate(above)).max())


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    norm, step = (runs[name].to_dataset("mark") for name in ("norm", "updates"))
    # The last mark lies between two records: of a norm that still grows this is a little above 1.
    over_fit, fell = norm["end"] / norm["fits"], norm["most"] / runs.largest_norm
    first, half = (fallen(runs, mark) for mark in ("first", "half"))
    calm = step["half"].notnull() & (runs.rise < RISE)
    # With squared errors it falls from the start.
    peak = step["peak"].where(step["peak"] > 0)
    rise = runs.loss.sel(mark="peak", drop=True) - np.log(runs["modulus"])
    return {
        "adam_end": over_fit.sel(way=ADAM, drop=True),
        "weak_end": over_fit.sel(way=WEAK, drop=True),
        "adamw_end": over_fit.sel(way=ADAMW, drop=True),
        "squares_end": over_fit.sel(way=SQUARES, drop=True),
        "free_end": over_fit.sel(way=FREE, drop=True),
        "adamw_fell": fell.sel(way=ADAMW, drop=True),
        "adam_fell": fell.sel(way=ADAM, drop=True),
        "descent_fall": half.sel(way=DESCENT, drop=True),
        "adam_fall": half.sel(way=ADAM, drop=True),
        "adamw_first": first.sel(way=ADAMW, drop=True),
        "descent_rise": rise.sel(way=DESCENT, drop=True),
        "calm": calm.sel(way=FREE, drop=True).astype(float),
        "end_over_fit": over_fit,
        "end_over_right": norm["end"] / norm["right"],
        "fell": fell,
        "first_fall": first,
        "half_fall": half,
        "half_over_peak": step["half"] / peak,
        "peak_over_fit": peak / step["fits"],
        "still": norm["end"] / runs.norm_before,
        "end_right": runs.end_right,
    }


def fallen(runs: xr.Dataset, mark: str) -> xr.DataArray:
    """Return how much of the fall of the test loss, from its largest to its last, is done there."""
    loss = runs.loss.to_dataset("mark")
    found: xr.DataArray = (loss["peak"] - loss[mark]) / (loss["peak"] - loss["end"])
    return found
