r"""Whether efficiency predicts the critical size.

In the model a network is as good at memorising as at generalising where the objective, loss and
penalty together, is the same for both: at D_crit. There ungrokking is half-way. Both are measured
on the same examples: the objective of networks that only memorise or only generalise, and the
half-way point of a network that goes on with fewer examples.

Runs of modulus 53, which were looked at before, had their half-way point below D_crit by a tenth
and more. They also showed a cause: random labels are a proxy. The sums themselves, memorised from
so few examples that nothing generalises, cost more norm than random labels, and the more so the
more examples there are. So the corrected D_crit takes the cost of memorising from sums, at sizes
far below the critical one, and carries it on as a power of D.

With kappa = 3 the model says something else about a network that goes on from a grokked one: that
it leaves the generalising state only below

.. math:: D_\mathrm{crit} \left(\frac{w_M}{w_G}\right)^{R/(2 \beta)}, \qquad R = \frac13,

with the weights that the grokked network has, and beta the exponent of P_M.

How weights are measured: on training examples both circuits are right and on others only the
generalising one, so the right logit (over the mean of all) is w_G + w_M and w_G. How norms are
compared: by objectives. In the model the least objective F of a circuit rises with its P by

.. math:: \frac{\mathrm{d} \log F}{\mathrm{d} \log P} = e = \frac{2 F_\mathrm{penalty}}{F}

so beta is the slope of log F in log D over e, and a mixture, which acts as a circuit of
P_* = 2^{-r/2} P where both circuits cost the same, has log2(F/F_*) = e r / 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr

from theory import sweeps
from theory.experiments.practice import (
    Subject,
    at_sizes,
    continued,
    grokked,
    memorised,
    objective,
)
from theory.experiments.rule import Finding, Prediction, findings
from theory.networks import Adam
from theory.statistics import exp, log, passage, power

MODULI, WIDTHS = (47, 61, 67), (64, 128)
SEEDS = (400, 401, 402, 403, 404)
#: D/m for ungrokking; for random labels, around the critical size; for sums, far below it.
SIZES = tuple(float(size) for size in np.geomspace(5, 28, 14).round(2))
COSTS = {"balanced": (6.0, 8.5, 12.0, 17.0, 24.0), "sums": (4.0, 5.0, 6.3, 8.0)}
L2 = 1e-4
OPTIMISER, STEPS = Adam(3e-3, L2), 1600
POINTS = {"modulus": MODULI, "width": WIDTHS, "per_label": SIZES, "seed": SEEDS}
LIVE = POINTS
#: R = 1 - 2/kappa of homogeneous logits of degree 3.
MARGINAL = 1 / 3
#: How unequal the two weights may be where the slope of their ratio is taken.
AROUND = 3.0


def prediction() -> tuple[Prediction, ...]:
    """Return what was predicted."""
    return (
        Prediction(
            "half_way_over_critical",
            "The half-way point of ungrokking is the critical size at which random labels and "
            "generalising cost the same: the ratio is 1.",
            "paper",
            (0.9, 1 / 0.9),
            0.1,
        ),
        Prediction(
            "half_way_over_corrected",
            "It is the size at which memorising the sums themselves and generalising cost the "
            "same: the ratio is 1.",
            "derived here",
            (0.9, 1 / 0.9),
            0.1,
        ),
        Prediction(
            "equal_weights_over_corrected",
            "There, both circuits have the same weight: the size at which the two weights in the "
            "network are equal, over the same; the ratio is 1.",
            "derived here",
            (0.9, 1 / 0.9),
            0.1,
        ),
        Prediction(
            "half_way_over_leaving",
            "With kappa = 3 the half-way point is where the grokked network comes to favour "
            "memorising: the ratio is 1.",
            "derived here",
            (0.8, 1 / 0.8),
            0.2,
        ),
        Prediction(
            "kappa_ratio",
            "Mixing tells kappa twice: by how fast the ratio of the weights changes with D at "
            "the crossing, and by how much norm a mixture saves there. Both agree: the ratio of "
            "the two r = 2/kappa - 1 is 1.",
            "derived here",
            (0.8, 1 / 0.8),
            0.2,
        ),
        Prediction("critical", "D_crit/m by random labels.", "derived here"),
        Prediction("corrected", "D_crit/m by sums.", "derived here"),
        Prediction("half_way", "D50/m.", "derived here"),
        Prediction("r_of_weights", "r by the ratio of the weights.", "derived here"),
        Prediction("r_of_norm", "r by the norm that is saved.", "derived here"),
    )


def run(
    folder: str | Path, points: Mapping[str, Sequence[float]] = POINTS, steps: int = STEPS
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `practice.continued`; for each of `COSTS` an objective and a test accuracy, such
    as ``sums_objective`` along ``sums_per_label``; and with ``generalising_`` before their names
    those of a network that goes on with the whole pool.
    """
    grid = {name: values for name, values in points.items() if name != "per_label"}
    ungrokked = partial(curve, sizes=list(points["per_label"]), steps=steps)
    parts = [sweeps.sweep(each, grid, folder) for each in (ungrokked, partial(costs, steps=steps))]
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


def judge(predictions: Sequence[Prediction], runs: xr.Dataset) -> list[Finding]:
    """Return what the runs say about the predictions."""
    generalising = runs.generalising_objective
    elasticity = L2 * runs.generalising_parameter_norm**2 / generalising
    critical, rise = crossing(runs.balanced_objective, generalising)
    corrected, sums_rise = crossing(runs.sums_objective, generalising)
    beta = rise / elasticity
    leaving = critical * weight_ratio(runs, "generalising_") ** (-MARGINAL / (2 * beta))
    half = passage(runs.test_accuracy, 0.5, "per_label")
    share = runs.test_logit / runs.train_logit
    r_of_weights = 2 * sums_rise / elasticity / slope_of_weights(runs)
    r_of_norm = (
        2 * log(generalising / at_size(objective(runs, L2), corrected)) / (elasticity * np.log(2))
    )
    return findings(
        predictions,
        {
            "half_way_over_critical": half / critical,
            "half_way_over_corrected": half / corrected,
            "equal_weights_over_corrected": passage(share, 0.5, "per_label") / corrected,
            "half_way_over_leaving": half / leaving,
            "kappa_ratio": r_of_weights / r_of_norm,
            "critical": critical,
            "corrected": corrected,
            "half_way": half,
            "r_of_weights": r_of_weights,
            "r_of_norm": r_of_norm,
        },
    )


def crossing(
    memorising: xr.DataArray, generalising: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the D/m at which two objectives are equal, and the slope of log F in log D."""
    (dim,) = map(str, set(memorising.dims) - set(generalising.dims))
    rise = power(memorising, memorising[dim], dim)
    lead = log(generalising) - log(memorising).mean(dim)
    return exp(log(memorising[dim]).mean() + lead / rise), rise


def weight_ratio(runs: xr.Dataset, prefix: str = "") -> xr.DataArray:
    """Return w_G/w_M, NaN where one of them is not positive."""
    generalising = runs[f"{prefix}test_logit"]
    memorising = runs[f"{prefix}train_logit"] - generalising
    return (generalising / memorising).where((generalising > 0) & (memorising > 0))


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
