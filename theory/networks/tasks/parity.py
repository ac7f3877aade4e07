r"""Sparse parity: the product of a few of many signs, as a table and as a stream.

There are so many inputs that training need never see one twice.
"""

from __future__ import annotations

from dataclasses import dataclass

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

    def task(self, numbers: np.ndarray, settings: dict[str, int | None]) -> Task:
        """Return the task whose inputs are the binary digits of `numbers`, -1 for a 1."""
        inputs = 1 - 2 * ((numbers[:, None] >> np.arange(self.num_bits)) & 1)
        labels = inputs[:, : self.parity_bits].prod(axis=1) == -1
        own = {"num_bits": self.num_bits, "parity_bits": self.parity_bits}
        return Task("sparse_parity", {**own, **settings}, inputs, labels.astype(int), None, 2)


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
