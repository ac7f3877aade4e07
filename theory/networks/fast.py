"""The fast path of a network, if it offers one."""

from __future__ import annotations

import numpy as np

from theory.networks.network import Fast, LossAndGradient, Network
from theory.networks.tasks import Task


def fast_loss_and_gradient(
    network: Network, task: Task, examples: np.ndarray, dtype: str
) -> LossAndGradient | None:
    """Return the fast way to the mean cross-entropy over `examples` and its gradient, if any.

    It is the network's own, of its method `fast`. It gives the same numbers as the plain network,
    to rounding, and the same bits every time.

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
    >>> from theory.networks import MLP, TwoLayer, modular_addition
    >>> task, examples = modular_addition(5), np.arange(20)
    >>> fast_loss_and_gradient(TwoLayer(width=8), task, examples, "float32")
    FastTwoLayer(TwoLayer(width=8, activation='square', embedding_scale=0.1, ...))
    >>> fast_loss_and_gradient(MLP(widths=(8,)), task, examples, "float32") is None
    True
    """
    return network.fast(task, examples, dtype) if isinstance(network, Fast) else None
