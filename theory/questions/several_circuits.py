"""How several generalising circuits compete: every frequency of waves is one of its own.

A network that adds modulo m may do so by any of (m - 1)/2 frequencies. It is followed under a
penalty until half of what it has not seen is right. From there it goes on twice, with the penalty
and without, and is brought to rest where there is one. Of a modulus that is prime all frequencies
are alike, since a unit permutes tokens: only the start and the pairs that were drawn tell them
apart. Networks are wide enough for several units of every frequency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import (
    Adam,
    Checkpoint,
    Optimiser,
    Snapshot,
    Split,
    Stage,
    Training,
    TwoLayer,
    advance,
    come_to_rest,
    modular_addition,
)
from theory.questions.at_rest import ACTIVE
from theory.questions.passages import HALF
from theory.questions.practice import pool_of
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import power
from theory.sweeps import sweep

ASKS = "How many frequencies remain of those that generalise, which, and what removes the others?"
PART = "several circuits"
KNOWN = (
    "Exploratory runs, not stored, of networks of 64 units at moduli 33, 43, 67 and 97, and of 192 "
    "and 256 at 31, 33, 43, 67 and 83. Width mattered: half-way at modulus 67 14.5 frequencies of "
    "64 units, 25 to 27 of 192 or 256. What follows is of 256 units, seeds 0 to 4 at modulus 31, 0 "
    "to 2 at 43, 0 and 1 at 67, and 0 at 83; half-way 11 to 12, 17 to 18, 25 to 26 and 29. "
    "Survivors: 7.1 to 7.7 and once 10.8, 8.0 to 8.8, 9.4 and 9.8, 10.1; on average 7, 13, 9 and "
    "7 % fewer than a third of the derived units. Threes, from the same states, said 9.6 or 15, "
    "9.8 to 10.6, 11.5 and 12.8, 10.8. So that neither one nor all remain is expected, that the "
    "derived number holds as well, and that threes say too many. "
    "Growth: an exponent of 0.2 from these, where the derived one is near, and threes have less; "
    "0.5 between moduli 33 and 67 in other runs, of 256 and 192 units. "
    "Gain: 0.14, 0.12 and 0.05 at moduli 67 and 83, where threes said 0.15, 0.06 and 0.25, and a "
    "winner 0.43 to 0.47; -0.36 to 0.16 at 31 and 0.02 to 0.06 at 43, so that it is asked where "
    "there are many. That a winner and equals miss it is expected; of threes and no change it is "
    "open. "
    "Counted: 7 to 12, 9, 11 and 12, as survivors. "
    "Free number: 13 to 14, 19 to 20, 29 and 34; threes said 13 to 15, 20 to 21, 24 to 32 and 38 "
    "to 40, by where the weakest start. "
    "Settled: 0.99 to 1.01. "
    "Moduli 29 and 79 were looked at before for costs alone."
)
WIDTH, RATE, L2 = 256, 3e-3, 1e-4
#: Updates after which a run is compared on another machine; between looks at it; and at most.
EARLY, LOOK, PATIENCE = 100, 10, 5000
#: Updates from half-way on.
UPDATES = 1000
RESIDUAL = 1e-4
#: Part of the strongest from which a frequency is counted.
COUNTS = 0.1
#: Part of all frequencies that is ahead.
AHEAD = 1 / 3
HALFWAY, FREE, KEPT, REST = MOMENTS = ("half-way", "free", "kept", "rest")
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6700, 6700 + SAMPLING.largest))
#: Primes. The smallest is large enough for more frequencies than remain.
POINTS: Mapping[str, Sequence[Any]] = {"modulus": (29, 79, 101), "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (29,)}
#: Moduli with so many frequencies that the strongest third can hold all that remain.
CROWDED = (79, 101)
_FREQUENCIES = np.arange(1, (max(POINTS["modulus"]) + 1) // 2)

QUANTITIES = (
    # Threes from half-way and a third of the derived units are that far apart, others much more.
    Quantity(
        "survivors",
        "The number of frequencies at rest: of strengths g on unseen pairs, (sum g)^2 / sum g^2.",
        PRIMARY,
        0.15,
        relative=True,
    ),
    Quantity(
        "growth",
        "The exponent in the modulus of the number of frequencies at rest.",
        PRIMARY,
        0.15,
    ),
    # What a winner takes, threes and no change are about 0.2 apart from each other.
    Quantity(
        "gain",
        "What the share of the third of all frequencies that was ahead half-way, when half of the "
        "unseen was right, gains until rest, at the two large moduli.",
        PRIMARY,
        0.1,
        null=0.0,
        guess="shares stay what they are half-way",
    ),
    Quantity(
        "counted",
        "How many frequencies have more than a tenth of the strongest, at rest.",
        SECONDARY,
        0.15,
        relative=True,
    ),
    Quantity(
        "free_number",
        "The number of frequencies after as many updates without the penalty, from half-way.",
        SECONDARY,
        0.15,
        relative=True,
    ),
    Quantity(
        "settled",
        "The number of frequencies at rest over that at the end of descent.",
        CHECK,
        0.1,
        relative=True,
    ),
    Quantity(
        "half_strength",
        "The strength of one frequency half-way, 0 of those that a modulus has not.",
    ),
    Quantity("half_number", "The number of frequencies half-way."),
    Quantity("free_accuracy", "The accuracy without the penalty."),
    Quantity("rest_accuracy", "The accuracy at rest."),
    Quantity("units", "Active units at rest."),
    Quantity("moved", "How far the parameters were from rest at the end of descent, as a part."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, seed: int) -> xr.Dataset:
    """Return what becomes of the frequencies of one network.

    Along ``moment``: ``strength``, also along ``frequency`` (logits, 0 of those that there are
    not), and ``accuracy`` on what is never trained on. ``half``, the update at which half of that
    was right, NaN if it never was; ``units`` at rest, and how far it ``moved`` there (1); and,
    after `EARLY` updates, ``test_accuracy`` and ``parameter_norm``.
    """
    split = pool_of(modular_addition(modulus), seed)
    early, since, reached = _half_way(split, seed)
    with_penalty, without = (_going_on(split, since, l2, seed) for l2 in (L2, 0.0))
    kept, end = _followed(with_penalty)
    free, _ = _followed(without)
    rest = come_to_rest(with_penalty, end, RESIDUAL)
    units = circuits.HiddenUnits.of(rest.checkpoint.parameters)
    records = (kept.isel(step=0), free.isel(step=-1), kept.isel(step=-1))
    strengths = [*(each.strength.values for each in records), _unseen_strengths(units, split)]
    accuracies = [*(each.test_accuracy.item() for each in records), rest.test_accuracy]
    return xr.Dataset(
        {
            "strength": (("moment", "frequency"), np.array(strengths)),
            "accuracy": ("moment", np.array(accuracies)),
            "half": float(since.step) if reached else np.nan,
            "units": int(units.active(ACTIVE).sum()),
            "moved": rest.moved,
            "test_accuracy": early.test_accuracy.item(),
            "parameter_norm": early.parameter_norm.item(),
        },
        {"moment": list(MOMENTS), "frequency": _FREQUENCIES},
    )


def optimiser(l2: float, rate: float = RATE) -> Optimiser:
    """Return what a network is trained by, with a penalty."""
    return Adam(rate, l2=l2)


def _half_way(split: Split, seed: int) -> tuple[xr.Dataset, Checkpoint, bool]:
    """Return a record early on, and where half is right, or patience ends, and which it is."""
    training = Training(TwoLayer(WIDTH), split, (Stage(optimiser(L2), PATIENCE),), seed)
    run, since = advance(training, record_every=EARLY, until=EARLY)
    early = run.isel(step=-1)
    while run.test_accuracy[-1] < HALF and since.step < PATIENCE:
        run, since = advance(training, since, since.step + LOOK, LOOK)
    return early, since, bool(run.test_accuracy[-1] >= HALF)


def _going_on(split: Split, since: Checkpoint, l2: float, seed: int) -> Training:
    stage = Stage(optimiser(l2), UPDATES)
    return Training(TwoLayer(WIDTH), split, (stage,), seed, start=since)


def _followed(training: Training) -> tuple[xr.Dataset, Checkpoint]:
    return advance(training, record_every=UPDATES, measurements=(_strengths,))


def _strengths(snapshot: Snapshot) -> dict[str, xr.DataArray]:
    """Return ``strength``, of each frequency on the test set."""
    found = circuits.frequency_strengths(snapshot.test.logits, snapshot.test.labels)
    return {"strength": xr.DataArray(_padded(found), {"frequency": _FREQUENCIES}, "frequency")}


def _unseen_strengths(units: circuits.HiddenUnits, split: Split) -> np.ndarray:
    inputs, labels = split.task.inputs[split.test], split.task.labels[split.test]
    return _padded(circuits.frequency_strengths(units.logits(inputs), labels))


def _padded(strengths: np.ndarray) -> np.ndarray:
    return np.pad(strengths, (0, _FREQUENCIES.size - strengths.size))


def number(strength: xr.DataArray) -> xr.DataArray:
    """Return the number of frequencies: their participation, of what speaks for the right label.

    NaN where none does.

    Examples
    --------
    >>> number(xr.DataArray([2.0, 2.0, 0.0, -0.1], dims="frequency")).item()
    2.0
    """
    part = strength.clip(min=0)
    square = (part**2).sum("frequency")
    found: xr.DataArray = part.sum("frequency") ** 2 / square.where(square > 0)
    return found


def counted(strength: xr.DataArray) -> xr.DataArray:
    """Return how many frequencies have more than a part of the strongest; NaN if that has none."""
    most = strength.max("frequency")
    found: xr.DataArray = (strength > COUNTS * most).sum("frequency").where(most > 0)
    return found


def share(strength: xr.DataArray, chosen: xr.DataArray) -> xr.DataArray:
    """Return the share of some frequencies, of what speaks for the right label."""
    part = strength.clip(min=0)
    found: xr.DataArray = part.where(chosen, 0.0).sum("frequency") / part.sum("frequency")
    return found


def leaders(strength: xr.DataArray) -> xr.DataArray:
    """Return which are the strongest third of the frequencies that a modulus has."""
    there = strength["frequency"] <= (strength["modulus"] - 1) / 2
    known = strength.fillna(0.0).where(there)  # one that is not known has no share either
    ahead: xr.DataArray = known > known.quantile(1 - AHEAD, "frequency")
    return ahead


def gain(before: xr.DataArray, after: xr.DataArray) -> xr.DataArray:
    """Return what the share of those gains that were `leaders` before, of `CROWDED` moduli."""
    before, after = (each.sel(modulus=list(CROWDED)) for each in (before, after))
    ahead = leaders(before)
    return share(after, ahead) - share(before, ahead)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity, of networks that have come half-way."""
    runs = runs.where(runs.half.notnull())
    half, free, kept, rest = (runs.strength.sel(moment=moment, drop=True) for moment in MOMENTS)
    survivors = number(rest)
    return {
        "survivors": survivors,
        "growth": power(survivors, survivors["modulus"], "modulus"),
        "gain": gain(half, rest),
        "counted": counted(rest),
        "free_number": number(free),
        "settled": survivors / number(kept),
        "half_strength": half,
        "half_number": number(half),
        "free_accuracy": runs.accuracy.sel(moment=FREE, drop=True),
        "rest_accuracy": runs.accuracy.sel(moment=REST, drop=True),
        "units": runs.units,
        "moved": runs.moved,
    }
