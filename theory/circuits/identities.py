r"""What holds of any network of hidden units at rest, whatever its circuits (derived here).

For the cross-entropy :math:`\ell` on D examples, :math:`r_i = 1 - p_{i y}` and
:math:`f_i = e_{y_i} - p_i`, the force on the logits, a stationary point of
:math:`\ell + \tfrac\gamma2 |\theta|^2` has

- for each unit, with unit vectors :math:`\hat w, \hat x` and :math:`r = \langle r_i \rangle`,
  :math:`\gamma\, |w_h| = \tfrac{r}{D}\, |x_h|^n\, \tau_h`, where

  .. math:: \tau_h = \frac1r \sum_i (f_i \cdot \hat w_h)
                     \Big(\sum_s \hat x_h[t_{is}]\Big)^n

  is what the data would pay for the unit, for its direction alone;
- together (Euler), :math:`\gamma |\theta|^2 = (n + 1)\, r\, g` with the *gap*
  :math:`g = \langle f_i \cdot o_i \rangle / r`, by which the right logit is ahead of the wrong
  ones that push;
- and so, with balance, for square units

  .. math:: |\theta|^6 = \tfrac{27}{4}\, g^2 D^2 \sum_h \tau_h^{-2} .

  Memorising by one unit a label is the case of :math:`\tau_h = 2` for q units and g = A, for many
  labels whose examples share no token. Where they do, both are less.

**The exponent of one network.** Let :math:`S = \log\frac{q - 1}{e^\ell - 1}` and
:math:`p = 1 - e^{-\ell}`, so that :math:`d\ell = -p\, dS`. Along a smooth branch of rests the
objective F obeys :math:`dF = \tfrac12 |\theta|^2 d\gamma`, so
:math:`-p\, dS = d\ell = -\gamma |\theta|\, d|\theta|`:

.. math:: \kappa = \frac{d \log S}{d \log |\theta|} = \frac{\gamma |\theta|^2}{p\, S} .

With Euler's identity it is :math:`(n + 1)\, r g / (p S)`: the degree of the network if all wrong
logits of an example are alike, and all examples. Scatter changes it: that of wrong logits lowers g
below S, which counts all of them alike.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import log_softmax

from theory import checks
from theory.circuits.hidden_units import HiddenUnits

#: Part of the largest strength from which a unit is taken to be there at all. Far weaker ones are
#: on their way to zero, and a training ends before they are at rest.
_RESTING = 1e-4


def forces(units: HiddenUnits, examples: np.ndarray, labels: np.ndarray, l2: float) -> xr.Dataset:
    r"""Return what the identities above speak of, for a network and its training set.

    Parameters
    ----------
    units
        Of a power, not of ReLU.
    examples, labels
        Tokens, shape (examples, slots), and right labels, shape (examples,).
    l2
        gamma > 0, of the penalty :math:`\tfrac\gamma2 |\theta|^2` in the loss (nat).

    Returns
    -------
    xarray.Dataset
        ``loss`` (nat); ``squared_norm``, :math:`|\theta|^2`; ``right_logit``, A; ``gap``, g;
        ``odds``, S; ``kappa``, :math:`\gamma |\theta|^2 / (p S)`; ``euler``,
        :math:`\gamma |\theta|^2 / ((n + 1) r g)`, 1 at rest; ``identity``, the n + 1 st root of the
        norm's side of the third over the other, 1 at rest (for square units, NaN for others);
        ``tau`` along ``unit``, NaN for units that are silent, which the identity leaves out. All
        ratios are NaN where every parameter is 0.

    Raises
    ------
    ValueError
        If `l2` is not above 0.

    Examples
    --------
    >>> from theory.circuits.build import waves
    >>> table = np.array([(a, b) for a in range(7) for b in range(7)])
    >>> found = forces(waves(7, [1, 2, 3], 7.0), table, table.sum(axis=1) % 7, l2=1e-3)
    >>> round(found.right_logit.item(), 6), round(found.gap.item(), 6)
    (7.0, 8.166667)
    """
    l2 = checks.number("l2", l2, above=0)
    rows, count = np.arange(len(labels)), len(labels)
    hidden = units.hidden(examples)
    logits = hidden @ units.written
    log_p = log_softmax(logits, axis=1)
    push = -np.exp(log_p)
    push[rows, labels] = -np.expm1(log_p[rows, labels])
    loss, wrong = -log_p[rows, labels].mean(), push[rows, labels].mean()
    gap = float(np.mean(np.sum(push * logits, axis=1)) / wrong)
    squared = float(sum((array**2).sum() for array in (*units.embeddings, units.outputs)))
    odds = float(np.log((logits.shape[1] - 1) / np.expm1(loss)))
    tau = np.where(units.active(_RESTING), _tau(units, hidden, push) / wrong, np.nan)
    return xr.Dataset(
        {
            "loss": loss,
            "squared_norm": squared,
            "right_logit": logits[rows, labels].mean(),
            "gap": gap,
            "odds": odds,
            "kappa": _over(l2 * squared, -np.expm1(-loss) * odds),
            "euler": _over(l2 * squared, (units.power + 1) * wrong * gap),
            "identity": _identity(squared, gap, count, tau) if units.power == 2 else np.nan,
            "tau": ("unit", tau),
        }
    )


def _tau(units: HiddenUnits, hidden: np.ndarray, push: np.ndarray) -> np.ndarray:
    """Return tau times r; NaN for units that read or write nothing."""
    paid = np.einsum("ih,ih->h", hidden, push @ units.written.T)
    strengths = units.strengths
    tau: np.ndarray = paid / np.where(strengths > 0, strengths, np.nan)
    return tau


def _identity(squared: float, gap: float, count: int, tau: np.ndarray) -> float:
    return float(_over(squared**3, 27 / 4 * gap**2 * count**2 * np.nansum(tau**-2.0)) ** (1 / 3))


def _over(norm: float, other: float) -> float:
    return float(norm / other) if norm else np.nan
