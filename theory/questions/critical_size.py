"""Where networks ungrok, and what both ways to fit cost there.

Costs are objectives: of networks that only memorise, random labels or the sums themselves, and of
networks that only generalise, at the strength of the penalty with which networks ungrok. The sums
are memorised from so few examples that nothing generalises, and their cost is carried on as a
power of D. The half-way point is that of networks that had grokked and go on with fewer examples.

How weights are measured: `theory.questions.readings.weight_ratio`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import Adam
from theory.questions.practice import Subject, at_sizes, continued, grokked, memorised
from theory.questions.question import PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import (
    bent_crossing,
    crossing,
    half_way_bounds,
    objective,
    weight_ratio,
)
from theory.statistics import exp, log, passage_bounds, power
from theory.sweeps import sweep

ASKS = "Do networks ungrok where memorising and generalising cost the same?"
PART = "four predictions"
KNOWN = "all of it: these are the runs of the first trial"
MODULI, WIDTHS = (47, 61, 67), (64, 128)
SEEDS = (400, 401, 402, 403, 404)
#: The first trial had as many seeds as its time allowed.
SAMPLING = Sampling(least=5, largest=5)
#: D/m for ungrokking; for random labels, around the critical size; for sums, far below it.
SIZES = tuple(float(size) for size in np.geomspace(5, 28, 14).round(2))
COSTS = {"balanced": (6.0, 8.5, 12.0, 17.0, 24.0), "sums": (4.0, 5.0, 6.3, 8.0)}
L2 = 1e-4
OPTIMISER, STEPS = Adam(3e-3, L2), 1600
POINTS = {"modulus": MODULI, "width": WIDTHS, "per_label": SIZES, "seed": SEEDS}
LIVE = POINTS
#: How unequal the two weights may be where the slope of their ratio is taken.
AROUND = 3.0


_BEFORE, _GUESS = 12.3, "as in the question on ungrokking, the mean of three moduli"
QUANTITIES = (
    Quantity(
        "half_way",
        "D50/m, the half-way point in examples for a label.",
        PRIMARY,
        0.1,
        relative=True,
        null=_BEFORE,
        guess=_GUESS,
    ),
    Quantity(
        "equal_weights",
        "D/m at which both weights in the network are equal.",
        SECONDARY,
        0.1,
        relative=True,
        null=_BEFORE,
        guess=_GUESS,
    ),
    Quantity(
        "r_of_weights",
        "r by how fast the ratio of the weights changes with D at the crossing.",
        SECONDARY,
        0.2,
        relative=True,
    ),
    Quantity("r_of_norm", "r by how much norm a mixture saves there."),
    Quantity("critical", "D/m at which random labels and generalising have the same objective."),
    Quantity("corrected", "The same with the sums themselves."),
    Quantity(
        "critical_nearer",
        "As critical, with the cost of generalising from the largest size after ungrokking.",
    ),
    Quantity("corrected_nearer", "As corrected, with that cost."),
    Quantity(
        "corrected_bent",
        "As corrected, with the cost of the sums carried on along a parabola in both logarithms.",
    ),
    Quantity("beta", "The exponent of the norm of memorising in D, by objectives."),
    Quantity("grokked_ratio", "w_G/w_M of a network that goes on with the whole pool."),
)


def run(
    folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS, steps: int = STEPS
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `practice.continued`; for each of `COSTS` an objective and a test accuracy, such
    as ``sums_objective`` along ``sums_per_label``; and with ``generalising_`` before their names
    those of a network that goes on with the whole pool.
    """
    grid = {name: values for name, values in points.items() if name != "per_label"}
    ungrokked = partial(curve, sizes=list(points["per_label"]), steps=steps)
    parts = [sweep(each, grid, folder) for each in (ungrokked, partial(costs, steps=steps))]
    return xr.merge(parts, join="exact", compat="equals")


def curve(
    modulus: int, width: int, seed: int, sizes: Sequence[float] = SIZES, steps: int = STEPS
) -> xr.Dataset:
    """Return what becomes of one network at all sizes, along ``per_label``."""
    subject = Subject(modulus, width, seed)
    return at_sizes(subject, grokked(subject), OPTIMISER, steps, sizes)


def again(modulus: int, width: int, per_label: float, seed: int) -> xr.Dataset:
    """Return one run."""
    return curve(modulus, width, seed, [per_label]).isel(per_label=0, drop=True)


def costs(modulus: int, width: int, seed: int, steps: int = STEPS) -> xr.Dataset:
    """Return the objectives of memorising and of generalising."""
    subject = Subject(modulus, width, seed)
    found = {}
    for labels, sizes in COSTS.items():
        runs = [memorised(subject, each, labels, OPTIMISER, steps) for each in sizes]
        dim = f"{labels}_per_label"
        joined = xr.concat(runs, xr.DataArray(list(sizes), dims=dim, name=dim))
        found[f"{labels}_objective"] = objective(joined, L2)
        found[f"{labels}_test_accuracy"] = joined.test_accuracy
    whole = continued(subject, grokked(subject), OPTIMISER, steps, subject.split.train)
    found["generalising_objective"] = objective(whole, L2)
    names = {str(name): f"generalising_{name}" for name in whole.data_vars}
    return whole.rename(names).merge(xr.Dataset(found))


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity.

    The least objective F of a circuit rises with its P by d log F/d log P = e, twice the part that
    the penalty has in F. So beta is the slope of log F in log D over e, and a mixture, a circuit of
    2^(-r/2) P where both cost the same, has log2(F/F_*) = e r/2 (derived on the page of this
    question).
    """
    generalising = runs.generalising_objective
    elasticity = L2 * runs.generalising_parameter_norm**2 / generalising
    critical, rise = crossing(runs.balanced_objective, generalising, "balanced_per_label")
    corrected, sums_rise = crossing(runs.sums_objective, generalising, "sums_per_label")
    nearer = objective(runs, L2).isel(per_label=-1, drop=True)
    saved = log(generalising / at_size(objective(runs, L2), corrected)) / np.log(2)
    share = runs.test_logit / runs.train_logit
    return {
        "half_way": half_way_bounds(runs.test_accuracy),
        "equal_weights": passage_bounds(share, 0.5, "per_label"),
        "r_of_weights": 2 * sums_rise / elasticity / slope_of_weights(runs),
        "r_of_norm": 2 * saved / elasticity,
        "critical": critical,
        "corrected": corrected,
        "critical_nearer": crossing(runs.balanced_objective, nearer, "balanced_per_label")[0],
        "corrected_nearer": crossing(runs.sums_objective, nearer, "sums_per_label")[0],
        "corrected_bent": bent_crossing(runs.sums_objective, generalising, "sums_per_label"),
        "beta": rise / elasticity,
        "grokked_ratio": weight_ratio(runs, "generalising_"),
    }


def slope_of_weights(runs: xr.Dataset) -> xr.DataArray:
    """Return the slope of log w_G/w_M in log D, where they differ by less than `AROUND`."""
    ratio = weight_ratio(runs)
    near = ratio.where((ratio > 1 / AROUND) & (ratio < AROUND))
    return power(near, near["per_label"], "per_label")


def at_size(cost: xr.DataArray, size: xr.DataArray) -> xr.DataArray:
    """Return a cost at other D/m, by straight lines in both logarithms."""
    logarithm = log(cost).assign_coords(per_label=log(cost["per_label"]))
    there: xr.DataArray = logarithm.interp(per_label=log(size))
    return exp(there.drop_vars("per_label"))
