r"""How a network comes down from grokking: it goes on with fewer examples, and comes to rest there.

It is trained on the pool under the penalty :math:`\tfrac\gamma2|\theta|^2` until it has grokked,
and comes to rest there. From there on, for each size anew, it goes on with so many examples of the
pool, and comes to rest again. What it is never trained on is never the same as what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from theory.circuits import HiddenUnits
from theory.networks import (
    Adam,
    Checkpoint,
    Rest,
    Split,
    Stage,
    Training,
    TwoLayer,
)
from theory.questions.cooled import DTYPE
from theory.questions.resting import described, rested

RATE = 3e-3
#: What makes it grok, at any penalty.
FIRST = Stage(Adam(RATE, l2=1e-4), 1000)
#: Updates on the pool, and with each of the sizes.
UPDATES = 1000
#: The part of all places on the ladder that is not a size: the pool.
POOL = np.inf
# Takes units, what they are trained on, and what they never see; returns numbers by name.
Measure = Callable[[HiddenUnits, np.ndarray, np.ndarray], Mapping[str, float]]


def descended(
    network: TwoLayer,
    pool: Split,
    l2: float,
    seed: int,
    ladder: Mapping[float, np.ndarray],
    *,
    also: Measure | None = None,
) -> xr.Dataset:
    r"""Return what a network is at rest on the pool, and after it has come down from there.

    Parameters
    ----------
    network, pool, l2, seed
        Who is trained, what sizes are drawn from and what it is tested on, gamma, and the seed of
        its start.
    ladder
        Places in the task to go on with, by what the step is called.
    also
        Measures its units for more.

    Returns
    -------
    xarray.Dataset
        Along ``step``, `POOL` the last: the numbers of `resting.described`, ``train_loss`` (nat),
        and what `also` finds.
    """
    whole = grokked(network, pool, l2, seed)
    found = [
        gone_on(network, pool, l2, seed, whole.checkpoint, places) for places in ladder.values()
    ]
    rests = [*found, whole]
    trained = [*ladder.values(), pool.train]
    numbers = [
        xr.Dataset(_numbers(network, pool, rest, places, l2, also))
        for rest, places in zip(rests, trained, strict=True)
    ]
    steps = [*ladder, POOL]
    return xr.concat(numbers, xr.DataArray(steps, dims="step", name="step"))


def grokked(network: TwoLayer, pool: Split, l2: float, seed: int) -> Rest:
    """Return a network that has grokked the pool, at rest there."""
    return rested(Training(network, pool, (FIRST, _stage(l2)), seed, dtype=DTYPE))


def gone_on(
    network: TwoLayer,
    split: Split,
    l2: float,
    seed: int,
    start: Checkpoint,
    places: np.ndarray,
) -> Rest:
    """Return what has become of a network that has gone on with these places, at rest there."""
    stage = _stage(l2, places)
    return rested(Training(network, split, (stage,), seed, dtype=DTYPE, start=start))


def _stage(l2: float, places: np.ndarray | None = None) -> Stage:
    return Stage(Adam(RATE, l2=l2), UPDATES, places)


def _numbers(
    network: TwoLayer,
    pool: Split,
    rest: Rest,
    places: np.ndarray,
    l2: float,
    also: Measure | None,
) -> dict[str, float]:
    told = described(network, pool, rest, places)
    units = HiddenUnits.of(rest.checkpoint.parameters, pool.task.inputs.shape[1])
    return {
        **told,
        "train_loss": rest.objective - l2 / 2 * told["parameter_norm"] ** 2,
        **(also(units, places, pool.test) if also else {}),
    }


def nested(pool: Split, sizes: Sequence[int], seed: int) -> list[np.ndarray]:
    """Return so many places of the pool for each size; fewer are a part of more.

    Raises
    ------
    ValueError
        If the pool does not have as many.
    """
    if not all(1 <= size <= pool.train.size for size in sizes):
        raise ValueError(f"sizes must be from 1 to {pool.train.size}, got {list(sizes)}")
    order = np.random.default_rng([seed, 1]).permutation(pool.train)
    return [np.sort(order[:size]) for size in sizes]
