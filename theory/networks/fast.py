"""Which networks have a fast path."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory.networks.fast_transformer import FastTransformer
from theory.networks.fast_two_layer import FastTwoLayer
from theory.networks.network import Network
from theory.networks.parameters import Parameters
from theory.networks.tasks import Task
from theory.networks.transformer import Transformer
from theory.networks.two_layer import TwoLayer

#: Called with parameters and their gradient: overwrites the gradient and returns the loss.
LossAndGradient = Callable[[Parameters, Parameters], float]


def fast_loss_and_gradient(
    network: Network, task: Task, examples: np.ndarray, dtype: str
) -> LossAndGradient | None:
    """Return the fast way to the mean cross-entropy over `examples` and its gradient, if any.

    The `Transformer` and the `TwoLayer` on tokens and without biases have one. It gives the same
    numbers as the plain network, to rounding, and the same bits every time.

    Parameters
    ----------
    network, task
        What is trained on what.
    examples
        Places in ``task.inputs``, shape (examples,).
    dtype
        ``"float32"`` or ``"float64"``.

    Returns
    -------
    callable or None
        Called with parameters and room for their gradient it overwrites the latter and returns
        the loss; None if the network has only its plain passes.

    Examples
    --------
    >>> from theory.networks import MLP, modular_addition
    >>> task, examples = modular_addition(5), np.arange(20)
    >>> fast_loss_and_gradient(TwoLayer(width=8), task, examples, "float32")
    FastTwoLayer(TwoLayer(width=8, activation='square', embedding_scale=0.1, ...))
    >>> fast_loss_and_gradient(MLP(widths=(8,)), task, examples, "float32") is None
    True
    """
    if isinstance(network, Transformer):
        return FastTransformer(network, task, examples, dtype)
    if isinstance(network, TwoLayer) and task.num_tokens is not None and not network.biases:
        return FastTwoLayer(network, task, examples, dtype)
    return None
