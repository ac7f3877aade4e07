r"""Whether one circuit follows another, again: until nearly all is right.

Networks are those of `theory.questions.transient`, with a few more examples, and for four times as
long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from theory.questions import transient
from theory.questions.question import Measured, Sampling
from theory.sweeps import sweep

ASKS = "Does one circuit follow another where a rise is followed until nearly all is right?"
PART = "several circuits again"
KNOWN = (
    "The runs of `transient`, moduli 39, 41 and 45, 15900 updates, 9.1 examples a label. Modulo "
    "39 and 41 the largest step is .18 and .19 of what is gained, where the guess has at least a "
    "third, and .27 and .25 of the shares had moved, where it has a half: refuted at each. The "
    "correlation with turnover is .21 and .04, where it has at least a half, refuted; that with "
    "memory .80 and .73. But no network had come to nine tenths, modulo 45 .48 was right at the "
    "end on the mean, and over all three it was open. Exploratory runs, not stored, of 68000 "
    "updates, one seed each: with 9.1 a label .94 was right at the end modulo 39 and .89 modulo "
    "45, with 10.5 .99 modulo 45; their steps and shares were not looked at. So that the guess "
    "is missed over all is expected, and that memory falls where accuracy rises. New are seeds, "
    "moduli but for 45, and what comes after 15900 updates. Quantities and margins are the same."
)
#: D/m.
PER_LABEL = 9.8
#: Updates at records: from the first on each a factor of 1.2 later.
RECORDS = tuple(round(200 * 1.2**power) for power in range(33))
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(8900, 8900 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"modulus": (37, 43, 45), "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (37,)}
QUANTITIES = transient.QUANTITIES


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, seed: int) -> xr.Dataset:
    """Return one network at all records, as `transient.again`."""
    training = transient.training_of(modulus, seed, PER_LABEL, RECORDS[-1])
    return transient.told(transient.followed(training, RECORDS))


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    return transient.measure(runs)
