"""The examples of each update and of the measurements, as the network reads them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from theory.networks.fast import LossAndGradient, fast_loss_and_gradient
from theory.networks.losses import CrossEntropy
from theory.networks.setting import Training
from theory.networks.stages import Stream
from theory.networks.tasks import Task, fingerprints


class Examples(NamedTuple):
    """Some examples as the network reads them, their right labels, and their fast path if any."""

    inputs: Any
    labels: np.ndarray
    fast: LossAndGradient | None = None

    @classmethod
    def of(cls, training: Training, task: Task, places: np.ndarray) -> Examples:
        """Return the examples at those places of a task."""
        return cls(training.network.encode(task, places, training.dtype), task.labels[places])


class Data:
    """All examples of a training; each training set is encoded once."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self._training_sets: dict[int, Examples] = {}
        self.test = Examples.of(training, training.split.task, training.split.test)

    def training_set(self, step: int) -> Examples | None:
        """Return all examples of the stage at that step, or None if it has a stream."""
        stage, first = self._training.stage_at(step)
        if isinstance(stage.examples, Stream):
            return None
        if first not in self._training_sets:
            places = self._training.places(stage)
            examples = Examples.of(self._training, self._training.split.task, places)
            self._training_sets[first] = examples._replace(fast=self._fast(places))
        return self._training_sets[first]

    def batch(self, step: int) -> Examples:
        """Return the examples of the update after `step` others."""
        stage, _ = self._training.stage_at(step)
        whole = self.training_set(step)
        if whole is not None and stage.batch_size is None:
            return whole
        return Examples.of(self._training, *drawn(self._training, step))

    def _fast(self, places: np.ndarray) -> LossAndGradient | None:
        training = self._training
        if training.loss != CrossEntropy():
            return None
        return fast_loss_and_gradient(training.network, training.split.task, places, training.dtype)


def drawn(training: Training, step: int) -> tuple[Task, np.ndarray]:
    """Return the batch of the update after `step` others, as a task and places in it.

    It depends on the seed and the number of the update alone, so that a training can be taken up
    again anywhere. What a stream has in common with the test set is left out.

    Raises
    ------
    ValueError
        If a stream has brought test examples only.
    """
    stage, _ = training.stage_at(step)
    # From the seed alone the start of the network is drawn.
    rng = np.random.default_rng([training.seed, step + 1])
    if not isinstance(stage.examples, Stream):
        places = training.places(stage)
        return training.split.task, rng.choice(places, stage.batch_size, replace=False)
    assert stage.batch_size is not None  # `Stage` has seen to it
    fresh = stage.examples.draw(rng, stage.batch_size)
    tested = fingerprints(training.split.task, training.split.test)
    known = np.isin(fingerprints(fresh, np.arange(len(fresh.labels))), tested)
    if known.all():
        raise ValueError(f"{stage.examples} brings nothing but test examples at step {step}")
    return fresh, np.flatnonzero(~known)


def trained_on(training: Training, first: int, last: int) -> np.ndarray:
    """Return fingerprints of all that the updates from `first` up to `last` may have used.

    For minibatches that is the whole training set of their stage. Streams are drawn again, which
    takes less than to keep them in memory.
    """
    found = [np.zeros(0, np.uint64)]
    for stage, start in training.starts():
        steps = range(max(first, start), min(last, start + stage.steps))
        if isinstance(stage.examples, Stream):
            found += [fingerprints(*drawn(training, step)) for step in steps]
        elif steps:
            found.append(fingerprints(training.split.task, training.places(stage)))
    return np.unique(np.concatenate(found))
