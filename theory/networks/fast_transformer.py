"""The one-layer transformer over a fixed set of examples, fast.

Attention comes from tables with a row for each token, not for each example (see
`theory.networks.token_tables`), and what follows it goes the way of fewer operations (see
`theory.networks.after_attention`).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from theory.networks.after_attention import Shape, way
from theory.networks.attention import split_heads
from theory.networks.chunks import Chunk, cut, softmax_and_back
from theory.networks.losses import CrossEntropy
from theory.networks.network import Network
from theory.networks.parameters import Parameters
from theory.networks.passes import loss_and_gradient
from theory.networks.tasks import Task
from theory.networks.token_tables import rows_of, tables, tables_backward

#: Largest number of examples in a chunk: measured on the paper's network.
ROWS = 512


class OneLayer(Network, Shape, Protocol):
    """What is read here of a `Transformer`, which offers this fast path and so comes after it."""

    def vocabulary(self, task: Task) -> int:
        """Return the number of tokens of `task`, which is also the token of '='."""


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
        self._way = way(network, task.num_labels, rows, examples.size, dtype)
        self._logits = np.empty((rows, task.num_labels), dtype)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._network!r})"

    def __call__(self, parameters: Parameters, gradient: Parameters) -> float:
        """Return the mean cross-entropy and overwrite `gradient` with its derivative."""
        read = tables(self._network, parameters)
        if read is None:
            return self._plainly(parameters, gradient)
        self._way.begin(parameters, read.last, gradient)
        d_summands = np.zeros_like(read.summands)
        loss = sum(self._add(chunk, read.summands, d_summands) for chunk in self._chunks)
        d_last = self._way.end()
        tables_backward(self._network, parameters, read, d_summands, d_last, gradient)
        return loss

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
        """Add the gradient of one chunk and return its part of the loss."""
        rows, heads = chunk.labels.size, self._network.heads
        logits, attended = self._logits[:rows], self._way.attended[:rows, :-1]
        sums = chunk.tokens @ summands
        numerator, denominator = sums[:, :-heads], sums[:, -heads:]
        # All of a row at once takes less time than the heads one by one.
        factor = np.repeat(1 / denominator, self._network.d_head, axis=1)
        np.multiply(numerator, factor, out=attended)
        self._way.forward(logits)
        loss = softmax_and_back(logits, chunk.labels, self._places.size)
        np.multiply(self._way.backward(logits), factor, out=numerator)
        by_head = (split_heads(array, heads) for array in (numerator, attended))
        np.einsum("ihd,ihd->ih", *by_head, out=denominator)
        np.negative(denominator, out=denominator)
        d_summands += chunk.back @ sums
        return loss
