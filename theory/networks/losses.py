"""What is made of the logits: the loss with its gradient, the accuracy and the margin.

Throughout, ``logits`` has shape (examples, num_labels) and ``labels``, the right ones, shape
(examples,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from theory import checks


def row_sums(matrix: np.ndarray) -> np.ndarray:
    """Return the sum of each row of numbers, shape (rows,): faster than ``sum(axis=1)``.

    BLAS may say of numbers beside the matrix that they are invalid; of those in it, one that is
    makes its row NaN.
    """
    with np.errstate(invalid="ignore"):
        return matrix @ np.ones(matrix.shape[1], matrix.dtype)


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
    totals = row_sums(probabilities)
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


def mean_squared_error(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    r"""Return the mean squared distance of the logits from one-hot targets, and the residuals.

    .. math:: L = \frac{1}{D q} \sum_{ik} r_{ik}^2, \qquad r_{ik} = o_{ik} - [k = y_i]

    Returns
    -------
    float
        L, at least 0, without a unit.
    numpy.ndarray
        r, shape (examples, num_labels).

    Examples
    --------
    >>> mean_squared_error(np.array([[0.5, 1.0]]), np.array([1]))
    (0.125, array([[0.5, 0. ]]))
    """
    residuals = logits.copy()
    residuals[np.arange(labels.size), labels] -= 1
    return float(np.mean(residuals * residuals, dtype=np.float64)), residuals


def mean_squared_error_backward(residuals: np.ndarray) -> np.ndarray:
    r"""Return the derivative of the mean squared error with respect to the logits.

    .. math:: \frac{\partial L}{\partial o_{ik}} = \frac{2 r_{ik}}{D q}

    Examples
    --------
    >>> mean_squared_error_backward(np.array([[0.5, 0.0]]))
    array([[0.5, 0. ]])
    """
    d_logits: np.ndarray = residuals * (2 / residuals.size)
    return d_logits


@dataclass(frozen=True)
class _Tempered:
    """A loss of the logits divided by a temperature."""

    temperature: float = 1.0

    def __post_init__(self) -> None:
        checks.settle(self, checks.number, "temperature", above=0)

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        # A division by 1 would change nothing and read all of the logits once more.
        return values if self.temperature == 1 else values / self.temperature


@dataclass(frozen=True)
class CrossEntropy(_Tempered):
    r"""The mean cross-entropy of :math:`o / \tau`: the paper's loss, where the temperature is 1.

    Attributes
    ----------
    temperature
        :math:`\tau > 0`; a high one makes the same logits less certain.

    Raises
    ------
    ValueError
        If the temperature is out of its range.

    Examples
    --------
    >>> loss, _ = CrossEntropy(temperature=2.0).forward(np.array([[2.0, 0.0]]), np.array([0]))
    >>> round(loss, 4)
    0.3133
    """

    units: ClassVar[str] = "nat"

    def forward(self, logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss, and the probabilities that `backward` needs."""
        return cross_entropy(self._scaled(logits), labels)

    def backward(self, probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the derivative of the loss with respect to the logits."""
        return self._scaled(cross_entropy_backward(probabilities, labels))


@dataclass(frozen=True)
class MeanSquaredError(_Tempered):
    r"""The mean squared distance of :math:`o / \tau` from one-hot targets.

    Attributes
    ----------
    temperature
        :math:`\tau > 0`.

    Raises
    ------
    ValueError
        If the temperature is out of its range.

    Examples
    --------
    >>> MeanSquaredError().forward(np.array([[0.5, 1.0]]), np.array([1]))
    (0.125, array([[0.5, 0. ]]))
    """

    units: ClassVar[str] = "1"

    def forward(self, logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss, and the residuals that `backward` needs."""
        return mean_squared_error(self._scaled(logits), labels)

    def backward(self, residuals: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the derivative of the loss with respect to the logits."""
        return self._scaled(mean_squared_error_backward(residuals))


#: What a network can be trained on.
Loss = CrossEntropy | MeanSquaredError


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
