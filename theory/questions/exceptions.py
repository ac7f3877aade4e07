"""What exceptions cost a network that knows the rule: some examples get false labels.

After Power et al. (2022), appendix A.4. A network has grokked the pool and rests there. Then so
many examples of it a label get another label than the rule's, at random, and the network goes on
with the whole pool, and rests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import Parameters, Split, Task, TwoLayer, modular_addition
from theory.questions import practice
from theory.questions.descended import gone_on, grokked
from theory.questions.question import CHECK, PRIMARY, Measured, Quantity, Sampling
from theory.sweeps import sweep

ASKS = "What do exceptions to a rule cost a network that has generalised?"
PART = "inside a mixture"
KNOWN = (
    "Power et al. report that up to 1000 false labels are memorised beside the rule. One pilot of "
    "these steps, modulus 31, seed 1: norms of 1.08, 1.15, 1.28 and 1.37 of that without, where "
    "exceptions were 8 to 48% of the pool; test accuracies of .87, .64, .19 and .10. At modulus 83 "
    "networks that only generalise or only memorise were measured, none with exceptions. At 2 a "
    "label circuits that share units cost hardly more than the rule alone."
)
MODULUS, WIDTH, L2 = 83, 128, 1e-4
#: Exceptions for a label; without any, the pool as it is.
PER_LABEL = (0.0, 2.0, 4.0, 8.0, 12.0)
SAMPLING = Sampling(least=6, largest=6)
SEEDS = tuple(range(3100, 3100 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"seed": SEEDS}
LIVE = POINTS

QUANTITIES = (
    Quantity(
        "norm_with_exceptions",
        "The norm with exceptions over that without any.",
        PRIMARY,
        0.02,
        relative=True,
        null=1.0,
        guess="exceptions are free",
    ),
    Quantity("memorised", "How many of the exceptions are learned.", CHECK, 0.02),
    Quantity("accuracy", "Test accuracy, by exceptions for a label."),
    Quantity("rule_logit", "The right logit of what is not seen, less the mean of all."),
    Quantity("false_logit", "That of exceptions, for their false label."),
    Quantity("true_logit", "That of exceptions, for the label of the rule."),
    Quantity("price", "The norm without exceptions over the cube root of its right logit."),
    Quantity("pool_size", "D_pool over m."),
    Quantity("moved", "How far the last polish went."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(again, points, folder)


def again(seed: int, modulus: int = MODULUS, sizes: Sequence[float] = PER_LABEL) -> xr.Dataset:
    """Return one network with all numbers of exceptions, along ``per_label``.

    ``parameter_norm``, ``objective``, ``test_accuracy``, ``moved``; ``memorised``, the part of
    exceptions that are answered with their false label; ``test_logit``, ``train_logit`` (of the
    rest of the pool), ``false_logit`` and ``true_logit``, logits less the mean of all.
    """
    task = modular_addition(modulus)
    pool = practice.pool_of(task, seed)
    network = TwoLayer(WIDTH)
    start = grokked(network, pool, L2, seed)
    found = []
    for per_label in sizes:
        places = pool.train[:0]
        rest, split = start, pool
        if per_label:
            places = _drawn(pool, round(per_label * modulus), seed)
            split = replace(pool, task=_false(task, places, seed))
            rest = gone_on(network, split, L2, seed, start.checkpoint, pool.train)
        found.append(xr.Dataset(_numbers(network, split, task, rest.checkpoint.parameters, places)))
        found[-1] = found[-1].assign(
            objective=rest.objective, test_accuracy=rest.test_accuracy, moved=rest.moved
        )
    return xr.concat(found, xr.DataArray(list(sizes), dims="per_label", name="per_label"))


def _drawn(pool: Split, count: int, seed: int) -> np.ndarray:
    """Return the exceptions; fewer are a part of more."""
    order = np.random.default_rng([seed, 3]).permutation(pool.train)
    return np.sort(order[:count])


def _false(task: Task, places: np.ndarray, seed: int) -> Task:
    """Return the task with other labels at these places."""
    ahead = np.random.default_rng([seed, 4]).integers(1, task.num_labels, len(task.labels))
    labels = task.labels.copy()
    labels[places] = (labels + ahead)[places] % task.num_labels
    settings = {**task.settings, "labels": "with exceptions", "labels_rng": seed}
    return replace(task, labels=labels, settings=settings)


def _numbers(
    network: TwoLayer, split: Split, task: Task, parameters: Parameters, places: np.ndarray
) -> dict[str, float]:
    everything = np.arange(len(task.labels))
    logits = network.forward(parameters, network.encode(task, everything, "float64")).logits
    logits = logits - logits.mean(axis=1, keepdims=True)
    false = logits[everything, split.task.labels]
    true = logits[everything, task.labels]
    others = np.setdiff1d(split.train, places)
    right = logits.argmax(axis=1) == split.task.labels
    return {
        "parameter_norm": float(np.linalg.norm(parameters.flat)),
        "test_logit": float(true[split.test].mean()),
        "train_logit": float(true[others].mean()),
        "false_logit": float(false[places].mean()) if places.size else np.nan,
        "true_logit": float(true[places].mean()) if places.size else np.nan,
        "memorised": float(right[places].mean()) if places.size else np.nan,
    }


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity."""
    without = runs.sel(per_label=PER_LABEL[0], drop=True)
    exceptions = runs.sel(per_label=list(PER_LABEL[1:]))
    size = circuits.pool_size(without.parameter_norm, without.train_logit, MODULUS)
    return {
        "norm_with_exceptions": exceptions.parameter_norm / without.parameter_norm,
        "memorised": exceptions.memorised,
        "accuracy": runs.test_accuracy,
        "rule_logit": runs.test_logit,
        "false_logit": exceptions.false_logit,
        "true_logit": exceptions.true_logit,
        "price": without.parameter_norm / without.train_logit ** (1 / 3),
        "pool_size": xr.DataArray(size) / MODULUS,
        "moved": exceptions.moved,
    }
