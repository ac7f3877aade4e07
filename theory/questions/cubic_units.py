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
from theory.questions.two_starts import STARTS
from theory.sweeps import sweep

ASKS = "Do exponents go with the degree, and do starts stay apart, with cubic units, too?"
PART = "exponents and degrees"
KNOWN = (
    "Pilots with seeds 1 and 2 of what is run here, memorising: networks of cubes had exponents of "
    "3.89 and 3.93 at 3 examples a label and 3.73 twice at 6, squares 2.85, 2.88 and 2.80, 2.79: "
    "ratios of 1.36 and 1.33. Cubes had 55 to 94 units and norms 5 to 12% above one unit a label, "
    "1 to 2% above the price of as many. Starts at modulus 31, seeds 1 and 2: logits of cubes were "
    "1.20 and 1.25 apart at width 64, 1.14 and 1.16 at 256; what started from scratch was right "
    "on nothing that it had not seen and had an objective 10 to 14% higher. On sums modulo 23 "
    "cubes were right on 0.74 of what they had not seen. At moduli 29 and 37 starts of squares "
    "stayed apart; those of cubes were never run there."
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

#: Test accuracy that a start must have had to count as grokked.
_GROKKED = 0.8

QUANTITIES = (
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
        "norm_by_units",
        "The norm of a network of cubes that has memorised, over that of one unit a label. By "
        "counting units: it tells whether all of them are pure.",
        SECONDARY,
        0.03,
        relative=True,
        null=1.0,
        guess="one unit a label",
    ),
    Quantity(
        "kappa_ratio",
        "The exponent of a network of cubes that has memorised random labels, of the envelope, "
        "over that of one of squares. Degree over degree by Euler's identity, but for how wrong "
        "logits and examples scatter.",
        SECONDARY,
        0.05,
        relative=True,
        null=1.0,
        guess="the degree does not matter",
    ),
    Quantity(
        "euler",
        "Pull over penalty of the networks with two starts.",
        CHECK,
        0.01,
        relative=True,
    ),
    Quantity("units_per_label", "Active units for each label, with cubes."),
    Quantity("units_loosely", "The same, counting units a third as large."),
    Quantity("kappa", "The exponent, by power."),
    Quantity("residual", "What is left of the forces in networks that memorise."),
    Quantity("memorised", "How much of their labels networks have memorised."),
    Quantity("had_grokked", "The test accuracy of what had grokked, before it was cut."),
    Quantity("accuracies", "Test accuracy of the two starts, with cubes."),
    Quantity("objectives", "The objective from scratch over that after grokking, less 1."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, points, folder)


def again(seed: int) -> xr.Dataset:
    """Return everything of one seed.

    Of networks that memorise what `at_rest.at_rest` measures, along ``power`` and ``per_label``;
    and of `two_starts.both` all numbers but the norm, named ``start_...``, along ``modulus``,
    ``width`` and ``start``.
    """
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
    return memorising.merge(starts.rename({name: f"start_{name}" for name in starts.data_vars}))


def _memorised(power: int, per_label: float, seed: int) -> xr.Dataset:
    split = to_memorise(per_label, LABELS, TOKENS, 2, "balanced", seed)
    return at_rest(split, WIDTH, L2, seed, power=power)


def _over(name: str, values: Sequence[Any], each: Callable[[Any], xr.Dataset]) -> xr.Dataset:
    """Return what a function gives for every value, along a new dimension."""
    along = xr.DataArray(list(values), dims=name, name=name)
    whole: xr.Dataset = xr.concat([each(value) for value in values], along)
    return whole


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity; NaN where labels were not memorised or a start had not grokked."""
    memorised = runs.train_accuracy == 1
    square, cube = (runs.where(memorised).sel(power=power, drop=True) for power in POWERS)
    apart = runs.start_apart.where(runs.start_had_grokked >= _GROKKED)
    narrow, wide = (apart.sel(width=width, drop=True) for width in WIDTHS)
    logit = runs.right_logit.sel(power=3, drop=True)
    one = circuits.memorising_norm(logit, runs["per_label"], LABELS, power=3)
    scratch, grokked = (runs.start_objective.sel(start=each, drop=True) for each in STARTS)
    return {
        "cube_stays": wide / narrow,
        "cube_apart": wide,
        "norm_by_units": cube.parameter_norm / one,
        "kappa_ratio": cube.kappa / square.kappa,
        "euler": runs.start_euler,
        "units_per_label": cube.units / LABELS,
        "units_loosely": cube.units_loosely / LABELS,
        "kappa": runs.kappa,
        "residual": runs.residual,
        "memorised": runs.train_accuracy,
        "had_grokked": runs.start_had_grokked,
        "accuracies": runs.start_test_accuracy,
        "objectives": scratch / grokked - 1,
    }
