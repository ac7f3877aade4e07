"""What is made of the logits: the loss with its gradient, the accuracy and the margin.

Throughout, ``logits`` has shape (examples, num_labels) and ``labels``, the right ones, shape
(examples,).
"""

from __future__ import annotations

import numpy as np


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    r"""Return the mean cross-entropy and the probabilities that the logits stand for.

    .. math:: L = \frac1D \sum_i \Big(\log \sum_k e^{o_{ik}} - o_{i y_i}\Big), \qquad
              p_{ik} = \frac{e^{o_{ik}}}{\sum_j e^{o_{ij}}}

    Safe for logits of any size: each row is shifted by its largest logit first.

    Returns
    -------
    float
        L in nat, at least 0.
    numpy.ndarray
        p, shape (examples, num_labels), each row adding up to 1.

    Notes
    -----
    The loss of the paper's Section 3.

    Examples
    --------
    >>> loss, probabilities = cross_entropy(np.array([[1e4, 1e4]]), np.array([0]))
    >>> round(loss, 6), probabilities
    (0.693147, array([[0.5, 0.5]]))
    """
    largest = logits.max(axis=1)
    probabilities = np.exp(logits - largest[:, None])
    totals = probabilities @ np.ones(logits.shape[1], logits.dtype)  # faster than sum(axis=1)
    probabilities /= totals[:, None]
    # The bracket is 0 where the prediction is right; without it rounding would eat a small loss.
    losses = np.log(totals) + (largest - logits[np.arange(labels.size), labels])
    return float(losses.mean(dtype=np.float64)), probabilities


def cross_entropy_backward(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    r"""Return the derivative of the mean cross-entropy with respect to the logits.

    .. math:: \frac{\partial L}{\partial o_{ik}} = \frac{p_{ik} - [k = y_i]}{D}

    Examples
    --------
    >>> cross_entropy_backward(np.array([[0.5, 0.5]]), np.array([0]))
    array([[-0.5,  0.5]])
    """
    d_logits = probabilities.copy()
    d_logits[np.arange(labels.size), labels] -= 1
    d_logits /= labels.size
    return d_logits


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of examples whose right logit is the largest, in [0, 1].

    A tie of k largest logits that includes the right one counts 1/k, as a fair guess between
    them would on average.

    Examples
    --------
    >>> accuracy(np.array([[2.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]]), np.array([0, 0, 0]))
    0.5
    """
    is_largest = logits == logits.max(axis=1, keepdims=True)
    right = is_largest[np.arange(labels.size), labels]
    return float(np.mean(right / is_largest.sum(axis=1)))


def margin(logits: np.ndarray, labels: np.ndarray) -> float:
    r"""Return by how much the right logit leads the best wrong one, on average.

    .. math:: \frac1D \sum_i \Big(o_{i y_i} - \max_{k \ne y_i} o_{ik}\Big)

    Returns
    -------
    float
        In logits, negative where the wrong ones win.

    Examples
    --------
    >>> margin(np.array([[3.0, 1.0, 0.0], [0.0, 1.0, 5.0]]), np.array([0, 1]))
    -1.0
    """
    examples = np.arange(labels.size)
    wrong = logits.copy()
    wrong[examples, labels] = -np.inf
    lead = logits[examples, labels] - wrong.max(axis=1)
    return float(lead.mean(dtype=np.float64))
