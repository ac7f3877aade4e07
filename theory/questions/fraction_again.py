r"""What becomes of the delay as the table grows, again: other moduli, and more seeds.

Networks and sizes are those of `theory.questions.fixed_fraction`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import xarray as xr

from theory.questions import fixed_fraction
from theory.questions.fixed_fraction import FRACTIONS, LESS, SAME_PART, growth
from theory.questions.question import SECONDARY, Measured, Sampling
from theory.sweeps import sweep

ASKS = "Does the delay shrink as the table grows, at other moduli and with more seeds?"
PART = "infinite data again"
KNOWN = (
    "The runs of `fixed_fraction`, moduli 33 to 77, seeds 7500 to 7505. The exponent of the "
    "updates between is -.69 [-.82, -.57] over both fractions, where the minimal model has -.51 "
    "and one-sided mixing -.38: both open; -.54 at .35 and -.84 at .5, and steeper further up: "
    "from one modulus to the next -.43 and -.73 at .35, -.63, -.91 and -1.42 at .5. Of late over "
    "fit -.74 [-.83, -.66], where they have -.36 and -.41, refuted; at 1.7 of the critical size "
    ".81 [.68, .93], where they have -.24 and -.20, refuted. At these moduli -.6 to -.9 is "
    "expected of the first, so that it lies at the border of what the minimal model may miss, "
    "and beyond that of one-sided mixing; that the others are missed again is all but certain. "
    "New are moduli, within the range of the first, and seeds. Quantities and margins are the "
    "same; the last is not counted again."
)
MODULI = (45, 57, 69, 81)
#: Moduli of which a fraction is above the derived critical size, by a third at least.
ABOVE: Mapping[str, tuple[int, ...]] = {LESS: MODULI[1:], "0.5": MODULI}
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(8600, 8600 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "modulus": MODULI,
    "known": (*FRACTIONS, SAME_PART),
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": MODULI[1:2]}
_DELAY, _LATE, _SAME_PART, _, *_REPORTED = fixed_fraction.QUANTITIES
QUANTITIES = (_DELAY, _LATE, replace(_SAME_PART, role=SECONDARY), *_REPORTED)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, known: str, seed: int) -> xr.Dataset:
    """Return when one network fits and is half right, as `fixed_fraction.again`."""
    return fixed_fraction.again(modulus, known, seed)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    return growth(runs, ABOVE)
