r"""What a network costs for its logits, over one range of sizes, generalising and memorising.

The price is :math:`|\theta| / A^{1/3}`, with A the right logit less the mean of all on what is
trained on: the degree of these networks is 3. Networks that generalise have grokked a pool of four
fifths of all pairs, and go on with D of them; networks that memorise learn D pairs with random
labels. Both have the same D, beyond the critical size, and are at rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from theory import circuits
from theory.networks import Split, TwoLayer, modular_addition
from theory.questions import practice
from theory.questions.at_rest import at_rest, with_random_labels
from theory.questions.descended import POOL, descended, nested
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.statistics import power
from theory.sweeps import sweep

ASKS = "How does what a circuit costs grow with the number of examples, at the same sizes?"
PART = "first prediction again"
KNOWN = (
    "The first trial, at modulus 47, norms at a loss of .01 nat: .34 for memorising over 4 to 37 "
    "examples a label, .05 for generalising over three sizes, a factor of 1.7. Of other questions: "
    "norms of random labels up to 22 examples a label; of networks that come down from grokking, "
    "where the price rises by a third of the share of memory for each factor e in D (found within "
    "8 and 9 %), at moduli 79 to 101. Pilots from scratch at modulus 43, seed 1: with random "
    "labels prices of 18.8, 20.8, 22.6 at 18, 24 and 31 examples a label, all right, with sums "
    "16.9, 17.5, 17.3, 18.0 at 18, 24, 31, 40. A pilot of these steps at "
    "modulus 37, seed 1, from 16 to 23 examples a label: exponents of .32 for memorising and .08 "
    "for generalising, .09 from 19 on, where mixing said .07 and .06, and .99 for over_pool. So an "
    "exponent of a third for memorising is expected; at risk is whether that of generalising is "
    "within .02 of 0, or of mixing. Nothing like it was run at 53 or 67."
)
MODULI, WIDTH, L2 = (53, 67), 128, 1e-4
#: D/m.
SIZES = (16.0, 20.0, 25.0, 31.0, 38.0)
#: Sizes from which on memory is small.
LARGE = SIZES[2:]
UPDATES = 2500
SAMPLING = Sampling(least=6, batch=2, largest=10)
SEEDS = tuple(range(5400, 5400 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"modulus": MODULI, "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {"modulus": MODULI[:1], "seed": SEEDS}

QUANTITIES = (
    Quantity(
        "memorising_exponent",
        "The exponent in D of the price of random labels.",
        PRIMARY,
        0.02,
        null=0.0,
        guess="the number does not matter",
    ),
    Quantity(
        "generalising_exponent",
        "The exponent in D of the price of a network that generalises.",
        PRIMARY,
        0.02,
        null=1 / 3,
        guess="as much as for memorising",
    ),
    Quantity(
        "exponent_of_many",
        "The same from 25 examples a label on.",
        PRIMARY,
        0.02,
        null=1 / 3,
        guess="as much as for memorising",
    ),
    Quantity(
        "over_pool",
        "The price at 38 examples a label over that on the pool.",
        SECONDARY,
        0.01,
        relative=True,
    ),
    Quantity("wrong", "What is wrong of what is trained on.", CHECK, 0.01),
    Quantity("residual", "What is left of the forces, of the penalty.", CHECK, 1e-3),
    Quantity("memorising_price", "The price of random labels."),
    Quantity("generalising_price", "The price of what generalises."),
    Quantity("objective_exponent", "The exponent in D of the memorising objective."),
    Quantity("generalising_objective_exponent", "That of the generalising objective."),
    Quantity("share", "The share of memory in what generalises."),
    Quantity("relative_size", "The size over D_pool."),
    Quantity("pool_over", "The pool over D_pool."),
    Quantity("accuracy", "Accuracy on what is never trained on."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, points, folder)


def again(modulus: int, seed: int) -> xr.Dataset:
    """Return one network at all sizes, and others that memorise random labels there.

    Along ``per_label``, the last being the pool (`descended.POOL`), the numbers of
    `descended.descended`; with ``random_`` before their names and NaN on the pool those of
    `at_rest.at_rest` of random labels.
    """
    pool = _pool(modulus, seed)
    counts = [round(size * modulus) for size in SIZES]
    ladder = dict(zip(SIZES, nested(pool, counts, seed), strict=True))
    found = descended(TwoLayer(WIDTH), pool, L2, seed, ladder)
    random = xr.concat(
        [
            at_rest(with_random_labels(pool, count, seed), WIDTH, L2, seed, UPDATES)
            for count in counts
        ],
        xr.DataArray(list(SIZES), dims="step", name="step"),
    )
    named = random.rename({name: f"random_{name}" for name in random.data_vars})
    return found.merge(named, join="outer").rename(step="per_label")


def one_size(modulus: int, per_label: float, seed: int) -> xr.Dataset:
    """Return one network that generalises, at one size."""
    pool = _pool(modulus, seed)
    (places,) = nested(pool, [round(per_label * modulus)], seed)
    found = descended(TwoLayer(WIDTH), pool, L2, seed, {per_label: places})
    return found.sel(step=per_label, drop=True)


def _pool(modulus: int, seed: int) -> Split:
    task = modular_addition(modulus)
    return task.split(round(practice.POOL * len(task.labels)), rng=seed)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    along, pool = runs.sel(per_label=list(SIZES)), runs.sel(per_label=POOL, drop=True)
    size = along["per_label"]
    price = along.parameter_norm / along.train_logit ** (1 / 3)
    of_random = along.random_parameter_norm / along.random_right_logit ** (1 / 3)
    many = {"per_label": list(LARGE)}
    on_pool = pool.parameter_norm / pool.train_logit ** (1 / 3)
    modulus = runs["modulus"]
    own = circuits.pool_size(pool.parameter_norm, pool.train_logit, modulus) / modulus
    return {
        "memorising_exponent": power(of_random, size, "per_label"),
        "generalising_exponent": power(price, size, "per_label"),
        "exponent_of_many": power(price.sel(many), size.sel(many), "per_label"),
        "over_pool": price.sel(per_label=SIZES[-1], drop=True) / on_pool,
        "wrong": 1 - along.random_train_accuracy,
        "residual": along.residual,
        "memorising_price": of_random,
        "generalising_price": price,
        "objective_exponent": power(along.random_objective, size, "per_label"),
        "generalising_objective_exponent": power(along.objective, size, "per_label"),
        "share": 1 - along.test_logit / along.train_logit,
        "relative_size": size / own,
        "pool_over": practice.POOL * modulus / own,
        "accuracy": along.test_accuracy,
    }
