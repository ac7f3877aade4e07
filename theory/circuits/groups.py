r"""What generalising costs on the table of any finite group (derived here).

Let G have n elements, and let the table of all pairs be its product. What w has in common over the
labels changes nothing, so w is centred. In :math:`\sum_{a,b} w[ab]\,(u[a] + v[b])^2` the squares
then drop out, since for each a the product goes over all of G. So the part of a unit in A is

.. math:: a_h = \frac{2}{n^2} \sum_{a,b} w[ab]\, u[a]\, v[b]
          \;\le\; \frac{2}{n^2}\, \sigma(w)\, |u|\, |v| ,

with the largest singular value of the matrix :math:`w[ab]`. On functions G acts by translations,
and this space is a sum of irreducible *real* representations. Let :math:`\delta` be the dimension
of one. The matrix :math:`w[a b^{-1}]` has the same singular values and commutes with translations
from one side. So for each of its singular values the singular vectors are a space that
translations leave alone, of dimension :math:`\delta` or more, and all squared singular values add
up to :math:`n |w|^2`:

.. math:: \delta\, \sigma(w)^2 \le n\, |w|^2 .

With :math:`|u||v| \le \tfrac12 s^2` the strength is
:math:`c_h = |w| s^2 \ge \sqrt{\delta_h}\, n^{3/2} |a_h|`, and balance (`theory.circuits.unit_cost`)
gives

.. math:: |\theta|^2 \;\ge\; \tfrac32\, 2^{2/3}\, n\, A^{2/3}
          \sum_h |p_h|^{2/3} \Big(\frac{\delta_h}{2}\Big)^{1/3},
          \qquad p_h = a_h / A .

A complex irreducible representation of dimension d has :math:`\delta = d` if it is of real type,
and 2 d if it is of complex type (it and its conjugate come together) or of quaternionic type
(singular values come in pairs). All but the trivial one of a cyclic group of odd order have
:math:`\delta = 2`: the waves of `theory.circuits.generalising`. A sign, +1 or -1, has
:math:`\delta = 1` and is the cheapest unit there is.

*Attained* by matrix coefficients of orthogonal matrices :math:`\rho`, for any vectors p, q, r:

.. math:: u[a] = p \cdot \rho(a)\, q, \qquad v[b] = q \cdot \rho(b)\, r, \qquad
          w[c] = p \cdot \rho(c)\, r .

*Units that mix representations.* They are orthogonal ideals, so only what is in the same one meets,
and with the shares :math:`q_u, q_v, q_w` of the squares of u, v, w in each

.. math:: \delta_h = \Big(\sum_\rho \sqrt{q_u\, q_v\, q_w / \delta_\rho}\Big)^{-2}

holds in the bound for this unit. It is never below the least :math:`\delta_\rho` that it uses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from theory import checks
from theory.circuits.hidden_units import HiddenUnits

REAL, COMPLEX, QUATERNIONIC = "real", "complex", "quaternionic"
#: Numbers that should be equal, or whole, are so to this.
_CLOSE = 1e-6


@dataclass(frozen=True, eq=False)
class Irrep:
    r"""An irreducible real representation of a finite group.

    Attributes
    ----------
    kind
        "real", "complex" or "quaternionic", by Frobenius and Schur.
    matrices
        Orthogonal :math:`\rho(g)`, shape (elements, delta, delta).
    """

    kind: str
    matrices: np.ndarray

    @property
    def delta(self) -> int:
        """Its dimension."""
        return int(self.matrices.shape[1])

    @property
    def dimension(self) -> int:
        """That of the complex irreducible representations in it: delta, or half of it."""
        return self.delta if self.kind == REAL else self.delta // 2

    @property
    def functions(self) -> int:
        """How many functions on the group its matrix coefficients span."""
        return {REAL: 4, COMPLEX: 2, QUATERNIONIC: 1}[self.kind] * self.delta**2 // 4

    @property
    def character(self) -> np.ndarray:
        """The traces of its matrices, shape (elements,)."""
        traces: np.ndarray = np.trace(self.matrices, axis1=1, axis2=2)
        return traces


def irreps(table: np.ndarray) -> tuple[Irrep, ...]:
    r"""Return all irreducible real representations of a group, the trivial one first.

    Mixing all translations from the right by random weights, alike for an element and its inverse,
    gives a symmetric matrix that commutes with translations from the left. Its eigenspaces are
    irreducible under these, and each representation has at least one of them.

    Parameters
    ----------
    table
        The products ab of elements numbered from 0, shape (elements, elements).

    Returns
    -------
    tuple of Irrep
        By delta, then by character, the larger first.

    Raises
    ------
    ValueError
        If `table` is not that of a group.

    Examples
    --------
    >>> from theory.networks import permutation
    >>> found = irreps(permutation("xy", 4).labels.reshape(24, 24))
    >>> [each.delta for each in found], {each.kind for each in found}
    ([1, 1, 2, 3, 3], {'real'})
    """
    table = _group(table)
    inverse = _inverses(table)
    weights = np.random.default_rng(0).normal(size=len(table))
    # Entry (g, h) is the weight of h^-1 g, which a translation of both from the left leaves alone.
    values, spaces = np.linalg.eigh((weights + weights[inverse])[table[inverse].T])
    starts = np.flatnonzero(np.diff(values) > _CLOSE) + 1
    found = {}
    for space in np.split(spaces, starts, axis=1):
        # A translation by g takes a function f to f(g^-1 x).
        matrices = np.einsum("xi,gxj->gij", space, space[table[inverse]], optimize=True)
        irrep = Irrep(_kind(matrices, table), matrices)
        found[irrep.delta, *(-irrep.character.round(3) + 0.0)] = irrep
    return tuple(found[key] for key in sorted(found))


def matrix_coefficients(
    irrep: Irrep, first: np.ndarray, inner: np.ndarray, last: np.ndarray, logit: float
) -> HiddenUnits:
    r"""Return a circuit of matrix coefficients of one representation, as cheap as there is.

    Parameters
    ----------
    irrep
        Not the trivial one.
    first, inner, last
        The directions of p, q and r of each unit, shape (units, delta).
    logit
        A > 0, the right logit less the mean of all, over the full table.

    Returns
    -------
    HiddenUnits
        In balance, with equal parts in A. Its norm attains the bound. Two units that differ in the
        sign of p leave no squares.

    Raises
    ------
    ValueError
        If a shape does not fit, a direction is zero, or the logit is not above 0.

    Examples
    --------
    >>> from theory.networks import permutation
    >>> task = permutation("xy", 3)
    >>> sign = irreps(task.labels.reshape(6, 6))[1]
    >>> units = matrix_coefficients(sign, *np.ones((3, 1, 1)), logit=5.0)
    >>> units.right_logits(task.inputs, task.labels).round(6)
    array([5.])
    """
    logit = checks.number("logit", logit, above=0)
    p, q, r = (
        _directions(name, given, irrep.delta)
        for name, given in (("first", first), ("inner", inner), ("last", last))
    )
    if not len(p) == len(q) == len(r):
        raise ValueError(f"first, inner and last must be as many, got {[len(p), len(q), len(r)]}")
    u, v, w = (
        np.einsum("hi,gij,hj->gh", left, irrep.matrices, right, optimize=True)
        for left, right in ((p, q), (q, r), (p, r))
    )
    # One such unit has 2 / delta^2 in A, and u, v and w of one size are in balance.
    size = (logit / len(p) * irrep.delta**2 / 2) ** (1 / 3)
    return HiddenUnits((size * u, size * v), size * w.T)


def irrep_shares(units: HiddenUnits, representations: tuple[Irrep, ...]) -> xr.DataArray:
    r"""Return which share of what each unit reads and writes is in which representation.

    Parameters
    ----------
    units
        With two slots, and as many tokens and labels as the group has elements.
    representations
        All that the group has, from `irreps`.

    Returns
    -------
    xarray.DataArray
        Parts of the squares, along ``place`` ("first", "second" and "output"), ``unit`` and
        ``irrep``; they add up to 1 over the last, or are all 0 for what is 0. Outputs are taken off
        their mean.

    Raises
    ------
    ValueError
        If the units do not fit the group.
    """
    order = len(representations[0].matrices)
    tables = (*units.embeddings, units.written.T)
    if len(tables) != 3 or {len(each) for each in tables} != {order}:
        sizes = [len(each) for each in tables]
        raise ValueError(f"units must have two slots and {order} tokens and labels, got {sizes}")
    shares = np.empty((3, units.size, len(representations)))
    for number, irrep in enumerate(representations):
        # The sum over matrix coefficients is a projection, but for its size.
        size = irrep.functions / irrep.delta / order
        for place, each in enumerate(tables):
            parts = np.einsum("gij,gh->ijh", irrep.matrices, each, optimize=True)
            shares[place, :, number] = size * np.sum(parts**2, axis=(0, 1))
    total = shares.sum(axis=2, keepdims=True)
    return xr.DataArray(
        np.divide(shares, total, out=np.zeros_like(shares), where=total > 0),
        {
            "place": ["first", "second", "output"],
            "delta": ("irrep", [irrep.delta for irrep in representations]),
        },
        ("place", "unit", "irrep"),
    )


def unit_deltas(shares: xr.DataArray) -> xr.DataArray:
    """Return delta of each unit from the `irrep_shares` of what it reads and writes.

    Infinite for one whose parts are nowhere in the same representation.
    """
    meets = (shares.prod("place") / shares["delta"]) ** 0.5
    with np.errstate(divide="ignore"):
        found: xr.DataArray = meets.sum("irrep") ** -2.0
    return found


def effective_delta(
    parts: np.ndarray, deltas: np.ndarray, counts: np.ndarray | float = 1.0
) -> float:
    r"""Return the one delta at which units with these parts in A have the same bound.

    The mean of :math:`\delta^{1/3}` over units, weighted by :math:`|p|^{2/3}`, to the third power.

    Parameters
    ----------
    parts, deltas
        Of each unit, or of units with equal parts together, shape (units,).
    counts
        Of how many units each part is the sum.

    Raises
    ------
    ValueError
        If the parts are all 0, or the numbers do not fit.

    Examples
    --------
    >>> round(effective_delta(np.array([1.0, 1.0]), np.array([8.0, 1.0])), 6)
    3.375
    """
    parts, deltas = np.asarray(parts, dtype=float), np.asarray(deltas, dtype=float)
    if parts.shape != deltas.shape or not np.any(parts):
        raise ValueError(f"parts must be one for each delta, not all 0, got {parts.shape}")
    weights = counts * abs(parts / counts) ** (2 / 3)
    roots = np.where(weights > 0, np.cbrt(deltas), 0)
    return float(np.average(roots, weights=weights) ** 3)


def _kind(matrices: np.ndarray, table: np.ndarray) -> str:
    """Return the kind of a representation, from the mean trace of the squares of elements."""
    squares = np.trace(matrices[np.diag(table)], axis1=1, axis2=2)
    return {1: REAL, 0: COMPLEX, -2: QUATERNIONIC}[round(float(squares.mean()))]


def _group(table: np.ndarray) -> np.ndarray:
    """Return the products, which must be associative and have every element in each line."""
    table = np.asarray(table)
    if table.ndim != 2 or table.dtype.kind not in "iu" or len(set(table.shape)) != 1:
        raise ValueError(f"table must be whole numbers in a square, got shape {table.shape}")
    whole = np.arange(len(table))
    if any(np.any(np.sort(lines, axis=1) != whole) for lines in (table, table.T)):
        raise ValueError("table must have every element once in each row and column")
    for a in whole:
        wrong = np.argwhere(table[table[a]] != table[a][table])
        if len(wrong):
            b, c = wrong[0]
            raise ValueError(f"table must be associative, got (xy)z other than x(yz) at {a, b, c}")
    return table


def _inverses(table: np.ndarray) -> np.ndarray:
    identity = np.flatnonzero((table == np.arange(len(table))).all(axis=1))[0]
    inverses: np.ndarray = np.argmax(table == identity, axis=1)
    return inverses


def _directions(name: str, given: np.ndarray, delta: int) -> np.ndarray:
    """Return vectors of length 1."""
    vectors = np.asarray(given, dtype=float)
    if vectors.ndim != 2 or vectors.shape[1] != delta:
        raise ValueError(f"{name} must have {delta} numbers a unit, got shape {vectors.shape}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(lengths > 0) or not np.isfinite(lengths).all():
        raise ValueError(f"{name} must be directions, got lengths {lengths[:, 0]}")
    unit: np.ndarray = vectors / lengths
    return unit
