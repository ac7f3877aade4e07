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
    z[:] = z > 0  # numbers first: a product with truth values is slower than both together
    d *= z


def softmax_and_back(logits: np.ndarray, labels: np.ndarray) -> float:
    r"""Return the summed cross-entropy and overwrite `logits` with its derivative.

    .. math:: L = \sum_i \Big(\log \sum_k e^{o_{ik}} - o_{i y_i}\Big), \qquad
              o_{ik} \leftarrow p_{ik} - [k = y_i]

    Parameters
    ----------
    logits
        o, shape (examples, num_labels), C-ordered.
    labels
        y, shape (examples,).

    Examples
    --------
    >>> logits = np.array([[0.0, 0.0]])
    >>> round(softmax_and_back(logits, np.array([0])), 6), logits
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
    return float(np.sum(np.log(totals) + lag, dtype=np.float64))
