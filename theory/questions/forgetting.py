"""Whether what ungroks has forgotten: with other examples, other tasks, and without a penalty.

A network groks from a part of all sums. Then it goes on with an eighth or a half of its examples,
or with as few that it has never seen, three draws each; with as many others; or with another task
on the same pairs. Each under the penalty and without any, for as many updates; not at rest.

To forget is to be trained on something else. To ungrok is to be trained on less of the same, and
what removes the rule is the penalty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import (
    Adam,
    Checkpoint,
    Split,
    Stage,
    Training,
    TwoLayer,
    accuracy,
    advance,
    modular,
    modular_addition,
    random_labels,
)
from theory.questions.cooled import DTYPE
from theory.questions.descended import RATE
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.sweeps import sweep

ASKS = "Is ungrokking forgetting?"
PART = "second prediction again"
KNOWN = (
    "The first trial, at modulus 71: with an eighth of its examples a network falls to nothing, "
    "with as many others it does not fall, with differences of the same pairs sums are lost; one "
    "draw, under the penalty only. A pilot of these steps, at modulus 47, one seed: under the "
    "penalty all is lost with few examples, own or others, and nothing with as many others; "
    "without one .08 and .12 are lost with few, and accuracy still falls at the end; with other "
    "tasks .93 to .97 are lost, whatever the penalty; after 200 updates accuracies are .04 and .57 "
    "with few of its own and few others, under the penalty, .97 without one, and .24 to .38 with "
    "other tasks. One more seed at 53 was about the same. So that few examples take all under the "
    "penalty is expected, whichever they are, and that they take a little without one, where the "
    "model has nothing. At risk is whether it matters which examples are left where a half is: "
    "nothing was looked at there but for `two_sides`, where half of what is unseen is right at "
    "about as many examples a label."
)
MODULUS, WIDTH = 53, 128
#: Of all pairs: what a network groks from, and as many others; the rest is only tested on.
SHARE = 0.45
#: From fewer examples than the whole pool it takes a weaker penalty to grok.
FIRST = (Stage(Adam(RATE, l2=1e-5), 2000), Stage(Adam(RATE, l2=1e-4), 2000))
PENALTY, NONE = PENALTIES = (1e-4, 0.0)
#: What a network goes on with.
SAME, OTHERS = "the same", "others"
FEW = ("few of its own", "few others")
HALF = ("half of its own", "half others")
#: One over the part of its examples that it goes on with.
PARTS: Mapping[str, int] = {**dict.fromkeys(FEW, 8), **dict.fromkeys(HALF, 2)}
TASKS: Mapping[str, str] = {
    "differences": "x-y",
    "products": "x*y",
    "squares": "x^2+y^2",
    "random labels": "",
}
WAYS = (SAME, *PARTS, OTHERS, *TASKS)
DRAWS = (0, 1, 2)
#: When accuracies are looked at.
UPDATES = (0, 50, 200, 1000, 5000)
SOON, LATE, END = UPDATES[2:]
#: Accuracy of what has grokked.
GROKKED_FROM = 0.9
SAMPLING = Sampling(least=6, batch=2, largest=10)
SEEDS = tuple(range(6200, 6200 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "l2": PENALTIES,
    "way": WAYS,
    "draw": DRAWS,
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "way": (FEW[0], OTHERS), "l2": (PENALTY,)}

QUANTITIES = (
    Quantity(
        "lost_by_penalty",
        "How much further the accuracy on sums falls with an eighth of its examples under the "
        "penalty than without.",
        PRIMARY,
        0.2,
        null=0.0,
        guess="what is lost is forgotten, penalty or not",
    ),
    Quantity(
        "few_fall_free",
        "How far it falls with an eighth of its examples without a penalty, in 5000 updates.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "own_or_others",
        "How much further it falls with half of its own examples than with as many that it has "
        "never seen, under the penalty.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "own_or_others_free",
        "The same with an eighth, without a penalty.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "others_fall",
        "How far it falls with as many others, under the penalty.",
        SECONDARY,
        0.05,
    ),
    Quantity(
        "tasks_by_penalty",
        "How much further it has fallen under the penalty than without, after 200 updates with "
        "another task; the mean of all.",
        SECONDARY,
        0.05,
    ),
    Quantity("same_fall", "How far it falls with the same, without a penalty.", CHECK, 0.05),
    Quantity("wrong_before", "What is wrong before.", CHECK, 0.05),
    Quantity("fall", "How far the accuracy on sums has fallen at the end, for every way."),
    Quantity("fall_soon", "The same after 200 updates."),
    Quantity("fall_late", "How much of it fell in the last 4000 updates."),
    Quantity("draws_apart", "How far apart three draws of half of its own examples end."),
    Quantity("accuracy", "Accuracy on sums."),
    Quantity("norm_after", "The norm at the end over that before."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again`. What is not drawn is run once, and stands for every draw.
    """
    drawn = {name: points[name] for name in ("l2", "draw", "seed")}
    few, rest = (
        {"way": tuple(way for way in points["way"] if (way in PARTS) == chosen)}
        for chosen in (True, False)
    )
    once = {**drawn, "draw": DRAWS[:1]}
    parts = [
        sweep(again, {**grid, **ways}, folder)
        for grid, ways in ((drawn, few), (once, rest))
        if ways["way"]
    ]
    whole = [part.reindex(draw=list(points["draw"]), method="ffill") for part in parts]
    return xr.concat(whole, "way").reindex(way=list(points["way"]))


def again(l2: float, way: str, draw: int, seed: int) -> xr.Dataset:
    """Return what becomes of a network that goes on in one way.

    ``sums_accuracy`` along ``updates``, on sums that it has never seen; ``test_accuracy``, the last
    of these; ``parameter_norm`` and ``norm_before``, at the end and before.
    """
    sums, start = _grokked(seed)
    split, places = _goes_on(sums, way, draw, seed)
    stage = Stage(Adam(RATE, l2=l2), END, places)
    training = Training(TwoLayer(WIDTH), split, (stage,), seed, dtype=DTYPE, start=start)
    state: Checkpoint | None = None
    right = [_accuracy(sums, start)]
    for until in UPDATES[1:]:
        _, state = advance(training, state, until, record_every=until)
        right.append(_accuracy(sums, state))
    norm, before = (np.linalg.norm(each.parameters.flat) for each in (state or start, start))
    return xr.Dataset(
        {
            "sums_accuracy": ("updates", right),
            "test_accuracy": right[-1],
            "parameter_norm": float(norm),
            "norm_before": float(before),
        },
        {"updates": list(UPDATES)},
    )


def _goes_on(sums: Split, way: str, draw: int, seed: int) -> tuple[Split, np.ndarray]:
    """Return the task that a network goes on with, and the places."""
    others = np.setdiff1d(np.arange(len(sums.task.labels)), np.union1d(sums.train, sums.test))
    if way in TASKS:
        return _other_task(sums, TASKS[way], seed), sums.train
    places = others if way in (OTHERS, FEW[1], HALF[1]) else sums.train
    if way in PARTS:
        rng = np.random.default_rng([seed, 3, draw])
        places = np.sort(rng.choice(places, sums.train.size // PARTS[way], replace=False))
    return sums, places


def _other_task(sums: Split, expression: str, seed: int) -> Split:
    if not expression:
        return random_labels(sums, seed, balanced=True)
    return Split(modular(expression, MODULUS), sums.train, sums.test)


@lru_cache(maxsize=SAMPLING.largest)
def _grokked(seed: int) -> tuple[Split, Checkpoint]:
    task = modular_addition(MODULUS)
    order = np.random.default_rng([seed, 2]).permutation(len(task.labels))
    size = round(SHARE * order.size)
    sums = Split(task, np.sort(order[:size]), np.sort(order[2 * size :]), seed)
    training = Training(TwoLayer(WIDTH), sums, FIRST, seed, dtype=DTYPE)
    return sums, advance(training, record_every=training.steps)[1]


def _accuracy(sums: Split, state: Checkpoint) -> float:
    network, tests = TwoLayer(WIDTH), sums.test
    logits = network.forward(state.parameters, network.encode(sums.task, tests, DTYPE)).logits
    return accuracy(logits, sums.task.labels[tests])


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity; of a network that had not grokked nothing is known."""
    right = runs.sums_accuracy
    before = right.sel(updates=0, drop=True)
    had = before >= GROKKED_FROM
    fall = (before - right).where(had)
    soon, late, end = (fall.sel(updates=when, drop=True).mean("draw") for when in (SOON, LATE, END))
    few = _by_penalty(end.sel(way=FEW[0], drop=True))
    tasks = _by_penalty(soon.sel(way=list(TASKS)).mean("way", skipna=False))
    halves = fall.sel(way=HALF[0], l2=PENALTY, updates=END, drop=True)
    return {
        "lost_by_penalty": few,
        "few_fall_free": end.sel(way=FEW[0], l2=NONE, drop=True),
        "own_or_others": _further(end, HALF).sel(l2=PENALTY, drop=True),
        "own_or_others_free": _further(end, FEW).sel(l2=NONE, drop=True),
        "others_fall": end.sel(way=OTHERS, l2=PENALTY, drop=True),
        "tasks_by_penalty": tasks,
        "same_fall": end.sel(way=SAME, l2=NONE, drop=True),
        "wrong_before": 1 - before.isel(l2=0, way=0, draw=0, drop=True),
        "fall": end,
        "fall_soon": soon,
        "fall_late": end - late,
        "draws_apart": halves.max("draw") - halves.min("draw"),
        "accuracy": right,
        "norm_after": runs.parameter_norm / runs.norm_before,
    }


def _by_penalty(fall: xr.DataArray) -> xr.DataArray:
    return fall.sel(l2=PENALTY, drop=True) - fall.sel(l2=NONE, drop=True)


def _further(fall: xr.DataArray, ways: tuple[str, str]) -> xr.DataArray:
    own, others = (fall.sel(way=way, drop=True) for way in ways)
    return own - others
