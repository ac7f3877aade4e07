"""The two-layer network over a fixed set of examples, fast.

The plain passes read and write the activations of all examples at every operation, from main
memory. Here the examples go through in chunks that stay in the processor's cache, forward and
back at once, into arrays that are made once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from scipy import sparse

from theory.networks.chunks import Chunk, cut, relu, relu_backward, softmax_and_back
from theory.networks.inputs import Encoded
from theory.networks.parameters import Parameters
from theory.networks.tasks import Task

#: Largest number of examples in a chunk: measured on networks of width 128 and 512.
ROWS = 640


class OneHidden(Protocol):
    """What is read here of a `TwoLayer`, which offers this fast path and so comes after it."""

    @property
    def width(self) -> int:
        """Hidden units."""

    @property
    def activation(self) -> str:
        """The name of the activation."""

    def encode(self, task: Task, examples: np.ndarray, dtype: str) -> Encoded:
        """Return the inputs of those `examples` (indices) as the network reads them."""


class FastTwoLayer:
    r"""Loss and gradient of a `TwoLayer` over the same examples again and again.

    The loss is the mean cross-entropy. The numbers are those of `TwoLayer.forward` and
    `TwoLayer.backward`, to rounding. Takes what `theory.networks.fast_loss_and_gradient` takes,
    with a network without biases and a task whose inputs are tokens.

    Examples
    --------
    >>> from theory.networks import TwoLayer, modular_addition
    >>> network, task = TwoLayer(width=8), modular_addition(5)
    >>> fast = FastTwoLayer(network, task, np.arange(20), "float64")
    >>> parameters, gradient = network.zeros(task, "float64"), network.zeros(task, "float64")
    >>> round(fast(parameters, gradient), 6)
    1.609438
    """

    def __init__(self, network: OneHidden, task: Task, examples: np.ndarray, dtype: str) -> None:
        self._network = network
        self._activate, self._activate_backward, self._factor = _IN_PLACE[network.activation]
        tokens = sparse.csr_array(network.encode(task, examples, dtype))
        self._chunks = cut(tokens, task.labels[examples], ROWS)
        rows = max(chunk.labels.size for chunk in self._chunks)
        self._hidden = np.empty((rows, network.width), dtype)
        self._logits = np.empty((rows, task.num_labels), dtype)
        self._d_weight = np.empty((2, task.num_labels, network.width), dtype)
        self._examples = examples.size

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._network!r})"

    def __call__(self, parameters: Parameters, gradient: Parameters) -> float:
        """Return the mean cross-entropy and overwrite `gradient` with its derivative."""
        gradient.flat[:] = 0
        self._d_weight[0] = 0
        back = np.ascontiguousarray(parameters["W"].T)
        loss = sum(self._add(chunk, parameters, back, gradient) for chunk in self._chunks)
        gradient["E"][:] *= self._factor
        gradient["W"][:] = self._d_weight[0].T
        return loss

    def _add(
        self, chunk: Chunk, parameters: Parameters, back: np.ndarray, gradient: Parameters
    ) -> float:
        """Add the gradient of one chunk, up to factors, and return its part of the loss."""
        hidden, logits = (array[: chunk.labels.size] for array in (self._hidden, self._logits))
        total, part = self._d_weight
        z = chunk.tokens @ parameters["E"]
        self._activate(z, hidden)
        np.dot(hidden, parameters["W"], out=logits)
        loss = softmax_and_back(logits, chunk.labels, self._examples)
        total += np.dot(logits.T, hidden, out=part)
        d_hidden = np.dot(logits, back, out=hidden)
        self._activate_backward(z, d_hidden)
        gradient["E"][:] += chunk.back @ d_hidden
        return loss


def _square(z: np.ndarray, out: np.ndarray) -> None:
    np.multiply(z, z, out=out)


def _square_backward(z: np.ndarray, d: np.ndarray) -> None:
    d *= z  # the factor 2 comes in at the end, once a step


def _cube(z: np.ndarray, out: np.ndarray) -> None:
    np.multiply(z, z, out=out)
    out *= z


def _cube_backward(z: np.ndarray, d: np.ndarray) -> None:
    d *= z
    d *= z


_InPlace = Callable[[np.ndarray, np.ndarray], None]

#: Forward pass, backward pass up to a factor, and the factor.
_IN_PLACE: Mapping[str, tuple[_InPlace, _InPlace, int]] = {
    "square": (_square, _square_backward, 2),
    "cube": (_cube, _cube_backward, 3),
    "relu": (relu, relu_backward, 1),
}
