"""Whether memorising needs more norm the more there is to memorise, and generalising does not.

Networks that can only memorise, those trained on random labels, beside networks that had grokked
and go on with fewer examples. Norms are compared at the same train loss, which in the model means
the same logit, or by the objective that training lowers; neither needs kappa.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import sweeps
from theory.experiments.practice import Subject, continued, grokked, memorised, objective
from theory.experiments.rule import Finding, Prediction, findings
from theory.networks import Adam
from theory.statistics import exp, log, power

MODULUS, WIDTH = 47, 128
LEARNING_RATE, STEPS = 3e-3, 1800

#: Balanced and independent random labels; the sums themselves, from a network that had grokked.
LABELS = ("balanced", "independent", "sums")
#: D/m of the training sets.
SIZES = tuple(float(size) for size in np.geomspace(4, 37, 9).round(2))
#: Strengths of the penalty in the loss, half of them times the squared norm.
STRENGTHS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
SEEDS = (100, 101, 102)
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


def prediction() -> tuple[Prediction, ...]:
    """Return what was predicted."""
    return (
        Prediction(
            "memorising_rises",
            "A network that memorises needs more norm for the same loss the more examples it "
            "has: the slope of log norm in log D is positive.",
            "paper",
            (0.0, np.inf),
        ),
        Prediction(
            "memorising_exponent",
            "That slope, beta, is 1/2: every example is looked up independently.",
            "derived here",
            (0.45, 0.55),
            0.1,
        ),
        Prediction(
            "generalising_exponent",
            "A network that generalises needs the same norm for the same loss whatever D is: "
            "the slope is 0, or at least less than a tenth of 1/2.",
            "paper",
            (-0.05, 0.05),
            0.05,
        ),
        Prediction(
            "memorising_kappa",
            "The logit of a network that memorises grows as the third power of its norm, since "
            "the logits are homogeneous of degree 3.",
            "derived here",
            (2.7, 3.3),
            0.3,
        ),
        Prediction(
            "generalising_kappa",
            "The logit of a network that generalises does so too.",
            "derived here",
            (2.7, 3.3),
            0.3,
        ),
        Prediction(
            "shared_kappa",
            "Both have the same exponent, as the model's one kappa demands: the difference is 0.",
            "paper",
            (-0.3, 0.3),
            0.3,
        ),
        Prediction(
            "objective_over_loss",
            "The size at which both are equally efficient is the same whether norms are compared "
            "at equal loss or whole objectives at equal penalty: their ratio is 1.",
            "derived here",
            (0.95, 1 / 0.95),
            0.1,
        ),
        Prediction(
            "trigonometric_share",
            "Of a network that generalises from all examples of the pool, at least 95% of the "
            "squared logits lie in the trigonometric subspace.",
            "paper",
            (0.95, np.inf),
        ),
        Prediction(
            "critical_size",
            "The number of examples for a label at which both need the same norm for the same "
            "loss. The theory does not give it.",
            "derived here",
        ),
        Prediction(
            "independent_over_balanced",
            "The norm for independent random labels over that for balanced ones.",
            "derived here",
        ),
        Prediction(
            "generalising_spread",
            "The relative spread sigma of the right logit between test examples.",
            "derived here",
        ),
        Prediction(
            "memorising_spread",
            "The relative spread sigma of the right logit between memorised examples.",
            "derived here",
        ),
    )


def run(
    folder: str | Path,
    points: Mapping[str, Sequence[Any]] = POINTS,
    modulus: int = MODULUS,
    steps: int = STEPS,
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweeps.sweep(partial(again, modulus=modulus, steps=steps), points, folder)


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


def judge(predictions: Sequence[Prediction], runs: xr.Dataset) -> list[Finding]:
    """Return what the runs say about the predictions."""
    memorising, generalising = runs.sel(labels="balanced", drop=True), generalising_only(runs)
    norm = norm_at_loss(memorising)
    exponents = {
        "memorising_kappa": kappa(memorising).mean("per_label"),
        "generalising_kappa": kappa(generalising).mean("per_label"),
    }
    by_norm = crossing(norm, norm_at_loss(generalising))
    by_objective = crossing(*(objective(each, each["l2"]) for each in (memorising, generalising)))
    middle = {"l2": runs.sizes["l2"] // 2, "per_label": -1}
    independent = norm_at_loss(runs.sel(labels="independent", drop=True))
    return findings(
        predictions,
        {
            "memorising_rises": exponent(norm),
            "memorising_exponent": exponent(norm),
            "generalising_exponent": exponent(norm_at_loss(generalising)),
            **exponents,
            "shared_kappa": exponents["memorising_kappa"] - exponents["generalising_kappa"],
            "objective_over_loss": by_objective.mean("l2") / by_norm,
            "trigonometric_share": generalising.trigonometric_share.isel(middle, drop=True),
            "critical_size": by_norm,
            "independent_over_balanced": (independent / norm).mean("per_label"),
            "generalising_spread": relative_spread(generalising, middle, "test"),
            "memorising_spread": relative_spread(memorising, middle, "train"),
        },
    )


def generalising_only(runs: xr.Dataset) -> xr.Dataset:
    """Return the runs on sums that generalise, NaN where one does not."""
    sums = runs.sel(labels="sums", drop=True)
    return sums.where(sums.test_accuracy >= GENERALISES)


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


def exponent(norm: xr.DataArray) -> xr.DataArray:
    """Return the slope of log norm in log D; sizes at which it is NaN are left out."""
    return power(norm, norm["per_label"], "per_label")


def kappa(runs: xr.Dataset) -> xr.DataArray:
    """Return the slope of the log of the right logit in log norm, at each size."""
    return power(runs.train_logit, runs.parameter_norm, "l2")


def crossing(memorising: xr.DataArray, generalising: xr.DataArray) -> xr.DataArray:
    """Return where a cost of memorising, a power of D, is the mean one of generalising."""
    size = memorising["per_label"].where(memorising.notnull())
    lead = log(generalising).mean("per_label") - log(memorising).mean("per_label")
    return exp(log(size).mean("per_label") + lead / exponent(memorising))


def relative_spread(runs: xr.Dataset, place: Mapping[str, int], kind: str) -> xr.DataArray:
    """Return the standard deviation of the right logit over its mean, at one place."""
    at = runs.isel(place, drop=True)
    found: xr.DataArray = at[f"{kind}_spread"] / at[f"{kind}_logit"]
    return found
