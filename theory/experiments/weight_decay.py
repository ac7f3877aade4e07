r"""Whether it is true that the strength of weight decay moves nothing in ungrokking.

In the model the weights' ratio is free of the penalty's strength, so accuracy after ungrokking and
the half-way point are too. That holds for a penalty on the 2-norm, which is in the loss ("l2").

What decoupled decay minimises (derived here). Where AdamW with full batches comes to rest, the
averages m and v are g and g^2, so :math:`g/(|g| + \varepsilon) = -\omega \theta`. Solved for g it
says that :math:`\theta` is a stationary point of

.. math:: \ell(\theta) + \varepsilon \sum_i \psi(\omega |\theta_i|) / \omega, \qquad
          \psi(x) = -x - \log(1 - x)

which is a barrier around the box :math:`|\theta_i| < 1/\omega`. Deep inside of the box it is
:math:`(\varepsilon \omega / 2) |\theta|^2`, the penalty of the theory with the strength
:math:`\varepsilon \omega`. With the usual :math:`\varepsilon` = 1e-8 it is so weak that the walls
of the box count, or that no run ever comes to rest. So where :math:`\varepsilon` is large and
:math:`\omega \theta` small ("inside"), AdamW must do what L2 of strength
:math:`\varepsilon \omega` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import sweeps
from theory.experiments.practice import Subject, at_sizes, grokked, settled
from theory.experiments.rule import Finding, Prediction, findings
from theory.networks import Adam, AdamW
from theory.statistics import log, passage, power, slope

MODULUS, WIDTH = 43, 128
SEEDS = (300, 301, 302, 303)
#: D/m of what a network goes on with.
SIZES = tuple(float(size) for size in np.geomspace(2.5, 28, 14).round(2))
#: Strengths over the weakest, the same for every optimiser.
FACTORS = (1.0, 3.0, 10.0, 30.0, 100.0)
WEAKEST = {"l2": 1e-5, "adamw": 0.03}
#: Updates on the whole pool and then on fewer examples.
STEPS = {"l2": (800, 2400), "adamw": (2000, 5000)}
#: AdamW deep inside of the box: its decay, and the strengths of L2 that it is held against.
INSIDE_DECAY, INSIDE_STEPS, INSIDE_FACTORS = 0.1, (2000, 16000), (10.0, 100.0)
#: Number of its seeds.
INSIDE_SEEDS = 3
#: D/m at which accuracies are compared: in the transition, by the theory the most sensitive place.
FIXED = (SIZES[6], SIZES[8], SIZES[10])
POINTS: Mapping[str, Sequence[Any]] = {
    "optimiser": tuple(WEAKEST),
    "factor": FACTORS,
    "per_label": SIZES,
    "seed": SEEDS,
}
#: What a page may run again: AdamW, which is not at rest, makes much of a rounding error.
LIVE = {**POINTS, "optimiser": ("l2",)}


def prediction() -> tuple[Prediction, ...]:
    """Return what was predicted."""
    return (
        Prediction(
            "accuracy_slope",
            "At a fixed number of examples the test accuracy after ungrokking does not depend on "
            "the strength of weight decay: per factor of ten it changes by less than 0.05.",
            "paper",
            (-0.05, 0.05),
            0.05,
        ),
        Prediction(
            "half_way_slope",
            "Nor does the half-way point D50: it is a power of the strength with an exponent of "
            "0; 0.02 is 5% for a factor of ten.",
            "derived here",
            (-0.02, 0.02),
            0.02,
        ),
        Prediction(
            "at_rest",
            "AdamW deep inside of the box comes to rest where the gradient balances the barrier: "
            "what is left over is less than a tenth of the decay.",
            "derived here",
            (-np.inf, 0.1),
            0.05,
        ),
        Prediction(
            "inside_over_l2",
            "There its D50 is that of L2 of strength epsilon omega: the ratio is 1.",
            "derived here",
            (0.9, 1 / 0.9),
            0.1,
        ),
        Prediction(
            "inside_slope",
            "There D50 does not depend on the strength epsilon omega: the exponent is 0; 0.02 is "
            "5% for a factor of ten.",
            "derived here",
            (-0.02, 0.02),
            0.02,
        ),
        Prediction(
            "last_change",
            "How far the accuracy still moved, on average over sizes, in the last fifth of the "
            "updates.",
            "derived here",
        ),
    )


def run(
    folder: str | Path,
    points: Mapping[str, Sequence[Any]] = POINTS,
    modulus: int = MODULUS,
    shorter: int = 1,
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `practice.continued`. For AdamW inside of the box, with the first seeds, their
    names begin with ``inside_``, and so do factor and seed. All stages of training after the
    first can be so many times `shorter`.
    """
    settings: Any = {"sizes": list(points["per_label"]), "modulus": modulus, "shorter": shorter}
    grid = {name: values for name, values in points.items() if name != "per_label"}
    main = sweeps.sweep(partial(curve, **settings), grid, folder)
    few = {"factor": INSIDE_FACTORS, "seed": points["seed"][:INSIDE_SEEDS]}
    inside = sweeps.sweep(partial(curve_inside, **settings), few, folder)
    own = {*inside.data_vars, *inside.dims} - {"per_label"}
    inside = inside.drop_vars("diverged").rename({name: f"inside_{name}" for name in own})
    return main.merge(inside, join="exact")


def curve(
    optimiser: str,
    factor: float,
    seed: int,
    sizes: Sequence[float] = SIZES,
    modulus: int = MODULUS,
    shorter: int = 1,
) -> xr.Dataset:
    """Return what becomes of one network at all sizes, along ``per_label``."""
    strength = WEAKEST[optimiser] * factor
    step = Adam(3e-3, strength) if optimiser == "l2" else AdamW(1e-3, strength)
    return _curve(Subject(modulus, WIDTH, seed), step, STEPS[optimiser], sizes, shorter)


def curve_inside(
    factor: float,
    seed: int,
    sizes: Sequence[float] = SIZES,
    modulus: int = MODULUS,
    shorter: int = 1,
) -> xr.Dataset:
    """Return the same for AdamW deep inside of the box."""
    step = AdamW(3e-2, INSIDE_DECAY, epsilon=WEAKEST["l2"] * factor / INSIDE_DECAY)
    return _curve(Subject(modulus, WIDTH, seed), step, INSIDE_STEPS, sizes, shorter)


def again(optimiser: str, factor: float, per_label: float, seed: int) -> xr.Dataset:
    """Return one run."""
    return curve(optimiser, factor, seed, [per_label]).isel(per_label=0, drop=True)


def _curve(
    subject: Subject,
    optimiser: Adam | AdamW,
    steps: tuple[int, int],
    sizes: Sequence[float],
    shorter: int,
) -> xr.Dataset:
    first, then = (each // shorter for each in steps)
    start = settled(subject, grokked(subject), optimiser, first)
    return at_sizes(subject, start, optimiser, then, sizes)


def judge(predictions: Sequence[Prediction], runs: xr.Dataset) -> list[Finding]:
    """Return what the runs say about the predictions."""
    right = runs.test_accuracy
    fixed = right.sel(per_label=list(FIXED), method="nearest")
    names = {"inside_factor": "factor", "inside_seed": "seed"}
    inside = half_way(runs.inside_test_accuracy.rename(names))
    l2 = half_way(right.sel(optimiser="l2", drop=True))
    moved = abs(right - runs.test_accuracy_before)
    return findings(
        predictions,
        {
            "accuracy_slope": slope(fixed, log(fixed["factor"]), "factor") * np.log(10),
            "half_way_slope": exponent(half_way(right)),
            "at_rest": runs.inside_imbalance.rename(names).mean("per_label"),
            "inside_over_l2": inside / l2,
            "inside_slope": exponent(inside),
            "last_change": moved.mean(["per_label", "factor"]),
        },
    )


def half_way(right: xr.DataArray) -> xr.DataArray:
    """Return the D/m at which the test accuracy passes 1/2."""
    return passage(right, 0.5, "per_label")


def exponent(half: xr.DataArray) -> xr.DataArray:
    """Return the exponent of D50 in the strength, NaN where one of the D50 is censored."""
    return power(half.where(half.notnull().all("factor")), half["factor"], "factor")
