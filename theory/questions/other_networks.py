r"""Where networks of other layers are unlearned, on addition: one hidden layer of ReLU, and two.

A network learns four fifths of all sums modulo m under an L2 penalty, is cooled until it is near
rest, and goes on from there with fewer pairs, each size anew. Equal cost is at the size at which
the same pairs with shuffled labels have the objective of the network on the pool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import MLP, Adam, Network, Split, Stage, Training, TwoLayer, advance
from theory.networks import modular_addition as addition
from theory.questions.cooled import DTYPE, Cooled, cooled
from theory.questions.descended import nested
from theory.questions.operations import L2, shuffled
from theory.questions.practice import pool_of
from theory.questions.question import CHECK, PRIMARY, Measured, Quantity, Sampling
from theory.questions.readings import passed, width_of
from theory.statistics import log, passage_bounds
from theory.sweeps import sweep

ASKS = (
    "Do networks of ReLU, of two and of three layers, stop to add where both circuits cost alike?"
)
PART = "other networks"
KNOWN = (
    "Square units: half-way at .82 to .83 of the size of equal objective, widths of 1.5. ReLU "
    "modulo 37, three seeds in another question: half-way at .80, equal weights at 1.13. Pilots of "
    "these steps modulo 29, seed 1: ReLU .19, .75 and 1.00 right at 10, 14 and 18 examples a "
    "label, random labels as dear as the pool near 13.8; three layers .68, .98 and 1.00, near 11. "
    "So both ratios are expected below 1; at risk is whether they are as with square units, and "
    "how wide the transitions are."
)
MODULUS, UPDATES = 25, 500
NETWORKS: Mapping[str, Network] = {
    "two layers": TwoLayer(128, "relu"),
    "three layers": MLP((64, 64), biases=False),
}
#: What makes a network generalise on the pool before it is cooled.
FIRST = Stage(Adam(3e-3, l2=L2), 3000)
#: Examples for a label to come down to, and of shuffled labels.
SIZES = (6.5, 8.0, 9.5, 11.0, 12.5, 14.5, 17.0)
SHUFFLED = (8.0, 11.0, 15.0)
SAMPLING = Sampling(least=5, batch=1, largest=5)
SEEDS = tuple(range(7800, 7800 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "network": tuple(NETWORKS),
    "per_label": SIZES,
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "network": ("two layers",)}
#: How far pull and penalty may be from balance, as a part: beyond, nothing counts.
NEAR = 0.01
#: Test accuracy on the pool of what has grokked.
GROKKED_FROM = 0.9

QUANTITIES = (
    Quantity(
        "half_over_cost",
        "The size at which half of what is never trained on is right, over that of equal cost.",
        PRIMARY,
        0.05,
        relative=True,
        null=0.825,
        guess="as with square units",
    ),
    Quantity(
        "width",
        "D90/D10: sizes at which the test accuracy passes .9 and .1. A step would be read as 1 to "
        "1.1, between two sizes.",
        PRIMARY,
        0.15,
        relative=True,
        null=1.5,
        guess="as with square units",
    ),
    Quantity(
        "euler",
        "The pull of the data along the parameters over that of the penalty.",
        CHECK,
        NEAR,
        relative=True,
    ),
    Quantity("half_way", "The half-way size, in examples for a label."),
    Quantity("equal_cost", "The size of equal cost, in examples for a label."),
    Quantity("pool_accuracy", "Accuracy on what is never trained on, on the pool."),
    Quantity("accuracy", "Accuracy on what is never trained on."),
    Quantity("kappa", "The exponent of a network near rest, of the envelope."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `again` and `costs`.
    """
    grid = {name: points[name] for name in POINTS}
    priced = {name: points[name] for name in ("network", "seed")}
    parts = sweep(again, grid, folder), sweep(costs, priced, folder)
    return xr.merge(parts, join="exact", compat="no_conflicts")


def again(network: str, per_label: float, seed: int) -> xr.Dataset:
    """Return one network that has come down, near rest: numbers of `cooled.cooled`."""
    pool, start = _pool(seed), _grokked(network, seed).end
    (places,) = nested(pool, [round(per_label * MODULUS)], seed)
    found = cooled(NETWORKS[network], pool, L2, seed, examples=places, start=start, updates=UPDATES)
    return found.numbers


def costs(network: str, seed: int) -> xr.Dataset:
    """Return what shuffled labels cost, and the pool.

    ``shuffled_objective`` along ``random``, in examples for a label; ``pool_objective`` and
    ``pool_accuracy``.
    """
    pool, whole = _pool(seed), _grokked(network, seed).numbers
    ladder = nested(pool, [round(size * MODULUS) for size in SHUFFLED], seed)
    found = [
        cooled(NETWORKS[network], shuffled(pool, places, seed), L2, seed, updates=UPDATES).numbers
        for places in ladder
    ]
    return xr.Dataset(
        {
            "shuffled_objective": ("random", [each.objective.item() for each in found]),
            "pool_objective": whole.objective,
            "pool_accuracy": whole.test_accuracy,
        },
        {"random": list(SHUFFLED)},
    )


def _pool(seed: int) -> Split:
    return pool_of(addition(MODULUS), seed)


@lru_cache(maxsize=2 * SAMPLING.largest)
def _grokked(network: str, seed: int) -> Cooled:
    """Return a network near rest on the pool, which it was made to generalise first."""
    training = Training(NETWORKS[network], _pool(seed), (FIRST,), seed, dtype=DTYPE)
    _, end = advance(training, record_every=training.steps)
    return cooled(NETWORKS[network], _pool(seed), L2, seed, start=end, updates=UPDATES)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity; of seeds not near rest, or that had not grokked, nothing is known."""
    near = (abs(np.log(runs.euler)) < NEAR).all("per_label")
    known = near & (runs.pool_accuracy >= GROKKED_FROM)
    half = passed(runs.test_accuracy, 0.5, "per_label").known_where(known)
    over = log(runs.shuffled_objective / runs.pool_objective)
    cost = passage_bounds(over, 0.0, "random")
    return {
        "half_over_cost": half.over(cost),
        "width": width_of(runs.test_accuracy, "per_label").known_where(known),
        "euler": runs.euler,
        "half_way": half,
        "equal_cost": cost,
        "pool_accuracy": runs.pool_accuracy,
        "accuracy": runs.test_accuracy,
        "kappa": runs.kappa,
    }
