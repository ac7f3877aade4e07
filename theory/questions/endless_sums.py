r"""Whether there is a delay in sums of three slots where no example comes twice.

The answer is the sum of three tokens modulo m. The table is dealt out once, a batch an
update, and is larger than what is dealt. Never dealt is a region: all triples of which the first
two tokens are both small, below a third of m. Any answer comes up there. Its neighbours, of which
the first token is small and the second is not, are dealt, but for those that are asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import (
    Adam,
    Snapshot,
    Split,
    Stage,
    Task,
    Training,
    TwoLayer,
    accuracy,
    advance,
)
from theory.questions.infinite_data import ASKED, first_below, passage
from theory.questions.passages import HALF
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import Bounds
from theory.sweeps import sweep

ASKS = "Is there a delay in sums of three slots where no example comes twice?"
PART = "infinite data"
KNOWN = (
    "Exploratory runs, not stored, one or two seeds each. Networks of ReLU, one layer or two, had "
    "not learned four slots modulo 23 and 31, and three modulo 47 and 61 only begun. Three slots "
    "with cubes, of 256 and once 512 units, modulo 43, 61, 71 and 97; four with two layers of "
    "squares modulo 19, 23, 27 and 31. Both come after long nothing. Modulo 71, seeds 0 to 2, "
    "half of the fresh examples at 1520 to 1760 updates and half of the region at 1.16 to 1.43 "
    "times that, with a penalty of 1e-5 and with none; with 1e-4 little was learned in 2450 "
    "updates, with 1e-3 nothing. Modulo 27, neighbours half-way at 2700 to 3000 of 3600 updates, "
    "and the region in one of four at 1.08 times, in the others not by then; modulo 31 not within "
    "1.39 times. Of three slots accuracy in the region was .000 or .001 at the least. "
    "Half of the last 1024 that were seen came at .90 to .95 of the updates for fresh ones with "
    "three slots, .95 to .99 with four; of the last 2560, in one network each, at .85 and .98. So "
    "that the region is late and is known without decay is expected, and with three slots that "
    "fresh examples are late, too; new are moduli and seeds. Four slots of 28 and 29 may not have "
    "time enough: that counts as a bound. All this was there before the runs. Then four slots were "
    "left out, as they took too long: none of them had been looked at, nor any of three slots."
)
#: The part of tokens that is small.
SMALL = 1 / 3
BATCH = 128
#: Updates from one record to the next: what was trained on since the last was just seen.
RECORD = 20
#: Fresh examples, neighbours, and examples in the region.
TESTED = 1000
#: What a run says of itself before anything has been learned, to be compared on another machine.
EARLY = 200
#: A run is followed in stretches of so many updates.
STRETCH = 400


SLOTS = 3
#: By name, for other sums were to be asked, too.
CASES: Mapping[str, int] = {"3 of 77": 77, "3 of 85": 85}
#: One hidden layer that multiplies three tokens.
NETWORK, RATE = TwoLayer(256, "cube", 0.3), 1e-2
#: After so many updates it is given up: the smaller table has not many more.
UPDATES = 3100
DECAY, FREE = "decay", "no decay"
PENALTIES = {DECAY: 1e-5, FREE: 0.0}
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(7400, 7400 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "case": tuple(CASES),
    "way": tuple(PENALTIES),
    "seed": SEEDS,
}
LIVE = POINTS

QUANTITIES = (
    Quantity(
        "apart_over_near",
        "Updates until half of a region is right that never comes, over those until half of its "
        "neighbours is, which come; under a penalty. In the region two tokens of the sum are "
        "small, in its neighbours one.",
        PRIMARY,
        0.1,
        relative=True,
    ),
    Quantity(
        "without_decay",
        f"The share of networks that know half of the region within {UPDATES} updates without "
        "weight decay.",
        PRIMARY,
        0.25,
    ),
    Quantity(
        "fresh_over_seen",
        f"Updates until half of fresh examples is right, over those until half of the last "
        f"{RECORD * BATCH} seen is; under a penalty.",
        SECONDARY,
        0.1,
        relative=True,
    ),
    Quantity("free_over_near", "As the first, without decay."),
    Quantity("updates", "Updates until half is right."),
    Quantity("lowest", "The least accuracy in the region until its neighbours are half right."),
    Quantity("ended", "Accuracy in the region at the end."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(case: str, way: str, seed: int) -> xr.Dataset:
    """Return when half is right of what, in updates; NaN where it never is.

    ``seen``, of what was just trained on; ``fresh``; ``near``, of neighbours of the region; and
    ``apart``, in it. ``updates``, how many there were; ``lowest``, the least accuracy in the
    region until then that half of its neighbours is right; ``ended``, at the end; and, after
    `EARLY` updates, ``test_accuracy`` on all that is tested and ``parameter_norm``.
    """
    return summary(followed(training_of(CASES[case], PENALTIES[way], seed)))


def training_of(modulus: int, l2: float, seed: int, updates: int = UPDATES) -> Training:
    """Return a training that deals out a table once, a batch an update."""
    split = examples(modulus, updates * BATCH, seed)
    optimiser = Adam(RATE, l2=l2)
    stages = tuple(Stage(optimiser, 1, places_at(step)) for step in range(updates))
    return Training(NETWORK, split, stages, seed)


def places_at(step: int) -> np.ndarray:
    """Return the places of the batch of the update after `step` others."""
    return np.arange(step * BATCH, (step + 1) * BATCH)


def examples(modulus: int, dealt: int, seed: int) -> Split:
    """Return what is dealt, and then fresh examples, neighbours and the region, to be tested on.

    In this order, drawn from all triples, none of them twice.

    Raises
    ------
    ValueError
        If the table has not so many.
    """
    # Another stream than that of the seed alone, and than those of the batches.
    rng = np.random.default_rng([seed, 0, 11])
    order = rng.permutation(modulus**SLOTS)
    triples = np.stack(np.unravel_index(order, (modulus,) * SLOTS), axis=1)
    first, second = (triples[:, slot] < SMALL * modulus for slot in (0, 1))
    apart = np.flatnonzero(first & second)[:TESTED]
    near = np.flatnonzero(first & ~second)[:TESTED]
    comes = np.setdiff1d(np.flatnonzero(~(first & second)), near)
    if dealt + TESTED > comes.size:
        raise ValueError(f"dealt must be at most {comes.size - TESTED}, got {dealt}")
    inputs = triples[np.concatenate([comes[: dealt + TESTED], near, apart])]
    settings = {"modulus": modulus, "slots": SLOTS, "dealt": dealt}
    labels = inputs.sum(axis=1) % modulus
    task = Task("modular_sum_dealt_once", settings, inputs, labels, modulus, modulus)
    return Split(task, np.arange(dealt), np.arange(dealt, labels.size), seed)


def followed(training: Training) -> xr.Dataset:
    """Return a run until half is right of all that is asked, or all is dealt.

    With accuracies by the names of `infinite_data.ASKED`.
    """
    run, since = advance(training, None, STRETCH, RECORD, (_right,), progress=False)
    while since.step < training.steps and not all(run[name].max() >= HALF for name in ASKED):
        until = min(since.step + STRETCH, training.steps)
        stretch, since = advance(training, since, until, RECORD, (_right,), progress=False)
        run = xr.concat([run, stretch.isel(step=slice(1, None))], "step", combine_attrs="override")
    return run


def _right(snapshot: Snapshot) -> dict[str, float]:
    tested = zip(np.split(snapshot.test.logits, 3), np.split(snapshot.test.labels, 3), strict=True)
    found = (_just_seen(snapshot), *(accuracy(*part) for part in tested))
    return dict(zip(ASKED, found, strict=True))


def _just_seen(snapshot: Snapshot) -> float:
    """Return the accuracy on what came since the last record; before any, on the first batch."""
    steps = range(max(snapshot.step - RECORD, 0), max(snapshot.step, 1))
    places = np.concatenate([places_at(step) for step in steps])
    parameters = snapshot.parameters
    inputs = snapshot.network.encode(snapshot.task, places, str(parameters.flat.dtype))
    logits = snapshot.network.forward(parameters, inputs).logits
    return accuracy(logits, snapshot.task.labels[places])


def summary(run: xr.Dataset) -> xr.Dataset:
    """Return what `again` says of a run."""
    passed = {name: first_below(1 - run[name], 1 - HALF) for name in ASKED}
    early = run.sel(step=EARLY)
    until = run["step"] <= np.nan_to_num(passed["near"], nan=np.inf)
    return xr.Dataset(
        {
            **passed,
            "updates": float(run["step"][-1]),
            "lowest": run.apart.where(until).min().item(),
            "ended": run.apart[-1].item(),
            "test_accuracy": early.test_accuracy.item(),
            "parameter_norm": early.parameter_norm.item(),
        }
    )


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    decayed, free = (runs.sel(way=way, drop=True) for way in (DECAY, FREE))
    marks = xr.DataArray(list(ASKED), dims="mark", name="mark")
    return {
        "apart_over_near": ratio(decayed, "apart", "near"),
        "without_decay": free.apart.notnull().astype(float),
        "fresh_over_seen": ratio(decayed, "fresh", "seen"),
        "free_over_near": ratio(free, "apart", "near"),
        "updates": xr.concat([runs[name] for name in ASKED], marks),
        "lowest": runs.lowest,
        "ended": runs.ended,
    }


def ratio(runs: xr.Dataset, name: str, other: str) -> Bounds:
    """Return the updates until half of one is right, over those of the other."""
    return passage(runs, name).over(passage(runs, other))
