r"""How much weight circuits hold at equilibrium, and in which shares, on plain arrays.

With r = 2/kappa - 1 every equilibrium is a root S > 0 of

.. math:: p(S) = c S^r, \qquad p(S) = \frac{q - 1}{e^S + q - 1}.

Everything is done in logs, since powers of 1/r overflow near kappa = 2. Shapes broadcast.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit, lambertw, log_expit, logsumexp, wrightomega

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Newton's method takes about ten steps; next to a double root, where it halves its error, fifty.
_MOST_STEPS = 100


def shares(norm: Array, support: Flags, r: Array) -> tuple[Array, Array]:
    r"""Return the shares of coexisting circuits and log P_*, the norm that they amount to.

    .. math:: \frac{w_i}{S} = \frac{P_i^{-2/r}}{\sum_j P_j^{-2/r}}, \qquad
              P_* = \Bigl(\sum_j P_j^{-2/r}\Bigr)^{-r/2}

    At r = 0 the least norm has it all, ties in equal parts: the limit from r > 0 (derived here).

    Parameters
    ----------
    norm, support
        P_i > 0 and whether circuit i takes part, shape (..., circuits); at least one must.
    r
        r, shape (...).

    Returns
    -------
    tuple
        w_i/S, shape (..., circuits), zero outside the support, and log P_*, shape (...).

    Examples
    --------
    >>> share, log_norm = shares(np.array([1.0, 2.0]), np.array([True, True]), np.array(1.0))
    >>> share, np.exp(-2 * log_norm)
    (array([0.8, 0.2]), np.float64(1.25))
    """
    least = np.where(support, norm, np.inf).min(axis=-1, keepdims=True)
    # Relative to the least, so that norms which differ by little do so to full accuracy.
    excess = np.log1p(np.where(support, norm - least, 0.0) / least)
    slope = r[..., np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(excess == 0, 0.0, -2 * excess / slope)
    power = np.where(support, power, -np.inf)
    combined = logsumexp(power, axis=-1)
    log_norm = np.log(least[..., 0]) - r / 2 * combined
    return np.exp(power - combined[..., np.newaxis]), log_norm


def log_total(log_cost: Array, r: Array, log_rivals: Array, larger: Flags) -> Array:
    r"""Return the root log S of p(S) = c S^r; NaN where there is none.

    There is one root for r >= 0 (for r = 0 if c < p(0)) and two or none for r < 0.

    Parameters
    ----------
    log_cost, r, log_rivals
        log c (-inf for c = 0), r and log(q - 1).
    larger
        Which of two roots; makes no difference where there is one.

    Notes
    -----
    log p(S) - log c - r log S is concave in log S. Newton's method from a bound on the outer side
    of a root therefore never passes it, and needs no bracket on the inner side (derived here).

    Examples
    --------
    >>> log_rivals, flat, decay = np.log(2.0), np.array(0.0), np.log([0.5, 0.7])
    >>> np.exp(log_total(decay, flat, log_rivals, np.array(True)))  # log 2, none: p(0) = 2/3
    array([0.69314718,        nan])
    """
    one_side = np.where(larger | (r >= 0), -1.0, 1.0)
    given = np.broadcast_arrays(log_cost, r, log_rivals, one_side)
    start = _outer_bound(*given)
    found = np.isfinite(start)
    root = np.full(start.shape, np.nan)
    root[found] = _newton(start[found], *(values[found] for values in given))
    return root


def _newton(x: Array, log_cost: Array, r: Array, log_rivals: Array, inward: Array) -> Array:
    """Return the root reached from x moving only inward; a step the other way is rounding."""
    for _ in range(_MOST_STEPS):
        total = np.exp(x)
        excess = log_expit(log_rivals - total) - r * x - log_cost
        slope = -expit(total - log_rivals) * total - r
        step = np.zeros_like(x)
        np.divide(-inward * excess, slope, out=step, where=inward * slope > 0)
        before, x = x, x + inward * np.maximum(step, 0.0)
        if np.array_equal(before, x):
            break
    return x


def _outer_bound(log_cost: Array, r: Array, log_rivals: Array, inward: Array) -> Array:
    """Return log S at or beyond the root, not finite where there is none.

    The bounds follow from p <= (q-1)/q and p <= (q-1) e^-S, and for r < 0 also from
    log x <= x - 1 at x = S/(2R), R = -r.
    """
    size, most = -r, log_expit(log_rivals)
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = (most - log_cost) / r
        shrunk = np.log(np.maximum(log_rivals - log_cost, 1.0))
        # The maximum of p S^R, where (1 - p) S = R.
        peak = size + wrightomega(np.log(size) + log_rivals - size)
        highest = log_expit(log_rivals - peak) + size * np.log(peak)
        far = np.log(2 * (log_rivals - log_cost + size * (np.log(2 * size) - 1)))
    above = np.where(highest > log_cost, np.where(inward < 0, far, pull), np.nan)
    at = np.where(most > log_cost, shrunk, np.nan)
    below = np.minimum(pull, shrunk)
    return np.select([r > 0, r < 0], [below, above], at)


def lambert_total(log_cost: Array, r: Array, log_rivals: Array) -> Array:
    """Return the larger root S of (q-1) e^-S = c S^r by Lambert's W; NaN where there is none.

    Parameters as `log_total`; the equation is S + r log S = log((q-1)/c) (derived here).

    Examples
    --------
    >>> lambert_total(np.log(0.5), np.array([-1.0, 0.0, 1.0]), np.log(2.0)).round(6)
    array([2.153292, 1.386294, 1.202168])
    """
    excess = log_rivals - log_cost
    with np.errstate(divide="ignore", invalid="ignore"):
        argument = excess / r - np.log(np.abs(r))
        upper = r * wrightomega(argument)
        # wrightomega has the branch -1 too, free of underflow, but fails next to its end.
        near = lambertw(-np.exp(np.minimum(argument, 0.0)), -1).real
        far = wrightomega(argument - 1j * np.pi).real
    lower = r * np.where(argument > -20, near, far)
    lower = np.where(argument <= -1, lower, np.nan)
    total = np.select([r > 0, r < 0], [upper, lower], excess)
    return np.where(np.isfinite(total), total, np.nan)
