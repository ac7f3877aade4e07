r"""Whether a region of sums that is never dealt is known late, again: where there is time enough.

Networks, tables and regions are those of `theory.questions.endless_sums`, and each network may use
what its own table has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from theory.questions import endless_sums
from theory.questions.endless_sums import DECAY, PENALTIES, ratio
from theory.questions.infinite_data import ASKED
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.sweeps import sweep

ASKS = "Is a region of sums that is never dealt known late where there is time enough?"
PART = "infinite data again"
KNOWN = (
    "The runs of `endless_sums`, modulo 77 and 85. Modulo 77 the region is 1.23 [1.15, 1.32] "
    "times as late as its neighbours under the penalty, all ten later, which was open by a "
    "margin of a tenth above a delay of a tenth, and would be so by the rule of today. Modulo 85 "
    "most were given up at 3100 updates. Fresh examples are 1.17 [1.16, 1.18] times as late as "
    "those just seen. In exploratory runs of these very steps, not stored, seeds 1 to 4, the "
    "region was 1.44, 1.34, 1.39 and 1.12 times as late modulo 73, 1.31, 1.53 and 1.35 times "
    "modulo 69, and two of three ran out of examples modulo 81. So 1.2 to 1.3 is expected: that "
    "the delay of a tenth holds, or stays open. It is there to confirm, with more seeds; both "
    "theories say the same, and they are not told apart. The margin is half of what it was: for "
    "certain the region must be 1.155 times as late; where it is less than 1.1 times as late "
    "that is refuted. New are seeds, and modulo 73."
)
#: By modulus the most updates that a table has examples for.
UPDATES: Mapping[int, int] = {73: 2660, 77: 3140}
SAMPLING = Sampling(least=20, batch=2, largest=20)
SEEDS = tuple(range(8700, 8700 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"modulus": tuple(UPDATES), "seed": SEEDS}
LIVE = POINTS

QUANTITIES = (
    Quantity(
        "apart_over_near",
        "Updates until half of a region is right that never comes, over those until half of its "
        "neighbours is, which come; under a penalty. In the region two tokens of the sum are "
        "small, in its neighbours one.",
        PRIMARY,
        0.05,
        relative=True,
        null=1.0,
        guess="one is known with the other",
    ),
    Quantity(
        "fresh_over_seen",
        "Updates until half of fresh examples is right, over those until half of what was just "
        "seen is.",
        SECONDARY,
        0.05,
        relative=True,
    ),
    Quantity("updates", "Updates until half is right."),
    Quantity("lowest", "The least accuracy in the region until its neighbours are half right."),
    Quantity("ended", "Accuracy in the region at the end."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, seed: int) -> xr.Dataset:
    """Return when half is right of what, as `endless_sums.again`."""
    training = endless_sums.training_of(modulus, PENALTIES[DECAY], seed, UPDATES[modulus])
    return endless_sums.summary(endless_sums.followed(training))


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    marks = xr.DataArray(list(ASKED), dims="mark", name="mark")
    return {
        "apart_over_near": ratio(runs, "apart", "near"),
        "fresh_over_seen": ratio(runs, "fresh", "seen"),
        "updates": xr.concat([runs[name] for name in ASKED], marks),
        "lowest": runs.lowest,
        "ended": runs.ended,
    }
