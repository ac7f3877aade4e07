r"""How strong both circuits of a network are, from its logits alone (derived here).

The strength of an answer is the right logit less the mean of all, a mean over examples. On what a
network was not trained on only what generalises speaks for the right label:

.. math:: w_G = A_\text{test}, \qquad w_M = A_\text{train} - A_\text{test},

in logits, the unit of the minimal model's weights. What else memory does to unseen examples, which
hardly favours a label, is left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Strengths(NamedTuple):
    """Of both circuits, in logits; negative where one speaks against the right label."""

    generalising: float
    memorising: float


def strengths(
    train_logits: np.ndarray,
    train_labels: np.ndarray,
    test_logits: np.ndarray,
    test_labels: np.ndarray,
) -> Strengths:
    """Return the strengths of what generalises and what memorises.

    Parameters
    ----------
    train_logits, test_logits
        Of examples that the network was trained on, and was not, shape (examples, labels).
    train_labels, test_labels
        The right ones, shape (examples,), whole numbers from 0 on.

    Raises
    ------
    ValueError
        If shapes do not fit, there is no example, or a label is out of range.

    Examples
    --------
    >>> train = np.array([[6.0, 0.0, 0.0]])
    >>> strengths(train, np.array([0]), train / 3, np.array([0]))
    Strengths(generalising=1.33..., memorising=2.66...)
    """
    seen = _right_logit("train", train_logits, train_labels)
    unseen = _right_logit("test", test_logits, test_labels)
    return Strengths(unseen, seen - unseen)


def _right_logit(part: str, logits: np.ndarray, labels: np.ndarray) -> float:
    logits, labels = np.asarray(logits, dtype=float), np.asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or labels.size == 0:
        raise ValueError(
            f"{part}_logits and {part}_labels must have shapes (examples, labels) and (examples,), "
            f"got {logits.shape} and {labels.shape}"
        )
    if labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise ValueError(
            f"{part}_labels must lie in [0, {logits.shape[1]}), "
            f"got {labels.min()} to {labels.max()}"
        )
    return float(np.mean(logits[np.arange(labels.size), labels] - logits.mean(axis=1)))
