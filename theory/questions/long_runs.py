"""Whether what generalises in part still does after a hundred times as many updates.

Networks from scratch near the size at which half of the unseen is right, full batch, under an L2
penalty or with AdamW. Where each would rest is found from where it has ended
(`theory.networks.come_to_rest`): for AdamW at a minimum of the loss and its barrier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from theory.networks import (
    Adam,
    AdamW,
    Stage,
    Training,
    TwoLayer,
    advance,
    come_to_rest,
    modular_addition,
)
from theory.networks.rest import Objective
from theory.questions.cooled import DTYPE
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.semi_grokking import in_part
from theory.sweeps import sweep

ASKS = "Do networks that generalise in part still do after a hundred times as many updates?"
PART = "long runs"
KNOWN = (
    "`semi_grokking` at modulus 37: ten times as many updates leave networks with L2 within .01, "
    "and raise AdamW, at 9.1 examples a label, by .71; a failing of 0 there is no news and not "
    "counted again. `optimisers` at modulus 29, six seeds: AdamW at this decay from scratch rests "
    "at .06, .63 and .93 with 6, 8 and 10.5 examples a label, found from where runs of 3000 "
    "updates ended. The size here is the middle one, so that answers in part are expected at rest; "
    "that of L2 is .93 of the derived critical size. A pilot of these steps at modulus 23, seed 1, "
    "at 7.5 with AdamW and 9.5 with L2: accuracies after once, ten and a hundred times as many "
    "updates of .345, .818 and .840 with AdamW, and at rest, from each of these, .840, .829, .840; "
    "parameters moved by .73, .27 and less than .001 of the norm to there. With L2 .215 each time, "
    "so no change is expected of L2. At risk are whether AdamW rests at all, whether it could be "
    "foreseen where, whether what is in part stays so, and other basins."
)
MODULUS, WIDTH, RATE = 29, 128, 3e-3
DECAY = 1.0


@dataclass(frozen=True)
class Case:
    """Who is trained, on how many examples a label, for how many updates at first."""

    optimiser: Adam | AdamW
    per_label: float
    updates: int


L2, ADAMW = "L2", "AdamW"
CASES: Mapping[str, Case] = {
    L2: Case(Adam(RATE, l2=1e-4), 11.85, 2500),
    ADAMW: Case(AdamW(RATE, DECAY), 8.0, 4000),
}
#: How many times as many updates.
TIMES = (1, 10, 100)
LONGEST = TIMES[-1]
RECORDS, RESIDUAL = 100, 1e-3
SAMPLING = Sampling(least=6, largest=6)
SEEDS = tuple(range(6600, 6600 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"case": tuple(CASES), "times": TIMES, "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {"case": (L2,), "times": TIMES[:1], "seed": SEEDS}

QUANTITIES = (
    Quantity(
        "adamw_foreseen",
        "The accuracy of AdamW at rest, as found from the end of a run, less that late in a run a "
        "hundred times as long.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "adamw_off",
        "The accuracy of AdamW late in the longest run less that at rest, as found from its end.",
        PRIMARY,
        0.02,
    ),
    Quantity(
        "adamw_last",
        "How far the accuracy of AdamW rises from late in a run ten times as long to late in one a "
        "hundred times as long.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "adamw_in_part",
        "The share of AdamW's networks whose accuracy is between .1 and .9 late in the longest "
        "run.",
        PRIMARY,
        0.2,
        null=0.0,
        guess="all or nothing",
    ),
    Quantity(
        "adamw_way",
        "How far AdamW's parameters are from rest at the end of the longest run, as a part of "
        "their norm.",
        SECONDARY,
        0.01,
    ),
    Quantity(
        "adamw_objectives",
        "The objective of AdamW at rest, as found from the end of a run, over that as found from "
        "the end of the longest, less 1.",
        SECONDARY,
        0.01,
    ),
    Quantity(
        "l2_rises",
        "How far the accuracy with L2 rises from rest, after a run, to late in one a hundred times "
        "as long.",
        SECONDARY,
        0.02,
    ),
    Quantity(
        "adamw_rises",
        "How far the accuracy of AdamW rises from the end of a run to late in the longest.",
    ),
    Quantity("residual", "What is left of the forces, of the penalty's.", CHECK, 1e-3),
    Quantity("residual_before", "The same where the run had ended."),
    Quantity("accuracy", "Accuracy on the unseen at the end."),
    Quantity("late_accuracy", "The median of the accuracy in the last half of a run."),
    Quantity("swing", "The largest accuracy in the last half less the least."),
    Quantity("accuracy_at_rest", "Accuracy at rest, as found from the end."),
    Quantity("way", "How far it is to rest, as a part of the norm."),
    Quantity("norm", "The norm of the parameters at the end."),
    Quantity("to_the_walls", "The largest parameter at the end times AdamW's decay."),
    Quantity("train_accuracy", "Accuracy on what is trained on, at the end."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, points, folder)


def again(case: str, times: int, seed: int) -> xr.Dataset:
    """Return one network after so many times as many updates.

    Numbers: ``test_accuracy``, ``train_accuracy`` and ``parameter_norm`` at the end; ``median``,
    ``least`` and ``most`` of the accuracy on the test set in the last half; ``largest``, the
    largest parameter; ``residual_before``, how far from balance pull and penalty are; and from
    there ``rest_accuracy``, ``objective``, ``residual`` and ``moved`` of `theory.networks.Rest`.
    """
    training = training_of(CASES[case], times, seed)
    run, end = advance(training, record_every=training.steps // RECORDS)
    late = run.test_accuracy[-RECORDS // 2 :]
    ended = end.parameters.flat.astype(float)
    rest = come_to_rest(training, end, RESIDUAL)
    return xr.Dataset(
        {
            "test_accuracy": run.test_accuracy[-1].item(),
            "train_accuracy": run.train_accuracy[-1].item(),
            "parameter_norm": run.parameter_norm[-1].item(),
            "median": late.median().item(),
            "least": late.min().item(),
            "most": late.max().item(),
            "largest": float(abs(ended).max()),
            "residual_before": Objective(training).residual(ended),
            "rest_accuracy": rest.test_accuracy,
            "objective": rest.objective,
            "residual": rest.residual,
            "moved": rest.moved,
        }
    )


def training_of(case: Case, times: int, seed: int) -> Training:
    """Return how a network is trained, for so many times as many updates."""
    split = modular_addition(MODULUS).split(round(case.per_label * MODULUS), rng=seed)
    stages = (Stage(case.optimiser, times * case.updates),)
    return Training(TwoLayer(WIDTH), split, stages, seed, dtype=DTYPE)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    l2, adamw = (
        {times: runs.sel(case=case, times=times, drop=True) for times in TIMES}
        for case in (L2, ADAMW)
    )
    first, last = adamw[TIMES[0]], adamw[LONGEST]
    return {
        "adamw_foreseen": first.rest_accuracy - last["median"],
        "adamw_off": last["median"] - last.rest_accuracy,
        "adamw_last": last["median"] - adamw[TIMES[1]]["median"],
        "adamw_in_part": in_part(last["median"]),
        "adamw_way": last.moved,
        "adamw_objectives": first.objective / last.objective - 1,
        "l2_rises": l2[LONGEST]["median"] - l2[TIMES[0]].rest_accuracy,
        "adamw_rises": last["median"] - first.test_accuracy,
        "residual": runs.residual,
        "residual_before": runs.residual_before,
        "accuracy": runs.test_accuracy,
        "late_accuracy": runs["median"],
        "swing": runs.most - runs.least,
        "accuracy_at_rest": runs.rest_accuracy,
        "way": runs.moved,
        "norm": runs.parameter_norm,
        "to_the_walls": runs.largest.sel(case=ADAMW, drop=True) * DECAY,
        "train_accuracy": runs.train_accuracy,
    }
