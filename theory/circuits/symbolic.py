r"""The derivations of what circuits cost, done by SymPy from the definitions.

What needs an inequality (that nothing is cheaper) is proved in the book, not here.
"""

from __future__ import annotations

import sympy as sp

#: The activation's power n; slots k; examples a label d; labels q; the modulus m, and H.
n, k, d, q, m, H = sp.symbols("n k d q m H", positive=True)
#: Right logit A; units N; log-odds L; variance of wrong logits kappa_N A^2 / N.
A, N, L, K = sp.symbols("A N L K", positive=True)
#: Of a unit: the norms of what it reads and writes, and its strength c. A rescaling t.
x, w, c = sp.symbols("x w c", positive=True)
t = sp.Symbol("t", real=True)


def balance() -> sp.Eq:
    """Return what a unit's norms obey where rescaling it changes the penalty by nothing.

    Examples
    --------
    >>> balance()
    Eq(x**2, n*w**2)
    """
    rescaled = (sp.exp(t) * x) ** 2 + (sp.exp(-n * t) * w) ** 2
    level = sp.expand(rescaled.diff(t).subs(t, 0) / 2)
    (squared,) = sp.solve(level.subs(x, sp.sqrt(N)), N)
    return sp.Eq(x**2, squared)


def unit_cost() -> sp.Expr:
    """Return the squared norm of a unit of strength c = w x^n in balance.

    Examples
    --------
    >>> unit_cost().subs(n, 2)
    3*2**(1/3)*c**(2/3)/2
    """
    of_w = (sp.sqrt(n) * w) ** n * w
    size = sp.solve(sp.Eq(sp.expand_power_base(of_w, force=True), c), w)[0]
    return sp.simplify((n + 1) * size**2)


def memorising() -> sp.Expr:
    r"""Return :math:`|\theta|^2` of q label units of logit A, with k slots and d examples each.

    Examples
    --------
    >>> sp.simplify(memorising().subs({n: 2, k: 2}) / (3 * q * (d * A / 4) ** sp.Rational(2, 3)))
    1
    """
    token = sp.Symbol("token", positive=True)
    output = A / (k * token) ** n
    strength = sp.simplify(output * (sp.sqrt(k * d) * token) ** n)
    return sp.powsimp(q * unit_cost().subs(c, strength), force=True)


def generalising() -> sp.Expr:
    r"""Return :math:`|\theta|^2` of N pure waves of logit A in all, for square units.

    The mean over inputs of :math:`w[a + b]\,(u[a] + v[b])^2` is a half of the product of their
    amplitudes, and a wave over m tokens has the squared norm m/2 for an amplitude of 1.

    Examples
    --------
    >>> sp.simplify(generalising() / (m * N ** sp.Rational(1, 3) * A ** sp.Rational(2, 3)))
    3*2**(2/3)/2
    """
    alpha, beta, phase, other = sp.symbols("alpha beta phase other", positive=True)
    squared = (alpha * sp.cos(phase) + alpha * sp.cos(other)) ** 2
    turn = (0, 2 * sp.pi)
    mean = sp.integrate(
        sp.expand(squared * beta * sp.cos(phase + other), trig=True),
        (phase, *turn),
        (other, *turn),
    ) / (4 * sp.pi**2)
    reading, writing = 2 * alpha**2 * m / 2, beta**2 * m / 2
    strength = reading * sp.sqrt(writing)
    ratio = sp.simplify(strength / mean)  # of strength and logit, whatever the amplitudes
    return sp.powsimp(sp.simplify(N * unit_cost().subs(n, 2).subs(c, ratio * A / N)), force=True)


def best_logit() -> sp.Expr:
    r"""Return A at which :math:`N A^2` is least at a given L.

    .. math:: L = A - \tfrac12 A^2 \Big(\frac{K}{N} - \frac{1}{2H}\Big)

    Examples
    --------
    >>> sp.simplify(best_logit() - H * (sp.sqrt(9 + 8 * L / H) - 3))
    0
    """
    (units,) = sp.solve(sp.Eq(L, A - A**2 * (K / N - 1 / (2 * H)) / 2), N)
    slope = sp.numer(sp.together(sp.diff(units * A**2, A)))
    roots = [each for each in sp.solve(slope, A) if each.subs({H: 9, L: 8, K: 2}) > 0]
    return min(roots, key=lambda each: abs(sp.limit(each, H, sp.oo) - 4 * L / 3))


def four_thirds() -> sp.Expr:
    """Return A over L where there are many frequencies.

    Examples
    --------
    >>> four_thirds()
    4/3
    """
    return sp.limit(best_logit() / L, H, sp.oo)
