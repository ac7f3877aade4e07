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
from theory.questions.question import CHECK, PRIMARY, Measured, Quantity, Sampling
from theory.questions.two_starts import STARTS
from theory.sweeps import sweep

ASKS = "Do exponents go with the degree, and do starts stay apart, with cubic units, too?"
PART = "exponents and degrees"
KNOWN = (
    "Pilots with seeds 1 and 2 of what is run here, memorising: networks of cubes had exponents of "
    "3.89 and 3.93 at 3 examples a label and 3.73 twice at 6, squares 2.85, 2.88 and 2.80, 2.79: "
    "ratios of 1.36 and 1.33. Cubes had 55 to 94 units, of which one in eight to one in four "
    "served a second label, and norms 5 to 12% above one unit a label, 0.7 to 2.2% above the price "
    "of as many. Starts at modulus 31, seeds 1 and 2, a third as long as here: logits of cubes "
    "were 1.20 and 1.25 apart at width 64, 1.14 and 1.16 at 256, and three times as many updates "
    "changed 1.195 to 1.186; at modulus 23, where hardly any had grokked before, 1.11. What "
    "started from scratch was right on nothing that it had not seen; what had grokked, to 0.86 or "
    "more, on 0.23 to 0.58 after the cut. The objective from scratch was 10 to 14% higher; "
    "longer training took 5 of it. On the pool of sums modulo 23 cubes were right on 0.74 of the "
    "rest. At moduli 29 and 37 starts of squares stayed apart; those of cubes were never run at 37 "
    "or 43. A first form of this question, without runs, judged what is now a check."
)
#: Random labels: q, m and how many examples a label has.
LABELS, TOKENS, SIZES = 40, 89, (3.0, 6.0)
WIDTH, L2 = 128, 1e-4
POWERS = (2, 3)
#: Of sums, for the two starts.
MODULI, WIDTHS = (37, 43), (64, 256)
#: At each learning rate: cubes take longer to come to rest than squares.
UPDATES = 3000
SAMPLING = Sampling(least=6, largest=6)
SEEDS = tuple(range(2500, 2500 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"seed": SEEDS}
LIVE = POINTS

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
        "kappa_ratio",
        "The exponent of a network of cubes that has memorised random labels, of the envelope, "
        "over that of one of squares. Degree over degree by Euler's identity, but for how wrong "
        "logits and examples scatter.",
        CHECK,
        0.05,
        relative=True,
        null=1.0,
        guess="the degree does not matter",
    ),
    Quantity(
        "norm_over_one",
        "The norm of a network of cubes that has memorised, over that of one unit a label.",
        CHECK,
        0.03,
        relative=True,
        null=1.0,
        guess="one unit a label",
    ),
    Quantity(
        "euler",
        "Pull over penalty of the networks with two starts.",
        CHECK,
        0.003,
        relative=True,
    ),
    Quantity("apart", "How far apart the logits of two starts are, with cubes."),
    Quantity("units_per_label", "Active units for each label, with cubes, the small ones too."),
    Quantity("pure_units", "The part of active units that serve one label, with cubes."),
    Quantity("kappa", "The exponent, by power."),
    Quantity("residual", "What is left of the forces in networks that memorise."),
    Quantity("memorised", "How much of their labels networks had memorised, before they rested."),
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
            "width", WIDTHS, lambda width: two_starts.both(modulus, "cube", width, seed, UPDATES)
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
    """Return every quantity."""
    square, cube = (runs.sel(power=power, drop=True) for power in POWERS)
    narrow, wide = (runs.start_apart.sel(width=width, drop=True) for width in WIDTHS)
    one = circuits.memorising_norm(cube.right_logit, runs["per_label"], LABELS, power=3)
    scratch, grokked = (runs.start_objective.sel(start=each, drop=True) for each in STARTS)
    return {
        "cube_stays": wide / narrow,
        "kappa_ratio": cube.kappa / square.kappa,
        "norm_over_one": cube.parameter_norm / one,
        "euler": runs.start_euler,
        "apart": runs.start_apart,
        "units_per_label": cube.units_loosely / LABELS,
        "pure_units": cube.label_units / cube.units,
        "kappa": runs.kappa,
        "residual": runs.residual,
        "memorised": runs.train_accuracy,
        "had_grokked": runs.start_had_grokked,
        "accuracies": runs.start_test_accuracy,
        "objectives": scratch / grokked - 1,
    }
