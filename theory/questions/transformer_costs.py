"""What memory and the rule cost in the paper's own network, and whether that is where it ungroks.

The transformer of the paper on addition modulo 113, with its optimiser, after 8000 updates: on
random labels; and after it has grokked four fifths of all pairs, on fewer of them. AdamW lowers no
objective, so the norm stands for the cost. The paper compares norms at one logit; at one optimiser
the two circuits have logits of their own, which are reported. Costs of the rule are those at 16 and
30 examples a label, where it is all that counts, taken for its cost at fewer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import xarray as xr

from theory.networks import AdamW, Checkpoint, Transformer
from theory.questions import transformers
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import crossing
from theory.questions.transformers import Setting
from theory.statistics import Bounds, log, passage_bounds, power
from theory.sweeps import sweep

ASKS = "What do circuits of the paper's transformer cost, and does it ungrok where costs are equal?"
PART = "the paper's transformer"
KNOWN = (
    "Of the same network with other seeds, 20,000 updates: half-way at 6.0 examples a label after "
    "8000 of them, from 4.8 to 7.5 by seed, and 6.3 at the end. Its norms on 10 and 13 examples a "
    "label were stored, and not looked at. Of a transformer half as wide, modulo 59, all of this "
    "was measured before, with five seeds: memory's norm as D to .25, the rule's as D to .015, "
    "1.53 between them at 30 a label, while the rule has twice the logit; half-way at 1.39, 1.26, "
    "1.39 or more, 1.32 and 1.14 of equal norm. So that one costs more than the other is known, "
    "and that half-way is not at equal norm is to be expected; within a fifth it may still be."
)
SETTING = Setting(113, AdamW(1e-3, weight_decay=1.0), 600, 8000, Transformer())
#: D/m at which the rule is priced.
FAR = (16.0, 30.0)
#: D/m after grokking, and of random labels: those of the smaller one, and two where norms may be
#: equal.
SIZES = (4.0, 5.0, 6.2, 7.7, 9.6, *FAR)
RANDOM = (2.6, 3.4, 4.5, 5.7, 7.2, 9.0, *FAR)
_LEAST_AS_BEFORE, _NEAR = 4.5, 7.2
SAMPLING = Sampling(least=5, largest=5)
SEEDS = tuple(range(8400, 8400 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"per_label": SIZES, "seed": SEEDS}
LIVE = {**POINTS, "per_label": FAR[:1]}

QUANTITIES = (
    Quantity(
        "paper_generalising_exponent",
        "The exponent in D of the norm of what generalises after grokking, from 16 to 30 a label.",
        PRIMARY,
        0.05,
        null=0.25,
        guess="as much as for memorising in the smaller one",
    ),
    Quantity(
        "paper_half_over_norm",
        "The half-way size after 8000 updates over that at which the norm of random labels passes "
        "that of what generalises.",
        PRIMARY,
        0.2,
        relative=True,
    ),
    Quantity(
        "paper_memorising_exponent",
        "The exponent in D of the norm of random labels, from 4.5 to 30 a label.",
        SECONDARY,
        0.05,
        null=0.0,
        guess="the number does not matter",
    ),
    Quantity(
        "paper_price_ratio",
        "The norm of random labels over that of what generalises, at 30 a label.",
        SECONDARY,
        0.1,
        relative=True,
        null=1.0,
        guess="the same price",
    ),
    Quantity("random_fits", "Training accuracy on random labels, the least.", CHECK, 0.01),
    Quantity("fits", "Training accuracy after grokking, the least.", CHECK, 0.01),
    Quantity("grokked", "Test accuracy of the networks that go on.", CHECK, 0.02),
    Quantity("priced_right", "Test accuracy where the rule is priced.", CHECK, 0.02),
    Quantity(
        "random_rests",
        "The norm of random labels in the last fifth over that in the fifth before: up to 7.2 a "
        "label, where norms may be equal.",
        CHECK,
        0.01,
        relative=True,
    ),
    Quantity("random_rests_far", "The same at 16 and 30.", CHECK, 0.01, relative=True),
    Quantity("priced_rests", "The same of what generalises.", CHECK, 0.01, relative=True),
    Quantity(
        "half_way_moves",
        "The half-way size after four fifths of the updates over that after all.",
        CHECK,
        0.05,
        relative=True,
    ),
    Quantity("paper_half_way", "The half-way size in examples a label."),
    Quantity("equal_norm_size", "D/m at which norms are equal."),
    Quantity("half_over_power_law", "As paper_half_over_norm, by one power law from 4.5 on."),
    Quantity("ten_over_norm", "The size at which a tenth is right, over that of equal norm."),
    Quantity("ninety_over_norm", "The same of nine tenths."),
    Quantity("near_exponent", "The exponent of memory from 2.6 to 9 a label."),
    Quantity("far_exponent", "That from 16 to 30."),
    Quantity(
        "logit_ratio", "The right logit of random labels over that of the rule, at 16 and 30."
    ),
    Quantity("loss_ratio", "The same of training losses."),
    Quantity("wave_share_far", "The share of the logits in waves at 16 and 30 a label."),
    Quantity("parameter_norm", "The parameter norm after grokking."),
    Quantity("accuracy", "Accuracy on what is never trained on, after grokking."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Also those on random labels, of which the names begin with ``random_``; they have sizes of
    their own, whatever `points` say.
    """
    main = sweep(again, points, folder)
    random = sweep(of_random, {"per_label": RANDOM, "seed": points["seed"]}, folder)
    part = transformers.named("random", random, "per_label")
    return xr.merge([main, part], join="exact", compat="equals")


def again(per_label: float, seed: int) -> xr.Dataset:
    """Return one run, as `transformers.gone_on`, with ``grokked``, the accuracy before it."""
    start, accuracy = _grokked(seed)
    return transformers.gone_on(SETTING, seed, _size(per_label), start)[0].assign(grokked=accuracy)


def of_random(per_label: float, seed: int) -> xr.Dataset:
    """Return one run on random labels, from a network's first parameters."""
    return transformers.memorised(SETTING, seed, _size(per_label))[0]


def _size(per_label: float) -> int:
    return round(per_label * SETTING.modulus)


@lru_cache(maxsize=8)
def _grokked(seed: int) -> tuple[Checkpoint, float]:
    return transformers.grokked(SETTING, seed)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    random, far = transformers.part_of(runs, "random"), runs.sel(per_label=list(FAR))
    memory, rule = random.parameter_norm, far.parameter_norm
    random_far = random.sel(per_label=list(FAR))
    rests = memory / random.parameter_norm_before
    as_before = memory.sel(per_label=slice(_LEAST_AS_BEFORE, None))
    return {
        "paper_generalising_exponent": _exponent(rule),
        "paper_memorising_exponent": _exponent(as_before),
        "near_exponent": _exponent(memory.sel(per_label=slice(None, 9.0))),
        "far_exponent": _exponent(random_far.parameter_norm),
        "paper_price_ratio": (random_far.parameter_norm / rule).sel(per_label=30.0, drop=True),
        "logit_ratio": random_far.train_logit / far.train_logit,
        "loss_ratio": random_far.train_loss / far.train_loss,
        **_unlearned(runs, _equal(memory, rule)),
        "half_over_power_law": _passed(runs, 0.5).over(crossing(as_before, rule)[0]),
        "random_fits": random.train_accuracy.min("per_label"),
        "fits": runs.train_accuracy.min("per_label"),
        "grokked": runs.grokked.mean("per_label"),
        "priced_right": far.test_accuracy.mean("per_label"),
        "random_rests": rests.sel(per_label=slice(None, _NEAR)).mean("per_label"),
        "random_rests_far": rests.sel(per_label=list(FAR)).mean("per_label"),
        "priced_rests": (rule / far.parameter_norm_before).mean("per_label"),
        "wave_share_far": far.wave_share.mean("per_label"),
        "parameter_norm": runs.parameter_norm,
        "accuracy": runs.test_accuracy,
    }


def _unlearned(runs: xr.Dataset, equal: Bounds) -> Measured:
    """Return where it is unlearned, and how that lies to the size of equal norm."""
    half = _passed(runs, 0.5)
    return {
        "paper_half_way": half,
        "equal_norm_size": equal,
        "paper_half_over_norm": half.over(equal),
        "ten_over_norm": _passed(runs, 0.1).over(equal),
        "ninety_over_norm": _passed(runs, 0.9).over(equal),
        "half_way_moves": transformers.half_way_then(runs, 0.8, "per_label").over(half),
    }


def _passed(runs: xr.Dataset, level: float) -> Bounds:
    return passage_bounds(runs.test_accuracy, level, "per_label")


def _equal(memory: xr.DataArray, rule: xr.DataArray) -> Bounds:
    """Return where the norm of memory passes the geometric mean of what generalises, or bounds.

    Between neighbours, for over all sizes memory is no power: it bends.
    """
    return passage_bounds(log(memory) - log(rule).mean("per_label"), 0.0, "per_label")


def _exponent(norm: xr.DataArray) -> xr.DataArray:
    return power(norm, norm["per_label"], "per_label")
