"""What a network is like once it has been trained and has come to rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from theory.networks import Parameters, Rest, Split, Training, TwoLayer, advance, come_to_rest
from theory.questions.at_rest import RESIDUAL


def rested(training: Training, residual: float = RESIDUAL) -> Rest:
    """Return where a network rests from the end of its training."""
    _, end = advance(training, record_every=training.steps)
    return come_to_rest(training, end, residual)


def described(network: TwoLayer, pool: Split, rest: Rest, places: np.ndarray) -> dict[str, float]:
    """Return what a network at rest on these places of the pool is like.

    `leads`; ``test_accuracy``, ``objective``, ``residual`` and ``moved`` of
    `theory.networks.Rest`; and ``parameter_norm``.
    """
    parameters = rest.checkpoint.parameters
    return {
        **leads(network, pool, parameters, places),
        "test_accuracy": rest.test_accuracy,
        "objective": rest.objective,
        "parameter_norm": float(np.linalg.norm(parameters.flat)),
        "residual": rest.residual,
        "moved": rest.moved,
    }


def leads(
    network: TwoLayer, pool: Split, parameters: Parameters, places: np.ndarray
) -> dict[str, float]:
    """Return the right logit less the mean of all, where it was trained and on the test set.

    ``train_logit``, ``test_logit``, and ``test_spread``, the standard deviation there.
    """
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


def by_start(again: Callable[[str], xr.Dataset], starts: Sequence[str]) -> xr.Dataset:
    """Return what becomes of every start, along ``start``."""
    found = [again(start) for start in starts]
    return xr.concat(found, xr.DataArray(list(starts), dims="start", name="start"))
