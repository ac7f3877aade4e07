"""Stationary points of the loss."""

from __future__ import annotations

import sympy as sp

from theory.minimal.symbolic.loss import (
    P_G,
    P_M,
    R,
    S,
    c,
    c_G,
    c_M,
    objective,
    p,
    pull,
    r,
    slope,
    w_G,
    w_M,
)

#: The norm of the one circuit that all amount to.
P_star = sp.Symbol("P_*", positive=True)


def resting_weight() -> sp.Expr:
    """Return the weight at which a circuit's slope vanishes, (p/c)^(1/r) (derived here).

    Examples
    --------
    >>> resting_weight()
    (p/c_G)**(1/r)
    """
    (weight,) = sp.solve(slope(), w_G)
    return weight


def ratio_law() -> sp.Eq:
    """Return w_G/w_M = (P_M/P_G)^(2/r) wherever both slopes vanish (paper, for kappa < 2).

    Examples
    --------
    >>> ratio_law()
    Eq(w_G/w_M, (P_M/P_G)**(2/r))
    """
    own = resting_weight()
    costs = {c_G: P_G**2, c_M: P_M**2}  # both with the factor 2 alpha/kappa, which cancels
    power = sp.powdenest(((own / own.subs(c_G, c_M)) ** r).subs(costs), force=True)
    return sp.Eq(w_G / w_M, sp.powsimp(sp.sqrt(power), force=True) ** (2 / r))


def combined_cost() -> sp.Eq:
    """Return c_* of p = c_* S^r, the marginal cost of all circuits together (derived here).

    Examples
    --------
    >>> combined_cost()
    Eq(c, (c_M**(-1/r) + c_G**(-1/r))**(-r))
    """
    own = sp.expand_power_base(resting_weight(), force=True)
    total = sp.collect(own + own.subs(c_G, c_M), p ** (1 / r))
    return sp.Eq(c, sp.powdenest(sp.expand_power_base(p * total**-r, force=True), force=True))


def effective_norm() -> sp.Eq:
    """Return the norm P_* of the one circuit that both amount to (derived here).

    Examples
    --------
    >>> effective_norm()
    Eq(P_*, (P_M**(-2/r) + P_G**(-2/r))**(-r/2))
    """
    unit = {c_G: P_G**2, c_M: P_M**2}  # c_* = (2 alpha/kappa) P_*^2 scales as its parts do
    squared = sp.powdenest(combined_cost().rhs.subs(unit), force=True)
    return sp.Eq(P_star, sp.powdenest(sp.sqrt(squared), force=True))


def convexity() -> sp.Eq:
    """Return the second derivative of the loss along (x, y) as a sum of squares (derived here).

    For kappa < 2, r > 0 and every term is positive for weights of any sign, |w| in place of w:
    the loss is strictly convex and has one minimum.

    Examples
    --------
    >>> convexity().rhs
    c_G*r*w_G**(r - 1)*x**2 + c_M*r*w_M**(r - 1)*y**2 + p*(1 - p)*(x + y)**2
    """
    along = sp.symbols("x y", real=True)
    hessian = sp.hessian(objective([w_G, w_M], [P_G, P_M]), (w_G, w_M))
    form = (sp.Matrix([along]) * hessian * sp.Matrix(along))[0]
    bends = [x**2 * sp.powsimp(bend) for x, bend in zip(along, _bends(), strict=True)]
    return sp.Eq(form, p * (1 - p) * sp.Add(*along) ** 2 + sp.Add(*bends), evaluate=False)


def determinant_law() -> sp.Eq:
    """Return the Hessian's determinant at a stationary point with kappa > 2 (derived here).

    With R = -r it is (R p)^2/(w_G w_M) times 1 - (1-p) S/R. Since the Hessian is a negative
    diagonal plus a positive rank one, it has at most one positive eigenvalue, and it has it where
    (1-p) S > R: on the falling side of p S^R, at the larger root.

    Examples
    --------
    >>> determinant_law().rhs
    R*p**2*(R + p*w_G + p*w_M - w_G - w_M)/(w_G*w_M)
    """
    stationary = {c_G: p * w_G**R, c_M: p * w_M**R}
    hessian = p * (1 - p) * sp.ones(2, 2) + sp.diag(*_bends())
    determinant = sp.simplify(hessian.subs(r, -R).subs(stationary).det())
    return sp.Eq(sp.Symbol("det", real=True), sp.factor(determinant))


def single_peak() -> tuple[sp.Eq, sp.Eq]:
    """Return the slope of log(p S^R) in log S, and how it changes (derived here).

    It falls for ever from R, so p S^R rises to one peak and then falls: two roots or none.

    Examples
    --------
    >>> steepness, change = single_peak()
    >>> steepness.rhs
    R - S*exp(S)/(q + exp(S) - 1)
    """
    logarithm = sp.log(pull().rhs) + R * sp.log(S)
    steepness = sp.apart(sp.simplify(S * logarithm.diff(S)), R)
    one, two = (sp.Symbol(f"log_slope{mark}", real=True) for mark in ("", "_change"))
    return sp.Eq(one, steepness), sp.Eq(two, sp.factor(steepness.diff(S)))


def equilibrium_at_two() -> sp.Eq:
    """Return S at kappa = 2, where p = c: positive just if c < (q-1)/q = p(0) (paper).

    Examples
    --------
    >>> equilibrium_at_two()
    Eq(S, log(-(c - 1)*(q - 1)/c))
    """
    (total,) = sp.solve(sp.Eq(pull().rhs, c), S)
    return sp.Eq(S, total)


def lambert_total() -> tuple[sp.Eq, sp.Eq]:
    """Return S for small alpha, where p is (q-1) e^-S: for kappa < 2 and > 2 (derived here).

    Examples
    --------
    >>> for total in lambert_total():
    ...     print(total)
    Eq(S, r*LambertW(exp(log((q - 1)/c)/r)/r))
    Eq(S, -R*LambertW(-exp((log(c) - log(q - 1))/R)/R, -1))
    """
    tail = sp.limit(pull().rhs * sp.exp(S), S, sp.oo) * sp.exp(-S)
    size = sp.Symbol("r", positive=True)
    (below,) = sp.solve(sp.Eq(tail, c * S**size), S)
    (above,) = sp.solve(sp.Eq(tail * S**R, c), S)
    # SymPy gives the branch of the smaller root; the larger is on the other real one.
    return sp.Eq(S, below), sp.Eq(S, above.replace(sp.LambertW, lambda x: sp.LambertW(x, -1)))


def _bends() -> list[sp.Expr]:
    """Return what each penalty adds to the curvature along its weight, c_i r w_i^(r-1)."""
    own = slope().diff(w_G)
    return [own, own.subs({c_G: c_M, w_G: w_M})]
