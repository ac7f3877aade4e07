r"""Where memorising and generalising cost the same: the critical size (derived here).

At equal loss, and so at equal L (see `theory.circuits.units`), both squared norms are equal where

.. math:: 3 m \left(\tfrac{d A_M}{4}\right)^{2/3} = 2.381\, m\, N^{1/3} A_G^{2/3}
          \quad\Longleftrightarrow\quad d = 2\sqrt2\, \sqrt N\, \frac{A_G}{A_M}.

What has memorised needs :math:`A_M = \tfrac43 L`: its wrong labels scatter, with a variance that
falls as units are added, :math:`k A^2 / n`, and :math:`n A^2` is least at 4/3 for any k. (That the
rule holds for memorising, which does not add units as it assumes, nor has that L at its own rest,
is an observation near this size.) So

.. math:: \frac{D}{m} = \frac{3}{\sqrt2}\, \sqrt N\, \frac{A_G}{L}.
"""

from __future__ import annotations

import xarray as xr

from theory.checks import Parameter
from theory.circuits.units import affordable, expected_logit, expected_units


def memorising_logit(l2: Parameter) -> float | xr.DataArray:
    """Return A of a network that has memorised, at rest: 4/3 of what the penalty affords.

    Examples
    --------
    >>> round(memorising_logit(1e-4), 2)
    11.06
    """
    return 4 / 3 * affordable(l2)


def critical_size(modulus: Parameter, l2: Parameter) -> float | xr.DataArray:
    r"""Return D_obj: examples at which memorising random labels costs what generalising does.

    Of square units, on addition modulo m, from nothing but these.

    Parameters
    ----------
    modulus
        m, at least 3.
    l2
        gamma, of a penalty :math:`\tfrac\gamma2 |\theta|^2` in the loss (nat), in (0, 0.1].

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> round(critical_size(59, 1e-4) / 59, 1)
    14.8
    """
    units, logit = expected_units(modulus, l2), expected_logit(modulus, l2)
    return modulus * 3 * (units / 2) ** 0.5 * logit / affordable(l2)
