r"""Whether a network that generalises in part goes on because one circuit follows another.

With AdamW what is right in part goes on rising for a long time. Every frequency of waves is a
generalising circuit of its own. At records that are a fixed factor of updates apart it is noted how
strong each is, on pairs that are never trained on. If rises come of one circuit taking over from
another, accuracy gains in steps, and when the shares of frequencies change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import (
    AdamW,
    Checkpoint,
    Snapshot,
    Stage,
    Training,
    TwoLayer,
    advance,
    modular_addition,
)
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.several_circuits import number
from theory.sweeps import sweep

ASKS = "Does what is right in part go on rising because one circuit follows another?"
PART = "several circuits"
KNOWN = (
    "That AdamW goes on rising where L2 comes to rest, and that no network with a penalty rises, "
    "rests and rises again, was known. Exploratory runs, not stored, at modulus 31. Of these very "
    "steps, seeds 0 to 4: accuracies of .15 to .30 at 1800 updates and .92 to .96 at 15900; the "
    "largest step .13, .16, .13, .14 and .14; correlations with turnover .43, .25, .31, .58 and "
    "-.13, with memory .68, .34, .68, .60 and .35, with number .24, .29, .35, .42 and -.37; moved "
    ".25, .26, .32, .23 and .14; the number of frequencies from about 10 to 15 of 15, smoothly. "
    "At 8.2 examples a label .56 was right at 12000 updates. So an even rise is expected, and that "
    "the guess of one circuit after another is missed; of the correlations it is open. The marks "
    "of the guess, a third and a half, are ours."
)
WIDTH, RATE, DECAY = 128, 3e-3, 1.0
#: D/m: from here AdamW takes long, and comes far.
PER_LABEL = 9.1
#: Updates at records: from the first on each a factor of 1.2 later.
RECORDS = tuple(round(200 * 1.2**power) for power in range(25))
#: Between these a network is right in part; of one that ends below the lower nothing is known.
FROM, TO = 0.1, 0.9
#: Records in part from which a correlation is taken.
ENOUGH = 5
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(7600, 7600 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"modulus": (39, 41, 45), "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (39,)}
_FREQUENCIES = np.arange(1, (max(POINTS["modulus"]) + 1) // 2)

_BEYOND = (
    "from one record to the next while it is right in part, both less their means over networks "
    "of that modulus at that record"
)
QUANTITIES = (
    Quantity(
        "largest_step",
        "The largest gain in accuracy within a factor of 1.2 in updates, of all that is gained "
        "from .1 to .9 or to the end.",
        PRIMARY,
        0.1,
        null=0.15,
        guess="an even rise",
    ),
    Quantity(
        "with_turnover",
        "The correlation of the gain in accuracy with how much of the shares goes from some "
        f"frequencies to others, {_BEYOND}.",
        PRIMARY,
        0.15,
        null=0.0,
        guess="they have nothing to do with each other",
    ),
    Quantity(
        "with_memory",
        f"The correlation of the gain in accuracy with the fall of the share of memory, {_BEYOND}.",
        PRIMARY,
        0.15,
        null=0.0,
        guess="they have nothing to do with each other",
    ),
    Quantity(
        "moved",
        "How much of the shares has gone to other frequencies from when .1 is right to when .9 is, "
        "or to the end.",
        SECONDARY,
        0.1,
        null=0.0,
        guess="the same circuits remain",
    ),
    Quantity(
        "with_number",
        f"The correlation of the gain in accuracy with that in the number of frequencies, "
        f"{_BEYOND}.",
        SECONDARY,
        0.15,
        null=0.0,
        guess="they have nothing to do with each other",
    ),
    Quantity("accuracy", "The accuracy on what is never trained on."),
    Quantity("number", "The number of frequencies."),
    Quantity("memory", "The share of memory."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, {name: points[name] for name in POINTS}, folder)


def again(modulus: int, seed: int) -> xr.Dataset:
    """Return one network at all records.

    Along ``updates``: ``accuracy``, on what is never trained on; ``train_logit`` and
    ``test_logit``, the right one less the mean; and ``strength``, also along ``frequency`` (logits,
    0 of those that there are not). And, at the first record, ``test_accuracy`` and
    ``parameter_norm``.
    """
    records = followed(training_of(modulus, seed))
    early = records.isel(updates=0, drop=True)
    kept = records[["train_logit", "test_logit", "strength"]]
    return kept.assign(
        accuracy=records.test_accuracy,
        test_accuracy=early.test_accuracy,
        parameter_norm=early.parameter_norm,
    )


def training_of(modulus: int, seed: int) -> Training:
    """Return how a network is trained."""
    split = modular_addition(modulus).split(round(PER_LABEL * modulus), rng=seed)
    stages = (Stage(AdamW(RATE, DECAY), RECORDS[-1]),)
    return Training(TwoLayer(WIDTH), split, stages, seed)


def followed(training: Training, records: Sequence[int] = RECORDS) -> xr.Dataset:
    """Return a run at those updates, along ``updates``."""
    since: Checkpoint | None = None
    found = []
    for until in records:
        run, since = advance(training, since, until, until, (_parts,), progress=False)
        found.append(run.isel(step=-1, drop=True))
    along = xr.DataArray(list(records), dims="updates", name="updates")
    return xr.concat(found, along, combine_attrs="override")


def _parts(snapshot: Snapshot) -> dict[str, Any]:
    strength = circuits.frequency_strengths(snapshot.test.logits, snapshot.test.labels)
    padded = np.pad(strength, (0, _FREQUENCIES.size - strength.size))
    return {
        "strength": xr.DataArray(padded, {"frequency": _FREQUENCIES}, "frequency"),
        "train_logit": _right(snapshot.train.logits, snapshot.train.labels),
        "test_logit": _right(snapshot.test.logits, snapshot.test.labels),
    }


def _right(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the right logit less the mean of all, on the mean over examples."""
    return float((logits[np.arange(labels.size), labels] - logits.mean(axis=1)).mean())


def shares(strength: xr.DataArray) -> xr.DataArray:
    """Return what part of all that speaks for the right label each frequency has."""
    part = strength.clip(min=0)
    found: xr.DataArray = part / part.sum("frequency")
    return found


def memory(runs: xr.Dataset) -> xr.DataArray:
    """Return the share of memory: of the right logit on what is trained on."""
    found: xr.DataArray = 1 - runs.test_logit / runs.train_logit
    return found


def in_part(accuracy: xr.DataArray) -> xr.DataArray:
    """Return which steps between records begin once .1 is right, and before .9 is.

    Of a network that ends at less than .1 none.
    """
    begun = (accuracy >= FROM).cumsum("updates") > 0
    over = (accuracy >= TO).cumsum("updates") > 0
    return (begun & ~over).isel(updates=slice(None, -1))


def steps(values: xr.DataArray) -> xr.DataArray:
    """Return what is gained from each record to the next, at the first of them."""
    return values.diff("updates", label="lower")


def turnover(strength: xr.DataArray) -> xr.DataArray:
    """Return how much of the shares goes from some frequencies to others, by each next record."""
    return abs(steps(shares(strength))).sum("frequency") / 2


def together(gain: xr.DataArray, other: xr.DataArray, chosen: xr.DataArray) -> xr.DataArray:
    """Return the correlation over chosen steps of what both are beyond their means over seeds.

    The means are over networks that are chosen there. NaN of too few.
    """
    one, second = (each.where(chosen) for each in (gain, other))
    found = xr.corr(one - one.mean("seed"), second - second.mean("seed"), "updates")
    enough: xr.DataArray = found.where(chosen.sum("updates") >= ENOUGH)
    return enough


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    chosen, gain = in_part(runs.accuracy), steps(runs.accuracy)
    count = number(runs.strength)
    gained = gain.where(chosen)
    return {
        "largest_step": gained.max("updates") / gained.sum("updates", min_count=ENOUGH),
        "with_turnover": together(gain, turnover(runs.strength), chosen),
        "with_memory": together(gain, -steps(memory(runs)), chosen),
        "moved": _moved(shares(runs.strength), chosen),
        "with_number": together(gain, steps(count), chosen),
        "accuracy": runs.accuracy,
        "number": count,
        "memory": memory(runs),
    }


def _moved(share: xr.DataArray, chosen: xr.DataArray) -> xr.DataArray:
    """Return half of the sum of what shares change by, over all chosen steps together."""
    change = steps(share).where(chosen).sum("updates", min_count=ENOUGH)
    found: xr.DataArray = abs(change).sum("frequency", min_count=1) / 2
    return found
