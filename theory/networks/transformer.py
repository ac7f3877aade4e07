"""The one-layer transformer of the paper; the version to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from theory import checks
from theory.networks.attention import Attention, attend, attend_backward, join_heads, split_heads
from theory.networks.fast_transformer import FastTransformer
from theory.networks.layers import (
    linear,
    linear_backward_inputs,
    linear_backward_weight,
    one_hot,
    relu,
    relu_backward,
)
from theory.networks.parameters import Parameters
from theory.networks.tasks import Task


class TransformerActivations(NamedTuple):
    """What a forward pass leaves behind for the backward pass, one example a row.

    ``tokens`` has shape (examples, positions), ``embedded`` (examples, positions, d_model),
    ``query`` (examples, heads, d_head), ``keys`` and ``values`` (examples, positions, heads,
    d_head), ``attended`` and ``residual`` (examples, d_model), ``z`` and ``hidden`` (examples,
    d_mlp), ``logits`` (examples, num_labels). ``attended`` is the residual stream of the last
    position after attention, ``residual`` the same after the MLP.
    """

    tokens: np.ndarray
    embedded: np.ndarray
    query: np.ndarray
    keys: np.ndarray
    values: np.ndarray
    attention: Attention
    attended: np.ndarray
    z: np.ndarray
    hidden: np.ndarray
    residual: np.ndarray
    logits: np.ndarray


@dataclass(frozen=True)
class Transformer:
    r"""One layer of attention and one MLP on the sequence of an example's tokens and '='.

    With :math:`x_j = E_{t_j} + P_j` at position j and '=' at the last position, :math:`j = e`,

    .. math:: r = x_e + \operatorname{attention}(x_e W_Q,\, x W_K,\, x W_V)\, W_O, \qquad
              o = \bigl(r + \max(r W_{in}, 0)\, W_{out}\bigr)\, W_U

    Learned positions, untied unembedding, no layer norm and no biases. Only the last position
    is read out, so only it goes through the query and the MLP. At the start all entries are
    normal: those of E and P with variance 1 / d_model, and those of a matrix that multiplies a
    row of n numbers with variance 1 / n.

    Attributes
    ----------
    d_model
        Width of the residual stream, at least 1.
    heads
        Heads of attention, at least 1.
    d_head
        Width of a head, at least 1.
    d_mlp
        Hidden units of the MLP, at least 1.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Notes
    -----
    The paper's network (Section 5), after Nanda et al. (2023), "Progress measures for grokking
    via mechanistic interpretability"; gradients are derived here. The parameters are ``E``, shape
    (num_tokens + 1, d_model), whose last row is '='; ``P`` (positions, d_model); ``W_Q``, ``W_K``
    and ``W_V`` (d_model, heads d_head), the heads side by side; ``W_O`` (heads d_head, d_model);
    ``W_in`` (d_model, d_mlp); ``W_out`` (d_mlp, d_model); ``W_U`` (d_model, num_labels).

    Examples
    --------
    >>> Transformer()
    Transformer(d_model=128, heads=4, d_head=32, d_mlp=512)
    >>> Transformer(heads=0)
    Traceback (most recent call last):
    ...
    ValueError: heads must be an integer of at least 1, got 0
    """

    d_model: int = 128
    heads: int = 4
    d_head: int = 32
    d_mlp: int = 512

    def __post_init__(self) -> None:
        sizes = ("d_model", "heads", "d_head", "d_mlp")
        checks.settle(self, checks.integer, *sizes, at_least=1)

    def vocabulary(self, task: Task) -> int:
        """Return the number of tokens of `task`, which is also the token of '='.

        Raises
        ------
        ValueError
            If the inputs of the task are not tokens.
        """
        if task.num_tokens is None:
            raise ValueError(f"a transformer reads tokens, but the inputs of {task.name} are dense")
        return task.num_tokens

    def zeros(self, task: Task, dtype: str) -> Parameters:
        """Return parameters for `task`, or room for their gradient, all zero.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> Transformer().zeros(modular_addition(113), "float32").flat.size
        226048
        """
        d, attended = self.d_model, self.heads * self.d_head
        shapes = {
            "E": (self.vocabulary(task) + 1, d),
            "P": (task.inputs.shape[1] + 1, d),
            "W_Q": (d, attended),
            "W_K": (d, attended),
            "W_V": (d, attended),
            "W_O": (attended, d),
            "W_in": (d, self.d_mlp),
            "W_out": (self.d_mlp, d),
            "W_U": (d, task.num_labels),
        }
        return Parameters(shapes, dtype)

    def initialise(self, task: Task, rng: np.random.Generator, dtype: str) -> Parameters:
        """Return parameters at a random start.

        The numbers are drawn in double precision, so a seed means the same start, up to
        rounding, in either.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> rng = np.random.default_rng(0)
        >>> start = Transformer().initialise(modular_addition(5), rng, "float64")
        >>> round(float(start["W_out"].std() * 512**0.5), 2)
        1.0
        """
        parameters = self.zeros(task, dtype)
        for name, array in parameters.items():
            read = self.d_model if name in ("E", "P") else len(array)
            array[:] = read**-0.5 * rng.normal(size=array.shape)
        return parameters

    def encode(self, task: Task, examples: np.ndarray, dtype: str) -> np.ndarray:
        """Return the tokens of those `examples` (indices), each closed by '='.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> Transformer().encode(modular_addition(5), np.array([7]), "float32")
        array([[1, 2, 5]])
        """
        closing = np.full((examples.size, 1), self.vocabulary(task))
        return np.hstack([task.inputs[examples], closing])

    def fast(self, task: Task, examples: np.ndarray, dtype: str) -> FastTransformer:
        """Return the fast path over those `examples` (indices).

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> Transformer().fast(modular_addition(5), np.arange(20), "float32")
        FastTransformer(Transformer(d_model=128, heads=4, d_head=32, d_mlp=512))
        """
        return FastTransformer(self, task, examples, dtype)

    def forward(self, parameters: Parameters, inputs: np.ndarray) -> TransformerActivations:
        """Return the logits of encoded `inputs`, with what led to them.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> network, task = Transformer(), modular_addition(5)
        >>> inputs = network.encode(task, np.array([7]), "float64")
        >>> network.forward(network.zeros(task, "float64"), inputs).logits
        array([[0., 0., 0., 0., 0.]])
        """
        embedded = parameters["E"][inputs] + parameters["P"]
        last = embedded[:, -1]
        query = split_heads(linear(last, parameters["W_Q"]), self.heads)
        keys = split_heads(linear(embedded, parameters["W_K"]), self.heads)
        values = split_heads(linear(embedded, parameters["W_V"]), self.heads)
        attention = attend(query, keys, values)
        attended = last + linear(join_heads(attention.output), parameters["W_O"])
        z = linear(attended, parameters["W_in"])
        hidden = relu(z)
        residual = attended + linear(hidden, parameters["W_out"])
        logits = linear(residual, parameters["W_U"])
        read = (embedded, query, keys, values, attention)
        return TransformerActivations(inputs, *read, attended, z, hidden, residual, logits)

    def backward(
        self,
        parameters: Parameters,
        activations: TransformerActivations,
        d_logits: np.ndarray,
        gradient: Parameters,
    ) -> None:
        """Overwrite `gradient` with the derivative of the loss whose derivative is `d_logits`."""
        d_attended = self._mlp_backward(parameters, activations, d_logits, gradient)
        d_embedded = self._attention_backward(parameters, activations, d_attended, gradient)
        d_embedded[:, -1] += d_attended
        gradient["P"][:] = d_embedded.sum(axis=0)
        rows = d_embedded.reshape(-1, self.d_model)
        tokens = one_hot(activations.tokens.reshape(-1, 1), len(parameters["E"]), rows.dtype.name)
        gradient["E"][:] = linear_backward_weight(tokens, rows)

    def _mlp_backward(
        self,
        parameters: Parameters,
        activations: TransformerActivations,
        d_logits: np.ndarray,
        gradient: Parameters,
    ) -> np.ndarray:
        """Return the derivative with respect to the residual stream after attention."""
        gradient["W_U"][:] = linear_backward_weight(activations.residual, d_logits)
        d_residual = linear_backward_inputs(parameters["W_U"], d_logits)
        gradient["W_out"][:] = linear_backward_weight(activations.hidden, d_residual)
        d_hidden = linear_backward_inputs(parameters["W_out"], d_residual)
        d_z = relu_backward(activations.z, d_hidden)
        gradient["W_in"][:] = linear_backward_weight(activations.attended, d_z)
        d_residual += linear_backward_inputs(parameters["W_in"], d_z)
        return d_residual

    def _attention_backward(
        self,
        parameters: Parameters,
        activations: TransformerActivations,
        d_attended: np.ndarray,
        gradient: Parameters,
    ) -> np.ndarray:
        """Return the derivative with respect to the embedded tokens, through attention alone."""
        _, embedded, query, keys, values, attention, *_ = activations
        output = join_heads(attention.output)
        gradient["W_O"][:] = linear_backward_weight(output, d_attended)
        d_joined = linear_backward_inputs(parameters["W_O"], d_attended)
        d_output = split_heads(d_joined, self.heads)
        d_query, d_keys, d_values = (
            join_heads(d) for d in attend_backward(query, keys, values, attention, d_output)
        )
        gradient["W_Q"][:] = linear_backward_weight(embedded[:, -1], d_query)
        d_embedded = linear_backward_inputs(parameters["W_K"], d_keys)
        d_embedded += linear_backward_inputs(parameters["W_V"], d_values)
        d_embedded[:, -1] += linear_backward_inputs(parameters["W_Q"], d_query)
        rows = embedded.reshape(-1, self.d_model)
        for name, d in (("W_K", d_keys), ("W_V", d_values)):
            gradient[name][:] = linear_backward_weight(rows, d.reshape(len(rows), -1))
        return d_embedded
