"""Training on a sphere: any optimiser, with the norm of the parameters held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory import checks
from theory.optimiser import Optimiser, require_optimiser


@dataclass(frozen=True)
class Clamped:
    r"""Another optimiser, whose parameters are scaled to a given norm after every update.

    .. math:: \theta \leftarrow \text{norm} \cdot \theta / |\theta|

    Attributes
    ----------
    optimiser
        Any other, such as `Adam`; what it averages is all that is kept.
    norm
        2-norm of all parameters after an update, above 0. The start is left as it is.

    Raises
    ------
    ValueError
        If `optimiser` is none or `norm` is out of its range.

    Notes
    -----
    The constrained training of Liu et al. (2023), "Omnigrok: grokking beyond algorithmic data".

    Examples
    --------
    >>> from theory.networks import GradientDescent
    >>> theta = np.array([3.0, 5.0])
    >>> optimiser = Clamped(GradientDescent(learning_rate=1.0), norm=10.0)
    >>> optimiser.step(theta, np.array([0.0, 1.0]), optimiser.start(theta), updates=0)
    >>> theta
    array([6., 8.])
    """

    optimiser: Optimiser
    norm: float

    def __post_init__(self) -> None:
        require_optimiser("optimiser", self.optimiser)
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
