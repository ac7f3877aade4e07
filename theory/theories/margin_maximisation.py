r"""Homogeneous networks without decay: the margin over the norm never falls, and the loss slowly.

Of logits of degree L in the parameters, gradient flow on an exponential loss. Once the direction is
settled the loss falls by the growth of the norm alone, as

.. math:: \frac{d \ell}{dt} = - C\, \ell^2 s^{2 - 2/L}, \qquad s = \log \frac n\ell,

with s the lead of the right logit and n the number of rivals that count, from one to all. So the
time is, up to a factor, :math:`\int_1^s e^x x^{2/L - 2} dx`, and the local exponent of the loss is
-1 less a part that falls as 1/s.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.integrate import quad
from scipy.optimize import brentq

from theory.questions.question import Measured
from theory.theories.homogeneous import KAPPA
from theory.theories.theory import Prediction, Theory, known


def loss_exponent(loss: float, longer: float, rivals: float = 1.0, degree: float = KAPPA) -> float:
    r"""Return the exponent of the loss in the time, from a loss on, as it gets longer by a factor.

    Parameters
    ----------
    loss
        :math:`\ell` at the start, in (0, 1/e).
    longer
        By what factor, above 1.
    rivals
        n >= 1, how many wrong labels have a logit that counts: the lead is log(n/loss).
    degree
        L > 0.

    Returns
    -------
    float
        NaN where the loss or the factor is.

    Examples
    --------
    >>> round(loss_exponent(1e-4, 4.0, degree=1), 3)  # one over the time
    -1.0
    >>> round(loss_exponent(1e-4, 4.0), 2), round(loss_exponent(1e-4, 4.0, rivals=44), 2)
    (-1.18, -1.12)
    """
    if np.isnan(loss * longer):
        return np.nan
    start = np.log(rivals / loss)
    wanted = longer * _time(start, degree)
    # One over the time at degree 1, and nowhere four times as steep.
    end = brentq(lambda lead: _time(lead, degree) - wanted, start, start + 4 * np.log(longer))
    return float((start - end) / np.log(longer))


def _time(lead: float, degree: float) -> float:
    return float(quad(lambda x: np.exp(x) * x ** (2 / degree - 2), 1, lead)[0])


def _loss(measured: Measured) -> Prediction:
    loss, longer = (known(measured, name) for name in ("late_loss", "since_fit"))
    one, every = (
        xr.apply_ufunc(loss_exponent, loss, longer, rivals, vectorize=True)
        for rivals in (xr.ones_like(loss["modulus"]), loss["modulus"] - 1)
    )
    return Prediction(
        (one + every) / 2,
        "by the growth of the norm alone, from the loss at a quarter on; the error is for one "
        "rival or all",
        error=float(abs(every - one).mean() / 2),
    )


MARGIN = Theory(
    "larger margins",
    "Descent on cross-entropy goes on to larger margins over the power of the norm, in times whose "
    "logarithm is the margin.",
    "Lyu and Li 2020 (arXiv:1906.05890), Lyu et al. 2024 (arXiv:2311.18817)",
    "The rate and that the margin never falls are read second hand, and derived here, for gradient "
    "flow. How many rivals count was left open after pilots had been .06 off with one. It gives no "
    "time at which a network generalises, so it is silent about that.",
    {
        ("without_decay", "descent_loss"): _loss,
        ("without_decay", "margin_power"): lambda _: Prediction(
            KAPPA, "the margin over the power of the norm never falls", direction=1
        ),
    },
)
