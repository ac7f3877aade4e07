"""What a stage teaches, looked up once for it: its examples as the network reads them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from theory.networks.fast import fast_loss_and_gradient
from theory.networks.losses import CrossEntropy
from theory.networks.network import LossAndGradient
from theory.networks.passes import loss_and_gradient
from theory.networks.setting import Training
from theory.networks.stages import Stage, Stream
from theory.networks.tasks import Task, fingerprints


class Examples(NamedTuple):
    """Some examples as the network reads them, their right labels, and the loss over them."""

    inputs: Any
    labels: np.ndarray
    loss_and_gradient: LossAndGradient

    @classmethod
    def of(cls, training: Training, task: Task, places: np.ndarray) -> Examples:
        """Return the examples at those places of a task."""
        inputs = training.network.encode(task, places, training.dtype)
        labels = task.labels[places]
        plain = partial(loss_and_gradient, training.network, training.loss, inputs, labels)
        return cls(inputs, labels, plain)

    @classmethod
    def fixed(cls, training: Training, places: np.ndarray) -> Examples:
        """Return examples that are used again and again, with the fast path if there is one."""
        task = training.split.task
        plain = cls.of(training, task, places)
        if training.loss != CrossEntropy():
            return plain
        fast = fast_loss_and_gradient(training.network, task, places, training.dtype)
        return plain if fast is None else plain._replace(loss_and_gradient=fast)


class Lesson:
    """A stage at work.

    Attributes
    ----------
    stage
        What is done.
    updates
        Which of all updates are to be done now.
    starts_anew
        Whether the first of them finds no averages to go on with.
    whole
        The training set; None for a stream.
    """

    def __init__(self, training: Training, stage: Stage, updates: range, starts_anew: bool) -> None:
        self.stage, self.updates, self.starts_anew = stage, updates, starts_anew
        self._training = training
        self.whole = None
        if not isinstance(stage.examples, Stream):
            self.whole = Examples.fixed(training, training.places(stage))

    def batch(self, step: int) -> Examples:
        """Return the examples of the update after `step` others."""
        if self.whole is not None and self.stage.batch_size is None:
            return self.whole
        return Examples.of(self._training, *drawn(self._training, self.stage, step))


def lessons(training: Training, first: int, last: int) -> Iterator[Lesson]:
    """Yield the stages of the updates from `first` up to `last`, and that of the one after them.

    So the last one may have no updates; at the end of the training it is the last stage.
    """
    before: Stage | None = None
    for stage, start in training.starts():
        end = start + stage.steps
        updates = range(max(first, start), min(last, end))
        if start <= last and first < end:
            goes_on = before is not None and stage.carries_on(before)
            yield Lesson(training, stage, updates, start in updates and not goes_on)
        before = stage


def drawn(training: Training, stage: Stage, step: int) -> tuple[Task, np.ndarray]:
    """Return the batch of the update after `step` others, as a task and places in it.

    It depends on the seed and the number of the update alone, so that a training can be taken up
    again anywhere. What a stream has in common with the test set is left out.

    Raises
    ------
    ValueError
        If a stream has brought test examples only.
    """
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
            found += [fingerprints(*drawn(training, stage, step)) for step in steps]
        elif steps:
            found.append(fingerprints(training.split.task, training.places(stage)))
    return np.unique(np.concatenate(found))
