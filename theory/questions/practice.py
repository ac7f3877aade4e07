"""How a real network is made to memorise only, to generalise only, and to ungrok.

All of it with the two-layer network of square activation, on addition modulo m, full batch, in
float32. Sizes are given in examples for each label, D/m, so that one ladder serves every modulus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from theory.networks import (
    Adam,
    Checkpoint,
    CrossEntropy,
    Decaying,
    Measurement,
    Optimiser,
    Split,
    Stage,
    Task,
    Training,
    TwoLayer,
    advance,
    modular_addition,
    random_labels,
    trigonometric_share,
)
from theory.networks.passes import loss_and_gradient

#: Part of all examples from which training sets are drawn; the rest is only ever tested on.
POOL = 0.8
#: What every network starts with, on the pool or on random labels.
FIRST = Stage(Adam(3e-3, l2=1e-4), steps=800)
#: What is kept of the last record of a run, and of the one before it, to see what still moves.
_KEPT = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "parameter_norm")
_MOVING = ("test_accuracy", "parameter_norm")


def pool_of(task: Task, seed: int) -> Split:
    """Return what training sets are drawn from, and what is only ever tested on."""
    return task.split(round(POOL * len(task.labels)), rng=seed)


@dataclass(frozen=True)
class Subject:
    """A network and its examples: what differs between replicates of an experiment.

    Attributes
    ----------
    modulus
        m.
    width
        Hidden units of the network.
    seed
        Of the pool, of the network's start, of random labels, and of the order in which examples
        are removed.
    """

    modulus: int
    width: int
    seed: int

    @property
    def network(self) -> TwoLayer:
        """The network."""
        return TwoLayer(self.width)

    @property
    def split(self) -> Split:
        """The pool to draw training sets from, and the examples that are only ever tested on."""
        return pool_of(modular_addition(self.modulus), self.seed)

    def examples(self, per_label: float) -> np.ndarray:
        """Return so many of the pool, shape (examples,); fewer are a part of more.

        Raises
        ------
        ValueError
            If the pool does not have as many.
        """
        pool = self.split.train
        if not 1 <= per_label * self.modulus <= pool.size:
            raise ValueError(
                f"per_label must ask for 1 to {pool.size} examples, got {per_label} for a label"
            )
        size = round(per_label * self.modulus)
        # Another stream than that of the seed alone, which drew the pool.
        order = np.random.default_rng([self.seed, 1]).permutation(pool)
        return np.sort(order[:size])


def grokked(subject: Subject) -> Checkpoint:
    """Return a network that was trained on the whole pool until it generalised."""
    return _trained(subject, subject.split, FIRST)[1]


def settled(subject: Subject, start: Checkpoint, optimiser: Optimiser, steps: int) -> Checkpoint:
    """Return a grokked network after it has gone on, on the whole pool, with an optimiser."""
    return _trained(subject, subject.split, Stage(optimiser, steps), start)[1]


def continued(
    subject: Subject, start: Checkpoint, optimiser: Decaying, steps: int, examples: np.ndarray
) -> xr.Dataset:
    """Return what has become of a network that has gone on with these examples alone.

    Parameters
    ----------
    start
        Where it starts.
    optimiser, steps
        How it goes on.
    examples
        Places in the task, from the pool, shape (examples,).

    Returns
    -------
    xarray.Dataset
        Numbers at the end: ``train_loss`` and ``test_loss`` (nat), accuracies,
        ``parameter_norm``, ``trigonometric_share``, those of `described`, and, to see whether the
        network had settled, ``test_accuracy_before`` and ``parameter_norm_before``, when four
        fifths of the updates were done, and ``imbalance``, how far it was from rest.
    """
    stage = Stage(optimiser, steps, examples)
    run, end = _trained(subject, subject.split, stage, start, (trigonometric_share,))
    found = {
        **described(subject, end, subject.split.task, examples),
        "trigonometric_share": run.trigonometric_share[-1].item(),
        "imbalance": imbalance(subject, end, optimiser, examples),
    }
    return _last(run).merge(xr.Dataset(found))


def at_sizes(
    subject: Subject,
    start: Checkpoint,
    optimiser: Decaying,
    steps: int,
    sizes: Sequence[float],
) -> xr.Dataset:
    """Return what has become of a network at each of the D/m, along ``per_label``."""
    found = [continued(subject, start, optimiser, steps, subject.examples(size)) for size in sizes]
    return xr.concat(found, xr.DataArray(list(sizes), dims="per_label", name="per_label"))


def memorised(
    subject: Subject, per_label: float, labels: str, optimiser: Optimiser, steps: int
) -> xr.Dataset:
    """Return what has become of a network that was trained on these examples from the start.

    Parameters
    ----------
    per_label
        D/m.
    labels
        "balanced" random labels, "independent" ones, or "sums", the right ones.
    optimiser, steps
        How it goes on after its first stage.

    Returns
    -------
    xarray.Dataset
        As `continued`, without ``trigonometric_share``.
    """
    examples = subject.examples(per_label)
    others = np.setdiff1d(np.arange(subject.modulus**2), examples)
    known = Split(subject.split.task, examples, others, subject.seed)
    split = known
    if labels != "sums":
        split = random_labels(known, subject.seed, balanced=labels == "balanced")
    _, first = _trained(subject, split, FIRST)
    run, end = _trained(subject, split, Stage(optimiser, steps), first)
    return _last(run).merge(xr.Dataset(described(subject, end, split.task, examples)))


def described(
    subject: Subject, end: Checkpoint, task: Task, examples: np.ndarray
) -> dict[str, float]:
    r"""Return what the logits of a network are like, on its training set and elsewhere.

    Returns
    -------
    dict
        ``train_logit`` and ``train_spread``: mean and standard deviation over the examples of
        :math:`o_y - \bar o`, the right logit over the mean of all; ``test_logit`` and
        ``test_spread``: over the examples that are only tested on; ``test_rival``: there, the
        mean of the largest wrong logit over the mean of all.
    """
    train, _ = _leads(subject, end, task, examples)
    test, rival = _leads(subject, end, task, subject.split.test)
    return {
        "train_logit": float(train.mean()),
        "train_spread": float(train.std()),
        "test_logit": float(test.mean()),
        "test_spread": float(test.std()),
        "test_rival": float(rival.mean()),
    }


def imbalance(
    subject: Subject, end: Checkpoint, optimiser: Decaying, examples: np.ndarray
) -> float:
    """Return how far the pull of the data and the decay are from balance; 0 at rest.

    See `theory.networks.Decaying.imbalance`; the pull is that of these examples.
    """
    network, task = subject.network, subject.split.task
    theta, gradient = (network.zeros(task, "float64") for _ in range(2))
    theta.flat[:] = end.parameters.flat
    inputs, labels = network.encode(task, examples, "float64"), task.labels[examples]
    loss_and_gradient(network, CrossEntropy(), inputs, labels, theta, gradient)
    return optimiser.imbalance(theta.flat, gradient.flat)


def _leads(
    subject: Subject, end: Checkpoint, task: Task, places: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the right and the largest wrong logit, over the mean, shapes (examples,)."""
    network, labels = subject.network, task.labels[places]
    inputs = network.encode(task, places, "float32")
    logits = network.forward(end.parameters, inputs).logits.astype(float)
    logits -= logits.mean(axis=1, keepdims=True)
    rows = np.arange(places.size)
    right = logits[rows, labels]
    logits[rows, labels] = -np.inf
    return right, logits.max(axis=1)


def _trained(
    subject: Subject,
    split: Split,
    stage: Stage,
    start: Checkpoint | None = None,
    measurements: tuple[Measurement, ...] = (),
) -> tuple[xr.Dataset, Checkpoint]:
    training = Training(subject.network, split, (stage,), subject.seed, start=start)
    every = max(training.steps // 5, 1)
    return advance(training, record_every=every, measurements=measurements)


def _last(run: xr.Dataset) -> xr.Dataset:
    """Return the last record of a run, and of what moves the one before it."""
    end, before = (run.isel(step=at).drop_vars("step") for at in (-1, -2))
    earlier = {f"{name}_before": before[name] for name in _MOVING}
    return end[list(_KEPT)].assign(earlier)
