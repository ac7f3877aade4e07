"""Networks that had grokked another task, and go on with fewer examples: the runs of figure 8.

The two-layer network, by AdamW, with three decays. Only tasks that it generalises on from four
fifths of the pairs are here; of what else was tried x^2+xy+y^2 and x^3+xy modulo 31 were not
generalised at all with 128 units, and xyx^-1 and xyx in S_4 in part (one seed each, not stored).
These runs were made to be shown, not to test anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import (
    AdamW,
    Split,
    Stage,
    Task,
    Training,
    TwoLayer,
    advance,
    modular,
    permutation,
)
from theory.questions.practice import pool_of
from theory.sweeps import sweep

MODULUS, DEGREE, WIDTH, RATE = 31, 4, 128, 1e-3
#: Each with its expression; the last is of permutations.
TASKS = ("x-y", "x*y", "x/y", "x^2+y^2", "xy")
DECAYS = (0.3, 1.0, 3.0)
SEEDS = (9200, 9201, 9202)
#: D over the number of labels.
SIZES = tuple(float(size) for size in np.geomspace(3, 16, 7).round(2))
#: Updates on the pool, and then on fewer examples; the paper has 100,000.
GROKKING, UNGROKKING = 3000, 6000
POINTS: Mapping[str, Sequence[Any]] = {"task": TASKS, "decay": DECAYS, "seed": SEEDS}


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, (task, decay, seed, per_label), kept in a folder as they finish."""
    return sweep(ungrokked, points, folder)


def ungrokked(task: str, decay: float, seed: int) -> xr.Dataset:
    """Return what one network becomes at every size, along ``per_label``.

    ``test_accuracy`` and ``train_accuracy`` at the end, and ``test_accuracy_before``, after four
    fifths of the updates; without ``per_label``, ``pool_accuracy``, before examples were removed.
    """
    optimiser, split = AdamW(RATE, decay), pool_of(task_of(task), seed)
    stage = Stage(optimiser, GROKKING)
    first = Training(TwoLayer(WIDTH), split, (stage,), seed)
    grokked, start = advance(first, record_every=GROKKING)
    found = []
    for size in SIZES:
        stage = Stage(optimiser, UNGROKKING, _examples(split, size, seed))
        training = Training(TwoLayer(WIDTH), split, (stage,), seed, start=start)
        found.append(_ends(advance(training, record_every=UNGROKKING // 5)[0]))
    sizes = xr.DataArray(list(SIZES), dims="per_label", name="per_label")
    pool = grokked.test_accuracy[-1].item()
    return xr.concat(found, sizes).assign(pool_accuracy=pool).astype("float32")


def task_of(expression: str) -> Task:
    """Return the task of an expression."""
    if expression == "xy":
        return permutation(expression, DEGREE)
    return modular(expression, MODULUS)


def _examples(split: Split, per_label: float, seed: int) -> np.ndarray:
    """Return so many of the pool, shape (examples,); fewer are a part of more."""
    order = np.random.default_rng([seed, 1]).permutation(split.train)
    return np.sort(order[: round(per_label * split.task.num_labels)])


def _ends(run: xr.Dataset) -> xr.Dataset:
    end = run[["test_accuracy", "train_accuracy"]].isel(step=-1, drop=True)
    return end.assign(test_accuracy_before=run.test_accuracy.isel(step=-2, drop=True))
