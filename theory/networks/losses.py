"""What is made of the logits: the loss with its gradient, the accuracy and the margin.

Throughout, ``logits`` has shape (examples, num_labels) and ``labels``, the right ones, shape
(examples,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from theory import checks

#: Below this all wrong labels together are less likely than the right one.
_HALF = 0.5


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


def exact_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    r"""Return the mean cross-entropy and its errors, of which none is rounded to 0 too early.

    .. math:: e_{ik} = p_{ik} \quad (k \ne y_i), \qquad e_{i y_i} = -\sum_{k \ne y_i} p_{ik}

    That is :math:`p_{ik} - [k = y_i]`. But as a difference the error of the right label is exactly
    0 once :math:`p_{i y_i}` is rounded to 1, with the others at :math:`6 \times 10^{-8}` together
    in single precision; as a sum it is as exact as they are. So is the loss. In single precision
    errors lose digits from a lead of 87 on, and are 0 from 104 on; in double from 708 and 745 on.

    Returns
    -------
    float
        L in nat, at least 0.
    numpy.ndarray
        e, shape (examples, num_labels), each row adding up to 0.

    Notes
    -----
    That rounding is the "softmax collapse" of Prieto et al. (2025). The sum is derived here.

    Examples
    --------
    >>> logits, labels = np.array([[20.0, 0.0]], "float32"), np.array([0])
    >>> cross_entropy_backward(cross_entropy(logits, labels)[1], labels)[0, 0].item()
    0.0
    >>> loss, errors = exact_cross_entropy(logits, labels)
    >>> f"{loss:.2e}", f"{errors[0, 0]:.2e}"
    ('2.06e-09', '-2.06e-09')
    """
    examples = np.arange(labels.size)
    errors = logits - logits[examples, labels][:, None]
    largest = errors.max(axis=1)
    errors -= largest[:, None]
    np.exp(errors, out=errors)
    totals = row_sums(errors)
    errors /= totals[:, None]
    errors[examples, labels] = 0
    wrong = row_sums(errors)
    errors[examples, labels] = -wrong
    # Where the right label has most of it, 1 - p is the smaller number; elsewhere p may be tiny.
    sure = wrong < _HALF
    losses = np.where(sure, -np.log1p(-np.where(sure, wrong, 0)), np.log(totals) + largest)
    return float(losses.mean(dtype=np.float64)), errors


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


@dataclass(frozen=True)
class ExactCrossEntropy(_Tempered):
    r"""The mean cross-entropy of :math:`o / \tau`, with the derivative that is never rounded to 0.

    In exact arithmetic it is `CrossEntropy`. See `exact_cross_entropy`.

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
    >>> logits, labels = np.array([[20.0, 0.0]], "float32"), np.array([0])
    >>> for loss in (CrossEntropy(), ExactCrossEntropy()):
    ...     print(loss.backward(loss.forward(logits, labels)[1], labels))
    [[0.0000000e+00 2.0611537e-09]]
    [[-2.0611537e-09  2.0611537e-09]]
    """

    units: ClassVar[str] = "nat"

    def forward(self, logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss, and the errors that `backward` needs."""
        return exact_cross_entropy(self._scaled(logits), labels)

    def backward(self, errors: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the derivative of the loss with respect to the logits."""
        return self._scaled(errors / labels.size)


#: What a network can be trained on.
Loss = CrossEntropy | ExactCrossEntropy | MeanSquaredError


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
