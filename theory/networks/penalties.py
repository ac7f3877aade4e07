r"""What an optimiser with decay adds to the loss: a square, or the barrier of AdamW.

At rest either balances the pull of the data, so that is what a network at rest minimises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from theory import checks
from theory.networks.adam import AdamW
from theory.networks.decay import Decaying
from theory.optimiser import Optimiser


class Penalty(Protocol):
    """A function of the parameters that is added to the loss."""

    @property
    def wall(self) -> float:
        """What every absolute value of a parameter is below; infinite where there is no wall."""

    def value(self, theta: np.ndarray) -> float:
        """Return the penalty at parameters of shape (size,), in units of the loss."""

    def slope(self, theta: np.ndarray) -> np.ndarray:
        """Return its derivative, shape (size,)."""


@dataclass(frozen=True)
class Square:
    r"""Decay in the loss: :math:`\tfrac\gamma2 |\theta|^2`.

    Attributes
    ----------
    l2
        :math:`\gamma > 0`.
    """

    l2: float

    def __post_init__(self) -> None:
        checks.settle(self, checks.number, "l2", above=0)

    @property
    def wall(self) -> float:
        """There is none."""
        return np.inf

    def value(self, theta: np.ndarray) -> float:
        """Return the penalty at parameters of shape (size,), in units of the loss."""
        return self.l2 / 2 * float(theta @ theta)

    def slope(self, theta: np.ndarray) -> np.ndarray:
        """Return its derivative, shape (size,)."""
        slope: np.ndarray = self.l2 * theta
        return slope


@dataclass(frozen=True)
class Barrier:
    r"""Decoupled decay of AdamW with full batches (derived in the book, where decay is on trial).

    .. math:: \frac\varepsilon\omega \sum_i \psi(\omega |\theta_i|), \qquad
              \psi(x) = -x - \log(1 - x)

    Attributes
    ----------
    weight_decay, epsilon
        :math:`\omega` and :math:`\varepsilon`, above 0.

    Examples
    --------
    >>> barrier = Barrier(weight_decay=0.5, epsilon=1e-3)
    >>> deep_inside = np.array([0.01, -0.02])
    >>> as_l2 = Square(0.5 * 1e-3)
    >>> round(barrier.value(deep_inside) / as_l2.value(deep_inside), 2)
    1.01
    >>> barrier.wall
    2.0
    """

    weight_decay: float
    epsilon: float

    def __post_init__(self) -> None:
        checks.settle(self, checks.number, "weight_decay", "epsilon", above=0)

    @property
    def wall(self) -> float:
        r""":math:`1/\omega`."""
        return 1 / self.weight_decay

    def value(self, theta: np.ndarray) -> float:
        """Return the penalty at parameters of shape (size,); infinite at a wall and beyond."""
        part = self.weight_decay * abs(theta)
        if part.max() >= 1:
            return np.inf
        return self.epsilon / self.weight_decay * float((-part - np.log1p(-part)).sum())

    def slope(self, theta: np.ndarray) -> np.ndarray:
        """Return its derivative inside of the walls, shape (size,)."""
        slope: np.ndarray = (
            self.epsilon * self.weight_decay * theta / (1 - self.weight_decay * abs(theta))
        )
        return slope


def penalty_of(optimiser: Optimiser) -> Penalty:
    """Return what a network at rest under an optimiser minimises beside the loss.

    Raises
    ------
    ValueError
        If that is not known: without any decay, or with decoupled decay of another than AdamW.
    """
    if isinstance(optimiser, AdamW) and optimiser.weight_decay > 0:
        return Barrier(optimiser.weight_decay, optimiser.epsilon)
    if isinstance(optimiser, Decaying) and optimiser.l2 > 0 and optimiser.weight_decay == 0:
        return Square(optimiser.l2)
    raise ValueError(f"training must end with decay in the loss or AdamW, got {optimiser}")
