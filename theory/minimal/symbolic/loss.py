"""The loss of the minimal model (Section 3), its slopes, and the symbols of every statement."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

#: alpha, kappa and the number q of labels.
alpha, kappa, q = sp.symbols("alpha kappa q", positive=True)
#: r = 2/kappa - 1, and its size R where kappa > 2.
r, R = sp.Symbol("r", real=True, nonzero=True), sp.Symbol("R", positive=True)
#: Total weight S, pull p of the data, marginal cost c.
S, p, c = sp.symbols("S p c", positive=True)
#: Norms, weights and marginal costs of the generalising and the memorising circuit.
P_G, P_M = sp.symbols("P_G P_M", positive=True)
w_G, w_M = sp.symbols("w_G w_M", positive=True)
c_G, c_M = sp.symbols("c_G c_M", positive=True)
#: Time and learning rate.
t, rate = sp.Symbol("t", real=True), sp.Symbol("lambda", positive=True)


def exponent() -> sp.Expr:
    """Return r = 2/kappa - 1 in kappa (paper, Section 3).

    Examples
    --------
    >>> exponent()
    -1 + 2/kappa
    """
    return 2 / kappa - 1


def cross_entropy(total: sp.Expr) -> sp.Expr:
    """Return the training loss log(1 + (q-1) e^-S) at S = `total` (paper, Section 3).

    Examples
    --------
    >>> cross_entropy(sp.Integer(0)).simplify()
    log(q)
    """
    return sp.log(1 + (q - 1) * sp.exp(-total))


def penalty(weight: sp.Expr, norm: sp.Expr) -> sp.Expr:
    """Return alpha P^2 |w|^(2/kappa) (paper, Section 3).

    Examples
    --------
    >>> penalty(w_G, P_G)
    P_G**2*alpha*w_G**(2/kappa)
    """
    return alpha * norm**2 * sp.Abs(weight) ** (2 / kappa)


def objective(weights: Sequence[sp.Expr], norms: Sequence[sp.Expr]) -> sp.Expr:
    """Return the loss with the penalty of every circuit (paper, Section 3).

    Examples
    --------
    >>> objective([w_G], [P_G])
    P_G**2*alpha*w_G**(2/kappa) + log((q - 1)*exp(-w_G) + 1)
    """
    penalties = [penalty(w, norm) for w, norm in zip(weights, norms, strict=True)]
    return cross_entropy(sp.Add(*weights)) + sp.Add(*penalties)


def pull() -> sp.Eq:
    """Return p(S) = -l'(S), the probability of all wrong labels (paper, Section 3).

    Examples
    --------
    >>> pull()
    Eq(p, (q - 1)/(q + exp(S) - 1))
    """
    return sp.Eq(p, sp.simplify(-cross_entropy(S).diff(S)))


def marginal_cost() -> sp.Eq:
    """Return c = (2 alpha/kappa) P^2, the slope of the penalty over w^r (paper, Section 3).

    Examples
    --------
    >>> marginal_cost()
    Eq(c_G, 2*P_G**2*alpha/kappa)
    """
    return sp.Eq(c_G, sp.powsimp(penalty(w_G, P_G).diff(w_G) / w_G ** exponent()))


def slope(sign: int = 1) -> sp.Expr:
    """Return dL/dw_G at w_G = `sign` times a positive number (paper, Section 3).

    It is -p + c_G w_G^r, and -p - c_G |w_G|^r for a negative weight.

    >>> slope(), slope(sign=-1)
    (c_G*w_G**r - p, -c_G*w_G**r - p)

    Examples
    --------
    >>> slope()
    c_G*w_G**r - p
    """
    total = sign * w_G + w_M
    along = sp.diff(objective([sign * w_G, w_M], [P_G, P_M]), w_G) / sign
    explicit = sp.simplify(along + pull().rhs.subs(S, total))
    in_cost = explicit.subs(alpha, kappa * c_G / (2 * P_G**2)).subs(kappa, 2 / (r + 1))
    return sp.simplify(in_cost) - p
