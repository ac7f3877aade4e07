"""Matrices whose largest singular value is bounded, with any optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np

from theory import checks
from theory.networks.parameters import Parameters
from theory.optimiser import Optimiser, require_optimiser


@dataclass(frozen=True)
class SpectralBound:
    r"""Another optimiser, whose matrices are scaled down where one stretches a vector too much.

    .. math:: M \leftarrow M \min\bigl(1,\; s / \sigma_1(M)\bigr)

    after every update, for each matrix M of the parameters and its largest singular value.

    Attributes
    ----------
    optimiser
        Any other, such as `Adam`; what it averages is all that is kept.
    bound
        s > 0.
    shapes
        Rows and columns of each matrix, in the order of the parameters: `shapes_of`.

    Raises
    ------
    ValueError
        If `optimiser` is none, a value is out of its range, or the parameters that it is given are
        more or fewer than the entries of the matrices.

    Notes
    -----
    A bound in place of the division by the singular value of Miyato et al. (2018), "Spectral
    normalization for generative adversarial networks".

    Examples
    --------
    >>> from theory.networks import GradientDescent
    >>> theta = np.array([4.0, 0.0, 0.0, 1.0, 0.5])
    >>> optimiser = SpectralBound(GradientDescent(1.0), bound=2.0, shapes=((2, 2), (1, 1)))
    >>> optimiser.step(theta, np.zeros(5), optimiser.start(theta), updates=0)
    >>> theta
    array([2. , 0. , 0. , 0.5, 0.5])
    """

    optimiser: Optimiser
    bound: float
    shapes: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        require_optimiser("optimiser", self.optimiser)
        checks.settle(self, checks.number, "bound", above=0)
        checks.settle(self, _pairs, "shapes")

    @property
    def size(self) -> int:
        """How many parameters it is made for."""
        return sum(rows * columns for rows, columns in self.shapes)

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state of the other optimiser before the first update."""
        if theta.size != self.size:
            raise ValueError(f"shapes must hold {theta.size} parameters, got {self.shapes}")
        return self.optimiser.start(theta)

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place."""
        self.optimiser.step(theta, gradient, state, updates)
        first = 0
        for rows, columns in self.shapes:
            entries = theta[first : first + rows * columns]
            matrix = entries.reshape(rows, columns)
            entries *= self.bound / max(self.bound, float(np.linalg.norm(matrix, 2)))
            first += rows * columns


def shapes_of(parameters: Parameters) -> tuple[tuple[int, int], ...]:
    """Return rows and columns of each array of parameters, as `SpectralBound` takes them.

    Raises
    ------
    ValueError
        If one of them is no matrix.

    Examples
    --------
    >>> shapes_of(Parameters({"E": (4, 3), "W": (3, 2)}, "float32"))
    ((4, 3), (3, 2))
    """
    return _pairs("parameters", [array.shape for array in parameters.values()])


def _pairs(name: str, shapes: Any) -> tuple[tuple[int, int], ...]:
    try:
        pairs = tuple((index(rows), index(columns)) for rows, columns in shapes)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be rows and columns of matrices, got {shapes!r}") from error
    if not pairs or min(min(pair) for pair in pairs) < 1:
        raise ValueError(f"{name} must be numbers of at least 1, in pairs, got {shapes!r}")
    return pairs
