"""Single runs from the start, shown in detail: those of figures 1, 6 and 9.

Their seeds are the first of their kind: none was chosen for how it looks. They were made to be
shown, not to test anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from theory import circuits
from theory.networks import (
    Adam,
    AdamW,
    Network,
    Optimiser,
    Stage,
    Training,
    Transformer,
    TwoLayer,
    modular_addition,
)
from theory.paper_figures.following import follow, looks
from theory.sweeps import sweep

#: Half of all pairs of a modulus that a transformer learns in minutes, and the paper's optimiser.
MODULUS, EXAMPLES, ADAMW = 53, 1404, AdamW(learning_rate=1e-3, weight_decay=1.0)
#: Modulus of the question on semi-grokking, and the part of its critical size that went on there.
SMALL, PART, ADAMW_SIZE = 37, 0.93, 9.8
LOOKS = 100
RUNS = ("two layers", "transformer", "semi, AdamW", "semi, L2")
POINTS: Mapping[str, Sequence[Any]] = {"which": RUNS}


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, (which, step), kept in a folder; NaN at steps where only others have looks.

    Variables as `follow`, and ``examples``, D.
    """
    return sweep(single, points, folder)


def single(which: str) -> xr.Dataset:
    """Return one of `RUNS`."""
    training = training_of(which)
    found = follow(training, looks(training.steps, LOOKS))
    return found.assign(examples=training.split.train.size)


def one(runs: xr.Dataset, which: str) -> xr.Dataset:
    """Return one of the runs, at the steps at which it was looked at."""
    return runs.sel(which=which, drop=True).dropna("step")


def training_of(which: str) -> Training:
    """Return how one of `RUNS` is trained.

    Raises
    ------
    KeyError
        If there is none of that name.

    Examples
    --------
    >>> training_of("semi, AdamW").split.train.size
    337
    """
    in_part = round(PART * float(circuits.critical_size(SMALL, 1e-4)))
    fewer = round(PART * ADAMW_SIZE * SMALL)
    fast = AdamW(learning_rate=3e-3, weight_decay=1.0)
    penalised = Adam(learning_rate=3e-3, l2=1e-4)
    return {
        "two layers": _training(TwoLayer(128), MODULUS, EXAMPLES, ADAMW, 5000, seed=0),
        "transformer": _training(Transformer(), MODULUS, EXAMPLES, ADAMW, 5000, seed=0),
        "semi, AdamW": _training(TwoLayer(128), SMALL, fewer, fast, 400_000, seed=4000),
        "semi, L2": _training(TwoLayer(128), SMALL, in_part, penalised, 40_000, seed=4000),
    }[which]


def _training(
    network: Network, modulus: int, examples: int, optimiser: Optimiser, updates: int, seed: int
) -> Training:
    split = modular_addition(modulus).split(examples, rng=seed)
    return Training(network, split, (Stage(optimiser, updates),), seed)
