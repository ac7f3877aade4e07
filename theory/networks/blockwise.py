"""What the optimisers share: they go through the parameters in blocks that stay in the cache."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

#: Bytes of a vector that are updated at once. From 128 KiB on, an intermediate result may come from
#: the system anew each time, which takes longer than the arithmetic.
BLOCK = 96 * 1024


class Blockwise(ABC):
    """An optimiser that treats every entry by itself, and so may go through them in blocks."""

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place."""
        size = BLOCK // theta.itemsize
        for first in range(0, theta.size, size):
            block = slice(first, first + size)
            self._update(theta[block], gradient[block], state[:, block], updates)

    @abstractmethod
    def _update(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of some entries in place."""


def with_penalty(gradient: np.ndarray, theta: np.ndarray, l2: float) -> np.ndarray:
    """Return the gradient of the loss plus (l2/2) |theta|^2."""
    return gradient + l2 * theta if l2 > 0 else gradient


def descend(
    theta: np.ndarray, direction: np.ndarray, learning_rate: float, weight_decay: float
) -> None:
    """Shrink `theta` by the decoupled decay and go against `direction`, in place."""
    if weight_decay > 0:
        theta *= 1 - learning_rate * weight_decay
    theta -= learning_rate * direction
