"""What degree 4 does: networks whose units raise what they read to the third power.

The same examples with random labels are memorised with cubes and with squares, and brought to rest.
And two starts of networks of cubes, as in the question on two starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from theory import circuits
from theory.questions import two_starts
from theory.questions.at_rest import at_rest, to_memorise
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.sweeps import sweep

ASKS = "Do exponents go with the degree, and do starts stay apart, with cubic units, too?"
PART = "exponents and degrees"
KNOWN = (
    "One pilot each with 67 tokens and seed 1: with 3 examples of each of 20 labels and with 6 of "
    "40, networks of cubes had an exponent of 3.95 and 3.69, 31 and 99 units, nearly all of them "
    "on one label, and norms 6 and 12% above one unit a label. Squares with 89 tokens had 2.86 at "
    "3 examples of 40 labels and 2.79 at 6. On sums modulo 23 cubes were right on 0.74 of what "
    "they had not seen. Starts of cubes were never compared."
)
#: Random labels: q, m and how many examples a label has.
LABELS, TOKENS, SIZES = 40, 89, (3.0, 6.0)
WIDTH, L2 = 128, 1e-4
POWERS = (2, 3)
#: Of sums, for the two starts.
MODULI, WIDTHS = (29, 37), (64, 256)
SAMPLING = Sampling(least=6, largest=6)
SEEDS = tuple(range(2500, 2500 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"seed": SEEDS}
LIVE = POINTS

QUANTITIES = (
    Quantity(
        "kappa_ratio",
        "The exponent of a network of cubes that has memorised random labels, of the envelope, "
        "over that of one of squares.",
        PRIMARY,
        0.05,
        relative=True,
        null=1.0,
        guess="the degree does not matter",
    ),
    Quantity(
        "cube_stays",
        "How far apart the logits of two starts are at width 256, over that at 64, with cubes.",
        PRIMARY,
        0.2,
        relative=True,
        null=0.5,
        guess="a fourfold width halves what is due to chance",
    ),
    Quantity(
        "cube_apart",
        "How far apart the logits of two starts are at width 256, with cubes.",
        SECONDARY,
        0.1,
    ),
    Quantity(
        "norm_over_bound",
        "The norm of a network of cubes that has memorised, over that of one unit a label.",
        CHECK,
        0.01,
        relative=True,
    ),
    Quantity("units_per_label", "Active units for each label, with cubes."),
    Quantity("kappa", "The exponent, by power."),
    Quantity("euler", "Pull over penalty of the networks with two starts."),
    Quantity("accuracies", "Test accuracy of the two starts, with cubes."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, points, folder)


def again(seed: int) -> xr.Dataset:
    """Return everything of one seed.

    ``parameter_norm``, ``test_accuracy``, ``train_accuracy``, ``right_logit``, ``kappa``, ``units``
    and ``residual`` of networks that memorise, along ``power`` and ``per_label``; of
    `two_starts.both` its ``apart`` along ``modulus`` and ``width``, ``start_accuracy`` and
    ``start_euler`` along ``start``, too.
    """
    kept = ["parameter_norm", "test_accuracy", "train_accuracy", "right_logit", "kappa"]
    kept += ["units", "residual"]
    memorising = _over(
        "power",
        POWERS,
        lambda power: _over("per_label", SIZES, lambda d: _memorised(power, d, seed)),
    )
    starts = _over(
        "modulus",
        MODULI,
        lambda modulus: _over(
            "width", WIDTHS, lambda width: two_starts.both(modulus, "cube", width, seed)
        ),
    )
    names = {"test_accuracy": "start_accuracy", "euler": "start_euler"}
    return memorising[kept].merge(starts[["apart", *names]].rename(names))


def _memorised(power: int, per_label: float, seed: int) -> xr.Dataset:
    split = to_memorise(per_label, LABELS, TOKENS, 2, "balanced", seed)
    return at_rest(split, WIDTH, L2, seed, power=power)


def _over(name: str, values: Sequence[Any], each: Callable[[Any], xr.Dataset]) -> xr.Dataset:
    """Return what a function gives for every value, along a new dimension."""
    along = xr.DataArray(list(values), dims=name, name=name)
    whole: xr.Dataset = xr.concat([each(value) for value in values], along)
    return whole


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    square, cube = (runs.sel(power=power, drop=True) for power in POWERS)
    narrow, wide = (runs.apart.sel(width=width, drop=True) for width in WIDTHS)
    bound = circuits.memorising_norm(cube.right_logit, runs["per_label"], LABELS, power=3)
    return {
        "kappa_ratio": cube.kappa / square.kappa,
        "cube_stays": wide / narrow,
        "cube_apart": wide,
        "norm_over_bound": cube.parameter_norm / bound,
        "units_per_label": cube.units / LABELS,
        "kappa": runs.kappa,
        "euler": runs.start_euler,
        "accuracies": runs.start_accuracy,
    }
