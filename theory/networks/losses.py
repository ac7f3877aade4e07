"""What is made of the logits: the loss with its gradient, the accuracy and the margin.

Throughout, ``logits`` has shape (examples, num_labels) and ``labels``, the right ones, shape
(examples,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from theory import checks
from theory.networks.softmax import cross_entropy, cross_entropy_backward, exact_cross_entropy


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


@dataclass(frozen=True)
class SmoothedCrossEntropy:
    r"""The mean cross-entropy against labels of which a part is spread over all (label smoothing).

    .. math:: L = -\frac1D \sum_{ik} t_{ik} \log p_{ik}, \qquad
              t_{ik} = (1 - s)\, [k = y_i] + \frac sq

    With a finite best logit: the lead :math:`\log(1 + q (1 - s) / s)` (derived here).

    Attributes
    ----------
    smoothing
        s, in (0, 1).

    Raises
    ------
    ValueError
        If `smoothing` is out of its range.

    Notes
    -----
    Szegedy et al. (2016), "Rethinking the Inception architecture for computer vision", Section 7.

    Examples
    --------
    >>> loss = SmoothedCrossEntropy(smoothing=0.5)
    >>> best, labels = np.array([[np.log(3), 0.0]]), np.array([0])  # p = t = (3/4, 1/4)
    >>> value, probabilities = loss.forward(best, labels)
    >>> round(value, 4), abs(loss.backward(probabilities, labels)).max().round(12)
    (0.5623, np.float64(0.0))
    """

    smoothing: float
    units: ClassVar[str] = "nat"

    def __post_init__(self) -> None:
        checks.settle(self, checks.number, "smoothing", above=0, below=1)

    def forward(self, logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss, and the probabilities that `backward` needs."""
        plain, probabilities = cross_entropy(logits, labels)
        right = logits[np.arange(labels.size), labels]
        lead = np.mean(right - logits.mean(axis=1), dtype=np.float64)
        return plain + self.smoothing * float(lead), probabilities

    def backward(self, probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the derivative of the loss with respect to the logits."""
        d_logits: np.ndarray = probabilities - self.smoothing / probabilities.shape[1]
        d_logits[np.arange(labels.size), labels] -= 1 - self.smoothing
        d_logits /= labels.size
        return d_logits


#: What a network can be trained on.
Loss = CrossEntropy | ExactCrossEntropy | MeanSquaredError | SmoothedCrossEntropy


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
