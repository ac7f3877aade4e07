r"""Whether the noise of small batches shortens or lengthens the delay, at a fixed learning rate.

Every update takes a batch of B examples, drawn anew from the training set, or all of it. Momentum
descent and Adam with the penalty :math:`\tfrac\gamma2 |\theta|^2`, and AdamW.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from theory import circuits
from theory.networks import Stage, Training, TwoLayer, modular_addition
from theory.questions.delay_and_decay import ADAM, ADAMW, DESCENT, L2_OF_SIZE, WAYS, WIDTH
from theory.questions.descended import nested
from theory.questions.passages import passages, passed_after
from theory.questions.practice import pool_of
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import Bounds, exp, log
from theory.sweeps import sweep

ASKS = "Does the noise of small batches shorten or lengthen the delay, at a fixed rate?"
PART = "where theories part"
KNOWN = (
    "Exploratory runs, not stored, seeds 0 and 1. Moduli 31 and 27 at 1.7 of the derived critical "
    "size. Descent: half of the unseen pairs after 1372, 1283, 1276, 1221, 1061 and 591 updates "
    "with all examples, 128, 64, 32, 16 and 8 in a batch, where it fits after 203 to 348, at "
    "modulus 27; at modulus 31 with twice the decay, half after 752 to 619 with all to 16. Near "
    "1.2 and 1.3 of the critical size the same or less. Adam with all to 16: it fits after 360 to "
    "2003 updates and half are right after 544 to 3178; AdamW: half after 603 to 2133, and it fits "
    "later than that from 64 down. So signs, and about how steps of descent shrink towards large "
    "batches, are known. New are moduli, seeds and how much they scatter."
)
#: Examples in a batch; `ALL` is the whole training set, without noise.
ALL = 0
BATCHES = (8, 16, 32, 64)
#: Of the strongest decay of each way; D over the derived critical size.
DECAY: Mapping[str, float] = {DESCENT: 0.5, ADAM: 1.0, ADAMW: 1.0}
PART_OF_SIZE = 1.7
#: A run ends when so much of what is unseen is right.
ENOUGH = 0.6
UPDATES = 8000
SAMPLING = Sampling(least=5, batch=1, largest=6)
SEEDS = tuple(range(8200, 8200 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": (29, 33),
    "way": tuple(WAYS),
    "batch": (ALL, *BATCHES),
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (33,), "way": (DESCENT,)}

_LATENESS = (
    "How late a network generalises, half of the accuracy over fitting, with {}, 8 over all."
)
QUANTITIES = (
    Quantity(
        "noisy",
        "The delay, from fitting to half of the accuracy, of momentum descent with 8 examples in a "
        "batch over that with all of them.",
        PRIMARY,
        0.2,
        relative=True,
    ),
    Quantity(
        "large_step",
        "The delay with 64 examples in a batch over that with 32.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "total",
        "Updates from the start to half of the accuracy, 8 examples in a batch over all.",
        SECONDARY,
        0.2,
        relative=True,
    ),
    Quantity(
        "adam_noisy",
        "The delay, from fitting to half of the accuracy, of Adam with a penalty with 8 examples "
        "in a batch over that with all of them.",
        SECONDARY,
        0.2,
        relative=True,
    ),
    Quantity("small_step", "As the second, with 32 examples over 16."),
    Quantity("adam_late", _LATENESS.format("Adam")),
    Quantity("adamw_late", _LATENESS.format("AdamW")),
    Quantity("delay", "Updates from fitting to half of the accuracy."),
    Quantity("fits", "Updates to fit."),
    Quantity("half", "Updates to half of the accuracy."),
    Quantity("lowest_after", "The least accuracy once it was half, until it is three fifths."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, way: str, batch: int, seed: int) -> xr.Dataset:
    """Return when one network passes the marks, as `passages.passages`."""
    given = WAYS[way]
    pool = pool_of(modular_addition(modulus), seed)
    size = round(PART_OF_SIZE * float(circuits.critical_size(modulus, L2_OF_SIZE)))
    optimiser = given.optimiser(given.rate, given.decay * DECAY[way])
    stage = Stage(optimiser, UPDATES, nested(pool, [size], seed)[0], batch or None)
    network = TwoLayer(WIDTH, embedding_scale=given.embedding_scale)
    return passages(Training(network, pool, (stage,), seed), ENOUGH)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    log_delay, log_late = passed_after(runs, "half"), log(runs.half / runs.fits)
    late = _ratio(Bounds.of(log_late), 8, ALL)
    return {
        "noisy": _ratio(log_delay, 8, ALL).at(way=DESCENT),
        "large_step": _ratio(log_delay, 64, 32).at(way=DESCENT),
        "total": _ratio(Bounds.of(log(runs.half)), 8, ALL).at(way=DESCENT),
        "adam_noisy": _ratio(log_delay, 8, ALL).at(way=ADAM),
        "small_step": _ratio(log_delay, 32, 16).at(way=DESCENT),
        "adam_late": late.at(way=ADAM),
        "adamw_late": late.at(way=ADAMW),
        "delay": runs.half - runs.fits,
        "fits": runs.fits,
        "half": runs.half,
        "lowest_after": runs.lowest_after,
    }


def _ratio(logs: Bounds, one: int, other: int) -> Bounds:
    return Bounds(*(exp(each) for each in logs.at(batch=one).less(logs.at(batch=other))))
