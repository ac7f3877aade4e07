"""Whether memorising needs more norm the more there is to memorise, and generalising does not.

Networks that can only memorise, those trained on random labels, beside networks that had grokked
and go on with fewer examples. Norms are compared at the same train loss, or by the objective that
training lowers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import Adam
from theory.questions.practice import Subject, continued, grokked, memorised
from theory.questions.question import CHECK, PRIMARY, Measured, Quantity, Sampling
from theory.questions.readings import crossing, objective
from theory.statistics import power
from theory.sweeps import sweep

ASKS = "Does memorising need more norm the more examples there are, and generalising not?"
PART = "costs"
KNOWN = "all of it: these are the runs of the first trial"
MODULUS, WIDTH = 47, 128
LEARNING_RATE, STEPS = 3e-3, 1800

#: Balanced and independent random labels; the sums themselves, from a network that had grokked.
LABELS = ("balanced", "independent", "sums")
#: D/m of the training sets.
SIZES = tuple(float(size) for size in np.geomspace(4, 37, 9).round(2))
#: Strengths of the penalty in the loss, half of them times the squared norm.
STRENGTHS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
SEEDS = (100, 101, 102)
#: The first trial had as many seeds as its time allowed.
SAMPLING = Sampling(least=3, largest=3)
#: Dimensions of the stored runs, and the points of them that a page may run again.
POINTS: Mapping[str, Sequence[Any]] = {
    "labels": LABELS,
    "per_label": SIZES,
    "l2": STRENGTHS,
    "seed": SEEDS,
}
LIVE = POINTS

#: Train loss (nat) at which norms are compared: right with a probability of 0.99.
LOSS = 0.01
#: Test accuracy from which a network on sums counts as generalising.
GENERALISES = 0.99


QUANTITIES = (
    Quantity(
        "memorising_exponent",
        "The exponent with which the norm at a loss of 0.01 nat grows with the number of examples, "
        "for networks that memorise.",
        PRIMARY,
        0.05,
        null=0.0,
        guess="the number does not matter",
    ),
    Quantity(
        "generalising_exponent",
        "The same for networks that generalise.",
        PRIMARY,
        0.05,
    ),
    Quantity(
        "memorising_kappa",
        "The exponent with which the right logit grows with the norm as the penalty gets weaker, "
        "for networks that memorise.",
        PRIMARY,
        0.3,
        null=1.0,
        guess="in proportion",
    ),
    Quantity(
        "generalising_kappa",
        "The same for networks that generalise.",
        PRIMARY,
        0.3,
        null=1.0,
        guess="in proportion",
    ),
    Quantity(
        "kappa_difference",
        "The first less the second, on the sizes and strengths at which both are known.",
        PRIMARY,
        0.3,
    ),
    Quantity(
        "objective_over_loss",
        "Where both cost the same by objectives, over where they do by norms at one loss.",
        CHECK,
        0.05,
        relative=True,
    ),
    Quantity(
        "trigonometric_share",
        "The part of the squared logits that lies in the trigonometric subspace, for networks "
        "that generalise from the whole pool.",
        PRIMARY,
        0.05,
    ),
    Quantity("critical_size", "D/m at which both need the same norm for the same loss."),
    Quantity(
        "independent_over_balanced",
        "The norm for independent random labels over that for balanced ones.",
    ),
    Quantity(
        "generalising_spread",
        "The relative spread of the right logit between test examples of a network that "
        "generalises.",
    ),
    Quantity(
        "memorising_spread", "The relative spread of the right logit between memorised examples."
    ),
)


def run(
    folder: str | Path,
    points: Mapping[str, Sequence[Any]] = POINTS,
    modulus: int = MODULUS,
    steps: int = STEPS,
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(partial(again, modulus=modulus, steps=steps), points, folder)


def again(
    labels: str,
    per_label: float,
    l2: float,
    seed: int,
    modulus: int = MODULUS,
    steps: int = STEPS,
) -> xr.Dataset:
    """Return one run, as `practice.continued` or `practice.memorised`."""
    subject, optimiser = Subject(modulus, WIDTH, seed), Adam(LEARNING_RATE, l2)
    if labels == "sums":
        examples = subject.examples(per_label)
        return continued(subject, grokked(subject), optimiser, steps, examples)
    found = memorised(subject, per_label, labels, optimiser, steps)
    return found.assign(trigonometric_share=np.nan, imbalance=np.nan)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    memorising = runs.sel(labels="balanced", drop=True)
    generalising = at_shared_sizes(generalising_only(runs))
    norms = [norm_at_loss(each) for each in (memorising, generalising)]
    objectives = [objective(each, each["l2"]) for each in (memorising, generalising)]
    by_norm, exponent = crossing(norms[0], norms[1])
    by_objective, _ = crossing(objectives[0], objectives[1])
    kappas = [kappa(each) for each in (memorising, generalising)]
    both = kappas[0].where(kappas[1].notnull())
    middle = {"l2": runs.sizes["l2"] // 2, "per_label": -1}
    independent = norm_at_loss(runs.sel(labels="independent", drop=True))
    return {
        "memorising_exponent": exponent,
        "generalising_exponent": power(norms[1], norms[1]["per_label"], "per_label"),
        "memorising_kappa": kappas[0].mean("per_label"),
        "generalising_kappa": kappas[1].mean("per_label"),
        "kappa_difference": (both - kappas[1]).mean("per_label"),
        "objective_over_loss": by_objective.mean("l2") / by_norm,
        "trigonometric_share": generalising.trigonometric_share.isel(middle, drop=True),
        "critical_size": by_norm,
        "independent_over_balanced": (independent / norms[0]).mean("per_label"),
        "generalising_spread": relative_spread(generalising, middle, "test"),
        "memorising_spread": relative_spread(memorising, middle, "train"),
    }


def generalising_only(runs: xr.Dataset) -> xr.Dataset:
    """Return the runs on sums that generalise, NaN where one does not."""
    sums = runs.sel(labels="sums", drop=True)
    return sums.where(sums.test_accuracy >= GENERALISES)


def at_shared_sizes(runs: xr.Dataset) -> xr.Dataset:
    """Return the runs of sizes at which every seed has all strengths, NaN at others.

    A mean or a slope over other sizes is another number.
    """
    return runs.where(runs.train_loss.notnull().all(["l2", "seed"]))


def norm_at_loss(runs: xr.Dataset) -> xr.DataArray:
    """Return the parameter norm at the train loss `LOSS`, between strengths of the penalty.

    Straight lines in both logarithms; NaN where the losses of all strengths miss it, or a run is
    missing.
    """

    def one(loss: np.ndarray, norm: np.ndarray) -> float:
        if not np.all(np.diff(loss) > 0):
            return np.nan
        found = np.interp(np.log(LOSS), np.log(loss), np.log(norm), left=np.nan, right=np.nan)
        return float(np.exp(found))

    found: xr.DataArray = xr.apply_ufunc(
        one,
        runs.train_loss.sortby("l2"),
        runs.parameter_norm.sortby("l2"),
        input_core_dims=[["l2"], ["l2"]],
        vectorize=True,
    )
    return found


def kappa(runs: xr.Dataset) -> xr.DataArray:
    """Return the slope of the log of the right logit in log norm, at each size.

    NaN where a strength is missing: a slope over some of them is another number.
    """
    slope = power(runs.train_logit, runs.parameter_norm, "l2")
    return slope.where(runs.train_logit.notnull().all("l2"))


def relative_spread(runs: xr.Dataset, place: Mapping[str, int], kind: str) -> xr.DataArray:
    """Return the standard deviation of the right logit over its mean, at one place."""
    at = runs.isel(place, drop=True)
    found: xr.DataArray = at[f"{kind}_spread"] / at[f"{kind}_logit"]
    return found
