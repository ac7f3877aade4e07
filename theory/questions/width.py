r"""What more hidden units change: costs at rest, where half is right, and how long it takes.

At rest under a penalty both circuits are priced by the objective
:math:`\ell + \tfrac\gamma2 |\theta|^2`, on the pool and on random labels. Times are those of Adam
with a penalty, at one learning rate for all widths and at one that falls as the root of the width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import Adam, Split, Stage, Training, TwoLayer, modular_addition
from theory.questions.at_rest import at_rest, with_random_labels
from theory.questions.descended import nested
from theory.questions.passages import HALF, passages
from theory.questions.practice import pool_of
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import Bounds, exp, log, passage_bounds, power, slope_bounds
from theory.sweeps import sweep

ASKS = "What do more hidden units change: costs, the critical size, or the time it takes?"
PART = "parameters"
KNOWN = (
    "Earlier questions here found half-way from scratch alike at eight times the width. "
    "Exploratory runs, not stored, of these steps, seeds 0, 1 and 101 to 104, at modulus 31, and "
    "some at 25, 27 and 35. "
    "Objectives at 31: on the pool .0716, .0656, .0578, .0562 with 12, 16, 24 and 32 units, .054 "
    "to .055 from 64 on; of 13 random examples a label .0869, .0640, .0565, .0556, .0552 to .0557. "
    "So both bend, at about 25 and 22 units, where derived costs have 20 and 31; at 35 at about 27 "
    "and 22, where they have 21 and 35. "
    "Half-way: accuracy at 1.2 of the critical size .56, .83 and .9 with 16, 32 and 64 units. "
    "Times with Adam at one rate, 16 to 1024 units: 837, 516, 364, 264, 201, 154, 118 updates to "
    "fit (exponent -.46, -.39 from 64 on), half right at 1326, 810, 728, 520, 454, 367, 327 "
    "(-.32). With 17 units half is right when random labels would be fitted, and then it comes 1.3 "
    "to 1.9 times as late as the fit. "
    "New are how the kinks go with the modulus, and the norm at which a network fits."
)
L2, TIMED_L2, RATE = 1e-4, 1.25e-4, 1e-3
#: Hidden units: where costs bend, where they are flat, and those of which times are asked.
NARROW, WIDE = (12, 16, 20, 24, 32, 48), (64, 128, 256)
TIMED = (16, 32, 64, 128, 256, 512, 1024)
#: From so many units on, exponents of times are asked.
TIMED_WIDE = TIMED[2:]
SCRATCH = (16, 64, 256)
#: About where memorising and generalising take as long, and where the rate falls with the width.
FEW, FALLING = (16, 24, 32), (64, 1024)
#: The width at which both rates are the same.
SAME = FALLING[0]
#: D/m of random labels; D in parts of the derived critical size, from scratch and timed.
PER_LABEL = 12
PARTS_OF_SIZE, TIMED_PART = (0.75, 1.0, 1.3), 1.4
#: By so much more than that of a wide network the objective shows that units are missing.
MISSED = 1.05
#: Updates after which networks are given up, on sums and on random labels.
UPDATES, MEMORISING = 6000, 4000
SAMPLING = Sampling(least=10, batch=2, largest=10)
SEEDS = tuple(range(6800, 6800 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"modulus": (27, 35, 45), "width": TIMED, "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "width": TIMED[:4]}

_NO_MATTER = "the width does not matter"
QUANTITIES = (
    Quantity(
        "fit_norm_exponent",
        "The exponent in the width, from 64 units on, of the norm at which a network fits, at one "
        "learning rate, Adam.",
        PRIMARY,
        0.06,
        null=0.0,
        guess="the same norm fits",
    ),
    Quantity(
        "waves_kink_trend",
        "The exponent in the modulus of the width below which the objective on the pool is 5 % "
        "above that of wide networks.",
        PRIMARY,
        0.2,
        null=0.0,
        guess="as many units at every modulus",
    ),
    Quantity(
        "memory_kink_trend",
        "The exponent in the modulus of the width below which the objective on random labels is "
        "5 % above that of wide networks.",
        PRIMARY,
        0.2,
        null=0.0,
        guess="as many units at every modulus",
    ),
    Quantity(
        "half_way_narrow",
        "The exponent in the width, from 16 to 64 units, of the size at which half is right, from "
        "scratch.",
        SECONDARY,
        0.04,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "half_way_wide",
        "The exponent in the width, from 64 to 256 units, of the size at which half is right, "
        "from scratch.",
        SECONDARY,
        0.04,
    ),
    Quantity(
        "waves_kink",
        "The width below which the objective on the pool is 5 % above that of wide networks.",
        SECONDARY,
        0.25,
        relative=True,
    ),
    Quantity(
        "memory_kink",
        "The width below which the objective on random labels is 5 % above that of wide networks.",
        SECONDARY,
        0.25,
        relative=True,
    ),
    Quantity(
        "waves_wide",
        "The exponent in the width, from 64 to 256 units, of the objective on the pool.",
        SECONDARY,
        0.02,
    ),
    Quantity(
        "memory_wide",
        "The exponent in the width, from 64 to 256 units, of the objective on random labels.",
        SECONDARY,
        0.02,
    ),
    Quantity(
        "fits_exponent",
        "The exponent in the width, from 64 units on, of the updates to fit, at one learning rate.",
        SECONDARY,
        0.06,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "half_exponent",
        "The exponent in the width, from 64 units on, of the updates to half of the accuracy, at "
        "one learning rate.",
        SECONDARY,
        0.06,
        null=0.0,
        guess=_NO_MATTER,
    ),
    Quantity(
        "half_falling",
        "The exponent in the width of the updates to half of the accuracy, with a rate that falls "
        "as the root of the width.",
        SECONDARY,
        0.06,
        null=0.0,
        guess="the rate makes up for the width",
    ),
    Quantity(
        "late_at_equal",
        "Updates to half of the accuracy over those to fit, at the width at which half of the "
        "accuracy comes when as many random labels would be fitted.",
        SECONDARY,
        0.15,
        relative=True,
    ),
    Quantity("residual", "What is left of the forces, of the penalty.", CHECK, 1e-3),
    Quantity("fits", "Updates to fit, at one rate."),
    Quantity("half", "Updates to half of the accuracy, at one rate."),
    Quantity("fit_norm", "The norm at which it fits, at one rate."),
    Quantity("equal_width", "The width at which both take as long."),
    Quantity("half_way", "The size at which half is right from scratch, over the derived."),
    Quantity("waves", "The objective on the pool over that of wide networks."),
    Quantity("memory", "The same on random labels."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again`; as `timed_few`, along ``few``; as `slower`, along ``falling``; as
    `costs`, along ``units``; and as `scratch`, along ``hidden`` and ``part``.
    """
    places = {name: points[name] for name in ("modulus", "seed")}
    parts = (
        sweep(again, {name: points[name] for name in POINTS}, folder),
        sweep(timed_few, {**places, "few": FEW}, folder),
        sweep(slower, {**places, "falling": FALLING}, folder),
        sweep(costs, {**places, "units": (*NARROW, *WIDE)}, folder),
        sweep(scratch, {**places, "hidden": SCRATCH, "part": PARTS_OF_SIZE}, folder),
    )
    return xr.merge(parts, join="exact", compat="no_conflicts")


def again(modulus: int, width: int, seed: int) -> xr.Dataset:
    """Return when one network fits and is half right: ``fits``, ``half``, ``fit_norm``.

    And, early on, ``test_accuracy`` and ``parameter_norm``: see `passages.passages`.
    """
    found = _timed(some_of(modulus, TIMED_PART, seed), width, RATE, seed)
    return found[["fits", "half", "fit_norm", "test_accuracy", "parameter_norm"]]


def slower(modulus: int, falling: int, seed: int) -> xr.Dataset:
    """Return the same with a rate that falls as the root of the width: ``falling_half``."""
    rate = RATE * (SAME / falling) ** 0.5
    found = _timed(some_of(modulus, TIMED_PART, seed), falling, rate, seed)
    return xr.Dataset({"falling_half": found.half.item()})


def timed_few(modulus: int, few: int, seed: int) -> xr.Dataset:
    """Return ``few_fits`` and ``few_half`` of so few units, and ``random_fits`` of random labels.

    The last are as many, and drawn from the whole table.
    """
    known = some_of(modulus, TIMED_PART, seed)
    random = with_random_labels(known, known.train.size, seed)
    own = _timed(known, few, RATE, seed)
    other = _timed(random, few, RATE, seed, MEMORISING)
    return xr.Dataset(
        {
            "few_fits": own.fits.item(),
            "few_half": own.half.item(),
            "random_fits": other.fits.item(),
        }
    )


def costs(modulus: int, units: int, seed: int) -> xr.Dataset:
    """Return ``pool_objective`` and ``random_objective`` at rest, and the larger ``residual``."""
    pool = pool_of(modular_addition(modulus), seed)
    random = with_random_labels(pool, PER_LABEL * modulus, seed)
    own, other = (at_rest(split, units, L2, seed) for split in (pool, random))
    return xr.Dataset(
        {
            "pool_objective": own.objective.item(),
            "random_objective": other.objective.item(),
            "residual": max(own.residual.item(), other.residual.item()),
        }
    )


def scratch(modulus: int, hidden: int, part: float, seed: int) -> xr.Dataset:
    """Return ``scratch_accuracy`` at rest on so many pairs."""
    rest = at_rest(some_of(modulus, part, seed), hidden, L2, seed)
    return xr.Dataset({"scratch_accuracy": rest.test_accuracy.item()})


def some_of(modulus: int, part: float, seed: int) -> Split:
    """Return so many examples, in parts of the derived critical size."""
    pool = pool_of(modular_addition(modulus), seed)
    size = round(part * float(circuits.critical_size(modulus, L2)))
    return replace(pool, train=nested(pool, [size], seed)[0])


def _timed(split: Split, width: int, rate: float, seed: int, updates: int = UPDATES) -> xr.Dataset:
    stage = Stage(Adam(rate, l2=TIMED_L2), updates)
    return passages(Training(TwoLayer(width), split, (stage,), seed))


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    waves, memory = over_wide(runs.pool_objective), over_wide(runs.random_objective)
    kinks = {"waves_kink": _missed(waves), "memory_kink": _missed(memory)}
    half_way = passage_bounds(runs.scratch_accuracy, HALF, "part")
    equal = equal_width(runs)
    wide = runs.sel(width=list(TIMED_WIDE))
    return {
        "fit_norm_exponent": _exponent(wide.fit_norm, "width"),
        **{f"{name}_trend": _slope(kink, "modulus") for name, kink in kinks.items()},
        "half_way_narrow": _slope(half_way.at(hidden=list(SCRATCH[:2])), "hidden"),
        "half_way_wide": _slope(half_way.at(hidden=list(SCRATCH[1:])), "hidden"),
        **kinks,
        "waves_wide": _exponent(waves.sel(units=list(WIDE)), "units"),
        "memory_wide": _exponent(memory.sel(units=list(WIDE)), "units"),
        "fits_exponent": _exponent(wide.fits, "width"),
        "half_exponent": _exponent(wide.half, "width"),
        "half_falling": _exponent(runs.falling_half, "falling"),
        "late_at_equal": _late_at(runs, equal),
        "residual": runs.residual.max(["modulus", "units"]),
        "fits": runs.fits,
        "half": runs.half,
        "fit_norm": runs.fit_norm,
        "equal_width": equal,
        "half_way": half_way,
        "waves": waves,
        "memory": memory,
    }


def over_wide(objective: xr.DataArray) -> xr.DataArray:
    """Return an objective over its geometric mean in wide networks."""
    return objective / exp(log(objective.sel(units=list(WIDE))).mean("units"))


def equal_width(runs: xr.Dataset) -> Bounds:
    """Return the width at which half is right when as many random labels would be fitted.

    What has not come in time is taken to come then: only the sign of the lead is read off there.
    """
    lead = log(runs.few_half.fillna(UPDATES)) - log(runs.random_fits.fillna(MEMORISING))
    return passage_bounds(lead, 0.0, "few")


def _late_at(runs: xr.Dataset, width: Bounds) -> Bounds:
    """Return how late half is right at a width, between those that were run."""
    late = log(runs.few_half / runs.few_fits)
    places = np.log(runs["few"].values)

    def one(values: np.ndarray, place: float) -> float:
        return float(np.exp(np.interp(np.log(place), places, values)))

    known = width.low.where(width.low == width.high)
    found = xr.apply_ufunc(one, late, known, input_core_dims=[["few"], []], vectorize=True)
    return Bounds.of(found)


def _missed(over: xr.DataArray) -> Bounds:
    """Return the width below which an objective shows that units are missing."""
    return passage_bounds(-over, -MISSED, "units")


def _exponent(values: xr.DataArray, dim: str) -> xr.DataArray:
    """Return the exponent in a width; NaN unless all are known."""
    return power(values, values[dim], dim).where(values.notnull().all(dim))


def _slope(places: Bounds, dim: str) -> Bounds:
    """Return the exponent of places that may be bounded only."""
    return slope_bounds(places.log(), log(places.low[dim].astype(float)), dim)
