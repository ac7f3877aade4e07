r"""Whether the delay is gone if a network starts with waves in it.

Embeddings come from a donor that has generalised on the whole pool, with everything else as at any
start; or waves are built by hand into some of the hidden units, no larger than what was there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import gcd
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from theory import circuits, measures
from theory.networks import (
    Adam,
    Checkpoint,
    Frozen,
    Optimiser,
    Parameters,
    Split,
    Stage,
    Training,
    TwoLayer,
    advance,
    modular_addition,
)
from theory.questions.descended import nested
from theory.questions.passages import HALF, MOST, followed
from theory.questions.practice import FIRST, pool_of
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import passage_bounds
from theory.sweeps import sweep

ASKS = "Is the delay gone if a network starts with embeddings that have generalised, or with waves?"
PART = "transplants"
KNOWN = (
    "Exploratory runs, not stored, at modulus 33, seeds 0 and 1, at a rate of 1e-3 with an L2 "
    "penalty of 1e-5 and at 3e-3 with 1e-4: when it fits a network is right on .06 of the unseen "
    "pairs from scratch, on .89 with the donor's embeddings, .86 with them rescaled, .01 with them "
    "shuffled, .06 with both, .65 with its outputs alone, and from .4 to .6 with waves as large as "
    "the random start. Half came after 976 updates from scratch, 126 with the donor's embeddings, "
    "189 rescaled, 1342 shuffled, 976 with both. A donor that had seen the same examples alone was "
    "tried once, and gave .89. Other runs at modulus 53 with AdamW: .95 of the unseen pairs after "
    "200 updates with the donor's embeddings, frozen or not, instead of 2725; 3300 with entries "
    "shuffled. New are moduli and ten seeds."
)
WIDTH, RATE, L2 = 64, 1e-3, 1e-5
PART_OF_SIZE, L2_OF_SIZE = 1.65, 1e-4
UPDATES = 8000
#: Seeds of donors are as much larger.
OF_DONOR = 1000
#: Frequencies that are built in, with units of each; the rest is as at any start.
FREQUENCIES, PER_FREQUENCY = 4, 6
#: Amplitudes of their waves. `AS_LARGE` leaves the mean square of the embeddings' entries as it is.
AS_LARGE = 0.1 * np.sqrt(2)
AMPLITUDES = (0.06, 0.09, float(AS_LARGE), 0.2, 0.3)
SCRATCH, DONOR, FROZEN, RESCALED = "from scratch", "donor's", "frozen", "rescaled"
SHUFFLED, BOTH, OUTPUTS, ALONE = "shuffled", "shuffled and rescaled", "outputs", "waves alone"
SAME = "same examples"
STARTS = (SCRATCH, DONOR, FROZEN, RESCALED, SAME, SHUFFLED, BOTH, OUTPUTS, ALONE)
#: How a donor that has seen no more than the examples is trained.
LONGER = Stage(Adam(3e-3, l2=1e-4), 3000)
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(7100, 7100 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"modulus": (49, 55, 63), "start": STARTS, "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "modulus": (49,), "start": (SCRATCH, DONOR)}

_RIGHT = "The share of unseen pairs that is right when a network fits, {}."
QUANTITIES = (
    Quantity("donor_right", _RIGHT.format("with a donor's embeddings"), PRIMARY, 0.1),
    Quantity(
        "rescaled_right",
        _RIGHT.format("with a donor's embeddings, scaled to the norm of any start"),
        PRIMARY,
        0.1,
    ),
    Quantity(
        "same_right",
        _RIGHT.format(
            "with embeddings, scaled in the same way, of a donor that has seen the same examples "
            "and no others"
        ),
        PRIMARY,
        0.1,
    ),
    Quantity(
        "planted_right",
        _RIGHT.format("with waves in 24 of 64 units, as large as what was there"),
        PRIMARY,
        0.1,
    ),
    Quantity(
        "shuffled_right",
        _RIGHT.format("with a donor's embeddings, their entries shuffled"),
        SECONDARY,
        0.1,
    ),
    Quantity(
        "shuffled_pace",
        "Updates until half of the unseen pairs are right, with a donor's embeddings shuffled, "
        "over those with them as they are.",
        SECONDARY,
        0.1,
        relative=True,
    ),
    Quantity("right", "The same share by start; in the end where it does not fit before."),
    Quantity("scratch_right", "The same share from scratch."),
    Quantity("half", "Updates until half of the unseen pairs are right."),
    Quantity("fits", "Updates until it fits."),
    Quantity("norm", "The norm at the start."),
    Quantity(
        "planted_ends",
        "The amplitude of planted waves from which on half of the unseen pairs are right when it "
        "fits.",
    ),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again`, and as `planted`, along ``amplitude``.
    """
    places = {name: points[name] for name in ("modulus", "seed")}
    parts = (
        sweep(again, {name: points[name] for name in POINTS}, folder),
        sweep(planted, {**places, "amplitude": AMPLITUDES}, folder),
    )
    return xr.merge(parts, join="exact", compat="no_conflicts")


def again(modulus: int, start: str, seed: int) -> xr.Dataset:
    """Return what became of one start.

    ``fits`` and ``half``, the updates at which the train loss falls below log 2 and at which half
    of the unseen pairs are right; ``right``, the share of these when it fits, or in the end if it
    has not; ``start_norm``; ``test_accuracy``, the most of it, and ``parameter_norm``, the last.
    """
    pool = pool_of(modular_addition(modulus), seed)
    parameters = _at_start(start, pool, seed)
    optimiser: Optimiser = Adam(RATE, l2=L2)
    if start == FROZEN:
        optimiser = Frozen(optimiser, parameters["E"].size, parameters["W"].size)
    return _found(pool, parameters, optimiser, seed)


def planted(modulus: int, amplitude: float, seed: int) -> xr.Dataset:
    """Return ``planted_right``, as `right` of `again`, with waves built into some of the units."""
    pool = pool_of(modular_addition(modulus), seed)
    parameters, units = fresh_start(pool, seed), FREQUENCIES * PER_FREQUENCY
    built = planted_waves(modulus, FREQUENCIES, amplitude, seed)
    parameters["E"][:, :units], parameters["W"][:units] = built["E"], built["W"]
    return xr.Dataset({"planted_right": _found(pool, parameters, Adam(RATE, l2=L2), seed).right})


def _found(pool: Split, parameters: Parameters, optimiser: Optimiser, seed: int) -> xr.Dataset:
    stage = Stage(optimiser, UPDATES, examples_of(pool, seed))
    start = Checkpoint.given(parameters, pool.task, trained_on=[])
    training = Training(TwoLayer(WIDTH), pool, (stage,), seed, start=start)
    course = followed(training, MOST, fitted="train_loss")
    fits = measures.fit_step(course).item()
    right = course.test_accuracy
    return xr.Dataset(
        {
            "fits": fits,
            "half": measures.generalisation_step(course, HALF).item(),
            "right": float(right[-1] if np.isnan(fits) else np.interp(fits, right["step"], right)),
            "start_norm": course.parameter_norm[0].item(),
            "test_accuracy": right.max().item(),
            "parameter_norm": course.parameter_norm[-1].item(),
        }
    )


def examples_of(pool: Split, seed: int) -> np.ndarray:
    """Return the places of the examples that are trained on."""
    size = round(PART_OF_SIZE * float(circuits.critical_size(pool.task.num_labels, L2_OF_SIZE)))
    return nested(pool, [size], seed)[0]


class _Given(NamedTuple):
    """What a start is made from: any start, a donor, and what draws numbers."""

    fresh: Parameters
    donor: Parameters
    rng: np.random.Generator

    @property
    def scale(self) -> float:
        return float(np.linalg.norm(self.fresh["E"]) / np.linalg.norm(self.donor["E"]))

    @property
    def shuffled(self) -> np.ndarray:
        entries = self.donor["E"]
        return self.rng.permutation(entries.ravel()).reshape(entries.shape)


#: The embeddings of starts that have a donor's.
_EMBEDDINGS: Mapping[str, Callable[[_Given], np.ndarray]] = {
    DONOR: lambda given: given.donor["E"],
    FROZEN: lambda given: given.donor["E"],
    RESCALED: lambda given: given.donor["E"] * given.scale,
    SAME: lambda given: given.donor["E"] * given.scale,
    SHUFFLED: lambda given: given.shuffled,
    BOTH: lambda given: given.shuffled * given.scale,
}


def _at_start(start: str, pool: Split, seed: int) -> Parameters:
    fresh = fresh_start(pool, seed)
    if start == SCRATCH:
        return fresh
    if start == ALONE:
        return _waves_alone(fresh, pool.task.num_labels, seed)
    given = _Given(fresh, _donor(start, pool, seed), np.random.default_rng([seed, 2]))
    if start == OUTPUTS:
        fresh["W"][:] = given.donor["W"]
    else:
        fresh["E"][:] = _EMBEDDINGS[start](given)
    return fresh


def fresh_start(pool: Split, seed: int) -> Parameters:
    """Return the start from scratch."""
    return TwoLayer(WIDTH).initialise(pool.task, np.random.default_rng(seed), "float32")


def _donor(start: str, pool: Split, seed: int) -> Parameters:
    stage = replace(LONGER, examples=examples_of(pool, seed)) if start == SAME else FIRST
    training = Training(TwoLayer(WIDTH), pool, (stage,), seed + OF_DONOR)
    _, end = advance(training, record_every=training.steps)
    return end.parameters


def planted_waves(modulus: int, frequencies: int, amplitude: float, seed: int) -> Parameters:
    """Return so many frequencies as parameters of hidden units of this amplitude."""
    # A frequency that shares a factor with the modulus does not tell all labels apart.
    useful = [each for each in range(1, (modulus + 1) // 2) if gcd(each, modulus) == 1]
    chosen = np.random.default_rng([seed, 2]).choice(useful, frequencies, replace=False)
    logit = frequencies * PER_FREQUENCY * amplitude**3 / 2
    built = circuits.waves(modulus, chosen.tolist(), logit, per_frequency=PER_FREQUENCY)
    return built.parameters()


def _waves_alone(fresh: Parameters, modulus: int, seed: int) -> Parameters:
    """Return a start of waves in most units, as large as any start, and nothing in the rest."""
    frequencies = WIDTH // PER_FREQUENCY
    built, units = planted_waves(modulus, frequencies, AS_LARGE, seed), frequencies * PER_FREQUENCY
    fresh.flat[:] = 0
    fresh["E"][:, :units], fresh["W"][:units] = built["E"], built["W"]
    return fresh


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    right = runs.right
    ratio = runs.half.sel(start=SHUFFLED, drop=True) / runs.half.sel(start=DONOR, drop=True)
    return {
        "donor_right": right.sel(start=DONOR, drop=True),
        "rescaled_right": right.sel(start=RESCALED, drop=True),
        "same_right": right.sel(start=SAME, drop=True),
        "shuffled_right": right.sel(start=SHUFFLED, drop=True),
        "planted_right": runs.planted_right.sel(amplitude=AMPLITUDES[2], drop=True),
        "shuffled_pace": ratio,
        "right": right,
        "scratch_right": right.sel(start=SCRATCH, drop=True),
        "half": runs.half,
        "fits": runs.fits,
        "norm": runs.start_norm,
        "planted_ends": passage_bounds(runs.planted_right, HALF, "amplitude"),
    }
