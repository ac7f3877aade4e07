r"""What an optimiser is, to networks and to the minimal model: a start and an update.

All there is to know to go on from anywhere is (theta, state, updates): the parameters, what the
optimiser has averaged, and the number of updates that went into that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import Field
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Optimiser(Protocol):
    """A frozen dataclass of settings with a start and an update, both pure (derived here).

    Whatever has these two trains networks and the model, in stages and from checkpoints. Its fields
    are numbers, strings or tuples of them: they are written into the records of a run. One that
    changes what another does keeps that in a field called ``optimiser``, and has its state. One
    that is made for a certain number of parameters says so by an attribute ``size``, and its start
    refuses others.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class SignDescent:
    ...     learning_rate: float
    ...
    ...     def start(self, theta):
    ...         return np.zeros((0, theta.size), theta.dtype)
    ...
    ...     def step(self, theta, gradient, state, updates):
    ...         theta -= self.learning_rate * np.sign(gradient)
    >>> isinstance(SignDescent(0.1), Optimiser)
    True
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def start(self, theta: np.ndarray) -> np.ndarray:
        """Return the state before the first update, shape (rows, size).

        There is a row for each running average, in the precision of `theta`, shape (size,).
        """

    def step(
        self, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, updates: int
    ) -> None:
        """Do one update of `theta` and `state` in place, after `updates` others.

        The gradient stays as it is, and nothing is returned.

        Parameters
        ----------
        theta, gradient
            Parameters, and the derivative of the loss at them, shape (size,).
        state
            What `start` and the updates before have made, shape (rows, size).
        updates
            Number of updates that went into `state`.
        """


@runtime_checkable
class Probing(Protocol):
    """What an optimiser may offer besides: to take the gradient elsewhere than where it stands."""

    def probe(self, theta: np.ndarray, updates: int) -> np.ndarray:
        """Return where the gradient of the next update is taken, shape (size,).

        Parameters
        ----------
        theta
            Parameters, shape (size,), which stay as they are.
        updates
            Number of updates that were done with this optimiser.
        """


def layers_of(optimiser: Optimiser) -> Iterator[Optimiser]:
    """Yield an optimiser, then the one whose updates it changes, if it does, and so on.

    Examples
    --------
    >>> from theory.networks import Adam, Clamped
    >>> [type(each).__name__ for each in layers_of(Clamped(Adam(0.1), norm=2.0))]
    ['Clamped', 'Adam']
    """
    yield optimiser
    while hasattr(optimiser, "optimiser"):
        optimiser = optimiser.optimiser
        yield optimiser


def probed(optimiser: Optimiser, theta: np.ndarray, updates: int) -> np.ndarray:
    """Return where the gradient of the next update is taken, shape (size,).

    That is `theta` itself, unless an optimiser or one whose updates it changes is `Probing`; of
    several, each goes on from where those outside of it have come to.

    Parameters
    ----------
    optimiser
        Any.
    theta, updates
        As `Probing.probe` takes them.
    """
    for each in layers_of(optimiser):
        if isinstance(each, Probing):
            theta = each.probe(theta, updates)
    return theta


def require_optimiser(name: str, value: object) -> None:
    """Refuse what is no optimiser, or the class of one: two updates are tried.

    Raises
    ------
    ValueError
        If it is none, its state is not as `Optimiser.start` says, or a step does anything but to
        change `theta` and `state` in place; names the argument and the value.

    Examples
    --------
    >>> require_optimiser("optimiser", 0.1)
    Traceback (most recent call last):
    ...
    ValueError: optimiser must be a dataclass with a start and a step, got 0.1
    """
    if isinstance(value, type) or not isinstance(value, Optimiser):
        raise ValueError(f"{name} must be a dataclass with a start and a step, got {value!r}")
    # So small that no step is lost to rounding.
    size = next((each.size for each in layers_of(value) if hasattr(each, "size")), 2)
    theta, gradient = np.full(size, 1e-15, "float32"), np.ones(size, "float32")
    before, state = theta.copy(), value.start(theta)
    if not isinstance(state, np.ndarray) or (*state.shape[1:], state.dtype) != (size, theta.dtype):
        raise ValueError(
            f"{name} must start with a state of shape (rows, {size}) and of {theta.dtype} for "
            f"{size} parameters of that, got {state!r} from {value!r}"
        )
    step: Callable[..., object] = value.step
    with np.errstate(all="ignore"):
        # The first may do nothing, as a warm-up does.
        returned = [step(theta, gradient, state, updates) for updates in range(2)]
    if any(each is not None for each in returned) or np.array_equal(theta, before):
        raise ValueError(
            f"{name} must change theta in place and return nothing, got {value!r}, which made "
            f"{theta} of {before} and returned {returned[-1]!r}"
        )
    if np.any(gradient != 1):
        raise ValueError(f"{name} must leave the gradient as it is, got {value!r}, which does not")
