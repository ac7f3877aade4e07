"""What is measured of a network in training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from theory.networks.network import Network
from theory.networks.outcomes import Outcome, Stretch, stretches
from theory.networks.parameters import Parameters
from theory.networks.tasks import Task


class Snapshot(NamedTuple):
    """A network at one moment of its training.

    ``train`` is on the training set of the present stage, which is the batch itself for a stream;
    the parameters are overwritten by the next update.
    """

    step: int
    network: Network
    task: Task
    parameters: Parameters
    train: Outcome
    test: Outcome


#: A function of a snapshot, which returns what it found by name: a number, or an array with
#: dimensions.
Measurement = Callable[[Snapshot], Mapping[str, float | xr.DataArray]]


def performance(snapshot: Snapshot) -> dict[str, float]:
    """Return what every run records: losses, accuracies, norm and margin."""
    train, test = snapshot.train, snapshot.test
    return {
        "train_loss": train.loss,
        "test_loss": test.loss,
        "train_accuracy": train.accuracy,
        "test_accuracy": test.accuracy,
        "parameter_norm": float(np.linalg.norm(snapshot.parameters.flat)),
        "logit_margin": train.margin,
    }


def layer_norms(snapshot: Snapshot) -> dict[str, xr.DataArray]:
    r"""Return ``layer_norm``, the 2-norm of each array of parameters, by its name.

    Their squares add up to the square of ``parameter_norm``.
    """
    norms = {name: np.linalg.norm(array) for name, array in snapshot.parameters.items()}
    return {"layer_norm": xr.DataArray(list(norms.values()), {"layer": list(norms)}, "layer")}


def logit_spread(snapshot: Snapshot) -> dict[str, float]:
    r"""Return ``logit_spread``, how much the right logit differs between training examples.

    .. math:: \operatorname{std}_i \Big(o_{i y_i} - \frac1q \sum_k o_{ik}\Big)

    A circuit that treats all examples alike has none. (Derived here.)
    """
    return {"logit_spread": float(_leads(snapshot.train).std(dtype=np.float64))}


def right_logits(snapshot: Snapshot) -> dict[str, float]:
    r"""Return ``train_logit`` and ``test_logit``, means over examples of the right logit's lead.

    .. math:: \frac1D \sum_i \Big(o_{i y_i} - \frac1q \sum_k o_{ik}\Big)

    In logits. On what a circuit is right about, that is its weight. (Derived here.)
    """
    return {
        "train_logit": float(_leads(snapshot.train).mean(dtype=np.float64)),
        "test_logit": float(_leads(snapshot.test).mean(dtype=np.float64)),
    }


def _leads(outcome: Outcome) -> np.ndarray:
    """Return the right logit less the mean of all, in logits, shape (examples,)."""
    return np.concatenate(
        [
            logits[np.arange(labels.size), labels] - logits.mean(axis=1)
            for logits, labels in outcome.stretches()
        ]
    )


def trigonometric_share(snapshot: Snapshot) -> dict[str, float]:
    r"""Return ``trigonometric_share``, how much of the logits tells right from wrong by a wave.

    Over all examples of a modular task, with the mean of each example taken off, the logits have
    a part in the span of

    .. math:: \cos\frac{2 \pi j (k - y_i)}{m}, \quad \sin\frac{2 \pi j (k - y_i)}{m},
              \qquad j = 1, 2, \dots,

    where k is the label that a logit is of and :math:`y_i` the right one. These span all
    functions of :math:`(k - y_i) \bmod m` of mean zero, so the part is the mean over all pairs
    with the same difference. Its squared norm, divided by that of the whole, is the share: 1 for
    a network that generalises perfectly, about 1 / examples for random logits.

    Raises
    ------
    ValueError
        If the task is not modular, or has random labels.

    Notes
    -----
    After the restricted logits of Nanda et al. (2023), but with all frequencies, so that none
    needs to be picked.
    """
    task = snapshot.task
    if task.settings.get("modulus") is None or "labels" in task.settings:
        raise ValueError(f"trigonometric_share needs a modular task, got {task.name!r}")
    everything = np.arange(len(task.labels))
    inputs = snapshot.network.encode(task, everything, str(snapshot.parameters.flat.dtype))
    looks = stretches(snapshot.network, snapshot.parameters, inputs, task.labels)
    return {"trigonometric_share": _wave_share(looks)}


def wave_share(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of `trigonometric_share`, from the logits of any network.

    Parameters
    ----------
    logits
        Of all examples of a modular task, or of some that stand for all, shape (examples, m).
    labels
        The right ones, shape (examples,).

    Raises
    ------
    ValueError
        If shapes do not fit, or there is no example.

    Examples
    --------
    >>> ahead = np.arange(7) - np.array([[2], [5]])
    >>> round(wave_share(np.cos(2 * np.pi * ahead / 7), np.array([2, 5])), 6)
    1.0
    """
    logits, labels = np.asarray(logits), np.asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or labels.size == 0:
        raise ValueError(
            "logits and labels must have shapes (examples, m) and (examples,), "
            f"got {logits.shape} and {labels.shape}"
        )
    return _wave_share([(logits, labels)])


def _wave_share(parts: Iterable[Stretch]) -> float:
    wave: np.ndarray | float = 0.0
    whole, count = 0.0, 0
    for part, labels in parts:
        logits = part.astype(np.float64)
        logits -= logits.mean(axis=1, keepdims=True)
        by_difference = (labels[:, None] + np.arange(logits.shape[1])) % logits.shape[1]
        wave = wave + np.take_along_axis(logits, by_difference, axis=1).sum(axis=0)
        whole, count = whole + float(np.sum(logits**2)), count + labels.size
    return float(np.sum(np.square(wave))) / (count * whole) if whole > 0 else 0.0
