"""What else the delay depends on: third constant, depth, sign descent, data, own exponents."""

from __future__ import annotations

import sympy as sp

from theory.minimal.symbolic.loss import (
    P_G,
    P_M,
    S,
    c_G,
    c_M,
    cross_entropy,
    p,
    pull,
    q,
    r,
    t,
    w_G,
    w_M,
)


def size_in_constants() -> sp.Eq:
    r"""Return how W^-r - c_G/p_M evolves along the pull of M alone (derived here).

    With E = e^(2 r I), E' = 2 r p E, and phi of G's imbalance, it is this bracket over E, whose
    limit is (W_0^-r + c_G K) / E. The function checks that the bracket solves the flow.

    Examples
    --------
    >>> size_in_constants().rhs
    2*c_G*r*(phi(t) - p(t)/p_M)*E(t)
    """
    E, Y, phi, p_t = (sp.Function(name, positive=True)(t) for name in ("E", "Y", "phi", "p"))
    p_M = sp.Symbol("p_M", positive=True)
    size = Y / E + c_G / p_M  # W^-r
    flow = size.diff(t) - 2 * r * (c_G * phi - p_t * size)
    (speed,) = sp.solve(flow.subs(E.diff(t), 2 * r * p_t * E), Y.diff(t))
    return sp.Eq(Y.diff(t), 2 * c_G * r * E * sp.expand(speed / (2 * c_G * r * E)))


def balanced_third_constant() -> sp.Eq:
    """Return K if both circuits are balanced, from X = z_G/c_G - z_M/c_M (derived here).

    X falls as e^(-2 r I), and beside the plateau z_G = c_G/p_M + (z_G(0) + c_G K) e^(-2 r I).

    Examples
    --------
    >>> balanced_third_constant()
    Eq(K, -1/(c_M*w_0**r))
    """
    K, (p_M, decay) = sp.Symbol("K", real=True), sp.symbols("p_M A", positive=True)
    z_0, w_0 = sp.symbols("z_0 w_0", positive=True)
    late = (c_G / p_M + (z_0 + c_G * K) * decay) / c_G - 1 / p_M  # z_M -> c_M / p_M
    start = z_0 / c_G - w_0**-r / c_M
    (answer,) = sp.solve(late - start * decay, K)
    return sp.Eq(K, sp.simplify(answer))


def depth_delay() -> sp.Eq:
    """Return the time in which w = a^N grows from w_0 to w_1 under a constant pull (derived here).

    Examples
    --------
    >>> depth_delay().rhs
    (w_0**(-1 + 2/N) - w_1**(-1 + 2/N))/(p*(N - 2))
    """
    N, w, w_0, w_1, T = sp.symbols("N w w_0 w_1 T", positive=True)
    primitive = -(w ** (2 / N - 1)) / ((N - 2) * p)
    if sp.simplify(primitive.diff(w) * N * w ** (2 - 2 / N) * p - 1) != 0:
        raise ArithmeticError("no primitive of 1 over the speed")
    return sp.Eq(T, sp.collect(primitive.subs(w, w_1) - primitive.subs(w, w_0), (N - 2) * p))


def depth_speed() -> sp.Eq:
    """Return the speed of w = a^N over -L_i, from the flow of its N subweights (derived here).

    Examples
    --------
    >>> depth_speed().rhs
    N*w**(2 - 2/N)
    """
    N, a, w = sp.symbols("N a w", positive=True)
    own = a ** (N - 1)  # dw/da of one subweight, over which it moves as well
    speed = (N * own * own).subs(a, w ** (1 / N))
    return sp.Eq(
        sp.Symbol("speed", positive=True),
        sp.expand(sp.powsimp(sp.powdenest(speed, force=True)), power_exp=False).replace(
            sp.Pow, lambda base, power: base ** sp.expand(power)
        ),
    )


def sign_descent_delay() -> sp.Eq:
    """Return when (a + t)(b + t) = S/2 (derived here).

    Examples
    --------
    >>> sign_descent_delay().rhs.subs({sp.Symbol("a", real=True): 0, sp.Symbol("b", real=True): 0})
    sqrt(2)*sqrt(S)/2
    """
    a, b = sp.symbols("a b", real=True)
    time = sp.Symbol("T", real=True)
    later = max(
        sp.solve(sp.Eq((a + time) * (b + time), S / 2), time),
        key=lambda root: root.subs({a: 0, b: 0, S: 2}),
    )
    return sp.Eq(time, later)


def loss_gap() -> sp.Eq:
    """Return the test loss less the train loss to first order in w_M (derived here).

    Examples
    --------
    >>> loss_gap()
    Eq(gap, p*q*w_M/(q - 1))
    """
    test = sp.log(sp.exp(w_G) + sp.exp(w_M) + q - 2) - w_G
    slope = (test - cross_entropy(w_G + w_M)).diff(w_M).subs(w_M, 0)
    in_pull = sp.simplify(slope.subs(w_G, sp.log((q - 1) * (1 - p) / p)))
    return sp.Eq(sp.Symbol("gap", positive=True), sp.factor(in_pull) * w_M)


def critical_ratio_of_own_exponents() -> sp.Eq:
    """Return P_M/P_G at which both weights are w, if each circuit has its own kappa (derived here).

    Examples
    --------
    >>> critical_ratio_of_own_exponents().rhs
    sqrt(kappa_M)*w**(-1/kappa_M + 1/kappa_G)/sqrt(kappa_G)
    """
    own = sp.symbols("kappa_G kappa_M", positive=True)
    alpha, w = sp.symbols("alpha w", positive=True)
    slopes = [
        (alpha * norm**2 * w ** (2 / kappa)).diff(w)
        for norm, kappa in zip((P_G, P_M), own, strict=True)
    ]
    (norm,) = sp.solve(slopes[0] - slopes[1], P_M)
    return sp.Eq(
        P_M / P_G,
        sp.powsimp(norm / P_G).replace(sp.Pow, lambda base, power: base ** sp.expand(power)),
    )


def convexity_of_own_exponents() -> sp.Eq:
    """Return the second derivative along (x, y) if each circuit has its own kappa (derived here).

    All terms are positive while both r are: one minimum.

    Examples
    --------
    >>> convexity_of_own_exponents().rhs
    c_G*r_G*w_G**(r_G - 1)*x**2 + c_M*r_M*w_M**(r_M - 1)*y**2 + p*(1 - p)*(x + y)**2
    """
    x, y = sp.symbols("x y", real=True)
    r_G, r_M = sp.symbols("r_G r_M", positive=True)
    penalties = c_G * w_G ** (r_G + 1) / (r_G + 1) + c_M * w_M ** (r_M + 1) / (r_M + 1)
    form = p * (1 - p) * (x + y) ** 2
    for w, step in ((w_G, x), (w_M, y)):
        form += sp.powsimp(sp.simplify(penalties.diff(w, 2))) * step**2
    bend = cross_entropy(S).diff(S, 2) - pull().rhs * (1 - pull().rhs)
    if sp.simplify(bend) != 0:
        raise ArithmeticError("the loss has another second derivative")
    return sp.Eq(sp.Symbol("form", real=True), form, evaluate=False)
