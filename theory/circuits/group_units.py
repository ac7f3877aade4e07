r"""Which representations of a group a network takes, how many units, and its logit: a heuristic.

For groups all of whose representations are of real type (`theory.circuits.groups`), such as those
of all permutations and that of the 60 even ones of five things. No number is fitted.

**What units leave** (derived here). Two units of matrix coefficients of one representation, with
unit vectors p, q, r and p', q', r', write :math:`2 u v w` and :math:`2 u' v' w'`. Over all a, b and
labels the mean product is

.. math:: \frac{4}{\delta^3}\, (p \cdot p')^2 (q \cdot q')^2 (r \cdot r')^2 \;\ge\; 0 ,

and nothing for two different representations. So units with positive parts :math:`a_h` in A cannot
cancel what each writes to wrong labels: the power of all logits is at least
:math:`\sum_h \delta_h a_h^2`, and units in orthogonal directions, up to :math:`\delta^3` of a
representation, have just that. All :math:`\delta^3` together write nothing but its character,
:math:`A_\rho\, \chi_\rho(g) / \delta` for a label that is off by g.
(Waves of complex type do better: three write what here would take eight.)

**How well labels are told apart.** Let a representation have M units with equal parts, and
:math:`A_\rho` of A. With the characters counted exactly, and what the units leave beside them as a
Gaussian variance on wrong labels,

.. math:: L = -\log \Big\langle \exp \sum_\rho A_\rho \big(\chi_\rho(g)/\delta_\rho - 1\big)
              \Big\rangle_{g \ne 1}
              - \frac12 \sum_\rho A_\rho^2 \Big(\frac{\delta_\rho}{M_\rho}
              - \frac{1}{\delta_\rho^2}\Big) .

**What is best.** Loss and penalty together,

.. math:: \log\big(1 + (n - 1)\, e^{-L}\big) + \frac\gamma2\, \tfrac32\, 2^{2/3}\, n
          \sum_\rho \Big(\frac{M_\rho \delta_\rho}{2}\Big)^{1/3} A_\rho^{2/3} ,

are least over all :math:`A_\rho` and :math:`0 < M_\rho \le \delta_\rho^3`. Since M enters by
:math:`M / \delta`, a representation costs :math:`\delta^{2/3}` where :math:`\delta` alone counts:
networks should take few, of low dimension.

Left out are the scatter of the right logits, which costs about as much again, and what units of
different size and representation do to mend both: on four small groups these nearly cancel in the
norm (observed, to 4%; the number of units to 30%). Training does not look for the best
representations, and the table is whole here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from theory import checks
from theory.circuits.generalising import WAVE_COST
from theory.circuits.groups import REAL, Irrep, effective_delta

#: Starts of the search: there are many dips, since few representations are better than many.
_STARTS = 30
#: Representations with less than this part of A are not taken.
_TAKEN = 0.01


class GroupCircuit(NamedTuple):
    """What a network that generalises on a group should be.

    Its hidden units, of all representations together; its ``logit``, A, the right logit less the
    mean of all; ``delta``, the effective dimension (`theory.circuits.effective_delta`); its
    parameter ``norm``; and the ``shares`` in A of all representations, in the order of those
    given, 0 for the trivial one.
    """

    units: float
    logit: float
    delta: float
    norm: float
    shares: tuple[float, ...]


def expected_circuit(representations: Sequence[Irrep], l2: float) -> GroupCircuit:
    r"""Return what a network on the table of a group comes to: a heuristic (see above).

    Parameters
    ----------
    representations
        All of the group, from `theory.circuits.irreps`, each of real type.
    l2
        gamma, of a penalty :math:`\tfrac\gamma2 |\theta|^2` in the loss (nat), in (0, 0.1].

    Raises
    ------
    ValueError
        If one is of another type, the group has one element, or `l2` is out of its range.

    Examples
    --------
    >>> from theory.circuits import irreps
    >>> from theory.networks import permutation
    >>> found = expected_circuit(irreps(permutation("xy", 4).labels.reshape(24, 24)), l2=1e-4)
    >>> [round(number, 1) for number in (found.logit, found.delta, found.norm)]
    [10.2, 2.5, 29.1]
    """
    l2 = checks.number("l2", l2, above=0, at_most=0.1)
    others = _others_than_the_trivial(representations)
    deltas = np.array([irrep.delta for irrep in others], dtype=float)
    characters = np.array([irrep.character for irrep in others]) / deltas[:, None]
    behind = characters[:, ~np.isclose(characters, 1).all(axis=0)] - 1
    wrong = behind.shape[1]

    def squared_norm(logits: np.ndarray, counts: np.ndarray) -> float:
        each = (counts * deltas / 2) ** (1 / 3) * logits ** (2 / 3)
        return float(WAVE_COST * (wrong + 1) * each.sum())

    def objective(x: np.ndarray) -> float:
        logits, counts = _read(x, deltas)
        left = 0.5 * logits**2 @ (deltas / counts - 1 / deltas**2)
        # The logarithm of (n - 1) exp(-L).
        odds = _log_sum_exp(logits @ behind) + left
        return float(np.logaddexp(0, odds)) + l2 / 2 * squared_norm(logits, counts)

    draw, half = np.random.default_rng(0), len(others)
    bounds = [(-7.0, 4.0)] * half + [(-6.0, 12.0)] * half
    starts = [
        np.append(np.log(10 * draw.dirichlet(np.ones(half)) + 0.01), draw.normal(size=half))
        for _ in range(_STARTS)
    ]
    found = (minimize(objective, start, method="L-BFGS-B", bounds=bounds) for start in starts)
    logits, counts = _read(min(found, key=lambda each: each.fun).x, deltas)
    shares = logits / logits.sum()
    taken = shares > _TAKEN
    return GroupCircuit(
        float(counts[taken].sum()),
        float(logits.sum()),
        effective_delta(shares[taken], deltas[taken], counts[taken]),
        float(squared_norm(logits, counts) ** 0.5),
        (0.0, *shares.tolist()),
    )


def _log_sum_exp(values: np.ndarray) -> float:
    """Return what `scipy.special.logsumexp` does, to the bit.

    That takes ten times as long over so few numbers, and tens of thousands of times.
    """
    largest = values.max()
    top = values == largest
    rest = np.where(top, 0.0, np.exp(values - largest)).sum()
    return float(np.log1p(rest / top.sum()) + np.log(top.sum()) + largest)


def _read(x: np.ndarray, deltas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the logits and numbers of units of all representations, from free numbers."""
    logits, counts = np.split(x, 2)
    return np.exp(logits), deltas**3 * expit(counts)


def _others_than_the_trivial(representations: Sequence[Irrep]) -> Sequence[Irrep]:
    kinds = {irrep.kind for irrep in representations}
    if len(representations) < 2 or kinds != {REAL}:
        raise ValueError(
            f"representations must be several, all of real type, got {len(representations)} "
            f"of {sorted(kinds)}"
        )
    return representations[1:]
