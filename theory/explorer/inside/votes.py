"""Who speaks for an answer: what each hidden unit adds to it, over the label it stands against."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Answers(NamedTuple):
    """What a network answers, the label that stands against it, and how far the right one leads.

    Each has shape (examples,). The two labels are the right one and the largest other.
    """

    answer: np.ndarray
    rival: np.ndarray
    lead: np.ndarray


def answers(logits: np.ndarray, labels: np.ndarray) -> Answers:
    """Return the answers to some examples.

    Parameters
    ----------
    logits
        Shape (examples, num_labels).
    labels
        The right ones, shape (examples,).

    Examples
    --------
    >>> found = answers(np.array([[5.0, 3.0, 2.0], [5.0, 3.0, 2.0]]), labels=np.array([0, 2]))
    >>> found.answer.tolist(), found.rival.tolist(), found.lead.tolist()
    ([0, 0], [1, 2], [2.0, -3.0])
    """
    rows = np.arange(labels.size)
    others = logits.copy()
    others[rows, labels] = -np.inf
    other = others.argmax(axis=1)
    answer = logits.argmax(axis=1)
    lead = logits[rows, labels] - logits[rows, other]
    return Answers(answer, np.where(answer == labels, other, labels), lead)


def votes(hidden: np.ndarray, weight: np.ndarray, found: Answers) -> np.ndarray:
    r"""Return by how many logits each hidden unit speaks for the answer, against its rival.

    .. math:: h_u \, (W_{u,\,\text{answer}} - W_{u,\,\text{rival}})

    Over all units they add up to the difference of the two logits, but for a bias. Derived here.

    Parameters
    ----------
    hidden
        h, what the units pass on, shape (examples, units).
    weight
        W, shape (units, num_labels).
    found
        The answers to the same examples.

    Returns
    -------
    numpy.ndarray
        Shape (examples, units).
    """
    return np.asarray(hidden * (weight.T[found.answer] - weight.T[found.rival]))


def loudest(spoken: np.ndarray, count: int) -> np.ndarray:
    """Return the units with the largest votes, the largest first, shape (examples, count).

    Examples
    --------
    >>> loudest(np.array([[0.1, 0.5, -0.7, 0.3]]), count=2)
    array([[1, 3]])
    """
    return np.argsort(-spoken, axis=1, kind="stable")[:, :count]
