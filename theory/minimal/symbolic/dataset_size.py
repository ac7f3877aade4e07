"""The critical size of the dataset, for memorisation with the norm P_M = P_1 D^beta."""

from __future__ import annotations

import sympy as sp

from theory.minimal.symbolic.equilibria import ratio_law
from theory.minimal.symbolic.loss import P_G, P_M, R, c_G, c_M, p, q, r, slope, w_G, w_M

#: Size D, its critical value, the norm P_1 of one example, the exponent beta, a floor of weights.
D, D_crit, P_1, beta, floor = sp.symbols("D D_crit P_1 beta epsilon", positive=True)
#: The weight of either circuit at rest alone.
S_G, S_M = sp.symbols("S_G S_M", positive=True)


def critical_size() -> sp.Eq:
    """Return the size at which both circuits are as efficient (idea: paper; derived here).

    Examples
    --------
    >>> critical_size()
    Eq(D_crit, (P_G/P_1)**(1/beta))
    """
    size = sp.Symbol("size", positive=True)
    (answer,) = sp.solve(sp.Eq(P_1 * size**beta, P_G), size)
    return sp.Eq(D_crit, sp.powsimp(answer, force=True))


def equilibrium_against_size() -> sp.Eq:
    """Return w_G/w_M at equilibrium, kappa < 2, against D/D_crit (derived here).

    Examples
    --------
    >>> equilibrium_against_size()
    Eq(w_G/w_M, (D/D_crit)**(2*beta/r))
    """
    norms = {P_M: P_1 * D**beta, P_G: P_1 * D_crit**beta}
    in_size = sp.powdenest(ratio_law().rhs.subs(norms), force=True)
    return sp.Eq(w_G / w_M, sp.powdenest(sp.powsimp(in_size, force=True), force=True))


def loop_end_up() -> sp.Eq:
    """Return the size above which G grows from the floor beside M at rest, kappa > 2.

    There its cost at the floor falls below the pull that M leaves (derived here).

    Examples
    --------
    >>> loop_end_up()
    Eq(D, D_crit*(S_M/epsilon)**(R/(2*beta)))
    """
    return sp.Eq(D, _size_of_balance(at_floor=c_G, at_rest=c_M, weight=S_M))


def loop_end_down() -> sp.Eq:
    """Return the size below which M grows from the floor beside G at rest, kappa > 2.

    Derived here.

    Examples
    --------
    >>> loop_end_down()
    Eq(D, D_crit/(S_G/epsilon)**(R/(2*beta)))
    """
    return sp.Eq(D, _size_of_balance(at_floor=c_M, at_rest=c_G, weight=S_G))


def _size_of_balance(at_floor: sp.Symbol, at_rest: sp.Symbol, weight: sp.Symbol) -> sp.Expr:
    """Return D where one circuit's slope vanishes at the floor and the other's at `weight`."""
    log_ratio = sp.Symbol("y", real=True)  # log(D/D_crit)
    squares = {c_G: P_G**2, c_M: (P_G * sp.exp(beta * log_ratio)) ** 2}  # their factor cancels
    (wrong,) = sp.solve(slope().subs(r, -R).subs({c_G: at_rest, w_G: weight}), p)
    (pull,) = sp.solve(slope().subs(r, -R).subs({c_G: at_floor, w_G: floor}), p)
    balance = sp.expand_log(sp.log(wrong.subs(squares)) - sp.log(pull.subs(squares)), force=True)
    (answer,) = sp.solve(balance, log_ratio)
    return D_crit * sp.exp(sp.logcombine(sp.factor(answer), force=True))


def loss_before_accuracy() -> tuple[sp.Eq, sp.Eq]:
    """Return the test loss at w_G = w_M = w less log q: zero at w = 0, and falling (derived here).

    So the loss is back below that of guessing before the accuracy rises.

    Examples
    --------
    >>> gap, change = loss_before_accuracy()
    >>> gap.rhs.subs(w_G, 0), change.rhs
    (0, -(q - 2)/(q + 2*exp(w_G) - 2))
    """
    loss = sp.log(sp.exp(w_G) + sp.exp(w_M) + q - 2) - w_G
    gap = loss.subs(w_M, w_G) - sp.log(q)
    one, two = sp.symbols("excess excess_slope", real=True)
    return sp.Eq(one, gap), sp.Eq(two, sp.factor(sp.together(gap.diff(w_G))))
