r"""From what heads attend to to the logits of the one-layer transformer, and back: two ways.

With z what the heads of an example attend to, and :math:`x_e` its last token,

.. math:: r = [z, 1] \begin{bmatrix} W_O \\ x_e \end{bmatrix}, \qquad
          h = \max(0, r W_{in}), \qquad o = (r + h W_{out}) W_U .

`Streamed` computes that. `Folded` multiplies matrices that no ReLU keeps apart once a step,

.. math:: r W_{in} = [z, 1] \Bigl( \begin{bmatrix} W_O \\ x_e \end{bmatrix} W_{in} \Bigr), \qquad
          o = [h, z, 1] \Bigl( \begin{bmatrix} W_{out} \\ W_O \\ x_e \end{bmatrix} W_U \Bigr),

so that r is never computed: each example takes fewer operations, and each step some more.
All arrays are made once: with few examples as much time would go into fresh memory.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from theory.networks.chunks import SumOfProducts, relu, relu_backward
from theory.networks.parameters import Parameters
from theory.networks.token_tables import Sizes


class Shape(Sizes, Protocol):
    """The widths of a transformer."""

    @property
    def d_mlp(self) -> int:
        """Hidden units of the MLP."""


class Way(Protocol):
    """One way, for up to so many examples at once.

    ``attended``, shape (rows, heads times d_head + 1), is to be filled but for its last column,
    which is 1. A step is `begin`, then `forward` and `backward` for each chunk, then `end`.
    """

    attended: np.ndarray

    def begin(self, parameters: Parameters, last: np.ndarray, gradient: Parameters) -> None:
        """Begin a step with these parameters and the last token, shape (d_model,).

        Until the end the gradient of the matrices after attention is not to be touched.
        """

    def forward(self, logits: np.ndarray) -> None:
        """Write the logits of as many rows of what is attended to, shape (rows, num_labels)."""

    def backward(self, d_logits: np.ndarray) -> np.ndarray:
        """Add the gradient of the same rows, and return that of what they attend to."""

    def end(self) -> np.ndarray:
        """Complete the gradient of these matrices; return that of the last token."""


def way(network: Shape, num_labels: int, rows: int, examples: int, dtype: str) -> Way:
    """Return the way of fewer operations for so many examples, in chunks of so many rows."""
    streamed, folded = products(network, num_labels, examples)
    kind = Folded if folded < streamed else Streamed
    return kind(network, num_labels, rows, dtype)


def products(network: Shape, num_labels: int, examples: int) -> tuple[int, int]:
    """Return how many products a step forward takes by the stream, and folded.

    Examples
    --------
    >>> from theory.networks import Transformer
    >>> streamed, folded = products(Transformer(), num_labels=113, examples=390)
    >>> streamed < folded
    True
    """
    d_model, d_mlp, attended = network.d_model, network.d_mlp, network.heads * network.d_head + 1
    streamed = (attended + 2 * d_mlp + num_labels) * d_model
    folded = attended * d_mlp + (attended + d_mlp) * num_labels
    return examples * streamed, (examples + d_model) * folded


class Streamed:
    """By the residual stream."""

    def __init__(self, network: Shape, num_labels: int, rows: int, dtype: str) -> None:
        attended, d_model = network.heads * network.d_head, network.d_model
        self.attended = np.ones((rows, attended + 1), dtype)
        self._d_attended = np.empty((rows, attended), dtype)
        self._before, self._after, self._d_stream = np.empty((3, rows, d_model), dtype)
        self._h, self._d_z = np.empty((2, rows, network.d_mlp), dtype)
        self._to_stream, self._d_to_stream = np.empty((2, attended + 1, d_model), dtype)
        shapes = {"W_in": (d_model, network.d_mlp), "W_U": (d_model, num_labels)}
        shapes |= {"W_out": (network.d_mlp, d_model), "W_O": (attended + 1, d_model)}
        self._sums = {name: SumOfProducts(shape, dtype) for name, shape in shapes.items()}

    def begin(self, parameters: Parameters, last: np.ndarray, gradient: Parameters) -> None:
        """Begin a step."""
        self._parameters, self._gradient = parameters, gradient
        self._to_stream[:-1], self._to_stream[-1] = parameters["W_O"], last
        for name, products in self._sums.items():
            products.begin(self._d_to_stream if name == "W_O" else gradient[name])

    def forward(self, logits: np.ndarray) -> None:
        """Write the logits."""
        rows, parameters = len(logits), self._parameters
        before, after, h = (array[:rows] for array in (self._before, self._after, self._h))
        np.dot(self.attended[:rows], self._to_stream, out=before)
        np.dot(before, parameters["W_in"], out=h)
        relu(h, h)
        np.dot(h, parameters["W_out"], out=after)
        after += before
        np.dot(after, parameters["W_U"], out=logits)

    def backward(self, d_logits: np.ndarray) -> np.ndarray:
        """Add the gradient."""
        rows, parameters = len(d_logits), self._parameters
        before, after, h = (array[:rows] for array in (self._before, self._after, self._h))
        d_stream, d_z, d_attended = (
            array[:rows] for array in (self._d_stream, self._d_z, self._d_attended)
        )
        self._sums["W_U"].add(after, d_logits)
        np.dot(d_logits, parameters["W_U"].T, out=d_stream)
        self._sums["W_out"].add(h, d_stream)
        np.dot(d_stream, parameters["W_out"].T, out=d_z)
        relu_backward(h, d_z)
        self._sums["W_in"].add(before, d_z)
        # What comes after the MLP is not needed any more.
        d_stream += np.dot(d_z, parameters["W_in"].T, out=after)
        self._sums["W_O"].add(self.attended[:rows], d_stream)
        np.dot(d_stream, parameters["W_O"].T, out=d_attended)
        return d_attended

    def end(self) -> np.ndarray:
        """Complete the gradient."""
        self._gradient["W_O"][:] = self._d_to_stream[:-1]
        d_last: np.ndarray = self._d_to_stream[-1]
        return d_last


class Folded:
    """Without it, by products of matrices that are taken once a step."""

    def __init__(self, network: Shape, num_labels: int, rows: int, dtype: str) -> None:
        d_mlp, attended = network.d_mlp, network.heads * network.d_head
        self._d_mlp = d_mlp
        self._joint = np.ones((rows, d_mlp + attended + 1), dtype)  # the last column stays 1
        self.attended = self._joint[:, d_mlp:]
        self._d_joint = np.empty((rows, d_mlp + attended), dtype)
        self._d_attended = np.empty((rows, attended), dtype)
        self._to_stream, self._d_to_stream = np.empty(
            (2, d_mlp + attended + 1, network.d_model), dtype
        )
        to_mlp, to_logits = (attended + 1, d_mlp), (d_mlp + attended + 1, num_labels)
        self._to_mlp, self._d_to_mlp = np.empty((2, *to_mlp), dtype)
        self._to_logits, self._d_to_logits = np.empty((2, *to_logits), dtype)
        self._mlp_sum, self._logits_sum = (
            SumOfProducts(shape, dtype) for shape in (to_mlp, to_logits)
        )

    def begin(self, parameters: Parameters, last: np.ndarray, gradient: Parameters) -> None:
        """Begin a step."""
        self._parameters, self._gradient = parameters, gradient
        to_stream, d_mlp = self._to_stream, self._d_mlp
        to_stream[:d_mlp], to_stream[d_mlp:-1] = parameters["W_out"], parameters["W_O"]
        to_stream[-1] = last
        np.dot(to_stream, parameters["W_U"], out=self._to_logits)
        np.dot(to_stream[d_mlp:], parameters["W_in"], out=self._to_mlp)
        self._mlp_sum.begin(self._d_to_mlp)
        self._logits_sum.begin(self._d_to_logits)

    def forward(self, logits: np.ndarray) -> None:
        """Write the logits."""
        rows = len(logits)
        joint = self._joint[:rows]
        h = joint[:, : self._d_mlp]
        np.matmul(self.attended[:rows], self._to_mlp, out=h)
        relu(h, h)
        np.dot(joint, self._to_logits, out=logits)

    def backward(self, d_logits: np.ndarray) -> np.ndarray:
        """Add the gradient."""
        rows, d_mlp = len(d_logits), self._d_mlp
        d_joint, d_attended = self._d_joint[:rows], self._d_attended[:rows]
        self._logits_sum.add(self._joint[:rows], d_logits)
        np.dot(d_logits, self._to_logits[:-1].T, out=d_joint)
        d_z = d_joint[:, :d_mlp]
        relu_backward(self._joint[:rows, :d_mlp], d_z)
        self._mlp_sum.add(self.attended[:rows], d_z)
        np.dot(d_z, self._to_mlp[:-1].T, out=d_attended)
        d_attended += d_joint[:, d_mlp:]
        return d_attended

    def end(self) -> np.ndarray:
        """Complete the gradient."""
        parameters, gradient = self._parameters, self._gradient
        d_mlp, to_stream, d_to_stream = self._d_mlp, self._to_stream, self._d_to_stream
        np.dot(to_stream.T, self._d_to_logits, out=gradient["W_U"])
        np.dot(to_stream[d_mlp:].T, self._d_to_mlp, out=gradient["W_in"])
        np.dot(self._d_to_logits, parameters["W_U"].T, out=d_to_stream)
        d_to_stream[d_mlp:] += self._d_to_mlp @ parameters["W_in"].T
        gradient["W_out"][:] = d_to_stream[:d_mlp]
        gradient["W_O"][:] = d_to_stream[d_mlp:-1]
        d_last: np.ndarray = d_to_stream[-1]
        return d_last
