"""Adam and AdamW."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theory import checks
from theory.networks.decay import Decaying


class _AdamFamily(Decaying):
    """What Adam and AdamW share: running averages of the gradient and its square."""

    # Declared again below, since fields come in the order in which the classes are read.
    betas: tuple[float, float]
    epsilon: float

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.settle(self, checks.number, "epsilon", above=0)
        checks.settle(self, _two_numbers, "betas")

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state before the first update: m and v, an array of shape (2, size)."""
        return np.zeros((2, theta.size), theta.dtype)

    def direction(self, gradient: np.ndarray, state: np.ndarray, updates: int) -> np.ndarray:
        """Bring the averages up to date in place and return what the learning rate multiplies."""
        (mean, mean_square), (beta, beta_square) = state, self.betas
        some = (1 - beta) * gradient  # from here on in one array, which stays in the cache
        mean *= beta
        mean += some
        np.multiply(gradient, gradient, out=some)
        some *= 1 - beta_square
        mean_square *= beta_square
        mean_square += some
        # Both start at 0; dividing by the weight of what they have seen takes the bias out.
        weight, weight_square = (1 - each ** (updates + 1) for each in self.betas)
        np.divide(mean_square, weight_square, out=some)
        np.sqrt(some, out=some)
        some += self.epsilon
        direction: np.ndarray = mean / weight
        direction /= some
        return direction

    def steady(self, gradient: np.ndarray) -> np.ndarray:
        r"""Return :math:`g / (|g| + \epsilon)`: where many updates by one gradient lead."""
        direction: np.ndarray = gradient / (abs(gradient) + self.epsilon)
        return direction


@dataclass(frozen=True)
class Adam(_AdamFamily):
    r"""Adam, with the penalty as part of the loss.

    .. math:: g \leftarrow g + \gamma \theta, \quad
              m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
              v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
              \theta \leftarrow \theta - \lambda\,
              \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Attributes
    ----------
    learning_rate
        :math:`\lambda > 0`.
    l2
        :math:`\gamma \ge 0`, for :math:`\tfrac\gamma2 |\theta|^2` in the loss.
    betas
        :math:`\beta_1, \beta_2`, each in [0, 1).
    epsilon
        :math:`\epsilon > 0`.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Notes
    -----
    Kingma and Ba (2015), Algorithm 1; t counts updates from 1.

    Examples
    --------
    >>> theta = np.array([1.0, 1.0])
    >>> optimiser = Adam(learning_rate=0.1)
    >>> optimiser.step(theta, np.array([2.0, -30.0]), optimiser.start(theta), updates=0)
    >>> theta.round(6)
    array([0.9, 1.1])
    """

    learning_rate: float
    l2: float = 0.0
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-8


@dataclass(frozen=True)
class AdamW(_AdamFamily):
    r"""Adam with decoupled weight decay.

    .. math:: \theta \leftarrow \theta - \lambda\, \omega\, \theta - \lambda\,
              \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    where m and v average the gradient of the loss alone.

    Attributes
    ----------
    learning_rate, betas, epsilon
        As `Adam`.
    weight_decay
        :math:`\omega \ge 0`; each update shrinks the parameters by :math:`\lambda \omega`.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Notes
    -----
    Loshchilov and Hutter (2019), "Decoupled weight decay regularization", with the decay
    multiplied by the learning rate; the optimiser of the paper's Section 5.

    Examples
    --------
    >>> theta = np.array([1.0])
    >>> optimiser = AdamW(learning_rate=0.1, weight_decay=1.0)
    >>> optimiser.step(theta, np.array([2.0]), optimiser.start(theta), updates=0)
    >>> theta.round(6)
    array([0.8])
    """

    learning_rate: float
    weight_decay: float = field()  # to be given: not the 0 of `Decaying`
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-8


def _two_numbers(name: str, values: Any) -> tuple[float, float]:
    try:
        first, second = values
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be two numbers, got {values!r}") from error
    one, other = (checks.number(name, value, at_least=0, below=1) for value in (first, second))
    return one, other
