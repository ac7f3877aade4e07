"""Networks that learn a task in part, from scratch, near the critical size.

A network is trained from its own start on D examples, without a pool before, full batch; what has
an L2 penalty is brought to rest. Sizes are parts of the derived critical size. What it was not
trained on is unseen.

A gap is the right logit less the largest of the others, on an unseen example. If what generalises
is outvoted, gaps are one hump, whose middle may be below zero; if it has half of the table, two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from diptest import diptest
from scipy.optimize import brentq

from theory import circuits
from theory.networks import (
    Adam,
    AdamW,
    Checkpoint,
    Split,
    Stage,
    Training,
    TwoLayer,
    advance,
    come_to_rest,
    modular_addition,
)
from theory.questions.at_rest import ACTIVE, RESIDUAL
from theory.questions.cooled import DTYPE
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import case_ratio
from theory.questions.tuning import tuned
from theory.statistics import passage_bounds
from theory.sweeps import sweep

ASKS = "Do networks near the critical size generalise in part, late, and for good?"
PART = "semi-grokking"
KNOWN = (
    "Exploratory runs, not stored: at modulus 41, 24 seeds at 13.5 examples a label, accuracies of "
    ".57, spread .05, gaps with one hump; half-way points from scratch at moduli 31 to 73. Of "
    "another question, from scratch with width 64 and 128 at moduli 47, 61 and 67. Pilots of these "
    "steps at modulus 31: with L2 accuracies of .15 and .19 at .77 of the critical size, .47 and "
    ".51 at .93, .75 and .79 at 1.08; with AdamW .1 to .2 at 8 examples a label, .9 at 10, 1 at "
    "12, and rising when it ended. At .93 of the same, seed 1, for L2, weak, narrow, wide and "
    "AdamW: accuracies .46, .62, .55, .48, .61; shares of memory .54, .50, .50, .54, .71; one hump "
    "in each (chances above .88); raised .985, .975, .978, .940, 1.0; half of it at 530, 750, 880, "
    "430, 2370 updates where they fit at 80, 80, 140, 50, 90; no earlier plateau. So shares in "
    "part, delays and one hump are expected with L2, and a delay could hardly come out otherwise. "
    "Tables of which half is learned, made of two networks: two humps in 9 of 9, raised .37 to "
    ".79. What rests changes in longer runs only if noise finds another basin. Of unanimous seeds "
    "the chance is that of so many in a row: 20 say little at one place, 80 say it. One network "
    "each of L2 and AdamW was to have a hundred times as many updates: begun and not finished."
)
MODULUS = 37


@dataclass(frozen=True)
class Case:
    """Who is trained: the penalty, or decay, and width; and the updates, at one learning rate."""

    strength: float
    width: int = 128
    adamw: bool = False
    updates: int = 2500

    @property
    def optimiser(self) -> Adam | AdamW:
        """AdamW with this decay, or Adam with this penalty."""
        return AdamW(RATE, self.strength) if self.adamw else Adam(RATE, l2=self.strength)

    @property
    def size(self) -> float:
        """D/m at part 1: the derived critical size, and for AdamW, which has none, a guess."""
        return ADAMW_SIZE if self.adamw else float(_critical(self.strength))


def _critical(l2: float) -> float:
    return float(circuits.critical_size(MODULUS, l2)) / MODULUS


RATE = 3e-3
#: D/m about which AdamW is tried: half-way at modulus 31 is 9.3.
ADAMW_SIZE = 9.8
CASES: Mapping[str, Case] = {
    "L2": Case(1e-4),
    "weak": Case(1e-5),
    "narrow": Case(1e-4, width=48, updates=3000),
    "wide": Case(1e-4, width=384, updates=1500),
    "AdamW": Case(1.0, adamw=True, updates=4000),
}
SIZES = (0.75, 0.85, 0.93, 1.0, 1.1, 1.25)
SAMPLING = Sampling(least=20, largest=20)
SEEDS = tuple(range(4000, 4000 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"case": tuple(CASES), "part": SIZES, "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {"case": ("weak",), "part": SIZES, "seed": SEEDS}
#: Longer trainings: how many times, of how many seeds, of which cases, at which part.
LONGER = {10: 10}
LONG_L2, LONG_ADAMW, LONG_PART = "L2", "AdamW", 0.93
#: Accuracies between which a network generalises in part.
IN_PART = (0.1, 0.9)
#: Chance below which the dip test sees more than one hump.
SIGNIFICANT = 0.05
#: Train accuracy from which a network fits.
FITS = 0.99
#: To which accuracy what generalises is raised.
RAISED = 0.99
RECORD_EVERY, KEPT = 5, 30
#: A plateau: how flat, between which rises, for which factor in updates each; and what a network
#: must reach to have one.
FLAT, RISES, LASTS, GENERALISES = 0.05, 0.08, 1.5, 0.2
WIDE, NARROW = "wide", "narrow"

QUANTITIES = (
    Quantity(
        "in_part",
        "The share of networks at rest with an accuracy between .1 and .9, at the size whose "
        "median is nearest to one half; not known if no median is between them.",
        PRIMARY,
        0.2,
        null=0.0,
        guess="all or nothing",
    ),
    Quantity(
        "apart",
        "How far these accuracies are from their median, on the mean.",
        PRIMARY,
        0.1,
        null=0.5,
        guess="all or nothing",
    ),
    Quantity(
        "delay",
        "The update at which half of the accuracy at rest is reached over that at which the "
        "network fits, there.",
        PRIMARY,
        0.2,
        relative=True,
        null=1.0,
        guess="both at once",
    ),
    Quantity(
        "stays",
        "How far the accuracy rises in ten times as many updates, at .93 of the critical size.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "two_humps",
        "The share of networks there whose gaps have more than one hump, by the dip test.",
        PRIMARY,
        0.2,
        null=1.0,
        guess="one part of the table is learned and the other is not",
    ),
    Quantity(
        "half_way_width",
        "The half-way point with 384 units over that with 48.",
        PRIMARY,
        0.05,
        relative=True,
    ),
    Quantity(
        "earlier_plateaus",
        "The share of networks whose accuracy rises, rests and rises again, each for a factor of "
        "1.5 in updates, of those that end above .2.",
        PRIMARY,
        0.1,
        null=0.0,
        guess="one rise",
    ),
    Quantity(
        "in_part_width",
        "The share of networks in part, over all sizes, with 384 units less that with 48.",
        SECONDARY,
        0.1,
    ),
    Quantity(
        "adamw_in_part",
        "The share in part at .93 of AdamW's size, after ten times as many updates.",
        SECONDARY,
        0.2,
        null=0.0,
        guess="all or nothing",
    ),
    Quantity(
        "adamw_stays",
        "How far the accuracy of AdamW rises in ten times as many updates.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "beyond_share",
        "The accuracy of a network there less what its share of memory makes of it.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "raised",
        "Accuracy once what each sum says on the mean is raised until, by the share of memory that "
        "is left, it should be .99.",
        SECONDARY,
        0.02,
        null=0.8,
        guess="half of the table is learned",
    ),
    Quantity("residual", "How far from rest, of the penalty.", CHECK, 1e-3),
    Quantity("left", "How far accuracy moved on the way to rest.", CHECK, 0.05),
    Quantity("accuracy", "Accuracy on what was not trained on, at rest or at the end."),
    Quantity("mirrored", "Accuracy where the mirrored pair was trained on less that elsewhere."),
    Quantity(
        "half_way", "The size at which accuracy passes a half, in parts of the critical size."
    ),
    Quantity("later", "Accuracy after ten times as many updates."),
    Quantity("share", "The share of memory."),
    Quantity("norm", "The norm of the parameters."),
    Quantity("pure", "The share of units in frequencies with three or more."),
    Quantity("frequencies", "How many frequencies have three units or more."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again`; and those of `longer` along ``times``, NaN but where it was done.
    """
    found = sweep(again, points, folder)
    cases = [case for case in (LONG_L2, LONG_ADAMW) if case in points["case"]]
    longer_runs = [
        sweep(
            longer, {"case": cases, "times": [times], "seed": points["seed"][:seeds]}, folder
        ).drop_vars("diverged")
        for times, seeds in LONGER.items()
        if cases
    ]
    return xr.merge([found, *longer_runs], join="left", compat="no_conflicts")


def again(case: str, part: float, seed: int) -> xr.Dataset:
    """Return one network.

    Numbers: ``test_accuracy``, ``train_accuracy``, ``mirror_accuracy`` and ``other_accuracy``,
    where the mirrored pair was trained on and elsewhere, ``ended_accuracy``, before it came to
    rest, ``parameter_norm``, ``residual`` and ``moved`` of `theory.networks.Rest` (NaN with
    AdamW), ``train_logit``, ``test_logit``, ``test_spread``, ``dip_chance``, ``raised_accuracy``,
    ``fits`` and ``half`` in updates (NaN if never), ``earlier_plateau``, ``frequencies`` and
    ``pure``; and along ``time``, at ``updates``, ``test_curve`` and ``train_curve``, accuracies,
    and ``norm_curve``.
    """
    setting = CASES[case]
    training = training_of(setting, part, seed, setting.updates)
    run, end = advance(training, record_every=RECORD_EVERY)
    final, rested = _at_rest(setting, training, end)
    found = _looked_at(training, final)
    before = {"ended_accuracy": run.test_accuracy[-1].item()}
    timed = _times(run, found["test_accuracy"])
    return xr.Dataset({**timed, **before, **rested, **found}).merge(_curves(run))


def longer(case: str, times: int, seed: int) -> xr.Dataset:
    """Return one network after so many times as many updates, and not brought to rest.

    ``longer_accuracy``, ``longer_plateau``, as the earlier one, and ``longer_frequencies`` and
    ``longer_pure``.
    """
    setting = CASES[case]
    training = training_of(setting, LONG_PART, seed, times * setting.updates)
    run, end = advance(training, record_every=RECORD_EVERY * times)
    units = circuits.HiddenUnits.of(end.parameters, 2)
    return xr.Dataset(
        {
            "longer_accuracy": run.test_accuracy[-1].item(),
            "longer_plateau": earlier_plateau(run),
            **{f"longer_{name}": value for name, value in _tuned(units, training.split).items()},
        }
    )


def training_of(setting: Case, part: float, seed: int, updates: int) -> Training:
    """Return how a network is trained on a part of the critical size, for so many updates."""
    split = modular_addition(MODULUS).split(round(part * setting.size * MODULUS), rng=seed)
    stages = (Stage(setting.optimiser, updates),)
    dtype = "float32" if setting.adamw else DTYPE
    return Training(TwoLayer(setting.width), split, stages, seed, dtype=dtype)


def _at_rest(
    setting: Case, training: Training, end: Checkpoint
) -> tuple[Checkpoint, dict[str, float]]:
    if setting.adamw:
        return end, {"residual": np.nan, "moved": np.nan}
    rest = come_to_rest(training, end, RESIDUAL)
    return rest.checkpoint, {"residual": rest.residual, "moved": rest.moved}


def _times(run: xr.Dataset, accuracy: float) -> dict[str, float]:
    fits = run["step"].where(run.train_accuracy >= FITS).min()
    half = run["step"].where(run.test_accuracy >= accuracy / 2).min()
    return {"fits": fits.item(), "half": half.item(), "earlier_plateau": earlier_plateau(run)}


def earlier_plateau(run: xr.Dataset) -> float:
    """Return 1 if accuracy rests on the way up, else 0; NaN of what ends at .2 or less.

    In three stretches, each of a factor of `LASTS` in updates, it rises by `RISES` or more, stays
    within `FLAT`, and rises as much again.
    """
    updates, curve = run["step"].values, run.test_accuracy.values
    if curve[-1] <= GENERALISES:
        return np.nan
    for first in np.flatnonzero((updates > 0) & (LASTS**2 * updates <= updates[-1])):
        since, until, then = (updates[first] * LASTS**power for power in (-1, 1, 2))
        stretch = curve[(updates >= updates[first]) & (updates <= until)]
        before = stretch.min() - curve[np.searchsorted(updates, since)]
        after = curve[np.searchsorted(updates, then)] - stretch.max()
        if np.ptp(stretch) <= FLAT and min(before, after) >= RISES:
            return 1.0
    return 0.0


def _curves(run: xr.Dataset) -> xr.Dataset:
    """Return accuracies at some records, evenly in the logarithm of the update."""
    last = run.sizes["step"] - 1
    chosen = np.unique(np.geomspace(1, last, KEPT).round().astype(int))
    kept = np.pad(chosen, (KEPT - chosen.size, 0), mode="edge")
    some = run.isel(step=kept)
    return xr.Dataset(
        {
            "updates": ("time", some["step"].values),
            "test_curve": ("time", some.test_accuracy.values.astype("float32")),
            "train_curve": ("time", some.train_accuracy.values.astype("float32")),
            "norm_curve": ("time", some.parameter_norm.values.astype("float32")),
        }
    )


def _looked_at(training: Training, end: Checkpoint) -> dict[str, float]:
    split = training.split
    logits = all_logits(training, end)
    labels = split.task.labels
    right = logits[np.arange(labels.size), labels]
    gap = gaps(logits, labels)[split.test]
    mirror = mirrored(split)
    train, test = right[split.train], right[split.test]
    units = circuits.HiddenUnits.of(end.parameters, 2)
    return {
        "test_accuracy": float((gap > 0).mean()),
        "train_accuracy": float((gaps(logits, labels)[split.train] > 0).mean()),
        "mirror_accuracy": float((gap[mirror] > 0).mean()),
        "other_accuracy": float((gap[~mirror] > 0).mean()),
        "parameter_norm": float(np.linalg.norm(end.parameters.flat)),
        "train_logit": float(train.mean()),
        "test_logit": float(test.mean()),
        "test_spread": float(test.std()),
        "dip_chance": float(diptest(gap)[1]),
        "raised_accuracy": raised(logits, split),
        **_tuned(units, split),
    }


def all_logits(training: Training, end: Checkpoint) -> np.ndarray:
    """Return the logits of the whole table, less their mean over labels, (examples, labels)."""
    network, task = training.network, training.split.task
    inputs = network.encode(task, np.arange(len(task.labels)), "float64")
    logits = network.forward(end.parameters, inputs).logits.astype(float)
    centred: np.ndarray = logits - logits.mean(axis=1, keepdims=True)
    return centred


def mirrored(split: Split) -> np.ndarray:
    """Return of which pairs of the test set the mirrored one is trained on."""
    pairs = [tuple(pair) for pair in split.task.inputs.tolist()]
    trained = {pairs[place] for place in split.train}
    return np.array([pairs[place][::-1] in trained for place in split.test])


def gaps(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the right logit less the largest of the others, shape (examples,)."""
    rows = np.arange(labels.size)
    others = logits.copy()
    others[rows, labels] = -np.inf
    gap: np.ndarray = logits[rows, labels] - others.max(axis=1)
    return gap


def raised(logits: np.ndarray, split: Split) -> float:
    """Return the accuracy on the test set once the mean of each sum is raised.

    What an example's sum says on the mean over the test set is taken so many times that the share
    of memory falls to where `theory.circuits.test_accuracy` is `RAISED`: never less than once. 0
    where what generalises has no weight.
    """
    labels = split.task.labels
    test, sums = split.test, labels[split.test]
    right = logits[np.arange(labels.size), labels]
    generalising = right[test].mean()
    memory = right[split.train].mean() - generalising
    if generalising <= 0:
        return 0.0
    enough = 1 / _share_for(RAISED) - 1
    factor = max(enough * memory / generalising, 1.0)
    means = np.stack([logits[test[sums == each]].mean(axis=0) for each in np.unique(sums)])
    lifted = logits[test] + (factor - 1) * means[np.searchsorted(np.unique(sums), sums)]
    return float((gaps(lifted, sums) > 0).mean())


def _share_for(accuracy: float) -> float:
    """Return the share of memory at which a network has an accuracy."""

    def off(share: float) -> float:
        return float(circuits.test_accuracy(xr.DataArray(share))) - accuracy

    return float(brentq(off, 1e-3, 0.5))


def _tuned(units: circuits.HiddenUnits, split: Split) -> dict[str, float]:
    examples, labels = split.task.inputs[split.train], split.task.labels[split.train]
    return tuned(circuits.find(units, examples, labels, active=ACTIVE))


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    penalised = [name for name, case in CASES.items() if not case.adamw]
    rested = runs.sel(case=penalised)
    median = rested.test_accuracy.median("seed")
    middle = abs(median - 0.5).argmin("part")
    there, median = rested.isel(part=middle), median.isel(part=middle)
    known = in_part(median).astype(bool)
    share = 1 - runs.test_logit / runs.train_logit
    expected = circuits.test_accuracy(share.sel(case=penalised).isel(part=middle).clip(0, 1))
    half = passage_bounds(runs.test_accuracy, 0.5, "part")
    over_sizes = in_part(rested.test_accuracy).mean("part")
    longer_l2, longer_adamw = _longer(runs, LONG_L2), _longer(runs, LONG_ADAMW)
    return {
        "in_part": in_part(there.test_accuracy).where(known),
        "apart": abs(there.test_accuracy - median).where(known),
        "delay": there.half / there.fits,
        "stays": longer_l2 - _before(runs, LONG_L2),
        "two_humps": (there.dip_chance < SIGNIFICANT).astype(float),
        "half_way_width": case_ratio(half, WIDE, NARROW),
        "earlier_plateaus": rested.earlier_plateau.mean("part"),
        "in_part_width": over_sizes.sel(case=WIDE, drop=True)
        - over_sizes.sel(case=NARROW, drop=True),
        "adamw_in_part": in_part(longer_adamw),
        "adamw_stays": longer_adamw - _before(runs, LONG_ADAMW),
        "beyond_share": there.test_accuracy - expected,
        "raised": there.raised_accuracy,
        "residual": rested.residual,
        "left": abs(rested.test_accuracy - rested.ended_accuracy),
        "accuracy": runs.test_accuracy,
        "mirrored": runs.mirror_accuracy - runs.other_accuracy,
        "half_way": half,
        "later": runs.longer_accuracy,
        "share": share,
        "norm": runs.parameter_norm,
        "pure": runs.pure,
        "frequencies": runs.frequencies,
    }


def _longer(runs: xr.Dataset, case: str) -> xr.DataArray:
    """Return accuracies after ten times as many updates, of the seeds that went on."""
    found: xr.DataArray = runs.longer_accuracy.sel(case=case, times=10, drop=True).dropna("seed")
    return found


def _before(runs: xr.Dataset, case: str) -> xr.DataArray:
    found: xr.DataArray = runs.test_accuracy.sel(case=case, part=LONG_PART, drop=True)
    return found


def in_part(accuracy: xr.DataArray) -> xr.DataArray:
    """Return 1 where a network generalises in part, and 0 elsewhere."""
    low, high = IN_PART
    return ((accuracy > low) & (accuracy < high)).astype(float)
