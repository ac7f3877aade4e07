"""Parameters of which some stay as they are, with any optimiser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory import checks
from theory.optimiser import Optimiser, require_optimiser


@dataclass(frozen=True)
class Frozen:
    """Another optimiser, which does not change the first of the parameters.

    Attributes
    ----------
    optimiser
        Any other, such as `Adam`; what it averages is all that is kept.
    held
        How many stay as they are, at least 1.
    free
        How many others there are, at least 1.

    Raises
    ------
    ValueError
        If `optimiser` is none, a number is out of its range, or the parameters that it is given are
        more or fewer than both numbers together.

    Examples
    --------
    >>> from theory.networks import GradientDescent
    >>> theta = np.array([3.0, 5.0])
    >>> optimiser = Frozen(GradientDescent(learning_rate=1.0), held=1, free=1)
    >>> optimiser.step(theta, np.ones(2), optimiser.start(theta), updates=0)
    >>> theta
    array([3., 4.])
    """

    optimiser: Optimiser
    held: int
    free: int

    def __post_init__(self) -> None:
        require_optimiser("optimiser", self.optimiser)
        checks.settle(self, checks.integer, "held", "free", at_least=1)

    @property
    def size(self) -> int:
        """How many parameters it is made for."""
        return self.held + self.free

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state of the other optimiser before the first update."""
        if theta.size != self.size:
            raise ValueError(
                f"held and free must add up to {theta.size} parameters, got {self.held} and "
                f"{self.free}"
            )
        return self.optimiser.start(theta)

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place."""
        held = theta[: self.held].copy()
        self.optimiser.step(theta, gradient, state, updates)
        theta[: self.held] = held
