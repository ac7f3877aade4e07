r"""Sparse parity: the product of a few of many signs, as a table and as a stream.

There are so many inputs that training need never see one twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory import checks
from theory.networks.tasks.task import Task, generator


@dataclass(frozen=True)
class SparseParity:
    r"""Fresh examples of sparse parity.

    .. math:: x \in \{-1, 1\}^n, \qquad y(x) = \Big[\prod_{i \le k} x_i = -1\Big]

    The label is 1 where an odd number of the first k inputs is -1. Which inputs matter is
    unknown to a network that starts alike in all of them, so it may as well be the first.

    Attributes
    ----------
    num_bits
        n, from 1 to 62.
    parity_bits
        k, from 1 to n.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Notes
    -----
    Barak et al. (2022), "Hidden progress in deep learning: SGD learns parities near the
    computational limit".

    Examples
    --------
    >>> SparseParity(num_bits=4, parity_bits=2).draw(np.random.default_rng(0), 3).inputs
    array([[-1.,  1., -1., -1.],
           [ 1., -1.,  1., -1.],
           [ 1.,  1.,  1., -1.]])
    """

    num_bits: int
    parity_bits: int

    def __post_init__(self) -> None:
        checks.settle(self, checks.integer, "num_bits", "parity_bits", at_least=1)
        if self.num_bits > 62:
            raise ValueError(f"num_bits must be at most 62, got {self.num_bits}")
        if self.parity_bits > self.num_bits:
            raise ValueError(
                f"parity_bits must be at most num_bits, {self.num_bits}, got {self.parity_bits}"
            )

    def draw(self, rng: np.random.Generator, size: int) -> Task:
        """Return a task of `size` examples, each drawn on its own from all 2^n.

        Raises
        ------
        ValueError
            If `size` is below 1 or not whole.
        """
        size = checks.integer("size", size, at_least=1)
        return self.task(rng.integers(2**self.num_bits, size=size), {"examples": size})

    def task(self, numbers: np.ndarray, settings: Mapping[str, Any]) -> Task:
        """Return the task whose inputs are the binary digits of `numbers`, -1 for a 1."""
        inputs = 1 - 2 * ((numbers[:, None] >> np.arange(self.num_bits)) & 1)
        labels = inputs[:, : self.parity_bits].prod(axis=1) == -1
        own = {"num_bits": self.num_bits, "parity_bits": self.parity_bits}
        return Task("sparse_parity", {**own, **settings}, inputs, labels.astype(int), None, 2)


@dataclass(frozen=True)
class SparseParityOutside(SparseParity):
    r"""Fresh examples of sparse parity without a region, which is never streamed.

    .. math:: \{x : x_i = -1 \text{ for all } i \in R\}

    Attributes
    ----------
    num_bits, parity_bits
        As `SparseParity`.
    left_out
        R, places of inputs, from 0, all different, at least one.

    Raises
    ------
    ValueError
        If a number is out of its range, or comes twice.

    Notes
    -----
    Training on one part of all inputs and testing on the rest: Abbe et al. (2023),
    "Generalization on the unseen, logic reasoning and degree curriculum".

    Examples
    --------
    >>> stream = SparseParityOutside(num_bits=4, parity_bits=2, left_out=(1, 2))
    >>> stream.draw(np.random.default_rng(0), 3).inputs
    array([[-1.,  1.,  1., -1.],
           [ 1.,  1.,  1., -1.],
           [ 1.,  1.,  1., -1.]])
    >>> stream.draw_left_out(np.random.default_rng(0), 3).inputs[:, [1, 2]]
    array([[-1., -1.],
           [-1., -1.],
           [-1., -1.]])
    """

    left_out: tuple[int, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        places = tuple(checks.integer("left_out", place, at_least=0) for place in self.left_out)
        if not places or len(set(places)) < len(places) or max(places) >= self.num_bits:
            raise ValueError(
                f"left_out must hold places below {self.num_bits}, each once, got {self.left_out}"
            )
        object.__setattr__(self, "left_out", places)

    def draw(self, rng: np.random.Generator, size: int) -> Task:
        """Return a task of `size` examples, each drawn on its own from all outside the region.

        Raises
        ------
        ValueError
            If `size` is below 1 or not whole.
        """
        return self._with(rng, size, range(self._in_region))

    def draw_left_out(self, rng: np.random.Generator, size: int) -> Task:
        """Return a task of `size` examples, each drawn on its own from all inside the region.

        Raises
        ------
        ValueError
            As `draw`.
        """
        return self._with(rng, size, range(self._in_region, self._in_region + 1))

    @property
    def _in_region(self) -> int:
        """The number whose binary digits are those of the inputs in R, of an example inside."""
        return (1 << len(self.left_out)) - 1

    def _with(self, rng: np.random.Generator, size: int, patterns: range) -> Task:
        """Return examples whose inputs in R have one of the patterns, a number like theirs."""
        size = checks.integer("size", size, at_least=1)
        numbers = rng.integers(2**self.num_bits, size=size)
        pattern = rng.integers(patterns.start, patterns.stop, size=size)
        for digit, place in enumerate(self.left_out):
            numbers = numbers & ~(1 << place) | ((pattern >> digit & 1) << place)
        return self.task(numbers, {"left_out": list(self.left_out), "examples": size})


def sparse_parity(
    num_bits: int, parity_bits: int, examples: int, rng: int | np.random.Generator = 0
) -> Task:
    """Return a sample of sparse parity (see `SparseParity`) in which no input comes twice.

    Parameters
    ----------
    num_bits, parity_bits
        n and k.
    examples
        Size of the sample, from 1 to 2^n.
    rng
        Seed of the draw, or a generator to draw from.

    Raises
    ------
    ValueError
        If a number is out of its range, or `rng` is no seed.

    Examples
    --------
    >>> sparse_parity(num_bits=30, parity_bits=3, examples=1000).inputs.shape
    (1000, 30)
    """
    stream = SparseParity(num_bits, parity_bits)
    examples = checks.integer("examples", examples, at_least=1)
    if examples > 2**num_bits:
        raise ValueError(f"examples must be at most 2^num_bits, {2**num_bits}, got {examples}")
    draw_from, seed = generator(rng)
    numbers = draw_from.choice(2**num_bits, size=examples, replace=False)
    return stream.task(numbers, {"examples": examples, "rng": seed})
