"""The two-layer network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from theory import checks
from theory.networks.fast_two_layer import FastTwoLayer
from theory.networks.inputs import Encoded, FullyConnected
from theory.networks.layers import (
    ACTIVATIONS,
    add_bias_backward,
    affine,
    linear_backward_inputs,
    linear_backward_weight,
    require_activation,
)
from theory.networks.parameters import Parameters
from theory.networks.tasks import Task


class Activations(NamedTuple):
    """What a forward pass leaves behind for the backward pass, one example a row.

    ``inputs`` has shape (examples, features), ``z`` and ``hidden`` (examples, width),
    ``logits`` (examples, num_labels).
    """

    inputs: Encoded
    z: np.ndarray
    hidden: np.ndarray
    logits: np.ndarray


@dataclass(frozen=True)
class TwoLayer(FullyConnected):
    r"""A two-layer network, on pairs of tokens or on dense inputs.

    .. math:: o(a, b) = \phi(E_a + E'_b)\, W, \qquad \phi(z) = z^2 \text{ or } \max(z, 0)

    The logits are homogeneous in the parameters, of degree 3 for the square, 4 for the
    cube and 2 for ReLU.
    At the start the entries of E and E' are ``embedding_scale`` times a standard normal number
    and those of W are normal with variance 1 / width. Dense inputs x give :math:`o = \phi(x E) W`.

    Tied, both slots share one embedding, :math:`E' = E`. With biases,
    :math:`o = \phi(E_a + E'_b + b_1)\, W + b_2`, both zero at the start; that is no longer
    homogeneous.

    Attributes
    ----------
    width
        Hidden units, at least 1.
    activation
        ``"square"``, ``"cube"`` or ``"relu"``.
    embedding_scale
        Standard deviation of the embeddings at the start, above 0.
    tied
        Whether all slots share their embeddings.
    biases
        Whether there are :math:`b_1` and :math:`b_2`.

    Raises
    ------
    ValueError
        If a value is out of its range, or the embeddings of dense inputs are to be tied.

    Notes
    -----
    The square activation is that of Gromov (2023), "Grokking modular arithmetic"; gradients are
    derived here. The parameters are ``E``, the embeddings of the first slot above those of the
    second, shape (2 num_tokens, width), or (num_tokens, width) if tied; ``W``, shape
    (width, num_labels); and with biases ``b1``, shape (width,), and ``b2``, shape (num_labels,).

    Examples
    --------
    >>> TwoLayer(width=128, activation="square")
    TwoLayer(width=128, activation='square', embedding_scale=0.1, tied=False, biases=False)
    >>> TwoLayer(width=0)
    Traceback (most recent call last):
    ...
    ValueError: width must be an integer of at least 1, got 0
    """

    width: int
    activation: str = "square"
    embedding_scale: float = 0.1
    tied: bool = False
    biases: bool = False

    def __post_init__(self) -> None:
        checks.settle(self, checks.integer, "width", at_least=1)
        checks.settle(self, checks.number, "embedding_scale", above=0)
        checks.settle(self, checks.boolean, "tied", "biases")
        require_activation(self.activation)

    def zeros(self, task: Task, dtype: str) -> Parameters:
        """Return parameters for `task`, or room for their gradient, all zero.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> TwoLayer(width=8).zeros(modular_addition(5), "float32")["E"].shape
        (10, 8)
        """
        features = self._num_features(task)
        shapes = {"E": (features, self.width), "W": (self.width, task.num_labels)}
        biases = {"b1": (self.width,), "b2": (task.num_labels,)} if self.biases else {}
        return Parameters({**shapes, **biases}, dtype)

    def initialise(self, task: Task, rng: np.random.Generator, dtype: str) -> Parameters:
        """Return parameters at a random start.

        The numbers are drawn in double precision, so a seed means the same start, up to
        rounding, in either.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> rng = np.random.default_rng(0)
        >>> start = TwoLayer(width=8).initialise(modular_addition(5), rng, "float32")
        >>> start.flat.size
        120
        """
        parameters = self.zeros(task, dtype)
        scales = {"E": self.embedding_scale, "W": self.width**-0.5}
        for name, scale in scales.items():
            parameters[name][:] = scale * rng.normal(size=parameters[name].shape)
        return parameters

    def fast(self, task: Task, examples: np.ndarray, dtype: str) -> FastTwoLayer | None:
        """Return the fast path over those `examples`, if inputs are tokens and there are no biases.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> TwoLayer(width=8).fast(modular_addition(5), np.arange(20), "float32")
        FastTwoLayer(TwoLayer(width=8, activation='square', embedding_scale=0.1, ...))
        """
        if task.num_tokens is None or self.biases:
            return None
        return FastTwoLayer(self, task, examples, dtype)

    def forward(self, parameters: Parameters, inputs: Encoded) -> Activations:
        """Return the logits of encoded `inputs`, with what led to them.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> network, task = TwoLayer(width=8), modular_addition(5)
        >>> inputs = network.encode(task, np.array([7, 8]), "float64")
        >>> network.forward(network.zeros(task, "float64"), inputs).logits
        array([[0., 0., 0., 0., 0.],
               [0., 0., 0., 0., 0.]])
        """
        activate, _ = ACTIVATIONS[self.activation]
        z = affine(inputs, parameters["E"], parameters.get("b1"))
        hidden = activate(z)
        logits = affine(hidden, parameters["W"], parameters.get("b2"))
        return Activations(inputs, z, hidden, logits)

    def backward(
        self,
        parameters: Parameters,
        activations: Activations,
        d_logits: np.ndarray,
        gradient: Parameters,
    ) -> None:
        """Overwrite `gradient` with the derivative of the loss whose derivative is `d_logits`."""
        _, activate_backward = ACTIVATIONS[self.activation]
        gradient["W"][:] = linear_backward_weight(activations.hidden, d_logits)
        d_hidden = linear_backward_inputs(parameters["W"], d_logits)
        d_z = activate_backward(activations.z, d_hidden)
        gradient["E"][:] = linear_backward_weight(activations.inputs, d_z)
        if self.biases:
            gradient["b1"][:] = add_bias_backward(d_z)
            gradient["b2"][:] = add_bias_backward(d_logits)
