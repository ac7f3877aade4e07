"""Whether the paper's own network ungroks alike at every decay, where its accuracy is steepest.

The transformer of the paper on addition modulo 113, after it has grokked four fifths of all pairs
with a decay of 1, goes on with 690 of them: with the same decay, with twice as much for half as
long, and with four times as much for a quarter. A decay multiplies time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import AdamW, Checkpoint, Transformer
from theory.questions import transformers
from theory.questions.question import CHECK, PRIMARY, Measured, Quantity, Sampling
from theory.questions.transformers import Setting
from theory.statistics import log, slope
from theory.sweeps import sweep

ASKS = "Does the paper's transformer ungrok alike at every decay, where its accuracy is steepest?"
PART = "the paper's transformer"
KNOWN = (
    "Of other seeds, three of them on 610 and 763 examples, a factor of two in the decay moves the "
    "accuracy by .003 [-.09, .10], a slope by seed and size scattering by about .05; that decided "
    "nothing within the margin of .05 that was asked for there. There half is right at 713 "
    "examples, and the accuracy is steepest: a margin of .1 is about 8 % in the size. It still "
    "falls by up to .05 in the last fifth. Four times the decay was tried once, on another seed, "
    "for nothing but whether it fits: it does."
)
SETTING = Setting(113, AdamW(1e-3, weight_decay=1.0), 600, 20_000, Transformer())
SIZE = 690
#: Times the decay of the network that goes on.
TIMES = (1.0, 2.0, 4.0)
SAMPLING = Sampling(least=5, largest=5)
SEEDS = tuple(range(8500, 8500 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"times": TIMES, "seed": SEEDS}
LIVE = POINTS

QUANTITIES = (
    Quantity(
        "steepest_decay_slope",
        "How far the test accuracy on 690 examples rises for a factor of two in the decay, after "
        "as many times its inverse.",
        PRIMARY,
        0.1,
    ),
    Quantity("fits", "Training accuracy, the least.", CHECK, 0.01),
    Quantity("grokked", "Test accuracy of the networks that go on.", CHECK, 0.02),
    Quantity("earlier_slope", "The slope after four fifths of the updates."),
    Quantity("change_by_decay", "How far the accuracy falls in the last fifth, by decay."),
    Quantity("accuracy_with_decay", "Test accuracy by decay."),
    Quantity("norm_with_decay", "The parameter norm by decay, over that with a decay of 1."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, points, folder)


def again(times: float, seed: int) -> xr.Dataset:
    """Return one run, as `transformers.gone_on`, with ``grokked``, the accuracy before it."""
    start, accuracy = _grokked(seed)
    optimiser = replace(SETTING.optimiser, weight_decay=times * SETTING.optimiser.weight_decay)
    setting = replace(SETTING, optimiser=optimiser, steps=round(SETTING.steps / times))
    return transformers.gone_on(setting, seed, SIZE, start)[0].assign(grokked=accuracy)


@lru_cache(maxsize=8)
def _grokked(seed: int) -> tuple[Checkpoint, float]:
    return transformers.grokked(SETTING, seed)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    right, norm = runs.test_accuracy, runs.parameter_norm
    doublings = log(runs["times"]) / float(np.log(2))
    earlier = runs.course.sel(part=0.8, drop=True)
    return {
        "steepest_decay_slope": slope(right, doublings, "times"),
        "earlier_slope": slope(earlier, doublings, "times"),
        "fits": runs.train_accuracy.min("times"),
        "grokked": runs.grokked.mean("times"),
        "change_by_decay": runs.test_accuracy_before - right,
        "accuracy_with_decay": right,
        "norm_with_decay": norm / norm.sel(times=1.0, drop=True),
    }
