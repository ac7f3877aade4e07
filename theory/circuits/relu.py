r"""What generalising costs with ReLU units: one optimum, its price in closed form (derived here).

**Balance.** A unit of :math:`o(a, b) = \sum_h \max(u_h[a] + v_h[b], 0)\, w_h` costs at least
:math:`2 |w_h| |x_h|`, with :math:`|x_h|^2 = |u_h|^2 + |v_h|^2`, and its logits are of degree 1 in
:math:`|w_h| |x_h|`. So the least of :math:`|\theta|^2` is a norm of the function, and with enough
units training is convex in the function: there is one optimum.

**Bound.** Let A be the right logit less the mean of all over the full table modulo m, and P average
over :math:`a + b = c` and take off the mean over c. A unit's part in A is
:math:`\tfrac1m \langle w_h, P \max(u_h + v_h, 0) \rangle`, so for any units

.. math:: |\theta|^2 \ge C_m\, m\, A, \qquad
          C_m = 2 \Big/ \max_{|x| = 1} |P \max(u_a + v_b, 0)| .

**The best unit.** P leaves :math:`\tfrac12 P |u_a + v_b|`: how far u is from -v, on average over
the pairs of each sum. For numbers above a level of u and of -v what counts is how often each sum
comes, and modulo a prime no two sets have more peaked sums than intervals (Pollard 1974). So the
best unit has :math:`v[b] = -u[-b]`, and u falls from 0 to both sides. Let y be its values in
falling order, odd about their middle, and E their running sum from :math:`E_0 = 0` to
:math:`E_m = 0`:

.. math:: C_m^2 = 2 m^2 \min_y \sum_i y_i^2 \Big/ \sum_c (E_c - \bar E)^2 .

Were it not for the order, y would be a sine that rises at first. As it is, y is flat at both ends
and a sine between. For a large modulus each flat end is :math:`2 \sqrt6 / k` of all values, and

.. math:: k = 4 \big(\sqrt6 + \arctan\sqrt{3/2}\big), \qquad
          C_\infty = k / \sqrt2 = 4 \sqrt3 + 2 \sqrt2 \arctan\sqrt{3/2} = 9.4344 .

So far all is proved, and :math:`C_m \ge C_\infty / \sqrt{1 + C_\infty^2 / 12 m^2}`. For a finite
modulus the minimum over y is found by iteration: about :math:`C_\infty - 27.8 / m^2`. Places where
it could rest were counted for each prime below 200, and there is one. If the modulus is no prime,
there are cheaper units, which read numbers modulo a divisor, but do not tell all labels apart.

**The optimum.** Loss and norm do not change under translations of a and b, nor under
multiplications. An average over them loses nothing, and leaves all wrong logits equal. So at the
optimum, with p the probability of the right label,

.. math:: (1 - p) \frac{m}{m - 1} = \frac{\gamma\, C_m m}{2}, \qquad
          S = A \frac{m}{m - 1} = \log \frac{(m - 1)\, p}{1 - p}, \qquad
          |\theta|^2 = C_m (m - 1)\, S,

which is the minimum of :math:`-\log p + \tfrac\gamma2 C_m m A`, where the right side of the first
is below 1. Elsewhere nothing pays. In the minimal model's terms
:math:`\kappa = \gamma |\theta|^2 / ((1 - p) S) = 2`, exactly.

It holds of networks at the optimum that have enough units, trained on the full table.

J. M. Pollard, A generalisation of the theorem of Cauchy and Davenport, J. London Math. Soc. (2) 8,
460-462, 1974.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import isotonic_regression

from theory import checks
from theory.checks import Parameter
from theory.circuits.hidden_units import HiddenUnits

#: The squared norm over m A for ReLU units, in the limit of a large modulus: 9.434.
RELU_COST = 4 * 3**0.5 + 2 * 2**0.5 * float(np.arctan(1.5**0.5))


def relu_cost(modulus: Parameter) -> float | xr.DataArray:
    r"""Return :math:`C_m`, the least :math:`|\theta|^2 / (m A)` that ReLU units can have.

    Parameters
    ----------
    modulus
        m, an odd prime.

    Raises
    ------
    ValueError
        If `modulus` is no odd prime.

    Examples
    --------
    >>> round(relu_cost(31), 4), round(RELU_COST, 4)
    (9.4058, 9.4344)
    """
    modulus = checks.labelled("modulus", modulus, at_least=3)
    return checks.plain(xr.apply_ufunc(np.vectorize(_cost, otypes=[float]), modulus))


def relu_unit(modulus: int) -> HiddenUnits:
    """Return the unit that gives most A for its norm, in balance: it reads 1 and writes 1.

    There are others as good: its translations, its multiples, and units whose level sets are the
    same intervals elsewhere.

    Raises
    ------
    ValueError
        If `modulus` is no odd prime.

    Examples
    --------
    >>> relu_unit(7).embeddings[0].T.round(3)
    array([[ 0.289,  0.289,  0.   , -0.289, -0.289, -0.289,  0.289]])
    """
    modulus = _prime(modulus)
    first = np.empty(modulus)
    first[_outwards(modulus)] = _values(modulus) / 2**0.5
    numbers = np.arange(modulus)
    second = -first[-numbers]
    sums = (numbers[:, None] + numbers) % modulus
    seen = np.maximum(first[:, None] + second, 0)
    profile = np.bincount(sums.ravel(), seen.ravel())
    writes = profile - profile.mean()
    writes = writes / np.linalg.norm(writes)
    return HiddenUnits((first[:, None], second[:, None]), writes[None], power=1)


def relu_circuit(modulus: int, logit: float) -> HiddenUnits:
    r"""Return a circuit that adds modulo m, by ReLU units at the least norm.

    It is the best unit with a and b translated in all ways and multiplied by 1 to (m - 1)/2, which
    makes :math:`m^2 (m - 1) / 2` units. All wrong logits are equal.

    Parameters
    ----------
    modulus
        m, an odd prime.
    logit
        A > 0, the right logit less the mean of all.

    Returns
    -------
    HiddenUnits
        In balance, of :math:`|\theta|^2 = C_m m A` exactly. They are units of ReLU, so `hidden` and
        what follows from it, which are for a power, do not hold of them.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> units = relu_circuit(5, logit=6.0)
    >>> first, second = units.embeddings
    >>> (np.maximum(first[3] + second[4], 0) @ units.outputs).round(6)
    array([-1.5, -1.5,  6. , -1.5, -1.5])
    """
    unit = relu_unit(modulus)
    logit = checks.number("logit", logit, above=0)
    numbers = np.arange(modulus)
    factor, of_first, of_second = (
        each.ravel() for each in np.meshgrid(numbers[1 : (modulus + 1) // 2], numbers, numbers)
    )
    size = (logit * modulus * _cost(modulus) / (2 * factor.size)) ** 0.5
    turned = np.outer(numbers, factor)
    first, second = (array[:, 0] * size for array in unit.embeddings)
    writes = unit.outputs[0] * size
    return HiddenUnits(
        (first[(turned + of_first) % modulus], second[(turned + of_second) % modulus]),
        writes[(turned + of_first + of_second) % modulus].T,
        power=1,
    )


def relu_right_logit(modulus: Parameter, l2: Parameter) -> float | xr.DataArray:
    r"""Return A, the right logit less the mean of all, of a ReLU network at the optimum.

    Parameters and errors as `relu_generalising_norm`.

    Examples
    --------
    >>> round(relu_right_logit(31, 1e-4), 3)
    7.401
    """
    price, modulus = _price(modulus, l2), checks.labelled("modulus", modulus)
    return checks.plain((modulus - 1) / modulus * np.log1p(modulus * (1 - price) / price))


def relu_loss(modulus: Parameter, l2: Parameter) -> float | xr.DataArray:
    r"""Return the cross-entropy, without the penalty, of a ReLU network at the optimum (nat).

    Parameters and errors as `relu_generalising_norm`.

    Examples
    --------
    >>> round(relu_loss(31, 1e-4), 5)
    0.01421
    """
    price, modulus = _price(modulus, l2), checks.labelled("modulus", modulus)
    return checks.plain(-np.log1p(-price * (modulus - 1) / modulus))


def relu_generalising_norm(modulus: Parameter, l2: Parameter) -> float | xr.DataArray:
    r"""Return :math:`|\theta|` of a ReLU network that generalises, at the optimum.

    Parameters
    ----------
    modulus
        m, an odd prime.
    l2
        gamma > 0, of a penalty :math:`\tfrac\gamma2 |\theta|^2` in the loss (nat). From
        :math:`2 / (C_m m)` on nothing pays, and the norm is 0.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> round(relu_generalising_norm(31, 1e-4), 2)
    46.45
    >>> relu_generalising_norm(33, 1e-4)
    Traceback (most recent call last):
    ...
    ValueError: modulus must be an odd prime, got 33
    """
    logit = relu_right_logit(modulus, l2)
    return checks.plain((relu_cost(modulus) * checks.labelled("modulus", modulus) * logit) ** 0.5)


def _price(modulus: Parameter, l2: Parameter) -> Any:
    """Return gamma C m / 2, what the penalty takes for an A of 1; 1 where nothing pays."""
    cost, modulus = relu_cost(modulus), checks.labelled("modulus", modulus)
    return np.minimum(checks.labelled("l2", l2, above=0) * cost * modulus / 2, 1)


@cache
def _cost(modulus: float) -> float:
    number = _prime(modulus)
    sums = np.cumsum(_values(number))
    return float(number * (2 / np.sum((sums - sums.mean()) ** 2)) ** 0.5)


@cache
def _values(modulus: int) -> np.ndarray:
    """Return y, what the best unit reads of a slot, in falling order and of length 1.

    The variance of E is convex in y. So the y in falling order that goes best with its slope at the
    last y, which isotonic regression finds, has no less of it.
    """
    values = np.cos(np.pi * (np.arange(modulus) + 0.5) / modulus)
    for _ in range(200):  # 25 suffice
        sums = np.cumsum(values)
        slope = np.cumsum((sums - sums.mean())[::-1])[::-1]
        found = isotonic_regression(slope - slope[::-1], increasing=False).x
        found /= np.linalg.norm(found)
        done = np.allclose(found, values, rtol=0, atol=1e-14)
        values = found
        if done:
            break
    values.flags.writeable = False
    return values


def _outwards(modulus: int) -> np.ndarray:
    """Return all numbers from 0 outwards: 0, 1, -1, 2, -2, ..."""
    steps = np.arange(modulus)
    outwards: np.ndarray = np.where(steps % 2 == 1, (steps + 1) // 2, -(steps // 2)) % modulus
    return outwards


def _prime(modulus: float) -> int:
    number = checks.number("modulus", modulus)
    whole = number.is_integer() and number > 2
    if not whole or any(number % factor == 0 for factor in range(2, int(number**0.5) + 1)):
        raise ValueError(f"modulus must be an odd prime, got {checks.shown(number)}")
    return int(number)
