"""Products in the group of permutations."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np

from theory import checks
from theory.networks.tasks.tables import pairs, require_expression
from theory.networks.tasks.task import Task


def _times(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the products xy, first y and then x, of permutations in the rows of both."""
    return np.take_along_axis(x, y, axis=1)


#: Name of the task, and what is computed from x and y, by expression.
_PRODUCTS: Mapping[str, tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]] = {
    "xy": ("permutation_product", _times),
    # argsort inverts a permutation.
    "xyx^-1": ("permutation_conjugation", lambda x, y: _times(_times(x, y), x.argsort(axis=1))),
    "xyx": ("permutation_sandwich", lambda x, y: _times(_times(x, y), x)),
}

#: Every expression that `permutation` knows.
PERMUTATION_EXPRESSIONS = tuple(_PRODUCTS)


def permutation(expression: str, degree: int, *, even: bool = False) -> Task:
    r"""Return the task of computing an expression of two permutations.

    .. math:: (x y)(i) = x(y(i)), \qquad x, y \in S_n

    The n! permutations of the numbers 0 to n - 1 are tokens, numbered in lexicographic order, so
    0 is the identity. The examples are all pairs, in the order of :math:`n!\, x + y`. Of the even
    ones alone, :math:`A_n`, the n!/2 tokens are numbered likewise.

    Parameters
    ----------
    expression
        One of `PERMUTATION_EXPRESSIONS`: ``"xy"``, ``"xyx^-1"`` or ``"xyx"``.
    degree
        n, from 2 to 6 (the n! squared pairs of 7 would fill gigabytes); from 3 if `even`.
    even
        Whether x and y are even permutations only, and so are all that is computed.

    Raises
    ------
    ValueError
        If `expression` is unknown or `degree` is out of its range.

    Notes
    -----
    With degree 5 the tasks of Power et al. (2022), Appendix A.1.1.

    Examples
    --------
    >>> task = permutation("xy", 3)
    >>> task.labels.reshape(6, 6)[1]
    array([1, 0, 4, 5, 2, 3])
    >>> permutation("xy", 5, even=True).num_tokens
    60
    """
    even = checks.boolean("even", even)
    degree = checks.integer("degree", degree, at_least=3 if even else 2)
    if degree > 6:
        raise ValueError(f"degree must be at most 6, got {degree}")
    require_expression(expression, PERMUTATION_EXPRESSIONS)
    name, product = _PRODUCTS[expression]
    elements = np.array(list(itertools.permutations(range(degree))))
    settings = {"degree": degree}
    if even:
        elements, settings = elements[_inversions(elements) % 2 == 0], settings | {"even": True}
    order = len(elements)
    inputs = pairs(order)
    # Read as the digits of a number, permutations in lexicographic order increase.
    place_values = degree ** np.arange(degree)[::-1]
    products = product(*elements[inputs.T]) @ place_values
    labels = np.searchsorted(elements @ place_values, products)
    return Task(name, settings, inputs, labels, order, order)


def _inversions(elements: np.ndarray) -> np.ndarray:
    """Return how many pairs each permutation turns round, shape (elements,)."""
    first, second = np.triu_indices(elements.shape[1], 1)
    found: np.ndarray = np.sum(elements[:, first] > elements[:, second], axis=1)
    return found
