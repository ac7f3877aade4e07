"""Networks that had grokked, followed while they ungrok: the runs of figures 1, 7 and 10.

The two-layer network on the paper's modulus and its seven sizes, by AdamW as in the paper. It takes
networks of all pairs; here a fifth is never trained on, so that there is something left to test
on that no network has seen. These runs were made to be shown, not to test anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import AdamW, Checkpoint, Stage, Training, advance
from theory.paper_figures.following import follow, looks
from theory.questions.practice import Subject
from theory.sweeps import sweep

MODULUS, WIDTH = 113, 128
#: As the paper has it.
OPTIMISER = AdamW(learning_rate=1e-3, weight_decay=1.0)
#: D, the paper's seven sizes, in the same ratio from one to the next.
SIZES = tuple(int(size) for size in np.geomspace(390, 1494, 7).round())
SEEDS = (9100, 9101)
#: Updates on the pool, and then on fewer examples.
GROKKING, UNGROKKING = 1500, 10_000
#: Updates at which a network is looked at.
LOOKS = (0, 25, *looks(UNGROKKING, 23, first=50)[1:])
POINTS: Mapping[str, Sequence[Any]] = {"seed": SEEDS}


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, (seed, examples, step), kept in a folder as they finish."""
    return sweep(ungrokked, points, folder)


def ungrokked(seed: int) -> xr.Dataset:
    """Return what one network becomes at every size, along ``examples`` and ``step``.

    Variables as `follow`.
    """
    subject = Subject(MODULUS, WIDTH, seed)
    start = _grokked(subject)
    found = [followed(subject, start, size) for size in SIZES]
    return xr.concat(found, xr.DataArray(list(SIZES), dims="examples", name="examples"))


def followed(
    subject: Subject, start: Checkpoint, examples: int, steps: Sequence[int] = LOOKS
) -> xr.Dataset:
    """Return what a network that had grokked becomes on so many examples, as `follow`."""
    stage = Stage(OPTIMISER, steps[-1], subject.examples(examples / MODULUS))
    training = Training(subject.network, subject.split, (stage,), subject.seed, start=start)
    return follow(training, steps)


def _grokked(subject: Subject) -> Checkpoint:
    stages = (Stage(OPTIMISER, GROKKING),)
    training = Training(subject.network, subject.split, stages, subject.seed)
    return advance(training, record_every=GROKKING)[1]
