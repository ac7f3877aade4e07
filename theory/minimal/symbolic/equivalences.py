"""Changes of parameters that change nothing, and another loss with the same laws."""

from __future__ import annotations

import sympy as sp

from theory.minimal.symbolic.loss import (
    P_G,
    P_M,
    S,
    alpha,
    cross_entropy,
    kappa,
    objective,
    p,
    t,
    w_G,
    w_M,
)


def temperature_law() -> sp.Eq:
    """Return that the loss l(S/tau) is the plain one in weights v = w/tau (derived here).

    The right side is the plain loss with alpha tau^(2/kappa) in the place of alpha.

    Examples
    --------
    >>> law = temperature_law()
    >>> (law.lhs - law.rhs).simplify()
    0
    """
    tau = sp.Symbol("tau", positive=True)
    v_G, v_M = sp.symbols("v_G v_M", positive=True)
    plain, total = objective([w_G, w_M], [P_G, P_M]), w_G + w_M
    tempered = plain - cross_entropy(total) + cross_entropy(total / tau)
    in_v = sp.simplify(tempered.subs({w_G: tau * v_G, w_M: tau * v_M}))
    scaled = plain.subs({w_G: v_G, w_M: v_M}).subs(alpha, alpha * tau ** (2 / kappa))
    return sp.Eq(in_v, scaled, evaluate=False)


def temperature_of_time() -> sp.Eq:
    """Return the rate of the subweights of v in the time t of w, 1/tau of its own (derived here).

    With w = tau v subweights scale by sqrt(tau), so rho by tau, and time runs as t/tau.

    Examples
    --------
    >>> temperature_of_time()
    Eq(Derivative(a_v(t), t), -L_v(t)*b_v(t)/tau)
    """
    tau = sp.Symbol("tau", positive=True)
    a_v, b_v, slope_v = (sp.Function(name, real=True)(t) for name in ("a_v", "b_v", "L_v"))
    # da/dt = -(dL/dw) b with a = sqrt(tau) a_v, b = sqrt(tau) b_v and dL/dw = (dL/dv)/tau.
    speed = -slope_v / tau * sp.sqrt(tau) * b_v
    (answer,) = sp.solve(sp.Eq((sp.sqrt(tau) * a_v).diff(t), speed), a_v.diff(t))
    return sp.Eq(a_v.diff(t), answer)


def rescaling_law() -> sp.Eq:
    """Return that P to k P with alpha to alpha/k^2 leaves the loss as it is (derived here).

    Examples
    --------
    >>> law = rescaling_law()
    >>> law.lhs == law.rhs
    True
    """
    k = sp.Symbol("k", positive=True)
    plain = objective([w_G, w_M], [P_G, P_M])
    scaled = plain.subs({P_G: k * P_G, P_M: k * P_M, alpha: alpha / k**2}, simultaneous=True)
    return sp.Eq(scaled, plain, evaluate=False)


def mean_square_law() -> sp.Eq:
    """Return the pull of the mean square loss (1-S)^2/2 (derived here).

    It falls with S as that of the cross-entropy does, but it vanishes at S = 1 and is negative
    beyond. Laws that use only that p falls, and that it is positive where weights rest under
    decay, carry over. What becomes of the weights without decay does not: there they stop at S = 1.

    Examples
    --------
    >>> mean_square_law()
    Eq(p, 1 - S)
    """
    return sp.Eq(p, sp.expand(-((1 - S) ** 2 / 2).diff(S)))
