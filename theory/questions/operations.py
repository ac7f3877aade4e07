r"""Networks that have learned the table of an operation, and come down to fewer of its pairs.

A two-layer network of square units learns four fifths of the table, comes to rest there, and from
there goes on with fewer pairs, each size anew. The same pairs with their labels shuffled are what
can only be memorised: as many of each label, on the same inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
import xarray as xr

from theory import circuits
from theory.networks import Rest, Split, Task, TwoLayer, modular, permutation
from theory.questions.at_rest import at_rest
from theory.questions.descended import gone_on, grokked, nested
from theory.questions.group_tables import dihedral, product_task
from theory.questions.practice import pool_of
from theory.questions.resting import described

WIDTH, L2 = 128, 1e-4
#: Of what memorises, before it is brought to rest: as many as of what comes down.
UPDATES = 2000

#: Sizes of shuffled labels, in parts of the pool; at the last two the right ones are priced, too.
SHARES = (0.33, 0.48, 0.7, 1.0)
PRICED = SHARES[-2:]
#: Sizes under other penalties, in parts of where half is expected.
FIXED = (0.95, 1.12)
#: Networks on the pool that are kept at hand: as many as a sweep has.
_KEPT = 64


@dataclass(frozen=True)
class Case:
    """What is learned.

    Attributes
    ----------
    task
        Makes it.
    half
        Where half of what is never trained on is expected to be right, in examples for a label: the
        sizes to come down to are parts of it. None where nobody comes down.
    """

    task: Callable[[], Task]
    half: float | None = None


def _turns(corners: int) -> Task:
    return product_task(f"D_{corners}", dihedral(corners))


CASES: Mapping[str, Case] = {
    "x*y, m = 29": Case(lambda: modular("x*y", 29), 10.8),
    "x/y, m = 23": Case(lambda: modular("x/y", 23), 9.6),
    "x^2+y^2, m = 29": Case(lambda: modular("x^2+y^2", 29), 9.2),
    "xy, D_14": Case(lambda: _turns(14), 9.8),
    "xy, D_15": Case(lambda: _turns(15), 10.6),
    "xy, S_4": Case(lambda: permutation("xy", 4), 13.2),
    "xyx^-1, S_4": Case(lambda: permutation("xyx^-1", 4), 13.2),
    "xyx, S_4": Case(lambda: permutation("xyx", 4), 13.8),
    "x^2+xy+y^2, m = 23": Case(lambda: modular("x^2+xy+y^2", 23)),
    "x^3+xy, m = 23": Case(lambda: modular("x^3+xy", 23)),
}


def come_down(case: str, part: float, seed: int) -> xr.Dataset:
    """Return one network that has come down, at rest: numbers of `resting.described`."""
    pool = pool_of(task_of(case), seed)
    (places,) = nested(pool, [size_of(case, part)], seed)
    rest = gone_on(_network(), pool, L2, seed, _grokked(case, seed).checkpoint, places)
    return xr.Dataset(described(_network(), pool, rest, places))


def costs(every: str, seed: int) -> xr.Dataset:
    """Return what shuffled labels cost, and the right ones.

    ``shuffled_objective`` and ``shuffled_price`` along ``share``, of the pool; ``own_price`` and
    ``memory`` along ``priced``; ``pool_objective`` and ``pool_accuracy``.
    """
    pool, whole = pool_of(task_of(every), seed), _grokked(every, seed)
    sizes = [round(share * pool.train.size) for share in SHARES]
    ladder = dict(zip(SHARES, nested(pool, sizes, seed), strict=True))
    random = [at_rest(shuffled(pool, places, seed), WIDTH, L2, seed) for places in ladder.values()]
    few, most = (ladder[share] for share in PRICED)
    left = gone_on(_network(), pool, L2, seed, whole.checkpoint, few)
    own = [
        described(_network(), pool, rest, places) for rest, places in ((left, few), (whole, most))
    ]
    price = [each.parameter_norm / each.right_logit ** (1 / 3) for each in random]
    return xr.Dataset(
        {
            "shuffled_objective": ("share", [each.objective.item() for each in random]),
            "shuffled_price": ("share", [each.item() for each in price]),
            "own_price": (
                "priced",
                [each["parameter_norm"] / each["train_logit"] ** (1 / 3) for each in own],
            ),
            "memory": ("priced", [1 - each["test_logit"] / each["train_logit"] for each in own]),
            "pool_objective": whole.objective,
            "pool_accuracy": whole.test_accuracy,
        },
        {"share": list(SHARES), "priced": list(PRICED)},
    )


def under(varied: str, l2: float, seed: int) -> xr.Dataset:
    """Return ``varied_accuracy`` after coming down under another penalty, along ``fixed``."""
    pool = pool_of(task_of(varied), seed)
    start = grokked(_network(), pool, l2, seed).checkpoint
    ladder = nested(pool, [size_of(varied, part) for part in FIXED], seed)
    found = [gone_on(_network(), pool, l2, seed, start, each).test_accuracy for each in ladder]
    return xr.Dataset({"varied_accuracy": ("fixed", found)}, {"fixed": list(FIXED)})


@cache
def task_of(case: str) -> Task:
    """Return the task of one of the `CASES`."""
    return CASES[case].task()


def size_of(case: str, part: float) -> int:
    """Return how many examples a part of the size has at which half is expected to be right."""
    return round(part * (CASES[case].half or np.nan) * task_of(case).num_labels)


def shuffled(pool: Split, places: np.ndarray, seed: int) -> Split:
    """Return these places of a pool with their labels in a random order, and the same test set."""
    labels = pool.task.labels.copy()
    labels[places] = np.random.default_rng([seed, 2]).permutation(labels[places])
    return Split(replace(pool.task, labels=labels), places, pool.test, seed)


@cache
def irreps_of(case: str) -> tuple[circuits.Irrep, ...]:
    """Return the representations of the group of a case, whose labels must be its table."""
    task = task_of(case)
    return circuits.irreps(task.labels.reshape(task.num_labels, task.num_labels))


def _network() -> TwoLayer:
    return TwoLayer(WIDTH)


@lru_cache(maxsize=_KEPT)
def _grokked(case: str, seed: int) -> Rest:
    return grokked(_network(), pool_of(task_of(case), seed), L2, seed)
