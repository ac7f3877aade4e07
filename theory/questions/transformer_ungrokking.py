"""Whether the paper's own network ungroks, where, how suddenly, and whatever the decay.

The transformer of the paper on addition modulo 113, with its optimiser, at its seven sizes. It
differs from the paper in this: what it groks is a pool of four fifths of all pairs, so that the
rest is never trained on and can be tested on; and it goes on for 20,000 updates. Beside it a few
go on with half and with twice the decay, for twice and half as long: a decay multiplies time. Where
half was right after 8000 updates is held against a smaller transformer. What memory and the rule
cost is another question.
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
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.transformers import Setting
from theory.statistics import log, passage_bounds, slope
from theory.sweeps import sweep

ASKS = "Does the paper's transformer ungrok, where, how suddenly, and at every decay alike?"
PART = "the paper's transformer"
KNOWN = (
    "Exploratory runs, not stored: one seed at modulus 113 that was all right after 6000 updates "
    "on 1500 examples, and on .77 and falling with 700. A pilot with a transformer half as wide, "
    "modulo 53 and with one seed: after 6000 updates .17 at 4 examples a label, .65 at 7, .95 at "
    "10, 1 from 14 on, slowly falling where it is not 1, which modulo 113 would be half-way "
    "between 500 and 700 examples; the share in waves fell to .5 where all was right. Of two "
    "layers with AdamW at a decay of .9, modulo 43, the half-way size is known to be 4.5 examples "
    "a label. Of a transformer half as wide, modulo 59, what *scaled up* says was measured before, "
    "with widths of 2.2 to 3.6 and .07 right on 2.8 a label: so signs of exponents are known. "
    "Seeds scatter, by 15 to 30 % in the half-way size: within a tenth nothing of it may hold. "
    "The runs with the decay of "
    "the paper were begun under an earlier rule (a14cb7b) and not looked at."
)
SETTING = Setting(113, AdamW(1e-3, weight_decay=1.0), 600, 20_000, Transformer())
#: D: one below those of the paper, and those.
SIZES = (280, *(round(float(size)) for size in np.geomspace(390, 1494, 7)))
SAMPLING = Sampling(least=5, largest=5)
SEEDS = tuple(range(8000, 8000 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"size": SIZES, "seed": SEEDS}
LIVE = POINTS
#: Times the decay, D where it is tried, where the smaller one loses the rule, and number of seeds.
TIMES, WITH_TIMES, FEW = (0.5, 2.0), (610, 763), 3
#: Updates after which the smaller one was looked at.
EARLIER = 8000
#: Of the paper's figure: the accuracy at which sizes are told.
LEVEL = 0.7

QUANTITIES = (
    Quantity(
        "seven_tenths",
        "D at which seven tenths of what is never trained on is right.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "half_way",
        "D/m at which half of it is right.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "width",
        "D90/D10: sizes at which the test accuracy passes .9 and .1.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "half_way_then",
        "D/m at which half was right in the record at 8000 updates.",
        SECONDARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "decay_slope",
        "How far the test accuracy at one size rises for a factor of two in the decay, after as "
        "many times its inverse.",
        SECONDARY,
        0.05,
    ),
    Quantity("accuracy_of_few", "Test accuracy with the fewest examples.", CHECK, 0.1),
    Quantity("accuracy_of_many", "Test accuracy with the most.", CHECK, 0.05),
    Quantity("fits", "Training accuracy.", CHECK, 0.01),
    Quantity("decay_fits", "Training accuracy with other decays.", CHECK, 0.01),
    Quantity("grokked", "Test accuracy of the networks that go on.", CHECK, 0.02),
    Quantity(
        "half_way_moves",
        "The half-way size after four fifths of the updates over that after all.",
        CHECK,
        0.05,
        relative=True,
    ),
    Quantity(
        "last_change",
        "How far the test accuracy still falls in the last fifth, at the size where it does most.",
    ),
    Quantity("decay_last_change", "How far it still falls in the last fifth with other decays."),
    Quantity("accuracy_by_decay", "Test accuracy at the sizes with three decays."),
    Quantity("norm_by_decay", "The parameter norm there, over that with a decay of 1."),
    Quantity("parameter_norm", "The parameter norm."),
    Quantity("wave_share", "The share of the logits in waves."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Also those of the first seeds with other decays: names of their variables and dimensions begin
    with ``decay_``.
    """
    few = points["seed"][:FEW]
    main = sweep(again, points, folder)
    others = sweep(decayed, {"times": TIMES, "size": WITH_TIMES, "seed": few}, folder)
    others = transformers.named("decay", others, "times", "size", "seed")
    return xr.merge([main, others], join="exact", compat="no_conflicts")


def again(size: int, seed: int) -> xr.Dataset:
    """Return one run, as `transformers.gone_on`, with ``grokked``, the accuracy before it."""
    start, accuracy = _grokked(seed)
    return transformers.gone_on(SETTING, seed, size, start)[0].assign(grokked=accuracy)


def decayed(times: float, size: int, seed: int) -> xr.Dataset:
    """Return the same of a network that goes on with so many times the decay, for as much less."""
    optimiser = replace(SETTING.optimiser, weight_decay=times * SETTING.optimiser.weight_decay)
    setting = replace(SETTING, optimiser=optimiser, steps=round(SETTING.steps / times))
    return transformers.gone_on(setting, seed, size, _grokked(seed)[0])[0]


@lru_cache(maxsize=8)
def _grokked(seed: int) -> tuple[Checkpoint, float]:
    return transformers.grokked(SETTING, seed)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    right = runs.test_accuracy
    ten, ninety, level = (passage_bounds(right, each, "size") for each in (0.1, 0.9, LEVEL))
    half = passage_bounds(right, 0.5, "size")
    return {
        "seven_tenths": level,
        "half_way": half.over(xr.DataArray(float(SETTING.modulus))),
        "width": ninety.over(ten),
        # A record is less than the median of a fifth; of that time there is nothing else.
        "half_way_then": transformers.half_way_then(runs, EARLIER / SETTING.steps, "size").over(
            xr.DataArray(float(SETTING.modulus))
        ),
        **_by_decay(runs),
        "accuracy_of_few": right.isel(size=0, drop=True),
        "accuracy_of_many": right.isel(size=-1, drop=True),
        "fits": runs.train_accuracy.mean("size"),
        "grokked": runs.grokked.mean("size"),
        "half_way_moves": transformers.half_way_then(runs, 0.8, "size").over(half),
        "last_change": (runs.test_accuracy_before - right).max("size"),
        "parameter_norm": runs.parameter_norm,
        "wave_share": runs.wave_share,
    }


def _by_decay(runs: xr.Dataset) -> Measured:
    """Return what the decay does to accuracies and norms at the same sizes, from the same start."""
    others = transformers.part_of(runs, "decay")
    same = runs.sel(size=others["size"], seed=others["seed"])
    names = ["test_accuracy", "parameter_norm"]
    every = xr.concat([same[names].expand_dims(times=[1.0]), others[names]], "times")
    every = every.sortby("times")
    right, norm = every.test_accuracy, every.parameter_norm
    doublings = log(every["times"]) / float(np.log(2))
    return {
        "decay_slope": slope(right, doublings, "times").mean("size"),
        "decay_fits": others.train_accuracy.mean(["times", "size"]),
        "decay_last_change": (others.test_accuracy_before - others.test_accuracy).max(
            ["times", "size"]
        ),
        "accuracy_by_decay": right,
        "norm_by_decay": norm / norm.sel(times=1.0, drop=True),
    }
