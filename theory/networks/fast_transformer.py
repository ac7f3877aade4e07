r"""The one-layer transformer over a fixed set of examples, fast.

Attention comes from tables with a row for each token, not for each example (see
`theory.networks.token_tables`). Matrices that no ReLU keeps apart are multiplied with each other
once a step: with :math:`r = x_e + z W_O`,

.. math:: r W_{in} = [z, 1] \begin{bmatrix} W_O \\ x_e \end{bmatrix} W_{in}, \qquad
          o = [h, z, 1] \begin{bmatrix} W_{out} \\ W_O \\ x_e \end{bmatrix} W_U,

where h are the hidden units. So the residual stream is never computed.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from theory.networks.chunks import Chunk, cut, relu, relu_backward, softmax_and_back
from theory.networks.losses import CrossEntropy
from theory.networks.network import Network
from theory.networks.parameters import Parameters
from theory.networks.passes import loss_and_gradient
from theory.networks.tasks import Task
from theory.networks.token_tables import (
    Sizes,
    embedding_backward,
    rows_of,
    tables,
    tables_backward,
)

#: Largest number of examples in a chunk: measured on the paper's network.
ROWS = 512


class OneLayer(Network, Sizes, Protocol):
    """What is read here of a `Transformer`, which offers this fast path and so comes after it."""

    @property
    def d_mlp(self) -> int:
        """Hidden units of the MLP."""

    def vocabulary(self, task: Task) -> int:
        """Return the number of tokens of `task`, which is also the token of '='."""


class Folded(NamedTuple):
    """The matrices that an example goes through after attention, or their gradients.

    ``to_mlp`` has shape (attended + 1, d_mlp), ``to_logits`` (d_mlp + attended + 1, num_labels).
    """

    to_mlp: np.ndarray
    to_logits: np.ndarray

    @classmethod
    def of(cls, network: OneLayer, num_labels: int, dtype: str) -> Folded:
        """Make room for them."""
        attended = network.heads * network.d_head + 1
        to_mlp = np.empty((attended, network.d_mlp), dtype)
        return cls(to_mlp, np.empty((network.d_mlp + attended, num_labels), dtype))


class FastTransformer:
    r"""Loss and gradient of a `Transformer` over the same examples again and again.

    The loss is the mean cross-entropy. The numbers are those of `Transformer.forward` and
    `Transformer.backward`, to rounding. Where a score lies more than about 120 above that of '='
    (990 in double precision), too much for a table, it is these passes that are taken. Takes what
    `theory.networks.fast_loss_and_gradient` takes.

    Examples
    --------
    >>> from theory.networks import Transformer, modular_addition
    >>> network, task = Transformer(), modular_addition(5)
    >>> fast = FastTransformer(network, task, np.arange(20), "float64")
    >>> parameters, gradient = network.zeros(task, "float64"), network.zeros(task, "float64")
    >>> round(fast(parameters, gradient), 6)
    1.609438
    """

    def __init__(self, network: OneLayer, task: Task, examples: np.ndarray, dtype: str) -> None:
        self._network, self._task, self._places = network, task, examples
        tokens = rows_of(task.inputs[examples], network.vocabulary(task), dtype)
        self._chunks = cut(tokens, task.labels[examples], ROWS)
        rows = max(chunk.labels.size for chunk in self._chunks)
        width = network.d_mlp + network.heads * network.d_head
        self._joint = np.ones((rows, width + 1), dtype)  # the last column stays 1
        self._d_joint = np.empty((rows, width), dtype)
        self._z = np.empty((rows, network.d_mlp), dtype)
        self._logits = np.empty((rows, task.num_labels), dtype)
        self._d_attended = np.empty((rows, width - network.d_mlp), dtype)
        # With few examples as much time goes into memory that is fresh from the system.
        self._folded, self._total, self._part = (
            Folded.of(network, task.num_labels, dtype) for _ in range(3)
        )
        self._to_stream = np.empty((width + 1, network.d_model), dtype)
        self._d_stream = np.empty_like(self._to_stream)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._network!r})"

    def __call__(self, parameters: Parameters, gradient: Parameters) -> float:
        """Return the mean cross-entropy and overwrite `gradient` with its derivative."""
        d_mlp, folded, total = self._network.d_mlp, self._folded, self._total
        read = tables(self._network, parameters)
        if read is None:
            return self._plainly(parameters, gradient)
        to_stream, d_stream = self._to_stream, self._d_stream
        to_stream[:d_mlp], to_stream[d_mlp:-1] = parameters["W_out"], parameters["W_O"]
        to_stream[-1] = read.embedded[-1]
        np.dot(to_stream, parameters["W_U"], out=folded.to_logits)
        np.dot(to_stream[d_mlp:], parameters["W_in"], out=folded.to_mlp)
        d_summands = np.zeros_like(read.summands)
        for array in total:
            array[:] = 0
        loss = sum(self._add(chunk, read.summands, d_summands) for chunk in self._chunks)

        np.dot(to_stream.T, total.to_logits, out=gradient["W_U"])
        np.dot(to_stream[d_mlp:].T, total.to_mlp, out=gradient["W_in"])
        np.dot(total.to_logits, parameters["W_U"].T, out=d_stream)
        d_stream[d_mlp:] += total.to_mlp @ parameters["W_in"].T
        gradient["W_out"][:], gradient["W_O"][:] = d_stream[:d_mlp], d_stream[d_mlp:-1]
        d_embedded = tables_backward(self._network, parameters, read, d_summands, gradient)
        d_embedded[-1] += d_stream[-1]
        embedding_backward(d_embedded, gradient)
        gradient.flat /= self._places.size
        return loss / self._places.size

    def _plainly(self, parameters: Parameters, gradient: Parameters) -> float:
        """Do the same by the plain passes, which are right for scores of any size."""
        network, task, dtype = self._network, self._task, parameters.flat.dtype.name
        loss, part = 0.0, network.zeros(task, dtype)
        gradient.flat[:] = 0
        for places in np.array_split(self._places, len(self._chunks)):
            inputs, labels = network.encode(task, places, dtype), task.labels[places]
            share = places.size / self._places.size
            loss += share * loss_and_gradient(
                network, CrossEntropy(), inputs, labels, parameters, part
            )
            gradient.flat += share * part.flat
        return loss

    def _add(self, chunk: Chunk, summands: np.ndarray, d_summands: np.ndarray) -> float:
        """Add the gradient of one chunk to the total and return its summed loss."""
        rows, d_mlp = chunk.labels.size, self._network.d_mlp
        joint, d_joint, d_attended, z, logits = (
            array[:rows]
            for array in (self._joint, self._d_joint, self._d_attended, self._z, self._logits)
        )
        folded, total, part = self._folded, self._total, self._part
        attended = joint[:, d_mlp:]
        sums = chunk.tokens @ summands
        numerator, denominator = self._parts(sums)
        heads = attended[:, :-1].reshape(numerator.shape)
        np.divide(numerator, denominator, out=heads)
        np.dot(attended, folded.to_mlp, out=z)
        relu(z, joint[:, :d_mlp])
        np.dot(joint, folded.to_logits, out=logits)
        loss = softmax_and_back(logits, chunk.labels)

        total.to_logits[:] += np.dot(joint.T, logits, out=part.to_logits)
        np.dot(logits, folded.to_logits[:-1].T, out=d_joint)
        d_z = d_joint[:, :d_mlp]
        relu_backward(z, d_z)
        total.to_mlp[:] += np.dot(attended.T, d_z, out=part.to_mlp)
        np.dot(d_z, folded.to_mlp[:-1].T, out=d_attended)
        d_attended += d_joint[:, d_mlp:]
        np.divide(d_attended.reshape(heads.shape), denominator, out=numerator)
        np.einsum("ihd,ihd->ih", numerator, -heads, out=denominator[:, :, 0])
        d_summands += chunk.back @ sums
        return loss

    def _parts(self, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Look at the sums as numerators, by heads, and denominators that divide them."""
        heads = self._network.heads
        numerator = sums[:, :-heads].reshape(len(sums), heads, -1)
        return numerator, sums[:, -heads:, None]
