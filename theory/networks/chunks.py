"""What the fast paths share: stretches of examples that fit in the cache, and their softmax."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from theory.networks.softmax import row_sums


class Chunk(NamedTuple):
    """A stretch of examples: their tokens, the way back from examples to tokens, their labels.

    ``tokens`` has shape (rows, table), ``back`` is its transpose, ``labels`` has shape (rows,).
    """

    tokens: sparse.csr_array
    back: sparse.csr_array
    labels: np.ndarray


def cut(tokens: sparse.csr_array, labels: np.ndarray, rows: int) -> list[Chunk]:
    """Return the examples in chunks of nearly equal size, of at most `rows` rows.

    Examples
    --------
    >>> tokens = sparse.csr_array(np.eye(5))
    >>> [chunk.labels for chunk in cut(tokens, np.arange(5), rows=3)]
    [array([0, 1, 2]), array([3, 4])]
    """
    count = -(-labels.size // rows)
    parts = np.array_split(np.arange(labels.size), count)
    ends = [(part[0], part[-1] + 1) for part in parts]
    return [
        # By rows as well: one row of the result at a time stays in the cache.
        Chunk(tokens[start:end], tokens[start:end].T.tocsr(), labels[start:end])
        for start, end in ends
    ]


class SumOfProducts:
    r"""The sum of :math:`A^T B` over the chunks of a step, in an array of the step's.

    The first product is written there: with few examples it would count to begin with zeros and
    to copy the sum to where it belongs.

    Examples
    --------
    >>> sum_of_products, total = SumOfProducts((1, 1), "float64"), np.empty((1, 1))
    >>> sum_of_products.begin(total)
    >>> for number in (2.0, 3.0):
    ...     sum_of_products.add(np.array([[number]]), np.array([[10.0]]))
    >>> total
    array([[50.]])
    """

    def __init__(self, shape: tuple[int, ...], dtype: str) -> None:
        self._part = np.empty(shape, dtype)

    def begin(self, total: np.ndarray) -> None:
        """Begin a sum in `total`, whatever that holds."""
        self._total, self._out = total, total

    def add(self, one: np.ndarray, other: np.ndarray) -> None:
        """Add the product of the transpose of `one`, shape (rows, m), with `other`, (rows, n)."""
        product = np.dot(one.T, other, out=self._out)
        if self._out is self._part:
            self._total += product
        self._out = self._part


def relu(z: np.ndarray, out: np.ndarray) -> None:
    """Write what ReLU makes of `z`, shape (examples, units), to `out`."""
    np.maximum(z, np.zeros(z.shape[1], z.dtype), out=out)  # a row is faster than a number


def relu_backward(z: np.ndarray, d: np.ndarray) -> None:
    """Overwrite `d`, the derivative after ReLU, with that before it, and `z` with its slopes.

    Examples
    --------
    >>> z, d = np.array([[-3.0, 2.0]]), np.array([[1.0, 10.0]])
    >>> relu_backward(z, d)
    >>> d
    array([[ 0., 10.]])
    """
    np.greater(z, 0, out=z)  # as numbers: a product with truth values is slower than both together
    d *= z


def softmax_and_back(logits: np.ndarray, labels: np.ndarray, examples: int) -> float:
    r"""Return a part of the mean cross-entropy and overwrite `logits` with its derivative.

    .. math:: L = \frac1D \sum_i \Big(\log \sum_k e^{o_{ik}} - o_{i y_i}\Big), \qquad
              o_{ik} \leftarrow \frac{p_{ik} - [k = y_i]}{D}

    Parameters
    ----------
    logits
        o, shape (rows, num_labels), C-ordered.
    labels
        y, shape (rows,).
    examples
        D, of which these rows may be some.

    Examples
    --------
    >>> logits = np.array([[0.0, 0.0]])
    >>> round(softmax_and_back(logits, np.array([0]), examples=1), 6), logits
    (0.693147, array([[-0.5,  0.5]]))
    """
    entries = logits.reshape(-1)
    starts = np.arange(0, logits.size, logits.shape[1])
    right = starts + labels
    # One maximum for the whole chunk would do early on; late in training whole rows underflow.
    largest = np.maximum.reduceat(entries, starts)  # faster than max(axis=1)
    lag = largest - entries[right]
    logits -= largest[:, None]
    np.exp(logits, out=logits)
    totals = row_sums(logits)
    logits *= (1 / totals)[:, None]
    entries[right] -= 1
    logits *= 1 / examples  # not before, for where little is left the digits would be others
    return float(np.sum(np.log(totals) + lag, dtype=np.float64)) / examples
