"""Whether a network has one critical size, or one for each start, and what its states differ in.

Networks of one set of D examples come from four starts: their own first parameters; a network that
has grokked a pool; one that has memorised random labels of the same examples; one stopped half-way
on the pool, when half of its unseen examples were right. All train on the D examples, full batch,
as long as each other, and are brought to rest there. Sizes are parts of the derived critical size.

Sizes of equal objective, of what generalises and what memorises random labels, are measured on the
same seeds and pools.

At one size states are changed by hand: the waves of the networks from scratch and after grokking
are moved to few frequencies, and to all, and go on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from theory import circuits
from theory.circuits import HiddenUnits
from theory.networks import (
    Adam,
    Checkpoint,
    Rest,
    Split,
    Stage,
    Training,
    TwoLayer,
    advance,
    modular_addition,
    random_labels,
)
from theory.questions import practice, resting
from theory.questions.at_rest import ACTIVE, at_rest, with_random_labels
from theory.questions.cooled import DTYPE, logits_apart
from theory.questions.descended import FIRST, RATE, grokked, nested
from theory.questions.question import CHECK, PRIMARY, SECONDARY, Measured, Quantity, Sampling
from theory.questions.readings import case_ratio, crossing
from theory.questions.tuning import moved, tuned
from theory.statistics import Bounds, passage_bounds
from theory.sweeps import sweep

ASKS = "Does where a network ends depend on where it comes from, near the critical size?"
PART = "one size or many"
KNOWN = (
    "Exploratory runs, not stored: at modulus 41 accuracies at rest of .09, .28 and .01 from "
    "scratch, after grokking and after random labels at 10.5 examples a label, .57, .84 and .53 at "
    "13.5, .90, .99 and .81 at 17; objectives from scratch 1 to 4 % above those after grokking; "
    "half-way points from scratch over those after grokking 1.09 to 1.14 at moduli 31 to 53, 1.21 "
    "at 73; objectives of both alike at .60 of the size of equal cost; the share of units in "
    "frequencies with three or more .72 to .93 after grokking, .12 to .35 from scratch. Of other "
    "questions: `two_starts` at 29 and 37, 14 examples a label, objectives .016 to .024 and "
    "accuracies .09 to .17 apart; `mixtures` at 79 to 101, widths of 1.51 to 1.57, equal weights "
    "at .81 to .83 of the size of equal objective; half-way points of networks that ungrok at 29, "
    "37 and 59; `semi_grokking` at 37 from scratch. Pilots of these steps with 2000 updates, at "
    "modulus 31, seeds 1 and 2, at .9 of the derived size: accuracies of .43 and .44 from scratch, "
    ".66 and .71 after grokking, .36 and .43 after random labels, .41 and .53 of what was stopped "
    "half-way; 0 or 1 frequencies of three units from scratch, 5 and 6 after grokking; logits .87 "
    "or more apart; objectives from scratch 1.3 and 1.5 % above. Waves from scratch moved to few "
    "frequencies: .51 and .63, where pure ones have .44 and .46; after grokking moved to all .37 "
    "and .45, where pure ones have .64 and .66. At 29, seed 5999, shares of .53, .40 and .49 from "
    "scratch, after grokking and half-way, and accuracies after grokking of .79 with pure waves, "
    ".68 with the same frequencies dealt out anew, .41 with all. So that starts differ is a "
    "replication, at other moduli, and that fewer frequencies help is expected; at risk are the "
    "places over the size of equal objective, above all from scratch, and whether frequencies are "
    "all that starts differ in."
)
WIDTH = 128
#: Updates of every network on its examples, and on random labels before.
UPDATES, BEFORE = 5000, 1000


@dataclass(frozen=True)
class Case:
    """Who is trained, and under which penalty."""

    modulus: int
    l2: float


CASES: Mapping[str, Case] = {
    "29": Case(29, 1e-4),
    "37": Case(37, 1e-4),
    "37, weak": Case(37, 1e-5),
    "59": Case(59, 1e-4),
}
SCRATCH, GROKKED, MEMORISED, HALF = STARTS = ("scratch", "grokked", "memorised", "half")
ORIGINS = (SCRATCH, GROKKED)
#: Cases that differ in the penalty alone.
PENALTIES = ("37, weak", "37")
#: D in parts of the derived critical size.
SIZES = (0.5, 0.65, 0.8, 0.9, 1.0, 1.15, 1.4, 1.8)
#: Where states are changed by hand, and how.
CHANGED_AT = 0.9
FEW, ALL = COUNTS = ("few", "all")
#: The least number of frequencies that are few.
LEAST = 3
#: Sizes at which random labels are memorised.
RANDOM = (0.6, 0.9, 1.2)
#: Where objectives of two starts are compared, and from which difference on, as a part, one is
#: above the other.
COMPARED_AT, ABOVE = 1.0, 1e-3
#: How far apart the logits of two networks are that are one state.
SAME = 0.1
#: Test accuracy at which a network is stopped half-way.
HALF_WAY = 0.5
#: Test accuracy on the pool of what has grokked.
GROKKED_FROM = 0.95
SAMPLING = Sampling(least=6, batch=2, largest=8)
SEEDS = tuple(range(5000, 5000 + SAMPLING.largest))
POINTS: Mapping[str, Sequence[Any]] = {
    "case": tuple(CASES),
    "part": SIZES,
    "start": STARTS,
    "seed": SEEDS,
}
LIVE: Mapping[str, Sequence[Any]] = {**POINTS, "case": ("29",), "part": (0.5, 1.4, 1.8)}

QUANTITIES = (
    Quantity(
        "scratch_over_grokked",
        "The size at which half of what is never trained on is right, from scratch over after "
        "grokking.",
        PRIMARY,
        0.04,
        relative=True,
    ),
    Quantity(
        "weights_scratch_over_grokked",
        "The size at which both weights are equal, from scratch over after grokking.",
        PRIMARY,
        0.04,
        relative=True,
    ),
    Quantity(
        "memorised_over_scratch",
        "The size at which half is right, after random labels over from scratch.",
        PRIMARY,
        0.04,
        relative=True,
    ),
    Quantity(
        "weights_over_cost",
        "The size at which both weights are equal, after grokking, over that at which random "
        "labels have the objective of the network on the pool.",
        PRIMARY,
        0.04,
        relative=True,
        null=1.0,
        guess="where both cost the same",
    ),
    Quantity(
        "weights_over_cost_scratch",
        "The same from scratch.",
        PRIMARY,
        0.04,
        relative=True,
        null=1.0,
        guess="where both cost the same",
    ),
    Quantity(
        "objective_gap",
        "The objective from scratch over that after grokking, less 1, at the derived critical "
        "size.",
        SECONDARY,
        0.005,
    ),
    Quantity(
        "half_over_grokked",
        "The size at which both weights are equal, of what was stopped half-way, over after "
        "grokking.",
        SECONDARY,
        0.04,
        relative=True,
    ),
    Quantity(
        "width_grokked",
        "D90/D10 after grokking: sizes at which the test accuracy passes .9 and .1.",
        SECONDARY,
        0.05,
        relative=True,
    ),
    Quantity("width_scratch", "The same from scratch.", SECONDARY, 0.05, relative=True),
    Quantity(
        "weak_over_strong",
        "The size of equal weights over that of equal objective, under the weak penalty over that "
        "under the other, after grokking.",
        SECONDARY,
        0.04,
        relative=True,
    ),
    Quantity("weak_over_strong_scratch", "The same from scratch.", SECONDARY, 0.04, relative=True),
    Quantity(
        "few_gain",
        "Accuracy once the waves of a network from scratch are moved to as few frequencies as that "
        "after grokking has, less accuracy once they are moved to all, each after going on, at .9 "
        "of the derived critical size.",
        SECONDARY,
        0.03,
    ),
    Quantity("few_gain_grokked", "The same with the waves of one after grokking.", SECONDARY, 0.03),
    Quantity(
        "origin_gain",
        "Accuracy with the waves of the network after grokking less with those from scratch, both "
        "moved to as many frequencies, the mean over few and all.",
        SECONDARY,
        0.03,
    ),
    Quantity("residual", "What is left of the forces, of the penalty.", CHECK, 1e-3),
    Quantity(
        "wrong_on_pool", "What is wrong of what is never trained on, on the pool.", CHECK, 0.05
    ),
    Quantity("moved", "How far the polish went, of the norm."),
    Quantity("accuracy", "Accuracy on what is never trained on."),
    Quantity("share", "The share of memory."),
    Quantity("gap_along", "The objective of each start over that after grokking, less 1."),
    Quantity("half_way", "The size at which half is right, over that of equal objective."),
    Quantity(
        "even_objectives",
        "The size from which on the objective from scratch is .1 % above that after grokking, over "
        "that of equal objective.",
    ),
    Quantity("equal_cost", "The size of equal objective, in examples for a label."),
    Quantity(
        "states", "How many of the four networks differ in their logits by more than a tenth."
    ),
    Quantity("pure", "The share of units in frequencies with three or more."),
    Quantity("frequencies", "How many frequencies have three units or more."),
    Quantity("changed", "Accuracy after a change by hand, after going on."),
    Quantity("changed_gap", "The objective after such a change over after grokking, less 1."),
)


def run(folder: str | Path, points: Mapping[str, Sequence[Any]] = POINTS) -> xr.Dataset:
    """Return all runs, along the dimensions of `points`, kept in a folder as they finish.

    Variables as `sides`, `random` and `changed`. All starts are run, whatever `points` say.
    """
    grid = {name: points[name] for name in ("case", "part", "seed")}
    subjects = {name: points[name] for name in ("case", "seed")}
    found = sweep(sides, grid, folder)
    priced, by_hand = (sweep(each, subjects, folder) for each in (random, changed))
    return found.merge(priced, join="exact", compat="no_conflicts").merge(
        by_hand, join="exact", compat="no_conflicts"
    )


def sides(case: str, part: float, seed: int) -> xr.Dataset:
    """Return what becomes of four starts on the same examples.

    The numbers of `described` along ``start``; ``apart`` along ``start`` and ``other``, how far
    apart their logits are on the whole table (`cooled.logits_apart`); ``pool_accuracy``,
    ``pool_objective`` and ``pool_updates``, when what was stopped half-way was stopped.
    """
    pool, whole = _pool(case, seed), _grokked(CASES[case], seed)
    places = places_of(case, part, seed)
    rests = [rested(case, seed, places, start_of(case, part, seed, start)) for start in STARTS]
    numbers = [xr.Dataset(described(case, seed, places, rest)) for rest in rests]
    logits = [_logits(rest.checkpoint, pool) for rest in rests]
    apart = [[logits_apart(one, other) for other in logits] for one in logits]
    return xr.concat(numbers, xr.DataArray(list(STARTS), dims="start", name="start")).assign(
        apart=(("start", "other"), apart),
        pool_accuracy=whole.test_accuracy,
        pool_objective=whole.objective,
        pool_updates=_half_trained(CASES[case].modulus, seed)[1],
    )


def again(case: str, part: float, start: str, seed: int) -> xr.Dataset:
    """Return one network at rest."""
    places = places_of(case, part, seed)
    rest = rested(case, seed, places, start_of(case, part, seed, start))
    return xr.Dataset(described(case, seed, places, rest))


def random(case: str, seed: int) -> xr.Dataset:
    """Return ``random_objective`` of what memorises random labels, along ``random``."""
    setting, pool = CASES[case], _pool(case, seed)
    found = [
        at_rest(
            with_random_labels(pool, size_of(case, part), seed), WIDTH, setting.l2, seed, UPDATES
        ).objective.item()
        for part in RANDOM
    ]
    return xr.Dataset({"random_objective": ("random", found)}, {"random": list(RANDOM)})


def changed(case: str, seed: int) -> xr.Dataset:
    """Return what becomes of networks whose waves are moved by hand, and which go on.

    The numbers of `described`, with ``changed_`` before them, along ``origin``, whose waves they
    are, and ``count``: to as many frequencies as what had grokked has, or to all.
    """
    places = places_of(case, CHANGED_AT, seed)
    rests = [
        rested(case, seed, places, start_of(case, CHANGED_AT, seed, start)) for start in ORIGINS
    ]
    few = max(int(_tuned(case, seed, places, rests[-1])["frequencies"]), LEAST)
    counts = {FEW: few, ALL: CASES[case].modulus // 2}
    numbers = [
        xr.concat(
            [
                xr.Dataset(described(case, seed, places, _gone_on(case, seed, places, rest, count)))
                for count in counts.values()
            ],
            xr.DataArray(list(counts), dims="count", name="count"),
        )
        for rest in rests
    ]
    found = xr.concat(numbers, xr.DataArray(list(ORIGINS), dims="origin", name="origin"))
    return found.rename({name: f"changed_{name}" for name in found.data_vars})


def _gone_on(case: str, seed: int, places: np.ndarray, rest: Rest, count: int) -> Rest:
    units = moved(*_units(case, seed, places, rest), count)
    start = Checkpoint.given(units.parameters(), _pool(case, seed).task, trained_on=places)
    return rested(case, seed, places, start)


def _pool(case: str, seed: int) -> Split:
    return pool_of(CASES[case].modulus, seed)


def pool_of(modulus: int, seed: int) -> Split:
    """Return `practice.pool_of` addition modulo m."""
    return practice.pool_of(modular_addition(modulus), seed)


def size_of(case: str, part: float) -> int:
    """Return how many examples a part of the derived critical size has."""
    setting = CASES[case]
    return round(part * float(circuits.critical_size(setting.modulus, setting.l2)))


def places_of(case: str, part: float, seed: int) -> np.ndarray:
    """Return the examples of a size, from the pool; fewer are a part of more."""
    (places,) = nested(_pool(case, seed), [size_of(case, part)], seed)
    return places


def start_of(case: str, part: float, seed: int, start: str) -> Checkpoint | None:
    """Return one of the `STARTS`; None draws parameters."""
    makers: Mapping[str, Callable[[], Checkpoint | None]] = {
        SCRATCH: lambda: None,
        GROKKED: lambda: _grokked(CASES[case], seed).checkpoint,
        MEMORISED: lambda: _memorised(case, part, seed),
        HALF: lambda: _half_trained(CASES[case].modulus, seed)[0],
    }
    return makers[start]()


def _memorised(case: str, part: float, seed: int) -> Checkpoint:
    """Return what has memorised random labels of the same examples."""
    pool, places = _pool(case, seed), places_of(case, part, seed)
    split = random_labels(Split(pool.task, places, pool.test, seed), seed, balanced=True)
    stage = Stage(Adam(RATE, l2=CASES[case].l2), BEFORE)
    _, end = advance(Training(TwoLayer(WIDTH), split, (stage,), seed, dtype=DTYPE))
    return _fresh(end)


@lru_cache(maxsize=SAMPLING.largest)
def _grokked(setting: Case, seed: int) -> Rest:
    return grokked(TwoLayer(WIDTH), pool_of(setting.modulus, seed), setting.l2, seed)


@lru_cache(maxsize=SAMPLING.largest)
def _half_trained(modulus: int, seed: int) -> tuple[Checkpoint, int]:
    """Return what is stopped once half of the test set is right, or at the end, and when."""
    training = Training(TwoLayer(WIDTH), pool_of(modulus, seed), (FIRST,), seed, dtype=DTYPE)
    run, _ = advance(training, record_every=5)
    reached = run["step"].where(run.test_accuracy >= HALF_WAY).min()
    until = int(reached.fillna(FIRST.steps).item())
    _, state = advance(training, None, until, record_every=FIRST.steps)
    return _fresh(state), until


def _fresh(end: Checkpoint) -> Checkpoint:
    """Return a start from the end of another training."""
    nothing = np.zeros((0, end.parameters.flat.size))
    return replace(end, step=0, moments=nothing, updates=0, training="")


def rested(case: str, seed: int, places: np.ndarray, start: Checkpoint | None) -> Rest:
    """Return what becomes of a start on these places of the pool, at rest."""
    stage = Stage(Adam(RATE, l2=CASES[case].l2), UPDATES, places)
    network, pool = TwoLayer(WIDTH), _pool(case, seed)
    return resting.rested(Training(network, pool, (stage,), seed, dtype=DTYPE, start=start))


def _units(case: str, seed: int, places: np.ndarray, rest: Rest) -> tuple[HiddenUnits, xr.Dataset]:
    task = _pool(case, seed).task
    units = HiddenUnits.of(rest.checkpoint.parameters)
    return units, circuits.find(units, task.inputs[places], task.labels[places], active=ACTIVE)


def _tuned(case: str, seed: int, places: np.ndarray, rest: Rest) -> dict[str, float]:
    return tuned(_units(case, seed, places, rest)[1])


def described(case: str, seed: int, places: np.ndarray, rest: Rest) -> dict[str, float]:
    """Return what a network at rest on these places is like: logits, accuracy, waves, norm."""
    return {
        **resting.described(TwoLayer(WIDTH), _pool(case, seed), rest, places),
        **_tuned(case, seed, places, rest),
    }


def _logits(end: Checkpoint, pool: Split) -> np.ndarray:
    return HiddenUnits.of(end.parameters).logits(pool.task.inputs)


def measure(runs: xr.Dataset) -> Measured:
    """Return every quantity; of a network that had not grokked, or half of it, nothing is known."""
    had = ((runs.pool_accuracy >= GROKKED_FROM) & (runs.pool_updates < FIRST.steps)).all("part")
    right = {start: _passed(runs, start, 0.5, had) for start in STARTS}
    generalising = runs.test_logit / runs.train_logit
    even = {
        start: passage_bounds(generalising.sel(start=start, drop=True), 0.5, "part").known_where(
            had
        )
        for start in STARTS
    }
    cost, per_label = _equal_cost(runs)
    even_cost = {start: even[start].over(cost) for start in ORIGINS}
    over_objective = runs.objective / runs.objective.sel(start=GROKKED, drop=True) - 1
    gap = over_objective.sel(start=SCRATCH, drop=True)
    after = runs.objective.sel(part=CHANGED_AT, start=GROKKED, drop=True)
    by_hand = runs.changed_test_accuracy.where(had)
    few_gain = by_hand.sel(count=FEW, drop=True) - by_hand.sel(count=ALL, drop=True)
    scratch, grokked = (by_hand.sel(origin=origin, drop=True) for origin in ORIGINS)
    return {
        "scratch_over_grokked": right[SCRATCH].over(right[GROKKED]),
        "weights_scratch_over_grokked": even[SCRATCH].over(even[GROKKED]),
        "memorised_over_scratch": right[MEMORISED].over(right[SCRATCH]),
        "weights_over_cost": even_cost[GROKKED],
        "weights_over_cost_scratch": even_cost[SCRATCH],
        "objective_gap": gap.sel(part=COMPARED_AT, drop=True).where(had),
        "half_over_grokked": even[HALF].over(even[GROKKED]),
        "width_grokked": _width(runs, GROKKED, had),
        "width_scratch": _width(runs, SCRATCH, had),
        "weak_over_strong": case_ratio(even_cost[GROKKED], *PENALTIES),
        "weak_over_strong_scratch": case_ratio(even_cost[SCRATCH], *PENALTIES),
        "few_gain": few_gain.sel(origin=SCRATCH, drop=True),
        "few_gain_grokked": few_gain.sel(origin=GROKKED, drop=True),
        "origin_gain": (grokked - scratch).mean("count"),
        "residual": runs.residual,
        "wrong_on_pool": 1 - runs.pool_accuracy.mean("part"),
        "moved": runs.moved,
        "accuracy": runs.test_accuracy,
        "share": 1 - generalising,
        "gap_along": over_objective,
        "half_way": Bounds.along({start: right[start].over(cost) for start in STARTS}, "start"),
        "even_objectives": passage_bounds(gap, ABOVE, "part").over(cost),
        "equal_cost": per_label,
        "states": states(runs.apart),
        "pure": runs.pure,
        "frequencies": runs.frequencies,
        "changed": runs.changed_test_accuracy,
        "changed_gap": runs.changed_objective / after - 1,
    }


def _passed(runs: xr.Dataset, start: str, level: float, had: xr.DataArray) -> Bounds:
    found = passage_bounds(runs.test_accuracy.sel(start=start, drop=True), level, "part")
    return found.known_where(had)


def _equal_cost(runs: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the size of equal objective, in parts of the derived one and in D/m."""
    level = runs.pool_objective.isel(part=0, drop=True)
    cost, _ = crossing(runs.random_objective, level, "random")
    sizes = [size_of(case, 1.0) / CASES[case].modulus for case in runs["case"].values]
    return cost, cost * xr.DataArray(sizes, {"case": runs["case"]}, "case")


def _width(runs: xr.Dataset, start: str, had: xr.DataArray) -> Bounds:
    ninety, ten = (_passed(runs, start, level, had) for level in (0.9, 0.1))
    return ninety.over(ten)


def states(apart: xr.DataArray) -> xr.DataArray:
    """Return how many states networks are, those that are linked within `SAME` being one."""

    def count(distances: np.ndarray) -> float:
        linked = np.linalg.matrix_power((distances < SAME).astype(int), len(distances)) > 0
        return float(len(np.unique(linked, axis=0)))

    found: xr.DataArray = xr.apply_ufunc(
        count, apart, input_core_dims=[["start", "other"]], vectorize=True
    )
    return found
