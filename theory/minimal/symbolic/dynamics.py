"""Gradient flow and gradient descent on the subweights.

Along the flow p and the weights are functions of time. All that is used of the training loss is
that its slope is -p(S), so every statement holds for any such loss.
"""

from __future__ import annotations

import sympy as sp

from theory.minimal.symbolic.loss import c_G, c_M, p, r, rate, slope, t, w_G

#: rho = b^2 - a^2, and the pull and the slope as functions of time.
rho = sp.Symbol("rho", positive=True)
p_t, L_t = sp.Function("p", positive=True)(t), sp.Function("L", real=True)(t)


def weight_law() -> sp.Eq:
    """Return dw/dt = -sqrt(rho^2 + 4 w^2) L from the flow of a and b (derived here).

    Examples
    --------
    >>> weight_law()
    Eq(Derivative(w(t), t), -sqrt(rho**2 + 4*w(t)**2)*L(t))
    """
    a, b, flow = _subweights()
    w = sp.Function("w", real=True)(t)
    speed = sp.factor((a * b).diff(t).subs(flow)) / -L_t
    gap = sp.expand(speed**2 - (b**2 - a**2) ** 2)  # = 4 a^2 b^2
    size = sp.sqrt(rho**2 + gap.subs(a, w / b))
    return sp.Eq(w.diff(t), -size * L_t)


def conservation() -> sp.Eq:
    """Return that b^2 - a^2 does not change along the flow (derived here).

    Examples
    --------
    >>> conservation()
    Eq(Derivative(-a(t)**2 + b(t)**2, t), 0)
    """
    a, b, flow = _subweights()
    rho_t = b**2 - a**2
    return sp.Eq(rho_t.diff(t, evaluate=False), sp.expand(rho_t.diff(t).subs(flow)), evaluate=False)


def conservation_in_descent() -> sp.Eq:
    """Return the factor by which one update of descent changes b^2 - a^2 (derived here).

    Examples
    --------
    >>> conservation_in_descent().rhs
    -L**2*lambda**2 + 1
    """
    a, b, one_slope = sp.symbols("a b L", real=True)
    after = (b - rate * one_slope * a) ** 2 - (a - rate * one_slope * b) ** 2
    factor = sp.symbols("rho_1 rho_0", positive=True)
    return sp.Eq(factor[0] / factor[1], sp.expand(sp.cancel(after / (b**2 - a**2))))


def hypentropy_law() -> sp.Eq:
    """Return du/dt = -L for w = (rho/2) sinh 2u (derived here; Ghai, Hazan & Singer 2020).

    Examples
    --------
    >>> hypentropy_law()
    Eq(Derivative(u(t), t), -L(t))
    """
    u = sp.Function("u", real=True)(t)
    w = sp.Function("w", real=True)(t)
    position = rho / 2 * sp.sinh(2 * u)
    flow = sp.factor(weight_law().rhs.subs(w, position))
    flow = flow.subs(sp.sinh(2 * u) ** 2, sp.cosh(2 * u) ** 2 - 1)
    (speed,) = sp.solve(sp.Eq(position.diff(t), flow), u.diff(t))
    return sp.Eq(u.diff(t), speed)


def p_free_law() -> sp.Eq:
    """Return d(u_G - u_M)/dt, in which the pull of the data cancels (derived here).

    Examples
    --------
    >>> p_free_law().rhs
    -c_G*w_G(t)**r + c_M*w_M(t)**r
    """
    u_G, u_M = (sp.Function(f"u_{name}", real=True)(t) for name in "GM")
    speeds = [hypentropy_law().rhs.subs(L_t, _slope(name)) for name in "GM"]
    return sp.Eq((u_G - u_M).diff(t), sp.expand(speeds[0] - speeds[1]))


def linear_law() -> sp.Eq:
    """Return the linear equation of z = w^-r for a balanced circuit, rho = 0 (derived here).

    Examples
    --------
    >>> linear_law()
    Eq(Derivative(z(t), t), 2*r*(c_G - p(t)*z(t)))
    """
    w = sp.Function("w_G", positive=True)(t)
    flow = weight_law().rhs.subs(sp.Function("w", real=True)(t), w).subs({rho: 0, L_t: _slope("G")})
    z = sp.Function("z", positive=True)(t)
    speed = sp.expand(sp.powsimp((w**-r).diff(t).subs(w.diff(t), flow)))
    return sp.Eq(z.diff(t), sp.factor(sp.simplify(speed.subs(w, z ** (-1 / r)))))


def two_function_law() -> tuple[sp.Eq, sp.Eq, sp.Eq]:
    """Return dA/dt and dB/dt for which z = A z(0) + c B solves the linear law (derived here).

    Neither knows the circuit, so that any number of balanced circuits reduces to two functions.

    Examples
    --------
    >>> for law in two_function_law():
    ...     print(law)
    Eq(z(t), c_G*B(t) + z_0*A(t))
    Eq(Derivative(A(t), t), -2*r*A(t)*p(t))
    Eq(Derivative(B(t), t), -2*r*(B(t)*p(t) - 1))
    """
    A, B = (sp.Function(name)(t) for name in "AB")
    z, z_0 = sp.Function("z", positive=True)(t), sp.Symbol("z_0", positive=True)
    guess = z_0 * A + c_G * B
    defect = sp.expand(guess.diff(t) - linear_law().rhs.subs(z, guess))
    A_speed, B_speed = A.diff(t), B.diff(t)
    solution = sp.solve([defect.coeff(z_0), defect.coeff(c_G)], [A_speed, B_speed])
    laws = [sp.Eq(speed, sp.factor(solution[speed])) for speed in (A_speed, B_speed)]
    return sp.Eq(z, guess), laws[0], laws[1]


def order_law() -> tuple[sp.Eq, sp.Eq]:
    """Return dX/dt of X = z_G/c_G - z_M/c_M and its solution, of one sign (derived here).

    For kappa > 2 therefore only the circuit that X favours can survive.

    Examples
    --------
    >>> order_law()[0]
    Eq(Derivative(X(t), t), -2*r*X(t)*p(t))
    """
    z_G, z_M = (sp.Function(f"z_{name}", positive=True)(t) for name in "GM")
    X = sp.Function("X", real=True)(t)
    law, z = linear_law().rhs, sp.Function("z", positive=True)(t)
    speed = law.subs(z, z_G) / c_G - law.subs({c_G: c_M, z: z_M}) / c_M
    speed = sp.expand(speed).subs(z_G, c_G * (X + z_M / c_M))
    equation = sp.Eq(X.diff(t), sp.factor(sp.expand(speed)))
    return equation, sp.dsolve(equation, X)


def lyapunov_law() -> sp.Eq:
    """Return dL/dt along the flow, a negative sum of squares: the loss falls (derived here).

    Examples
    --------
    >>> lyapunov_law().rhs
    -L_G**2*sqrt(rho_G**2 + 4*w_G**2) - L_M**2*sqrt(rho_M**2 + 4*w_M**2)
    """
    total = sp.Integer(0)
    for name in "GM":
        own, w, gap = sp.symbols(f"L_{name} w_{name} rho_{name}", real=True)
        total += own * weight_law().rhs.subs({L_t: own, rho: gap}).subs(
            sp.Function("w", real=True)(t), w
        )
    return sp.Eq(sp.Derivative(sp.Function("L")(t), t), total)


def _subweights() -> tuple[sp.Expr, sp.Expr, dict[sp.Expr, sp.Expr]]:
    """Return a, b and their flow: by the chain rule dL/da = L_i b and dL/db = L_i a."""
    a, b = (sp.Function(name, real=True)(t) for name in "ab")
    return a, b, {a.diff(t): -L_t * b, b.diff(t): -L_t * a}


def _slope(name: str) -> sp.Expr:
    """Return L_i of one circuit along the flow."""
    weight = sp.Function(f"w_{name}", positive=True)(t)
    cost = {"G": c_G, "M": c_M}[name]
    return slope().subs({w_G: weight, p: p_t, c_G: cost})
