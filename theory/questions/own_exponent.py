"""How log-odds grow with the norm as the penalty gets weaker, and what one network says of it.

Networks that memorise random labels beside networks that had grokked and go on with as many sums,
each trained under one penalty from its start and brought to rest. The slope is read off between
networks, the exponent of the envelope off each network by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import sweeps
from theory.questions.at_rest import at_rest, with_random_labels
from theory.questions.practice import Subject
from theory.questions.question import CHECK, PRIMARY, Measured, Quantity, Sampling
from theory.statistics import power

ASKS = "How do log-odds grow with the norm as the penalty gets weaker, for either circuit?"
PART = "exponents and degrees"
KNOWN = (
    "The runs of the question on efficiency at modulus 47, not quite at rest: the slope was 2.64 "
    "for generalising, 0.18 less for memorising, and 0.95 to 1 of what single networks said. "
    "Exploratory runs, not stored, at moduli 29, 89 and 151: single networks that generalise said "
    "2.45 to 2.75. Nothing was run at 107."
)
MODULUS, WIDTH = 107, 128
LABELS = ("random", "sums")
#: D/m, of both.
SIZE = 30.0
#: As far apart as powers go: what changes between networks by chance is small beside it.
STRENGTHS = (1e-5, 5.5e-5, 3e-4)
#: Test accuracy from which a network on sums counts as generalising.
GENERALISES = 0.95
SAMPLING = Sampling(least=8, largest=8)
SEEDS = tuple(range(2300, 2300 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"labels": LABELS, "l2": STRENGTHS, "seed": SEEDS}
LIVE = {**POINTS, "labels": ("random",)}

QUANTITIES = (
    Quantity(
        "memorising_slope",
        "The exponent with which the log of the odds of the right label grows with the norm as the "
        "penalty gets weaker, for networks that memorise.",
        PRIMARY,
        0.1,
        null=2.46,
        guess="as at modulus 47",
    ),
    Quantity(
        "generalising_slope",
        "The same for networks that generalise.",
        PRIMARY,
        0.1,
        null=2.64,
        guess="as at modulus 47",
    ),
    Quantity(
        "slope_difference",
        "The first less the second, on as many examples.",
        PRIMARY,
        0.1,
        null=-0.18,
        guess="as at modulus 47",
    ),
    Quantity(
        "slope_over_own",
        "Both slopes over the exponents that single networks say, averaged over the penalties. On "
        "one smooth branch of rests it is 1; networks that start anew may jump between branches.",
        CHECK,
        0.05,
        relative=True,
    ),
    Quantity("kappa", "The exponent of one network at rest, of the envelope, by labels."),
    Quantity("generalises", "The test accuracy of networks on sums."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweeps.sweep(again, points, folder)


def again(labels: str, l2: float, seed: int) -> xr.Dataset:
    """Return one run, as `at_rest.at_rest`."""
    subject = Subject(MODULUS, WIDTH, seed)
    if labels == "sums":
        return at_rest(subject.split, WIDTH, l2, seed, examples=subject.examples(SIZE))
    return at_rest(with_random_labels(subject.split, round(SIZE * MODULUS), seed), WIDTH, l2, seed)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity; NaN where a network on sums does not generalise."""
    known = (runs["labels"] == "random") | (runs.test_accuracy >= GENERALISES)
    runs = runs.where(known)
    slope = power(runs.odds, runs.parameter_norm, "l2").where(runs.odds.notnull().all("l2"))
    memorising, generalising = (slope.sel(labels=each, drop=True) for each in LABELS)
    return {
        "memorising_slope": memorising,
        "generalising_slope": generalising,
        "slope_difference": memorising - generalising,
        "slope_over_own": slope / over_penalties(runs.kappa),
        "kappa": runs.kappa,
        "generalises": runs.test_accuracy.sel(labels="sums", drop=True),
    }


def over_penalties(kappa: xr.DataArray) -> xr.DataArray:
    """Return the mean of exponents over the logarithm of the penalty, by the trapezoid rule."""
    places = np.log(kappa["l2"])
    whole: xr.DataArray = kappa.assign_coords(l2=places).integrate("l2") / (places[-1] - places[0])
    return whole
