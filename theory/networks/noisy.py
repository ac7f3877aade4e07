"""Noise on the weights, with any optimiser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory import checks
from theory.optimiser import Optimiser, require_optimiser


@dataclass(frozen=True)
class Noisy:
    r"""Another optimiser, which follows the gradient at weights that are off by noise.

    .. math:: g = \nabla L(\theta + \sigma \xi), \qquad \xi_i \sim \mathcal N(0, 1)

    The noise is drawn anew for each update and does not stay in the weights, so that on average it
    is the loss smeared out by it that is descended. What is recorded of a run is without it.

    Attributes
    ----------
    optimiser
        Any other, such as `Adam`; what it averages is all that is kept.
    noise
        :math:`\sigma > 0`.
    seed
        Of the noise, at least 0.

    Raises
    ------
    ValueError
        If `optimiser` is none or a number is out of its range.

    Notes
    -----
    An (1996), "The effects of adding noise during backpropagation training on a generalization
    performance".

    Examples
    --------
    >>> from theory.networks import GradientDescent
    >>> optimiser = Noisy(GradientDescent(learning_rate=1.0), noise=0.1)
    >>> theta = np.zeros(2)
    >>> off = optimiser.probe(theta, updates=0)
    >>> bool(np.all(off != theta)), bool(np.all(off == optimiser.probe(theta, updates=0)))
    (True, True)
    """

    optimiser: Optimiser
    noise: float
    seed: int = 0

    def __post_init__(self) -> None:
        require_optimiser("optimiser", self.optimiser)
        checks.settle(self, checks.number, "noise", above=0)
        checks.settle(self, checks.integer, "seed", at_least=0)

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state of the other optimiser before the first update."""
        return self.optimiser.start(theta)

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place."""
        self.optimiser.step(theta, gradient, state, updates)

    def probe(self, theta: np.ndarray, updates: int) -> np.ndarray:
        """Return where the gradient of the next update is taken, shape (size,)."""
        rng = np.random.default_rng([self.seed, updates])
        off: np.ndarray = theta + self.noise * rng.standard_normal(theta.size, theta.dtype)
        return off
