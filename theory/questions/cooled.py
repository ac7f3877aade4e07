r"""How a network of any activation is brought near rest, and what is measured of it there.

ReLU rests on its kinks, where a quasi-Newton method finds no balance of pull and penalty. So the
learning rate of Adam falls instead, in steps, until what is left of its rattling is small. How near
to rest that is Euler's identity says: there :math:`-\theta \cdot \nabla \ell = \gamma |\theta|^2`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from theory.networks import Adam, Checkpoint, Network, Split, Stage, Training, advance
from theory.networks.rest import Objective

#: Learning rates, one after the other, and how many updates each of them has.
RATES, UPDATES = (3e-3, 1e-3, 3e-4, 1e-4, 3e-5), 1000
#: Units that die leave numbers too small for single precision, which take very long to compute.
DTYPE = "float64"


class Cooled(NamedTuple):
    """A network near rest: numbers that describe it, its logits, and the state to go on from.

    ``logits`` are those of all examples of the task, less their mean over the labels, shape
    (examples, labels).
    """

    numbers: xr.Dataset
    logits: np.ndarray
    end: Checkpoint


def cooled(
    network: Network,
    split: Split,
    l2: float,
    seed: int,
    *,
    examples: np.ndarray | None = None,
    start: Checkpoint | None = None,
    updates: int = UPDATES,
) -> Cooled:
    r"""Return a network near rest on the training set of a split, or on some `examples` of it.

    Parameters
    ----------
    network, split, l2, seed
        Who is trained, on what, with which :math:`\gamma` in the loss, and the seed of its start.
    examples
        Places in the task to train on instead of the whole training set.
    start
        Where it starts; None draws its parameters.
    updates
        At each of the `RATES`.

    Returns
    -------
    Cooled
        Its numbers are ``train_loss`` (nat), ``objective``, :math:`\ell + \tfrac\gamma2|\theta|^2`,
        ``parameter_norm``, ``train_accuracy``, ``test_accuracy``; ``right_logit``, A over what it
        was trained on; ``kappa``, the exponent of `theory.circuits.identities`; and ``euler``,
        :math:`-\theta \cdot \nabla\ell / \gamma|\theta|^2`, 1 at rest.
    """
    stages = tuple(Stage(Adam(rate, l2), updates, examples) for rate in RATES)
    training = Training(network, split, stages, seed, dtype=DTYPE, start=start)
    run, end = advance(training, record_every=training.steps)
    objective = Objective(training)
    theta = end.parameters.flat.astype(float)
    value, slope = objective(theta)
    squared = float(theta @ theta)
    loss = value - l2 / 2 * squared
    task, places = split.task, training.places(stages[-1])
    encoded = network.encode(task, np.arange(len(task.labels)), "float64")
    logits = network.forward(objective.at, encoded).logits
    logits = logits - logits.mean(axis=1, keepdims=True)
    odds = np.log((task.num_labels - 1) / np.expm1(loss))
    numbers = {
        "train_loss": loss,
        "objective": value,
        "parameter_norm": squared**0.5,
        "train_accuracy": run.train_accuracy[-1].item(),
        "test_accuracy": run.test_accuracy[-1].item(),
        "right_logit": logits[places, task.labels[places]].mean(),
        "kappa": l2 * squared / (-np.expm1(-loss) * odds),
        "euler": 1 - float(slope @ theta) / (l2 * squared),
    }
    return Cooled(xr.Dataset(numbers), logits, end)


def part_of_frequencies(logits: np.ndarray, labels: np.ndarray) -> float:
    r"""Return how large a part of all frequencies the logits of a table of sums are made of.

    With f the mean logit by how far a label is ahead of the right one, and :math:`|\hat f_k|` for
    each of the (m - 1)/2 frequencies, their participation
    :math:`(\sum |\hat f_k|)^2 / \sum |\hat f_k|^2` over (m - 1)/2: 1 if all are alike.

    Parameters
    ----------
    logits, labels
        Shapes (examples, m) and (examples,), m odd.

    Examples
    --------
    >>> right = np.repeat(np.arange(7), 7)
    >>> round(part_of_frequencies(np.eye(7)[right], right), 6)
    1.0
    >>> angle = 2 * np.pi / 7 * (np.arange(7) - right[:, None])
    >>> round(3 * part_of_frequencies(np.cos(angle) + np.cos(2 * angle), right), 6)
    2.0
    """
    modulus = logits.shape[1]
    ahead = (labels[:, None] + np.arange(modulus)) % modulus
    profile = np.take_along_axis(logits, ahead, axis=1).mean(axis=0)
    size = abs(np.fft.rfft(profile)[1:])
    return float(size.sum() ** 2 / (size**2).sum() / len(size))


def logits_apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return the root mean square of the difference of logits, over that of the logits.

    0 if they are the same, about the square root of 2 if they have nothing in common.

    Examples
    --------
    >>> one = np.array([[1.0, -1.0], [-1.0, 1.0]])
    >>> logits_apart(one, one), round(logits_apart(one, one[:, ::-1]), 3)
    (0.0, 2.0)
    """
    both = (np.mean(one**2) + np.mean(other**2)) / 2
    return float((np.mean((one - other) ** 2) / both) ** 0.5)
