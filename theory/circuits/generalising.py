r"""What generalising costs: N hidden units of waves (derived here).

On addition modulo an odd m, let :math:`a_h` be the part of unit h in A, the right logit less the
mean of all over the full table, and :math:`p_h = a_h / A`. For square units, whatever they are,

.. math:: |\theta|^2 \;\ge\; \tfrac32\, 2^{2/3}\, m\, N^{1/3} A^{2/3},
          \qquad N = \Big(\sum_h |p_h|^{2/3}\Big)^3 .

On a part of all pairs a single unit may do with a few per cent less. Pure waves attain it,

.. math:: u_h[a] = \alpha \cos(\omega a + f), \quad v_h[b] = \alpha \cos(\omega b + g), \quad
          w_h[c] = \beta \cos(\omega c + f + g), \qquad \alpha = \beta,

each of any frequency, and N is then the number of units if all have equal parts. In the minimal
model's terms :math:`\kappa = 3`, as the exponent of A at a given number of units, and
:math:`P_G` depends on that number: see `theory.circuits.units`.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory import checks
from theory.checks import Parameter

#: The squared norm over m N^(1/3) A^(2/3), for pure waves: 2.381.
WAVE_COST = 1.5 * 2 ** (2 / 3)


def generalising_norm(
    logit: Parameter, modulus: Parameter, units: Parameter, *, delta: Parameter = 2.0
) -> float | xr.DataArray:
    r"""Return :math:`|\theta|` of a network that generalises by pure waves, of square units.

    Or on another group by pure matrix coefficients: `theory.circuits.groups`.

    Parameters
    ----------
    logit
        A >= 0, the right logit less the mean of all (logits).
    modulus
        m, at least 3, or the number of elements of a group.
    units
        N, at least 1: the number of units of equal parts in A, or `effective_units` of others.
    delta
        Dimension of the representations, at least 1, or `theory.circuits.effective_delta` of
        several.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> round(generalising_norm(logit=10.0, modulus=47, units=29), 3)
    39.949
    """
    logit = checks.labelled("logit", logit, at_least=0)
    modulus = checks.labelled("modulus", modulus, at_least=3)
    units = checks.labelled("units", units, at_least=1)
    delta = checks.labelled("delta", delta, at_least=1)
    each: Parameter = units * delta / 2 * logit**2
    norm: float | xr.DataArray = (WAVE_COST * modulus) ** 0.5 * each ** (1 / 6)
    return norm


def effective_units(parts: np.ndarray) -> float:
    """Return N of units with these parts in A: their number if all are equal, fewer if not.

    Parts that are negative make it more.

    Raises
    ------
    ValueError
        If the parts do not add up to something positive.

    Examples
    --------
    >>> round(effective_units(np.array([1.0, 1.0, 0.01])), 2)
    2.12
    """
    parts = np.asarray(parts, dtype=float)
    if not parts.sum() > 0:
        raise ValueError(f"parts must add up to something positive, got {parts.sum():g}")
    return float(np.sum(abs(parts / parts.sum()) ** (2 / 3)) ** 3)
