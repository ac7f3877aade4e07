"""What a network is to the training loop, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from theory.networks.parameters import Parameters
from theory.networks.tasks import Task

#: Called with parameters and room for their gradient: overwrites the latter and returns the loss.
LossAndGradient = Callable[[Parameters, Parameters], float]


class Forward(Protocol):
    """What a forward pass leaves behind: the logits, and whatever the backward pass needs."""

    @property
    def logits(self) -> np.ndarray:
        """What the network says, shape (examples, num_labels)."""


@runtime_checkable
class Network(Protocol):
    """A frozen dataclass of sizes and scales, with a forward and a backward pass.

    A network holds no parameters: they go into each pass and are changed by the optimiser alone.
    Its fields say everything about it, so they are written into the records of a run. How it
    encodes its inputs, and what it keeps from a forward pass, is its own affair.

    Examples
    --------
    >>> from theory.networks import TwoLayer
    >>> isinstance(TwoLayer(width=8), Network)
    True
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def zeros(self, task: Task, dtype: str) -> Parameters:
        """Return parameters for `task`, or room for their gradient, all zero."""

    def initialise(self, task: Task, rng: np.random.Generator, dtype: str) -> Parameters:
        """Return parameters at a random start."""

    def encode(self, task: Task, examples: np.ndarray, dtype: str) -> Any:
        """Return the inputs of those `examples` (indices) as the network reads them."""

    def forward(self, parameters: Parameters, inputs: Any) -> Forward:
        """Return the logits of encoded `inputs`, with what led to them."""

    def backward(
        self, parameters: Parameters, activations: Any, d_logits: np.ndarray, gradient: Parameters
    ) -> None:
        """Overwrite `gradient` with the derivative of the loss whose derivative is `d_logits`.

        Parameters
        ----------
        parameters, activations
            What went into the forward pass and what came out of it.
        d_logits
            Derivative of the loss with respect to the logits, shape (examples, num_labels).
        gradient
            Where the result goes.
        """


@runtime_checkable
class Fast(Protocol):
    """What a network may offer beside its plain passes: a faster way through the same examples."""

    def fast(self, task: Task, examples: np.ndarray, dtype: str) -> LossAndGradient | None:
        """Return loss and gradient over those `examples` (indices), or None if it has none.

        The loss is the mean cross-entropy. The numbers are those of the plain passes, to rounding,
        and the bits are the same every time.
        """
