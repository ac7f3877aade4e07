"""Whether a network that had grokked stops to generalise once it goes on with few examples.

Beside it the contrast with catastrophic forgetting: to go on with as many other examples, or with
another task, removes nothing that generalising is paid for.

Which prediction for the width? The logits of these networks are homogeneous of degree 3 in the
parameters, so kappa = 3. There the smooth curve of kappa < 2 does not hold. Both pure states are
minima of the loss at every D, and a network leaves the generalising one only if it favours the
other, w_G/w_M < (P_G/P_M)^(2/R): all at once. So its accuracy is a step in D.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr

from theory import sweeps
from theory.experiments import efficiency
from theory.experiments.practice import Subject, at_sizes, grokked
from theory.experiments.rule import Finding, Prediction, findings
from theory.minimal import kappa_from_width
from theory.networks import Adam, Split, Stage, Training, TwoLayer, accuracy, advance, modular
from theory.statistics import Interval, log, passage, power

WIDTH = 128
MODULI = (41, 59, 71)
SEEDS = (200, 201, 202, 203, 204, 205)
#: D/m of what a network goes on with.
SIZES = tuple(float(size) for size in np.geomspace(5, 28, 14).round(2))
#: Ways to go on: as in the other experiments, three times as long, at a third of the rate.
WAYS = {"standard": (3e-3, 1600), "longer": (3e-3, 4800), "slower": (1e-3, 4800)}
#: What networks of the contrast go on with, after `SHARE` of all examples of their modulus.
CONTRASTS = ("fewer", "the same", "others", "another task")
SHARE = 0.45
#: From fewer examples than the whole pool it takes a weaker penalty to grok.
CONTRAST_FIRST = Stage(Adam(3e-3, l2=1e-5), 2000)
L2 = 1e-4
#: Number of seeds of the longer and the slower runs.
CHECKED_SEEDS = 5
#: Resampled means for an interval of what was not predicted.
RESAMPLES = 2000
POINTS = {"modulus": MODULI, "per_label": SIZES, "seed": SEEDS}
LIVE = POINTS


def prediction() -> tuple[Prediction, ...]:
    """Return what was predicted."""
    return (
        Prediction(
            "accuracy_of_few",
            "With far fewer examples than the critical size (5 for a label) the test accuracy "
            "falls to a tenth or less.",
            "paper",
            (-np.inf, 0.1),
            0.1,
        ),
        Prediction(
            "accuracy_of_many",
            "With far more (28 for a label) it stays above 0.95.",
            "paper",
            (0.95, np.inf),
            0.05,
        ),
        Prediction(
            "step",
            "With kappa = 3 the accuracy of one network is a step: D90/D10 is 1, and no more than "
            "the ladder of sizes allows.",
            "derived here",
            (0.0, 1.15),
            0.1,
        ),
        Prediction(
            "longer",
            "Settled: the half-way point D50 is the same after three times as many updates; the "
            "ratio is 1.",
            "derived here",
            (0.97, 1.03),
            0.03,
        ),
        Prediction(
            "slower",
            "Settled: it is the same at a third of the learning rate, for as many times more "
            "updates; the ratio is 1.",
            "derived here",
            (0.97, 1.03),
            0.03,
        ),
        Prediction(
            "other_examples",
            "As many other examples of the same task take nothing away: from 45% of all "
            "examples to another 45%, the test accuracy falls by less than 0.05.",
            "paper",
            (-0.05, 0.05),
            0.05,
        ),
        Prediction(
            "fewer_examples",
            "Only an eighth of the same examples takes most of it away: the accuracy falls by "
            "more than 0.5.",
            "paper",
            (0.5, np.inf),
            0.2,
        ),
        Prediction(
            "other_task",
            "How far the accuracy on sums falls when a network goes on with differences. The "
            "theory has one task.",
            "derived here",
        ),
        Prediction(
            "half_way",
            "The half-way point D50 in examples for a label.",
            "derived here",
        ),
        Prediction(
            "width",
            "D90/D10, from an accuracy of 0.1 to one of 0.9.",
            "derived here",
        ),
        Prediction(
            "width_against_modulus",
            "The exponent with which log(D90/D10) grows with m: negative if larger tasks ungrok "
            "more sharply.",
            "derived here",
        ),
    )


def run(
    folder: str | Path, points: Mapping[str, Sequence[float]] = POINTS, shorter: int = 1
) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `practice.continued`. ``checked_accuracy``, along ``way`` and ``checked_seed``,
    is the test accuracy of the longer and the slower runs of the first modulus and the first
    seeds; ``contrast``, along ``then``, that of `contrasts`, of the last modulus. All stages of
    training can be so many times `shorter`.
    """
    moduli, sizes, seeds = (points[name] for name in ("modulus", "per_label", "seed"))
    one = partial(curve, sizes=list(sizes), shorter=shorter)
    main = sweeps.sweep(one, {"modulus": moduli, "seed": seeds}, folder)
    few = {"modulus": moduli[:1], "way": ("longer", "slower"), "seed": seeds[:CHECKED_SEEDS]}
    checks = sweeps.sweep(one, few, folder).test_accuracy.isel(modulus=0, drop=True)
    forgetting = partial(contrasts, shorter=shorter)
    contrast = sweeps.sweep(forgetting, {"modulus": moduli[-1:], "seed": seeds}, folder)
    return main.assign(
        checked_accuracy=checks.rename(seed="checked_seed"),
        contrast=contrast.contrasts.isel(modulus=0, drop=True),
    )


def curve(
    modulus: int,
    seed: int,
    sizes: Sequence[float] = SIZES,
    way: str = "standard",
    shorter: int = 1,
) -> xr.Dataset:
    """Return what becomes of one network at all sizes, along ``per_label``."""
    subject = Subject(modulus, WIDTH, seed)
    rate, steps = WAYS[way]
    return at_sizes(subject, grokked(subject), Adam(rate, L2), steps // shorter, sizes)


def again(modulus: int, per_label: float, seed: int) -> xr.Dataset:
    """Return one run."""
    return curve(modulus, seed, [per_label]).isel(per_label=0, drop=True)


def contrasts(modulus: int, seed: int, shorter: int = 1) -> xr.DataArray:
    """Return test accuracies on sums, along ``then``, of a network that goes on in four ways.

    It groks a part of all examples. It goes on with an eighth of them, with the same, with as many
    others, or with the differences of the same pairs.
    """
    network, sums = TwoLayer(WIDTH), modular("x+y", modulus)
    order = np.random.default_rng([seed, 2]).permutation(len(sums.labels))
    size = round(SHARE * order.size)
    first, others, tests = order[:size], order[size : 2 * size], order[2 * size :]
    split = Split(sums, first, tests)
    _, start = advance(Training(network, split, (CONTRAST_FIRST,), seed))
    ways = {
        "fewer": (split, first[: size // 8]),
        "the same": (split, first),
        "others": (split, others),
        "another task": (Split(modular("x-y", modulus), first, tests), first),
    }
    found, (rate, steps) = [], WAYS["standard"]
    for where, examples in (ways[name] for name in CONTRASTS):
        stage = Stage(Adam(rate, L2), steps // shorter, np.sort(examples))
        _, end = advance(Training(network, where, (stage,), seed, start=start))
        logits = network.forward(end.parameters, network.encode(sums, tests, "float32")).logits
        found.append(accuracy(logits, sums.labels[tests]))
    return xr.DataArray(found, {"then": list(CONTRASTS)})


def judge(predictions: Sequence[Prediction], runs: xr.Dataset) -> list[Finding]:
    """Return what the runs say about the predictions."""
    right = runs.test_accuracy
    half, ratio = half_way(right), width(right)
    checked = half_way(runs.checked_accuracy).rename(checked_seed="seed")
    standard = half.isel(modulus=0, drop=True)
    fall = runs.contrast.sel(then="the same") - runs.contrast
    return findings(
        predictions,
        {
            "accuracy_of_few": right.isel(per_label=0, drop=True),
            "accuracy_of_many": right.isel(per_label=-1, drop=True),
            "step": ratio,
            "longer": checked.sel(way="longer", drop=True) / standard,
            "slower": checked.sel(way="slower", drop=True) / standard,
            "other_examples": fall.sel(then="others", drop=True),
            "fewer_examples": fall.sel(then="fewer", drop=True),
            "other_task": fall.sel(then="another task", drop=True),
            "half_way": half,
            "width": ratio,
            "width_against_modulus": power(log(ratio), ratio["modulus"], "modulus"),
        },
    )


def half_way(right: xr.DataArray) -> xr.DataArray:
    """Return the D/m at which the test accuracy passes 1/2."""
    return passage(right, 0.5, "per_label")


def width(right: xr.DataArray) -> xr.DataArray:
    """Return D90/D10."""
    return passage(right, 0.9, "per_label") / passage(right, 0.1, "per_label")


def memory(runs: xr.Dataset) -> xr.DataArray:
    """Return w_M/w_G of the networks that went on with the most examples (derived here).

    On training examples both circuits are right and on others only the generalising one, so the
    right logit, over the mean of all, is w_G + w_M and w_G.
    """
    most = runs.isel(per_label=-1, drop=True)
    ratio: xr.DataArray = most.train_logit / most.test_logit - 1
    return ratio


def implied_kappa(runs: xr.Dataset, costs: xr.Dataset, seed: int = 0) -> Interval:
    """Return the kappa that makes the smooth transition of kappa < 2 as wide as observed.

    Exploratory: nothing was predicted of it.

    Parameters
    ----------
    runs, costs
        Runs of this experiment and of `efficiency`, from which spread and exponent are.
    seed
        Of the resampling of the seeds of both, from which the interval is.
    """
    memorising = costs.sel(labels="balanced", drop=True)
    place = {"l2": costs.sizes["l2"] // 2, "per_label": -1}
    generalising = efficiency.generalising_only(costs)
    squares = (
        efficiency.relative_spread(generalising, place, "test") ** 2
        + efficiency.relative_spread(memorising, place, "train") ** 2
    )
    rng = np.random.default_rng(seed)
    wide = _means(log(width(runs.test_accuracy)).mean("modulus"), rng)
    exponents = efficiency.exponent(efficiency.norm_at_loss(memorising))
    # Both were measured on the same networks, so they are drawn together.
    both = _means(xr.concat([exponents, (squares / 2) ** 0.5], "quantity"), rng)
    kappa = kappa_from_width(wide, both.isel(quantity=1), both.isel(quantity=0)).values
    low, high = np.nanquantile(kappa[1:], [0.025, 0.975])
    return Interval(float(kappa[0]), float(low), float(high))


def _means(values: xr.DataArray, rng: np.random.Generator) -> xr.DataArray:
    """Return means over the seeds, along ``draw``: first that of all, then of resampled ones."""
    seeds = values.sizes["seed"]
    drawn = np.vstack([np.arange(seeds), rng.integers(seeds, size=(RESAMPLES, seeds))])
    means: xr.DataArray = values.isel(seed=xr.DataArray(drawn, dims=("draw", "each"))).mean("each")
    return means
