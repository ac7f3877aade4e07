"""Arithmetic on pairs of numbers, modulo a third."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from theory import checks
from theory.networks.tasks.tables import pairs, require_expression
from theory.networks.tasks.task import Task

#: Largest modulus: beyond it the m^2 pairs fill gigabytes.
_LARGEST = 4096
#: As many tuples are there of as many bits.
_MOST_SLOTS = 24

#: Name of the task and label, before the modulus is taken, by expression. Division is apart.
_POLYNOMIALS: Mapping[str, tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]] = {
    "x+y": ("modular_addition", lambda x, y: x + y),
    "x-y": ("modular_subtraction", lambda x, y: x - y),
    "x*y": ("modular_multiplication", lambda x, y: x * y),
    "x^2+y^2": ("modular_sum_of_squares", lambda x, y: x**2 + y**2),
    "x^2+xy+y^2": ("modular_quadratic_form", lambda x, y: x**2 + x * y + y**2),
    "x^3+xy": ("modular_cubic", lambda x, y: x**3 + x * y),
}

#: Every expression that `modular` knows.
MODULAR_EXPRESSIONS = (*_POLYNOMIALS, "x/y")


def modular(expression: str, modulus: int) -> Task:
    r"""Return the task of computing an expression of two numbers modulo `modulus`.

    .. math:: y(a, b) = f(a, b) \bmod m, \qquad a, b \in \{0, \dots, m - 1\}

    The examples are all :math:`m^2` pairs, in the order of :math:`m a + b`. Only for ``"x/y"``,
    the one y with :math:`b\, y \equiv a`, are pairs with :math:`b = 0` left out, and m must be
    prime.

    Parameters
    ----------
    expression
        One of `MODULAR_EXPRESSIONS`.
    modulus
        m, from 2 to 4096; also the number of tokens and of labels.

    Raises
    ------
    ValueError
        If `expression` is unknown, or `modulus` is out of its range, or not prime for ``"x/y"``.

    Notes
    -----
    The tasks of Power et al. (2022), "Grokking: generalization beyond overfitting on small
    algorithmic datasets", Appendix A.1.1.

    Examples
    --------
    >>> modular("x*y", 3).labels.reshape(3, 3)
    array([[0, 0, 0],
           [0, 1, 2],
           [0, 2, 1]])
    >>> modular("x/y", 4)
    Traceback (most recent call last):
    ...
    ValueError: modulus must be prime for x/y, got 4
    """
    modulus = checks.integer("modulus", modulus, at_least=2)
    if modulus > _LARGEST:
        raise ValueError(f"modulus must be at most {_LARGEST}, got {modulus}")
    require_expression(expression, MODULAR_EXPRESSIONS)
    if expression == "x/y":
        return _division(modulus)
    name, function = _POLYNOMIALS[expression]
    inputs = pairs(modulus)
    labels = function(*inputs.T) % modulus
    return Task(name, {"modulus": modulus}, inputs, labels, modulus, modulus)


def modular_addition(modulus: int) -> Task:
    r"""Return the task of adding two numbers modulo `modulus`.

    .. math:: y(a, b) = (a + b) \bmod m

    The task of the paper's Section 5, and `modular` of ``"x+y"``.

    Parameters
    ----------
    modulus
        m (the paper's p), at least 2; also the number of tokens and of labels.

    Raises
    ------
    ValueError
        As `modular`.

    Examples
    --------
    >>> modular_addition(3).labels.reshape(3, 3)
    array([[0, 1, 2],
           [1, 2, 0],
           [2, 0, 1]])
    """
    return modular("x+y", modulus)


def modular_sum(modulus: int, slots: int, num_labels: int | None = None) -> Task:
    r"""Return the task of adding numbers modulo `modulus`, and then modulo another.

    .. math:: y(a_1, \dots, a_k) = ((a_1 + \dots + a_k) \bmod m) \bmod q

    The examples are all :math:`m^k` tuples in lexicographic order. With q below m several sums
    share a label, so labels are fewer than tokens, and where q is no divisor of m not all are as
    frequent.

    Parameters
    ----------
    modulus
        m, at least 2; also the number of tokens.
    slots
        k, at least 1, with at most 2^24 tuples.
    num_labels
        q, from 2 to m; None is m.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Examples
    --------
    >>> task = modular_sum(3, slots=3)
    >>> task.inputs[-1], task.labels[-3:]
    (array([2, 2, 2]), array([1, 2, 0]))
    >>> modular_sum(3, slots=2, num_labels=2).labels.reshape(3, 3)
    array([[0, 1, 0],
           [1, 0, 0],
           [0, 0, 1]])
    """
    modulus = checks.integer("modulus", modulus, at_least=2)
    slots = checks.integer("slots", slots, at_least=1)
    if slots > _MOST_SLOTS or modulus**slots > _LARGEST**2:
        raise ValueError(f"modulus**slots must be at most {_LARGEST**2}, got {modulus}**{slots}")
    labels = modulus if num_labels is None else checks.integer("num_labels", num_labels, at_least=2)
    if labels > modulus:
        raise ValueError(f"num_labels must be at most modulus, {modulus}, got {num_labels}")
    inputs = np.indices((modulus,) * slots).reshape(slots, -1).T
    settings = {"modulus": modulus, "slots": slots, "num_labels": labels}
    residues = inputs.sum(axis=1) % modulus % labels
    return Task("modular_sum", settings, inputs, residues, modulus, labels)


def _division(modulus: int) -> Task:
    """Return the task x/y, on the pairs whose second number is not 0."""
    if any(modulus % factor == 0 for factor in range(2, int(modulus**0.5) + 1)):
        raise ValueError(f"modulus must be prime for x/y, got {modulus}")
    inverses = np.array([pow(b, -1, modulus) for b in range(1, modulus)])
    everything = pairs(modulus)
    inputs = everything[everything[:, 1] > 0]
    labels = inputs[:, 0] * inverses[inputs[:, 1] - 1] % modulus
    return Task("modular_division", {"modulus": modulus}, inputs, labels, modulus, modulus)
