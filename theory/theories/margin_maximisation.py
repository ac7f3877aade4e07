r"""Homogeneous networks without decay: once the direction is settled, how the loss falls.

Of logits of degree L in the parameters, gradient flow on cross-entropy where all fits. With s the
lead of the right logit over those that pull at it, the loss is :math:`n e^{-s}`, n the number of
rivals that count; s goes as the norm to the power L; and the norm alone grows, so that

.. math:: \frac{d}{dt} \frac1\ell = C s^{2 - 2/L}
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.integrate import quad
from scipy.optimize import brentq

from theory.questions.question import Measured
from theory.theories.homogeneous import KAPPA
from theory.theories.theory import Prediction, Theory, known


def faster(early: float, late: float, lead: float, degree: float = KAPPA) -> float:
    r"""Return how many times as fast :math:`1/\ell` grows in a stretch as in half of it before.

    Parameters
    ----------
    early, late
        :math:`\ell > 0` at the start and at the end of the stretch before; the next is twice as
        long. The first is all that sets its pace, so that neither C nor the origin of time is
        needed.
    lead
        s at the end of the stretch before (nat).
    degree
        L > 0.

    Returns
    -------
    float
        NaN where the loss does not fall, or falls by more than the lead.

    Examples
    --------
    >>> round(faster(2e-4, 1e-4, 10.0, degree=1), 6)  # one over the time
    1.0
    >>> round(faster(2e-4, 1e-4, 10.0), 3)
    1.101
    """
    fallen = np.log(early / late)
    if not 0 < fallen < lead:
        return np.nan

    def time(start: float, stop: float) -> float:
        """Of the lead, up to a factor, in units of what 1/loss is at the end of the first."""
        return float(quad(lambda x: np.exp(x - lead) * x ** (2 / degree - 2), start, stop)[0])

    wanted, further = 2 * time(lead - fallen, lead), 1.0
    while time(lead, lead + further) < wanted:
        further += 1
    end = brentq(lambda stop: time(lead, stop) - wanted, lead, lead + further)
    return float(np.expm1(end - lead) / -np.expm1(-fallen) / 2)


def _loss(measured: Measured) -> Prediction:
    losses, lead = known(measured, "losses"), known(measured, "pull")
    early, late = (losses.isel(part=at, drop=True) for at in (0, 1))
    found = xr.apply_ufunc(faster, early, late, lead, vectorize=True)
    return Prediction(found, "by the growth of the norm alone, from the losses before and the lead")


MARGIN = Theory(
    "larger margins",
    "Descent on cross-entropy settles in direction and goes on to larger margins by its norm, in "
    "times whose logarithm is the margin.",
    "Lyu and Li 2020 (arXiv:1906.05890), Lyu et al. 2024 (arXiv:2311.18817)",
    "The rate is read second hand, and derived here, for gradient flow whose direction has "
    "settled, which they prove for the limit only. It gives no time at which a network "
    "generalises, so it is silent about that, and about how far directions have settled.",
    {("without_decay", "descent_loss"): _loss},
)
