"""Gradient descent, plain and as a heavy ball."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory import checks
from theory.networks.decay import Decaying


@dataclass(frozen=True)
class GradientDescent(Decaying):
    r"""Gradient descent, with or without momentum ("heavy ball", Polyak 1964).

    .. math:: v \leftarrow \mu v + g + \gamma \theta, \qquad
              \theta \leftarrow \theta - \lambda\, v - \lambda\, \omega\, \theta

    Without momentum, v is the gradient itself, and the penalty in the loss and the decoupled
    decay are the same thing. They are so here only: an optimiser that rescales the gradient
    rescales the penalty with it, but not the decay.

    Attributes
    ----------
    learning_rate
        :math:`\lambda > 0`.
    l2
        :math:`\gamma \ge 0`, for :math:`\tfrac\gamma2 |\theta|^2` in the loss.
    weight_decay
        :math:`\omega \ge 0`, decoupled.
    momentum
        :math:`\mu` in [0, 1).

    Raises
    ------
    ValueError
        If a value is out of its range.

    Examples
    --------
    >>> theta = np.array([1.0])
    >>> optimiser = GradientDescent(learning_rate=0.1, l2=0.5)
    >>> optimiser.step(theta, np.array([2.0]), optimiser.start(theta), updates=0)
    >>> theta
    array([0.75])
    """

    learning_rate: float
    l2: float = 0.0
    weight_decay: float = 0.0
    momentum: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.settle(self, checks.number, "momentum", at_least=0, below=1)

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state before the first update: v in a row, or no row without momentum."""
        return np.zeros((1 if self.momentum > 0 else 0, theta.size), theta.dtype)

    def direction(self, gradient: np.ndarray, state: np.ndarray, updates: int) -> np.ndarray:
        """Bring the velocity up to date in place, if there is one, and return where to go."""
        if self.momentum == 0:
            return gradient
        velocity: np.ndarray = state[0]
        velocity *= self.momentum
        velocity += gradient
        return velocity

    def steady(self, gradient: np.ndarray) -> np.ndarray:
        r"""Return :math:`g / (1 - \mu)`: where many updates by one gradient lead."""
        direction: np.ndarray = gradient / (1 - self.momentum)
        return direction
