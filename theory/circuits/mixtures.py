r"""How two circuits share one network that has come down from grokking to D examples.

With :math:`w_G` the right logit less the mean of all on inputs that were not trained on, and
:math:`w_M` what it is more on those that were, the share of memory is
:math:`f = w_M/(w_G + w_M)`. It goes with :math:`u = D/D_\mathrm{pool}`, where
:math:`D_\mathrm{pool}` is the size at which memorising costs as much as what the network had come
from. Two laws, neither of which is derived down to its constants:

- `one_sided_share`, that of circuits in the same units (`theory.minimal.SharedUnits`): one
  constant.
- `memory_share`, an empirical line: :math:`w_G/w_M` rises from nothing, then straight. Three
  constants. It is nearer to the networks that were looked at.

The constants were read off exploratory runs, not stored, at moduli 31, 41, 47 and 53 and widths of
48 to 512; the constant of `test_accuracy` likewise.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import ndtr

from theory import checks
from theory.checks import Parameter

#: b of one-sided mixing, fitted at moduli 41 and 47.
MIXING = 7 / 4
#: Of the line: where it begins, how softly, and its slope in u.
_ONSET, _SOFT, _SLOPE = 0.62, 0.042, 5.0
#: Scatter of the lead of the right logit, over the root of f.
_SCATTER = 0.46
#: Squared norm of one unit a label over q (d A / 4)^(2/3), for sums.
_SUMS = 3.12


def memory_share(size: Parameter, critical_size: Parameter) -> float | xr.DataArray:
    r"""Return f of a network that has come down from grokking, by the line.

    .. math:: \frac{w_G}{w_M} = 0.21 \log\Bigl(1 + e^{(u - 0.62)/0.042}\Bigr),
              \qquad u = D / D_\mathrm{pool}

    Parameters
    ----------
    size
        D > 0, in examples.
    critical_size
        :math:`D_\mathrm{pool}` > 0, in examples.

    Returns
    -------
    float or xarray.DataArray
        f in (0, 1], dims: the swept ones.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> [round(memory_share(size, 1000.0), 2) for size in (700, 820, 1000, 1500)]
    [0.7, 0.5, 0.34, 0.19]
    """
    u = _over(size, critical_size)
    ratio = _SLOPE * _SOFT * np.logaddexp(0, (u - _ONSET) / _SOFT)
    return checks.plain(1 / (1 + ratio))


def one_sided_share(size: Parameter, critical_size: Parameter) -> float | xr.DataArray:
    r"""Return f by one-sided mixing, where P_M grows as the cube root of D (derived here).

    .. math:: \frac{w_G}{w_M} = \frac{(b u)^{b/(b - 1)} - 1}{b}, \qquad b = \tfrac74,

    and 0 below :math:`u = 1/b`. Parameters, result and errors as `memory_share`.

    Examples
    --------
    >>> [round(one_sided_share(size, 1000.0), 2) for size in (500, 700, 820, 1000, 1500)]
    [1.0, 0.74, 0.57, 0.39, 0.17]
    """
    pressure = np.maximum(MIXING * _over(size, critical_size), 1.0)
    ratio = (pressure ** (MIXING / (MIXING - 1)) - 1) / MIXING
    return checks.plain(1 / (1 + ratio))


def pool_size(norm: Parameter, logit: Parameter, num_labels: Parameter) -> float | xr.DataArray:
    r"""Return D_pool: the size at which sums cost a network what it has cost to generalise.

    .. math:: D_\mathrm{pool} = 4 q \left(\frac{|\theta|^2}{3.12\, q\, A^{2/3}}\right)^{3/2}

    One unit a label has 3 for 3.12; sums cost 4% more than random labels (exploratory runs).

    Parameters
    ----------
    norm, logit
        :math:`|\theta|` > 0 and A > 0 of a network of square units at rest on the pool.
    num_labels
        q, at least 2.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> round(pool_size(40.5, 10.6, 47) / 47, 2)
    14.12
    """
    norm = checks.labelled("norm", norm, above=0)
    logit = checks.labelled("logit", logit, above=0)
    num_labels = checks.labelled("num_labels", num_labels, at_least=2)
    price = norm**2 / (_SUMS * num_labels * logit ** (2 / 3))
    return checks.plain(4 * num_labels * price**1.5)


def test_accuracy(memory_share: Parameter) -> float | xr.DataArray:
    r"""Return the test accuracy of a network that has such a share of memory.

    .. math:: \Phi\Bigl(\frac{1 - 2f}{0.46 \sqrt f}\Bigr)

    Half of all unseen inputs are right where both weights are equal.

    Parameters
    ----------
    memory_share
        f in [0, 1].

    Raises
    ------
    ValueError
        If f is out of its range.

    Examples
    --------
    >>> [round(test_accuracy(share), 3) for share in (0.0, 0.2, 0.5, 0.8)]
    [1.0, 0.998, 0.5, 0.072]
    """
    share = checks.labelled("memory_share", memory_share, at_least=0, at_most=1)
    with np.errstate(divide="ignore"):
        lead = np.divide(1 - 2 * share, _SCATTER * np.sqrt(share))
    return checks.plain(ndtr(lead))


def _over(size: Parameter, critical_size: Parameter) -> Parameter:
    size = checks.labelled("size", size, above=0)
    critical_size = checks.labelled("critical_size", critical_size, above=0)
    return size / critical_size
