"""What a network makes of some examples, looked at a stretch at a time to save memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from theory.networks.losses import Loss, accuracy, margin
from theory.networks.network import Network
from theory.networks.parameters import Parameters

#: Largest number of examples in a stretch: measured on the paper's network. With twice as many,
#: the activations may come from the system anew each time, which takes longer than more calls.
ROWS = 128

#: Logits of a few examples, shape (examples, num_labels), and the right labels.
Stretch = tuple[np.ndarray, np.ndarray]


class Outcome(NamedTuple):
    """What a network makes of some examples.

    ``loss``, ``accuracy`` and ``margin`` are means over all of them, ``labels`` are the right
    ones, shape (examples,). ``stretches`` goes through the examples again and yields logits and
    labels of a few at a time; what needs no more than that should not ask for all ``logits``.
    """

    loss: float
    accuracy: float
    margin: float
    labels: np.ndarray
    stretches: Callable[[], Iterator[Stretch]]

    @property
    def logits(self) -> np.ndarray:
        """All logits at once, shape (examples, num_labels), computed anew."""
        return np.concatenate([logits for logits, _ in self.stretches()])


def outcome(
    network: Network, parameters: Parameters, inputs: Any, labels: np.ndarray, loss: Loss
) -> Outcome:
    """Return what the network makes of the examples.

    Parameters
    ----------
    network, parameters
        Who is asked.
    inputs
        At least one example, as the network encodes them.
    labels
        The right ones, shape (examples,).
    loss
        `CrossEntropy`, `ExactCrossEntropy` or `MeanSquaredError`.

    Examples
    --------
    >>> from theory.networks import CrossEntropy, TwoLayer, modular_addition
    >>> network, task = TwoLayer(width=8), modular_addition(5)
    >>> inputs = network.encode(task, np.arange(25), "float64")
    >>> zeros = network.zeros(task, "float64")
    >>> found = outcome(network, zeros, inputs, task.labels, CrossEntropy())
    >>> round(found.loss, 4), round(found.accuracy, 4), found.margin
    (1.6094, 0.2, 0.0)
    """
    look = partial(stretches, network, parameters, inputs, labels)
    means, seen = np.zeros(3), 0
    for logits, right in look():
        value, _ = loss.forward(logits, right)
        part = np.array([value, accuracy(logits, right), margin(logits, right)])
        seen += right.size
        # No rounding for a single stretch, nor where all agree: all right is 1 and never more.
        means += (part - means) * (right.size / seen)
    mean_loss, right_share, lead = means.tolist()
    return Outcome(mean_loss, right_share, lead, labels, look)


def stretches(
    network: Network, parameters: Parameters, inputs: Any, labels: np.ndarray
) -> Iterator[Stretch]:
    """Yield logits and right labels of the examples, at most `ROWS` of them at a time.

    Examples
    --------
    >>> from theory.networks import TwoLayer, modular_addition
    >>> network, task = TwoLayer(width=8), modular_addition(13)
    >>> inputs = network.encode(task, np.arange(169), "float32")
    >>> parts = stretches(network, network.zeros(task, "float32"), inputs, task.labels)
    >>> [logits.shape for logits, _ in parts]
    [(128, 13), (41, 13)]
    """
    for start in range(0, labels.size, ROWS):
        rows = slice(start, start + ROWS)
        yield network.forward(parameters, inputs[rows]).logits, labels[rows]
