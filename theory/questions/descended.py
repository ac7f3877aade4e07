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
    Parameters,
    Rest,
    Split,
    Stage,
    Training,
    TwoLayer,
    advance,
    come_to_rest,
)
from theory.questions.at_rest import RESIDUAL
from theory.questions.cooled import DTYPE

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
        Along ``step``, `POOL` the last: ``train_logit`` and ``test_logit``, the right logit less
        the mean of all, over what it was trained on and over the test set; ``test_spread``, its
        standard deviation there; ``test_accuracy``; ``train_loss`` (nat), ``objective``,
        ``parameter_norm``; ``residual`` and ``moved`` of `theory.networks.Rest`; and what `also`
        finds.
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
    training = Training(network, pool, (FIRST, _stage(l2)), seed, dtype=DTYPE)
    _, end = advance(training, record_every=training.steps)
    return come_to_rest(training, end, RESIDUAL)


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
    training = Training(network, split, (stage,), seed, dtype=DTYPE, start=start)
    _, end = advance(training, record_every=UPDATES)
    return come_to_rest(training, end, RESIDUAL)


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
    parameters = rest.checkpoint.parameters
    norm = float(np.linalg.norm(parameters.flat))
    units = HiddenUnits.of(parameters, pool.task.inputs.shape[1])
    return {
        **leads(network, pool, parameters, places),
        "test_accuracy": rest.test_accuracy,
        "train_loss": rest.objective - l2 / 2 * norm**2,
        "objective": rest.objective,
        "parameter_norm": norm,
        "residual": rest.residual,
        "moved": rest.moved,
        **(also(units, places, pool.test) if also else {}),
    }


def leads(
    network: TwoLayer, pool: Split, parameters: Parameters, places: np.ndarray
) -> dict[str, float]:
    """Return the right logit less the mean of all, on what was trained on and on the test set."""
    train, test = (_right(network, pool, parameters, each) for each in (places, pool.test))
    return {
        "train_logit": float(train.mean()),
        "test_logit": float(test.mean()),
        "test_spread": float(test.std()),
    }


def _right(
    network: TwoLayer, pool: Split, parameters: Parameters, places: np.ndarray
) -> np.ndarray:
    inputs = network.encode(pool.task, places, "float64")
    logits = network.forward(parameters, inputs).logits.astype(float)
    logits -= logits.mean(axis=1, keepdims=True)
    right: np.ndarray = logits[np.arange(places.size), pool.task.labels[places]]
    return right


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
