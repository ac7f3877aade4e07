"""Tasks with finitely many examples, and their splits into a training and a test set."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory import checks


@dataclass(frozen=True, eq=False)
class Task:
    r"""Every example of a classification problem, each with its one right label.

    Attributes
    ----------
    name
        What the task is called in the records of a run.
    settings
        What the task was made from, by name of the argument.
    inputs
        Tokens, shape (examples, slots), each in ``[0, num_tokens)``, or dense inputs: finite
        numbers, shape (examples, features).
    labels
        Right labels, shape (examples,), each in ``[0, num_labels)``.
    num_tokens
        Size of the vocabulary of one slot; None says that the inputs are dense.
    num_labels
        Number of labels, at least 2.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or hold a token or label out of its range.

    Examples
    --------
    >>> task = Task("not", {}, inputs=[[0], [1]], labels=[1, 0], num_tokens=2, num_labels=2)
    >>> task.labels
    array([1, 0])
    """

    name: str
    settings: Mapping[str, Any]
    inputs: np.ndarray
    labels: np.ndarray
    num_tokens: int | None
    num_labels: int

    def __post_init__(self) -> None:
        if self.num_tokens is None:
            _set(self, "inputs", _dense("inputs", self.inputs))
        else:
            _set(self, "num_tokens", checks.integer("num_tokens", self.num_tokens, at_least=1))
            _set(self, "inputs", _whole("inputs", self.inputs, 2, self.num_tokens))
        _set(self, "num_labels", checks.integer("num_labels", self.num_labels, at_least=2))
        _set(self, "settings", dict(self.settings))
        _set(self, "labels", _whole("labels", self.labels, 1, self.num_labels))
        if len(self.labels) != len(self.inputs):
            raise ValueError(
                f"labels must have one entry for each of the {len(self.inputs)} inputs, "
                f"got {len(self.labels)}"
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Task):
            return NotImplemented
        mine = (self.name, self.settings, self.num_tokens, self.num_labels)
        same = mine == (other.name, other.settings, other.num_tokens, other.num_labels)
        arrays_agree = np.array_equal(self.inputs, other.inputs) and np.array_equal(
            self.labels, other.labels
        )
        return same and arrays_agree

    def split(self, train_size: int, rng: int | np.random.Generator = 0) -> Split:
        """Return a uniformly random training set of `train_size` examples; the rest is for testing.

        Parameters
        ----------
        train_size
            Examples to train on (the paper's D), from 1 to one less than the task has.
        rng
            Seed of the draw, or a generator to draw from.

        Raises
        ------
        ValueError
            If the training or the test set would be empty, or if `rng` is no seed.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> split = modular_addition(5).split(train_size=10, rng=0)
        >>> split.train
        array([ 2,  4,  6, 10, 11, 16, 19, 22, 23, 24])
        >>> split.test.size
        15
        """
        train_size = checks.integer("train_size", train_size, at_least=1)
        if train_size >= len(self.labels):
            raise ValueError(
                f"train_size must be below the number of examples, {len(self.labels)}, "
                f"or nothing is left to test on; got {train_size}"
            )
        draw_from, seed = generator(rng)
        order = draw_from.permutation(len(self.labels))
        # Sorted, so that the checksum says which examples were drawn and not in what order.
        return Split(self, np.sort(order[:train_size]), np.sort(order[train_size:]), seed)


@dataclass(frozen=True, eq=False)
class Split:
    """Which examples of a task are trained on and which are tested on.

    Attributes
    ----------
    task
        The task whose examples these are.
    train, test
        Their places in ``task.inputs``, shapes (train_size,) and (test_size,), disjoint.
    rng
        Seed that drew the split; None if none did.

    Raises
    ------
    ValueError
        If a part is empty, an index is out of range, or an example comes twice.

    Examples
    --------
    >>> from theory.networks import modular_addition
    >>> Split(modular_addition(5), train=[0, 1], test=[1, 2])
    Traceback (most recent call last):
    ...
    ValueError: train and test must hold every example at most once, got 1 twice
    """

    task: Task
    train: np.ndarray
    test: np.ndarray
    rng: int | None = None

    def __post_init__(self) -> None:
        for name in ("train", "test"):
            _set(self, name, _whole(name, getattr(self, name), 1, len(self.task.labels)))
        examples, counts = np.unique(np.concatenate([self.train, self.test]), return_counts=True)
        if np.any(counts > 1):
            raise ValueError(
                "train and test must hold every example at most once, "
                f"got {examples[counts > 1][0]} twice"
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Split):
            return NotImplemented
        return (self.task, self.rng, self.checksum) == (other.task, other.rng, other.checksum)

    @property
    def checksum(self) -> str:
        """SHA-256 of the indices and labels of both parts, in hexadecimal.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> task = modular_addition(5)
        >>> task.split(10, rng=0).checksum == task.split(10, rng=1).checksum
        False
        """
        digest = hashlib.sha256()
        for part in (self.train, self.test):
            # The size keeps (1, 2 | 3) apart from (1 | 2, 3).
            for numbers in (np.array([part.size]), part, self.task.labels[part]):
                digest.update(numbers.astype("<i8").tobytes())
        return digest.hexdigest()


def generator(rng: int | np.random.Generator) -> tuple[np.random.Generator, int | None]:
    """Return where to draw from, and the seed if it is one.

    Raises
    ------
    ValueError
        If `rng` is neither a generator nor a whole number of at least 0.
    """
    if isinstance(rng, np.random.Generator):
        return rng, None
    seed = checks.integer("rng", rng, at_least=0)
    return np.random.default_rng(seed), seed


def _whole(name: str, values: Any, ndim: int, end: int) -> np.ndarray:
    """Return a read-only copy of `values`, which must be whole numbers in [0, end)."""
    numbers = np.asarray(values)
    if numbers.ndim != ndim or numbers.size == 0:
        raise ValueError(f"{name} must be {ndim}-D and not empty, got shape {numbers.shape}")
    if numbers.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold whole numbers, got dtype {numbers.dtype}")
    outside = (numbers < 0) | (numbers >= end)
    if np.any(outside):
        raise ValueError(f"{name} must lie in [0, {end}), got {numbers[outside][0]}")
    return _frozen(numbers.astype(np.int64))


def _dense(name: str, values: Any) -> np.ndarray:
    """Return a read-only copy of `values`, which must be rows of finite numbers."""
    numbers = np.asarray(values)
    if numbers.ndim != 2 or numbers.size == 0:
        raise ValueError(f"{name} must be 2-D and not empty, got shape {numbers.shape}")
    if numbers.dtype.kind not in "iuf":
        raise ValueError(f"{name} must hold numbers, got dtype {numbers.dtype}")
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{name} must be finite, got {numbers[~np.isfinite(numbers)][0]}")
    return _frozen(numbers.astype(np.float64))


def _frozen(copy: np.ndarray) -> np.ndarray:
    copy.flags.writeable = False
    return copy


def _set(instance: Task | Split, name: str, value: Any) -> None:
    object.__setattr__(instance, name, value)
