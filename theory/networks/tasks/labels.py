"""Random labels: what can be learned about them is to know them by heart."""

from __future__ import annotations

from dataclasses import replace
from typing import overload

import numpy as np

from theory.networks.tasks.task import Split, Task, generator


@overload
def random_labels(
    examples: Task, rng: int | np.random.Generator = 0, balanced: bool = False
) -> Task: ...
@overload
def random_labels(
    examples: Split, rng: int | np.random.Generator = 0, balanced: bool = False
) -> Split: ...
def random_labels(
    examples: Task | Split, rng: int | np.random.Generator = 0, balanced: bool = False
) -> Task | Split:
    """Return the same examples with labels that were drawn at random.

    Parameters
    ----------
    examples
        A task, all of whose labels are drawn; or a split, where those of the training set and
        those of the test set are drawn one after the other, and examples in neither keep theirs.
    rng
        Seed of the draw, or a generator to draw from.
    balanced
        False: each label is drawn on its own, all labels alike. True: a random order of labels
        of which each comes equally often, up to one, in each set.

    Raises
    ------
    ValueError
        If `examples` is neither, or `rng` is no seed.

    Examples
    --------
    >>> from theory.networks import modular_addition
    >>> task = random_labels(modular_addition(3), rng=0, balanced=True)
    >>> task.labels.reshape(3, 3)
    array([[2, 1, 2],
           [0, 1, 0],
           [0, 2, 1]])
    >>> task.settings
    {'modulus': 3, 'labels': 'balanced random', 'labels_rng': 0}
    """
    if not isinstance(examples, Task | Split):
        raise ValueError(f"examples must be a Task or a Split, got {examples!r}")
    draw_from, seed = generator(rng)
    task = examples if isinstance(examples, Task) else examples.task
    parts = (
        (np.arange(len(task.labels)),)
        if isinstance(examples, Task)
        else (examples.train, examples.test)
    )
    labels = task.labels.copy()
    for part in parts:
        labels[part] = _draw(draw_from, part.size, task.num_labels, balanced)
    kind = "balanced random" if balanced else "random"
    settings = {**task.settings, "labels": kind, "labels_rng": seed}
    relabelled = replace(task, labels=labels, settings=settings)
    return relabelled if isinstance(examples, Task) else replace(examples, task=relabelled)


def _draw(rng: np.random.Generator, size: int, num_labels: int, balanced: bool) -> np.ndarray:
    if not balanced:
        return rng.integers(num_labels, size=size)
    # Where the labels do not come out even, chance says which of them come once more.
    rounds = -(-size // num_labels)
    labels = np.concatenate([rng.permutation(num_labels) for _ in range(rounds)])[:size]
    return rng.permutation(labels)
