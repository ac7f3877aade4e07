"""The sum of absolute values as a penalty, with any optimiser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory import checks
from theory.optimiser import Optimiser, require_optimiser


@dataclass(frozen=True)
class Lasso:
    r"""Another optimiser, with the penalty :math:`\eta \sum_i |\theta_i|` in the loss.

    .. math:: g \leftarrow g + \eta \operatorname{sign} \theta

    Attributes
    ----------
    optimiser
        Any other, such as `Adam`; what it averages is all that is kept.
    l1
        :math:`\eta > 0`.

    Raises
    ------
    ValueError
        If `optimiser` is none or `l1` is out of its range.

    Notes
    -----
    Parameters are not set to zero: those that the penalty holds there go to and fro by a step.

    Examples
    --------
    >>> from theory.networks import GradientDescent
    >>> theta = np.array([3.0, -5.0])
    >>> optimiser = Lasso(GradientDescent(learning_rate=1.0), l1=0.5)
    >>> optimiser.step(theta, np.zeros(2), optimiser.start(theta), updates=0)
    >>> theta
    array([ 2.5, -4.5])
    """

    optimiser: Optimiser
    l1: float

    def __post_init__(self) -> None:
        require_optimiser("optimiser", self.optimiser)
        checks.settle(self, checks.number, "l1", above=0)

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state of the other optimiser before the first update."""
        return self.optimiser.start(theta)

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place."""
        self.optimiser.step(theta, gradient + self.l1 * np.sign(theta), state, updates)
