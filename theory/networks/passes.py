"""A forward and a backward pass of any network, for any loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.networks.losses import Loss
from theory.networks.network import Network
from theory.networks.parameters import Parameters


def loss_and_gradient(
    network: Network,
    loss: Loss,
    inputs: Any,
    labels: np.ndarray,
    parameters: Parameters,
    gradient: Parameters,
) -> float:
    """Return the loss over some examples and overwrite `gradient` with its derivative.

    Parameters
    ----------
    network, loss
        What is trained, and on what.
    inputs
        The examples, as the network encodes them.
    labels
        The right ones, shape (examples,).
    parameters
        Where the network stands.
    gradient
        Where the derivative goes.

    Examples
    --------
    >>> from theory.networks import CrossEntropy, TwoLayer, modular_addition
    >>> network, task = TwoLayer(width=8), modular_addition(5)
    >>> inputs = network.encode(task, np.arange(25), "float64")
    >>> zeros, gradient = network.zeros(task, "float64"), network.zeros(task, "float64")
    >>> round(loss_and_gradient(network, CrossEntropy(), inputs, task.labels, zeros, gradient), 6)
    1.609438
    """
    activations = network.forward(parameters, inputs)
    value, kept = loss.forward(activations.logits, labels)
    network.backward(parameters, activations, loss.backward(kept, labels), gradient)
    return value
