"""Multiplication tables of groups, made of those that there are."""

from __future__ import annotations

import numpy as np

from theory import checks
from theory.networks import Task, permutation
from theory.networks.tasks.tables import pairs


def permutations(degree: int, *, even: bool = False) -> np.ndarray:
    """Return the table of all permutations of so many things, or of the even ones.

    Errors as `theory.networks.permutation`.

    Examples
    --------
    >>> permutations(5, even=True).shape
    (60, 60)
    """
    task = permutation("xy", degree, even=even)
    return task.labels.reshape(task.num_labels, task.num_labels)


def dihedral(corners: int) -> np.ndarray:
    """Return the table of all turns and reflections of a regular polygon, shape (2n, 2n).

    Element 2k turns by k corners, and 2k + 1 reflects before that.

    Raises
    ------
    ValueError
        If there are fewer than three corners.

    Examples
    --------
    >>> table = dihedral(3)
    >>> [int(table[2, 2]), int(table[3, 3]), int(table[1, 2])]
    [4, 0, 5]
    """
    corners = checks.integer("corners", corners, at_least=3)
    turns, reflects = np.divmod(np.arange(2 * corners), 2)
    signs = np.where(reflects == 1, -1, 1)
    turned = (turns[:, None] + signs[:, None] * turns) % corners
    table: np.ndarray = 2 * turned + (reflects[:, None] ^ reflects)
    return table


def both(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the table of pairs of elements of two groups, shape (n1 n2, n1 n2).

    Examples
    --------
    >>> cyclic = np.array([[0, 1], [1, 0]])
    >>> both(cyclic, cyclic)[1].tolist()
    [1, 0, 3, 2]
    """
    one, other = np.divmod(np.arange(len(first) * len(second)), len(second))
    table: np.ndarray = first[np.ix_(one, one)] * len(second) + second[np.ix_(other, other)]
    return table


def product_task(name: str, table: np.ndarray) -> Task:
    """Return the task of the product of two elements of a group, all pairs in order.

    Examples
    --------
    >>> product_task("turns", dihedral(3)).labels.size
    36
    """
    order = len(table)
    return Task("group product", {"group": name}, pairs(order), table.ravel(), order, order)
