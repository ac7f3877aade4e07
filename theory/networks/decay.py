r"""Decay, in the loss or decoupled from it: one idea, that goes with every direction of descent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import Field
from typing import Any, ClassVar

import numpy as np

from theory import checks

#: Bytes of a vector that are updated at once, so that all of it stays in the cache. From 128 KiB
#: on, an intermediate result may come from the system anew each time, which takes longer than the
#: arithmetic.
BLOCK = 120 * 1024


class Decaying(ABC):
    r"""An optimiser that goes against some direction d and may decay, in either way.

    .. math:: \theta \leftarrow (1 - \lambda \omega)\, \theta - \lambda\, d(g + \gamma \theta)

    In the loss, as :math:`\tfrac\gamma2 |\theta|^2`, the decay goes through all that the optimiser
    does to a gradient; decoupled, it does not. A kind of optimiser is a frozen dataclass that
    derives from this one, with those of the fields ``learning_rate``, ``l2`` and ``weight_decay``
    that it offers, and the three methods `start`, `direction` and `steady`. As it treats every
    entry by itself, entries are updated in blocks.

    Attributes
    ----------
    learning_rate
        :math:`\lambda > 0`.
    l2
        :math:`\gamma \ge 0`, in the loss.
    weight_decay
        :math:`\omega \ge 0`, decoupled.

    Raises
    ------
    ValueError
        If one of them is out of its range.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    learning_rate: float
    l2: float = 0.0
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        checks.settle(self, checks.number, "learning_rate", above=0)
        checks.settle(self, checks.number, "l2", "weight_decay", at_least=0)

    @abstractmethod
    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state before the first update, shape (rows, size)."""

    @abstractmethod
    def direction(self, gradient: np.ndarray, state: np.ndarray, updates: int) -> np.ndarray:
        """Bring the state up to date in place and return what the learning rate multiplies."""

    @abstractmethod
    def steady(self, gradient: np.ndarray) -> np.ndarray:
        """Return the direction after many updates by one and the same gradient."""

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place, after `updates` others."""
        for block in _blocks(theta):
            some = theta[block]
            direction = self.direction(self._slope(some, gradient[block]), state[:, block], updates)
            if self.weight_decay > 0:
                some *= 1 - self.learning_rate * self.weight_decay
            some -= self.learning_rate * direction

    def imbalance(self, theta: np.ndarray, gradient: np.ndarray) -> float:
        r"""Return how far the pull of the data and the decay are from balance (derived here).

        .. math:: \frac{|\, g + \gamma \theta \,|}{|\, \gamma \theta \,|}
                  \quad \text{(in the loss)}, \qquad
                  \frac{|\, d(g + \gamma \theta) + \omega \theta \,|}{|\, \omega \theta \,|}
                  \quad \text{(decoupled)},

        where d is the steady direction. 0 at rest; without decay there is no rest, and it is NaN
        or infinite.

        Parameters
        ----------
        theta, gradient
            Parameters, and the derivative of the loss alone at them, shape (size,).

        Examples
        --------
        >>> from theory.networks import AdamW
        >>> round(AdamW(0.1, 0.5).imbalance(np.array([1.0]), np.array([-3.0])), 6)
        1.0
        """
        if self.weight_decay > 0:
            pull, decay = self.steady(self._slope(theta, gradient)), self.weight_decay * theta
        else:
            pull, decay = gradient, self.l2 * theta
        return float(np.linalg.norm(pull + decay) / np.linalg.norm(decay))

    def _slope(self, theta: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Return the derivative of the loss with the penalty in it."""
        return gradient + self.l2 * theta if self.l2 > 0 else gradient


def _blocks(theta: np.ndarray) -> Iterator[slice]:
    """Yield the blocks of a vector, the last of which may be short."""
    size = BLOCK // theta.itemsize
    for first in range(0, theta.size, size):
        yield slice(first, first + size)
