"""Whether mixtures are alike off the track: other tasks, degrees and optimisers, other penalties.

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
    AdamW,
    Checkpoint,
    Split,
    Stage,
    Task,
    Training,
    TwoLayer,
    advance,
    modular_addition,
    modular_sum,
    permutation,
)
from theory.networks.rest import Objective
from theory.questions import practice
from theory.questions.at_rest import with_random_labels
from theory.questions.cooled import DTYPE
from theory.questions.descended import nested
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import case_ratio, crossing
from theory.questions.resting import leads
from theory.statistics import Bounds, passage_bounds
from theory.sweeps import sweep

ASKS = "Where do networks of other kinds have equal weights as they come down from grokking?"
PART = "other mixtures"
KNOWN = (
    "Cubes at modulus 37 and ReLU at 29 and 37 had come down to 14 examples a label in another "
    "question: accuracies of .2 to .6, and of .2 to .8. Sizes of equal cost of ReLU, 16.3 and 18 "
    "examples a label, at moduli 31 and 47. Of `mixtures`, whose runs had been read: equal weights "
    "at .79 of the size of equal cost at every penalty and modulus, so .79 at modulus 61, and "
    "penalties alike, is a replication; half-way points at 61 were known, shares were not. Pilots "
    "of these steps, seed 1: squares at modulus 31, .76; sums of two numbers modulo 31 and then "
    "10, .85; of three modulo 11 with cubes, .82; AdamW at modulus 31 with 18,000 and 60,000 "
    "updates, decays of .05 and .02, 1.00 and .94, so laws are expected to fail there. "
    "Nothing of mixtures on S_4. S_4, fewer labels, AdamW and cubes tell the laws from 1 and "
    "hardly from each other. Amended after the other runs: squares under the strong penalty had "
    "died on the pool (accuracy .02), so `first` was added and they were run anew; a weak one with "
    "it, run by mistake, has .86 as without."
)
#: gamma, but where a case says another.
L2 = 1e-4
#: A gentle AdamW, deep inside of its box: near rest it is an L2 penalty, of a strength that is this
#: decay times this epsilon.
DECAY = 0.02
#: Learning rates of Adam and of AdamW, one after the other.
RATES, ADAMW_RATES = (3e-3, 1e-3, 3e-4), (1e-2, 1e-2, 3e-3)


@dataclass(frozen=True)
class Case:
    r"""Who comes down.

    Attributes
    ----------
    task, width, activation
        What is learned, and the network.
    l2
        gamma.
    degree
        s in :math:`P_M^\kappa \propto D^s`, of what memorises random labels: n/2 by one unit of
        power n a label, and for ReLU twice the exponent that norms were seen to have.
    adamw
        Whether AdamW trains it, whose decay times epsilon is gamma, and not Adam with a penalty.
    updates
        At each of the learning rates.
    first
        Updates on the pool at `L2` before all others, where a network would die under gamma.
    memorised
        Examples for a label at which random labels are memorised.
    """

    task: Callable[[], Task]
    width: int = 128
    activation: str = "square"
    l2: float = L2
    degree: float = 1.0
    adamw: bool = False
    updates: int = 1500
    first: int = 0
    memorised: Sequence[float] = (8.0, 12.0, 17.0, 22.0)

    def stages(self, places: np.ndarray) -> tuple[Stage, ...]:
        """Return how it is trained on these places."""
        if self.adamw:
            made = [AdamW(rate, DECAY, epsilon=self.l2 / DECAY) for rate in ADAMW_RATES]
            return tuple(Stage(each, self.updates, places) for each in made)
        return tuple(Stage(Adam(rate, l2=self.l2), self.updates, places) for rate in RATES)


CUBES: Mapping[str, Any] = {"activation": "cube", "degree": 1.5, "updates": 2000}
CASES: Mapping[str, Case] = {
    "squares, weak": Case(lambda: modular_addition(61), l2=1e-5, updates=1000),
    "squares, strong": Case(lambda: modular_addition(61), l2=1e-3, updates=1000, first=1000),
    "S_4": Case(lambda: permutation("xy", 4)),
    "AdamW": Case(lambda: modular_addition(37), adamw=True, updates=20_000),
    "few labels": Case(lambda: modular_sum(37, 2, 12), memorised=(16.0, 24.0, 34.0, 48.0)),
    "three slots": Case(lambda: modular_sum(13, 3), **CUBES, memorised=(16.0, 28.0, 40.0, 56.0)),
    "cubes": Case(lambda: modular_addition(37), **CUBES),
    "ReLU": Case(lambda: modular_addition(37), width=256, activation="relu", degree=0.55),
}
#: Sizes to come down to, in parts of that of equal cost.
LADDER = (0.45, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.4)
SAMPLING = Sampling(least=3, largest=3)
SEEDS = tuple(range(3200, 3200 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {"case": tuple(CASES), "seed": SEEDS}
LIVE: Mapping[str, Sequence[Any]] = {"case": ("S_4",), "seed": SEEDS}
#: Cases that differ in the penalty alone.
DECAYS = ("squares, weak", "squares, strong")
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
        "decay_drift",
        "The same under the weak penalty over that under the strong.",
        SECONDARY,
        0.04,
        relative=True,
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
    return sweep(again, points, folder)


def again(case: str, seed: int) -> xr.Dataset:
    """Return one network at all steps of the ladder.

    ``train_logit``, ``test_logit``, ``test_accuracy`` and ``parameter_norm`` along ``step``, NaN
    where the pool is too small for it; with ``pool_`` before them, and ``pool_objective``, those on
    the pool; ``random_objective`` along ``random``, and ``random_per_label``, of how many examples;
    ``equal_cost`` and ``pool_per_label``, in examples for a label.
    """
    setting = CASES[case]
    pool = _pool(setting, seed)
    whole, start = _trained(setting, pool, seed, pool.train, _first(setting, pool, seed))
    random = xr.DataArray(
        [_random_cost(setting, pool, seed, size) for size in setting.memorised],
        {"per_label": list(setting.memorised)},
        "per_label",
    )
    level = whole["objective"]
    equal, exponent = crossing(_nearest(random, level), xr.DataArray(level))
    rungs = [_rung(setting, pool, seed, start, step * equal.item()) for step in LADDER]
    found = xr.concat(
        [xr.Dataset(each) for each in rungs], xr.DataArray(list(LADDER), dims="step", name="step")
    )
    on_pool = xr.Dataset({f"pool_{name}": value for name, value in whole.items()})
    return found.merge(on_pool, join="exact", compat="equals").assign(
        random_objective=("random", random.values),
        random_per_label=("random", random.per_label.values),
        equal_cost=equal,
        memorising_exponent=exponent,
        pool_per_label=pool.train.size / pool.task.num_labels,
    )


def one_step(case: str, per_label: float, seed: int) -> xr.Dataset:
    """Return one network that has come down to so many examples for a label."""
    setting = CASES[case]
    pool = _pool(setting, seed)
    _, start = _trained(setting, pool, seed, pool.train, _first(setting, pool, seed))
    return xr.Dataset(_rung(setting, pool, seed, start, per_label))


def _first(setting: Case, pool: Split, seed: int) -> Checkpoint | None:
    """Return where a network starts that would die from scratch; None for all others."""
    if not setting.first:
        return None
    stage = Stage(Adam(RATES[0], l2=L2), setting.first)
    training = Training(TwoLayer(setting.width), pool, (stage,), seed, dtype=DTYPE)
    _, end = advance(training, record_every=setting.first)
    return replace(end, step=0, training="")


def _pool(setting: Case, seed: int) -> Split:
    return practice.pool_of(setting.task(), seed)


def _random_cost(setting: Case, pool: Split, seed: int, per_label: float) -> float:
    split = with_random_labels(pool, round(per_label * pool.task.num_labels), seed)
    return _trained(setting, split, seed, split.train)[0]["objective"]


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
    stages = setting.stages(places)
    training = Training(network, split, stages, seed, dtype=DTYPE, start=start)
    run, end = advance(training, record_every=training.steps)
    theta = end.parameters.flat.astype(float)
    penalised = Stage(Adam(RATES[-1], l2=setting.l2), 1, places)
    value, slope = Objective(replace(training, stages=(penalised,)))(theta)
    squared = float(theta @ theta)
    found = {
        **leads(network, split, end.parameters, places),
        "test_accuracy": run.isel(step=-1).test_accuracy.item(),
        "parameter_norm": squared**0.5,
        "objective": value,
        "euler": 1 - float(slope @ theta) / (setting.l2 * squared),
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
    equal = _passed(runs.test_logit / runs.train_logit, had)
    return {
        "equal_weights": equal,
        "decay_drift": case_ratio(equal, *DECAYS),
        "euler": runs.euler.mean("step"),
        "half_way": _passed(runs.test_accuracy, had),
        "pool_over_cost": runs.pool_per_label / runs.equal_cost,
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
    return Bounds(low, high).known_where(had)
