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


@dataclass(frozen=True)
class GradientDescent:
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
        _check(self, "learning_rate", above=0)
        _check(self, "l2", at_least=0)
        _check(self, "weight_decay", at_least=0)
        _check(self, "momentum", at_least=0, below=1)

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state before the first update: v in a row, or no row without momentum."""
        return np.zeros((1 if self.momentum > 0 else 0, theta.size), theta.dtype)

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place."""
        direction = _with_penalty(gradient, theta, self.l2)
        if self.momentum > 0:
            (velocity,) = state
            velocity *= self.momentum
            velocity += direction
            direction = velocity
        theta *= 1 - self.learning_rate * self.weight_decay
        theta -= self.learning_rate * direction


@dataclass(frozen=True)
class Adam:
    r"""Adam, with the penalty as part of the loss.

    .. math:: g \leftarrow g + \gamma \theta, \quad
              m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
              v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
              \theta \leftarrow \theta - \lambda\,
              \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Attributes
    ----------
    learning_rate
        :math:`\lambda > 0`.
    l2
        :math:`\gamma \ge 0`, for :math:`\tfrac\gamma2 |\theta|^2` in the loss.
    betas
        :math:`\beta_1, \beta_2`, each in [0, 1).
    epsilon
        :math:`\epsilon > 0`.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Notes
    -----
    Kingma and Ba (2015), Algorithm 1; t counts updates from 1.

    Examples
    --------
    >>> theta = np.array([1.0, 1.0])
    >>> optimiser = Adam(learning_rate=0.1)
    >>> optimiser.step(theta, np.array([2.0, -30.0]), optimiser.start(theta), updates=0)
    >>> theta.round(6)
    array([0.9, 1.1])
    """

    learning_rate: float
    l2: float = 0.0
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _check(self, "learning_rate", above=0)
        _check(self, "l2", at_least=0)
        _check(self, "epsilon", above=0)
        _check_betas(self)

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state before the first update: m and v, an array of shape (2, size)."""
        return np.zeros((2, theta.size), theta.dtype)

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place."""
        gradient = _with_penalty(gradient, theta, self.l2)
        direction = _adam_direction(gradient, state, updates, self.betas, self.epsilon)
        theta -= self.learning_rate * direction


@dataclass(frozen=True)
class AdamW:
    r"""Adam with decoupled weight decay.

    .. math:: \theta \leftarrow \theta - \lambda\, \omega\, \theta - \lambda\,
              \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    where m and v average the gradient of the loss alone.

    Attributes
    ----------
    learning_rate
        :math:`\lambda > 0`.
    weight_decay
        :math:`\omega \ge 0`; each update shrinks the parameters by :math:`\lambda \omega`.
    betas
        :math:`\beta_1, \beta_2`, each in [0, 1).
    epsilon
        :math:`\epsilon > 0`.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Notes
    -----
    Loshchilov and Hutter (2019), "Decoupled weight decay regularization", with the decay
    multiplied by the learning rate; the optimiser of the paper's Section 5.

    Examples
    --------
    >>> theta = np.array([1.0])
    >>> optimiser = AdamW(learning_rate=0.1, weight_decay=1.0)
    >>> optimiser.step(theta, np.array([2.0]), optimiser.start(theta), updates=0)
    >>> theta.round(6)
    array([0.8])
    """

    learning_rate: float
    weight_decay: float
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _check(self, "learning_rate", above=0)
        _check(self, "weight_decay", at_least=0)
        _check(self, "epsilon", above=0)
        _check_betas(self)

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state before the first update: m and v, an array of shape (2, size)."""
        return np.zeros((2, theta.size), theta.dtype)

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place."""
        direction = _adam_direction(gradient, state, updates, self.betas, self.epsilon)
        theta *= 1 - self.learning_rate * self.weight_decay
        theta -= self.learning_rate * direction


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
        _check(self, "norm", above=0)

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


def _with_penalty(gradient: np.ndarray, theta: np.ndarray, l2: float) -> np.ndarray:
    """Return the gradient of the loss plus (l2/2) |theta|^2."""
    return gradient + l2 * theta if l2 > 0 else gradient


def _adam_direction(
    gradient: np.ndarray,
    state: np.ndarray,
    updates: int,
    betas: tuple[float, float],
    epsilon: float,
) -> np.ndarray:
    """Bring the moments up to date in place and return what the learning rate multiplies."""
    for moment, power, beta in zip(state, (gradient, gradient * gradient), betas, strict=True):
        moment *= beta
        moment += (1 - beta) * power
    # Both moments start at 0; dividing by the weight of what they have seen takes the bias out.
    mean, mean_square = (
        moment / (1 - beta ** (updates + 1)) for moment, beta in zip(state, betas, strict=True)
    )
    direction: np.ndarray = mean / (np.sqrt(mean_square) + epsilon)
    return direction


def _check(optimiser: Optimiser, name: str, **bounds: float) -> None:
    value = checks.number(name, getattr(optimiser, name), **bounds)
    object.__setattr__(optimiser, name, value)


def _check_betas(optimiser: Adam | AdamW) -> None:
    try:
        first, second = optimiser.betas
    except (TypeError, ValueError) as error:
        raise ValueError(f"betas must be two numbers, got {optimiser.betas!r}") from error
    betas = tuple(checks.number("betas", beta, at_least=0, below=1) for beta in (first, second))
    object.__setattr__(optimiser, "betas", betas)
