"""Networks of any number of fully connected layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from theory import checks
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


class MLPActivations(NamedTuple):
    """What a forward pass leaves behind for the backward pass, one example a row.

    ``inputs`` has what each layer reads, ``z`` what each hidden one hands to its activation,
    shape (examples, units); ``logits`` has shape (examples, num_labels).
    """

    inputs: list[Encoded]
    z: list[np.ndarray]
    logits: np.ndarray


@dataclass(frozen=True)
class MLP(FullyConnected):
    r"""Fully connected layers, on tokens or on dense inputs.

    .. math:: x_\ell = \phi(x_{\ell - 1} W_\ell + b_\ell), \qquad o = x_{n - 1} W_n + b_n

    where :math:`x_0` is the dense input, or the one-hot vectors of the tokens side by side. At
    the start every entry of a layer with f inputs is uniform in
    :math:`\pm\, \text{scale} / \sqrt f`, biases included.

    Attributes
    ----------
    widths
        Hidden units of each hidden layer, at least 1 each; none for a linear network.
    activation
        ``"relu"``, ``"square"`` or ``"cube"``.
    biases
        Whether there are biases. Without them the logits are homogeneous in the parameters, for
        ReLU of a degree that is the number of layers.
    scale
        Size of the start, above 0.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Notes
    -----
    At scale 1 the start is PyTorch's. A large one is that of Liu et al. (2023), "Omnigrok:
    grokking beyond algorithmic data". The parameters are ``W1``, ``b1``, ``W2``, ``b2``, ...

    Examples
    --------
    >>> MLP(widths=(128, 128))
    MLP(widths=(128, 128), activation='relu', biases=True, scale=1.0)
    >>> MLP(widths=(128, 0))
    Traceback (most recent call last):
    ...
    ValueError: widths must be an integer of at least 1, got 0
    """

    widths: tuple[int, ...]
    activation: str = "relu"
    biases: bool = True
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.widths, tuple | list):
            raise ValueError(f"widths must be a tuple, one entry a layer, got {self.widths!r}")
        widths = tuple(checks.integer("widths", width, at_least=1) for width in self.widths)
        object.__setattr__(self, "widths", widths)
        require_activation(self.activation)
        checks.settle(self, checks.boolean, "biases")
        checks.settle(self, checks.number, "scale", above=0)

    def zeros(self, task: Task, dtype: str) -> Parameters:
        """Return parameters for `task`, or room for their gradient, all zero.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> parameters = MLP(widths=(8,)).zeros(modular_addition(5), "float32")
        >>> {name: array.shape for name, array in parameters.items()}
        {'W1': (10, 8), 'b1': (8,), 'W2': (8, 5), 'b2': (5,)}
        """
        sizes = (self._num_features(task), *self.widths, task.num_labels)
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in self._layers:
            shapes[f"W{layer}"] = (sizes[layer - 1], sizes[layer])
            if self.biases:
                shapes[f"b{layer}"] = (sizes[layer],)
        return Parameters(shapes, dtype)

    def initialise(self, task: Task, rng: np.random.Generator, dtype: str) -> Parameters:
        """Return parameters at a random start, the same in both precisions up to rounding.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> rng = np.random.default_rng(0)
        >>> start = MLP(widths=(8,)).initialise(modular_addition(5), rng, "float64")
        >>> bool(abs(start["b2"]).max() < 8**-0.5)
        True
        """
        parameters = self.zeros(task, dtype)
        for name, array in parameters.items():
            reach = self.scale * len(parameters["W" + name[1:]]) ** -0.5
            array[:] = rng.uniform(-reach, reach, size=array.shape)
        return parameters

    def forward(self, parameters: Parameters, inputs: Encoded) -> MLPActivations:
        """Return the logits of encoded `inputs`, with what led to them.

        Examples
        --------
        >>> from theory.networks import modular_addition
        >>> network, task = MLP(widths=(8,)), modular_addition(5)
        >>> inputs = network.encode(task, np.array([7]), "float64")
        >>> network.forward(network.zeros(task, "float64"), inputs).logits
        array([[0., 0., 0., 0., 0.]])
        """
        activate, _ = ACTIVATIONS[self.activation]
        *hidden_layers, last = self._layers
        read, z = [inputs], []
        for layer in hidden_layers:
            z.append(affine(read[-1], *_of(parameters, layer)))
            read.append(activate(z[-1]))
        return MLPActivations(read, z, affine(read[-1], *_of(parameters, last)))

    def backward(
        self,
        parameters: Parameters,
        activations: MLPActivations,
        d_logits: np.ndarray,
        gradient: Parameters,
    ) -> None:
        """Overwrite `gradient` with the derivative of the loss whose derivative is `d_logits`."""
        _, activate_backward = ACTIVATIONS[self.activation]
        d_output = d_logits
        for layer in reversed(self._layers):
            gradient[f"W{layer}"][:] = linear_backward_weight(
                activations.inputs[layer - 1], d_output
            )
            if self.biases:
                gradient[f"b{layer}"][:] = add_bias_backward(d_output)
            if layer > 1:
                d_inputs = linear_backward_inputs(parameters[f"W{layer}"], d_output)
                d_output = activate_backward(activations.z[layer - 2], d_inputs)

    @property
    def _layers(self) -> range:
        """Numbers of the layers, from 1."""
        return range(1, len(self.widths) + 2)


def _of(parameters: Parameters, layer: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the weight and, if there is one, the bias of a layer."""
    return parameters[f"W{layer}"], parameters.get(f"b{layer}")
