"""How fast a small weight grows beside a circuit that has come to rest."""

from __future__ import annotations

import sympy as sp

from theory.minimal.symbolic.loss import (
    P_G,
    P_M,
    c_G,
    c_M,
    kappa,
    marginal_cost,
    p,
    r,
    rate,
    slope,
    w_G,
)


def plateau_growth() -> sp.Eq:
    """Return the growth rate of a small weight for kappa < 2, twice the pull (derived here).

    The subweights grow at -L_G, so the weight at twice that, and the cost vanishes with it.

    Examples
    --------
    >>> plateau_growth().rhs
    2*p
    """
    positive = sp.Symbol("r", positive=True)
    limit = sp.limit(slope().subs(r, positive), w_G, 0, "+")
    return sp.Eq(sp.Symbol("growth", positive=True), -2 * limit)


def plateau_growth_at_two() -> sp.Eq:
    """Return the growth rate at kappa = 2, where the memorising circuit rests (derived here).

    Examples
    --------
    >>> plateau_growth_at_two().rhs
    -2*alpha*(P_G - P_M)*(P_G + P_M)
    """
    growth = -2 * slope().subs(r, 0).subs(p, c_M)
    cost = marginal_cost().rhs.subs(kappa, 2)
    in_norms = growth.subs({c_G: cost, c_M: cost.subs(P_G, P_M)})
    return sp.Eq(sp.Symbol("growth", real=True), sp.factor(in_norms))


def descent_growth() -> sp.Eq:
    """Return the factor of one update of descent on small subweights, kappa < 2 (derived here).

    Examples
    --------
    >>> descent_growth().rhs
    lambda*p + 1
    """
    push = rate * plateau_growth().rhs / 2
    growing = sp.Matrix([1, 1])  # a = b; the difference a - b shrinks
    after = sp.Matrix([[1, push], [push, 1]]) * growing
    return sp.Eq(sp.Symbol("factor", positive=True), after[0])


def heavy_ball_polynomial() -> sp.Eq:
    """Return the equation of the factor z of one update with momentum beta (derived here).

    For x = a + b an update is x'' = x' + beta (x' - x) + lambda p x'.

    Examples
    --------
    >>> heavy_ball_polynomial()
    Eq(beta + z**2 + z*(-beta - lambda*p - 1), 0)
    """
    z, beta = sp.symbols("z beta", positive=True)
    push = rate * plateau_growth().rhs / 2
    update = z**2 - (z + beta * (z - 1) + push * z)
    return sp.Eq(sp.collect(sp.expand(update), z), 0)
