r"""Optimisers: frozen settings, an explicit state, and one short step.

``start(theta)`` returns the state before the first update, an array of shape (rows, size) with
one row for each running average that the optimiser keeps. ``step(theta, gradient, state,
updates)`` does one update in place, where ``updates`` is the number done before. ``theta`` and
``gradient`` are flat vectors of shape (size,). Together (theta, state, updates) is all there is
to know to go on from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory import checks
from theory.networks.adam import Adam, AdamW
from theory.networks.blockwise import Blockwise, descend, with_penalty


@dataclass(frozen=True)
class GradientDescent(Blockwise):
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
        checks.settle(self, checks.number, "learning_rate", above=0)
        checks.settle(self, checks.number, "l2", "weight_decay", at_least=0)
        checks.settle(self, checks.number, "momentum", at_least=0, below=1)

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state before the first update: v in a row, or no row without momentum."""
        return np.zeros((1 if self.momentum > 0 else 0, theta.size), theta.dtype)

    def _update(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        direction = with_penalty(gradient, theta, self.l2)
        if self.momentum > 0:
            (velocity,) = state
            velocity *= self.momentum
            velocity += direction
            direction = velocity
        descend(theta, direction, self.learning_rate, self.weight_decay)


@dataclass(frozen=True)
class Clamped:
    r"""Another optimiser, whose parameters are scaled to a given norm after every update.

    .. math:: \theta \leftarrow \text{norm} \cdot \theta / |\theta|

    Attributes
    ----------
    optimiser
        `GradientDescent`, `Adam` or `AdamW`.
    norm
        2-norm of all parameters after an update, above 0. The start is left as it is.

    Raises
    ------
    ValueError
        If `optimiser` is none of these or `norm` is out of its range.

    Notes
    -----
    The constrained training of Liu et al. (2023), "Omnigrok: grokking beyond algorithmic data".

    Examples
    --------
    >>> theta = np.array([3.0, 5.0])
    >>> optimiser = Clamped(GradientDescent(learning_rate=1.0), norm=10.0)
    >>> optimiser.step(theta, np.array([0.0, 1.0]), optimiser.start(theta), updates=0)
    >>> theta
    array([6., 8.])
    """

    optimiser: GradientDescent | Adam | AdamW
    norm: float

    def __post_init__(self) -> None:
        if not isinstance(self.optimiser, GradientDescent | Adam | AdamW):
            raise ValueError(f"optimiser must be a plain one, got {self.optimiser!r}")
        checks.settle(self, checks.number, "norm", above=0)

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state of the other optimiser before the first update."""
        return self.optimiser.start(theta)

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place."""
        self.optimiser.step(theta, gradient, state, updates)
        theta *= self.norm / np.linalg.norm(theta)


#: What `theory.networks.train` takes.
Optimiser = GradientDescent | Adam | AdamW | Clamped
