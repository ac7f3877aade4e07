"""Whether mixtures are alike off the track: other degrees, and another group.

A network groks the pool. From there it goes on with fewer examples, at sizes that are parts of the
one at which random labels cost as much: the size of equal objectives, measured with networks of the
same kind, seed and pool, that memorise random labels. All come near rest by learning rates that
fall; none is polished, since ReLU rests where a quasi-Newton method finds no balance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory.networks import (
    Adam,
    Checkpoint,
    Split,
    Stage,
    Task,
    Training,
    TwoLayer,
    advance,
    modular_addition,
    permutation,
)
from theory.networks.rest import Objective
from theory.questions import practice
from theory.questions.at_rest import with_random_labels
from theory.questions.cooled import DTYPE
from theory.questions.descended import leads, nested
from theory.questions.question import CHECK, PRIMARY, Measured, Quantity, Sampling
from theory.questions.readings import crossing
from theory.statistics import Bounds, passage_bounds
from theory.sweeps import sweep

ASKS = "Where do networks of other kinds have equal weights as they come down from grokking?"
PART = "other mixtures"
KNOWN = (
    "Cubes at modulus 37 and ReLU at 29 and 37 had come down to 14 examples a label in another "
    "question: accuracies of .2 to .6, and of .2 to .8. Sizes of equal cost of ReLU, 16.3 and 18 "
    "examples a label, at moduli 31 and 47. Mixtures of square units at moduli 31 to 73; those at "
    "79 and more were running, and none of them had been looked at, when this was fixed. "
    "Nothing of mixtures on S_4. A pilot of these steps with squares, modulus 31, seed 1: equal "
    "weights at .76 of equal cost. S_4 and cubes tell the laws from 1 and hardly from each other."
)
L2 = 1e-4


@dataclass(frozen=True)
class Case:
    r"""Who comes down.

    Attributes
    ----------
    task, width, tokens, activation
        What is learned, of how many tokens and labels, and the network.
    degree
        s in :math:`P_M^\kappa \propto D^s`, of what memorises random labels: n/2 by one unit of
        power n a label, and for ReLU twice the exponent that norms were seen to have.
    updates
        At each of the learning rates.
    """

    task: Callable[[], Task]
    width: int = 128
    tokens: int = 37
    activation: str = "square"
    degree: float = 1.0
    updates: int = 1500


CASES: Mapping[str, Case] = {
    "S_4": Case(lambda: permutation("xy", 4), tokens=24),
    "cubes": Case(lambda: modular_addition(37), activation="cube", degree=1.5, updates=2000),
    "ReLU": Case(lambda: modular_addition(37), width=256, activation="relu", degree=0.55),
}
#: Learning rates, one after the other.
RATES = (3e-3, 1e-3, 3e-4)
#: Examples for a label at which random labels are memorised, and the ladder of parts.
MEMORISED, LADDER = (8.0, 12.0, 17.0, 22.0), (0.45, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.4)
SAMPLING = Sampling(least=3, largest=3)
SEEDS = tuple(range(3200, 3200 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"case": tuple(CASES), "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {"case": ("S_4",), "step": (1.15, 1.4), "seed": SEEDS}
#: Test accuracy on the pool from which a network has grokked.
GROKKED = 0.5

QUANTITIES = (
    Quantity(
        "equal_weights",
        "The size at which both weights are equal, over that at which random labels cost as much "
        "as the network on the pool.",
        PRIMARY,
        0.04,
        relative=True,
        null=1.0,
        guess="where both cost the same",
    ),
    Quantity(
        "euler",
        "The pull of the data along the parameters over that of the penalty, along the ladder.",
        CHECK,
        0.02,
        relative=True,
    ),
    Quantity("half_way", "Where half of what is never trained on is right, over the same size."),
    Quantity("equal_cost", "The size of equal objectives, in examples for a label."),
    Quantity("pool_over_cost", "The pool over the size of equal cost."),
    Quantity("share", "The share of memory, along the ladder."),
    Quantity("accuracy", "Test accuracy, along the ladder."),
    Quantity("had_grokked", "Test accuracy on the pool."),
    Quantity("memorising_exponent", "The exponent of the memorising objective in D."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish."""
    return sweep(descent, points, folder)


def again(case: str, step: float, seed: int) -> xr.Dataset:
    """Return one network at one step."""
    return descent(case, seed).sel(step=step, drop=True)


def descent(case: str, seed: int) -> xr.Dataset:
    """Return one network at all steps of the ladder.

    ``train_logit``, ``test_logit``, ``test_accuracy`` and ``parameter_norm`` along ``step``, NaN
    where the pool is too small for it; with ``pool_`` before them, and ``pool_objective``, those on
    the pool; ``random_objective`` along ``per_label``; and ``equal_cost``, in examples for a label.
    """
    setting = CASES[case]
    task = setting.task()
    pool = task.split(round(practice.POOL * len(task.labels)), rng=seed)
    whole, start = _trained(setting, pool, seed, pool.train)
    costs = []
    for per_label in MEMORISED:
        size = round(per_label * task.num_labels)
        split = with_random_labels(pool, size, seed)
        costs.append(_trained(setting, split, seed, split.train)[0]["objective"])
    random = xr.DataArray(costs, {"per_label": list(MEMORISED)}, "per_label")
    equal, exponent = crossing(
        _nearest(random, whole["objective"]), xr.DataArray(whole["objective"])
    )
    rungs = [_rung(setting, pool, seed, start, step * equal.item()) for step in LADDER]
    found = xr.concat(
        [xr.Dataset(each) for each in rungs], xr.DataArray(list(LADDER), dims="step", name="step")
    )
    on_pool = xr.Dataset({f"pool_{name}": value for name, value in whole.items()})
    return found.merge(on_pool, join="exact", compat="equals").assign(
        random_objective=random,
        equal_cost=equal,
        memorising_exponent=exponent,
    )


def _nearest(costs: xr.DataArray, level: float) -> xr.DataArray:
    """Return the two costs that are nearest to a level, by ratios."""
    chosen = np.sort(np.argsort(abs(np.log(costs.values / level)))[:2])
    return costs.isel(per_label=chosen)


def _rung(
    setting: Case, pool: Split, seed: int, start: Checkpoint, per_label: float
) -> dict[str, float]:
    size = round(per_label * pool.task.num_labels)
    if not 1 <= size <= pool.train.size:
        return dict.fromkeys(_NUMBERS, np.nan)
    (places,) = nested(pool, [size], seed)
    return _trained(setting, pool, seed, places, start)[0]


_NUMBERS = (
    "train_logit",
    "test_logit",
    "test_spread",
    "test_accuracy",
    "parameter_norm",
    "objective",
    "euler",
)


def _trained(
    setting: Case, split: Split, seed: int, places: np.ndarray, start: Checkpoint | None = None
) -> tuple[dict[str, float], Checkpoint]:
    network = TwoLayer(setting.width, setting.activation)
    stages = tuple(Stage(Adam(rate, l2=L2), setting.updates, places) for rate in RATES)
    training = Training(network, split, stages, seed, dtype=DTYPE, start=start)
    run, end = advance(training, record_every=training.steps)
    last = run.isel(step=-1)
    theta = end.parameters.flat.astype(float)
    value, slope = Objective(training)(theta)
    squared = float(theta @ theta)
    found = {
        **leads(network, split, end.parameters, places),
        "test_accuracy": last.test_accuracy.item(),
        "parameter_norm": squared**0.5,
        "objective": value,
        "euler": 1 - float(slope @ theta) / (L2 * squared),
    }
    return found, replace(end, step=0, training="")


def setting(name: str, values: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Return an attribute of each case."""
    cases = values["case"]
    return xr.DataArray(
        [getattr(CASES[case], name) for case in cases.values], {"case": cases}, "case"
    )


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity; NaN, or no bound, where a network had not grokked."""
    had = runs.pool_test_accuracy >= GROKKED
    return {
        "equal_weights": _passed(runs.test_logit / runs.train_logit, had),
        "euler": runs.euler.mean("step"),
        "half_way": _passed(runs.test_accuracy, had),
        "pool_over_cost": practice.POOL * setting("tokens", runs) / runs.equal_cost,
        "equal_cost": runs.equal_cost,
        "share": 1 - runs.test_logit / runs.train_logit,
        "accuracy": runs.test_accuracy,
        "had_grokked": runs.pool_test_accuracy,
        "memorising_exponent": runs.memorising_exponent,
    }


def _passed(values: xr.DataArray, had: xr.DataArray) -> Bounds:
    """Return where a half is passed, of the steps that a pool has examples for."""

    def one(curve: np.ndarray) -> tuple[float, float]:
        inside = np.isfinite(curve)
        known = xr.DataArray(curve[inside], {"step": values["step"].values[inside]}, "step")
        low, high = passage_bounds(known, 0.5, "step")
        return low.item(), high.item()

    low, high = xr.apply_ufunc(
        one, values, input_core_dims=[["step"]], output_core_dims=[[], []], vectorize=True
    )
    return Bounds(low.where(had, 0.0), high.where(had, np.inf))
