r"""What exceptions to a rule cost, from the loss and the price of a mixture (derived here).

The rule speaks for the right label of every example by :math:`w_G`; memory speaks for the false
label of E exceptions, a part :math:`\epsilon = E/D`, by :math:`w_M`, and costs what E random labels
cost. At rest the weights are where

.. math:: (1 - \epsilon) \log(1 + (q - 1) e^{-w_G})
          + \epsilon \log(1 + e^{w_G - w_M} + (q - 2) e^{-w_M}) + \tfrac\gamma2 \rho^2

is least, with :math:`\rho` the norm of both: of separate circuits, the root of the sum of squares,
or of circuits that share units.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr
from scipy.optimize import minimize

from theory import circuits
from theory.minimal import SharedUnits
from theory.minimal.law import PAPER, Penalty
from theory.questions import exceptions, practice
from theory.questions.question import Measured
from theory.theories.theory import Prediction, known

SEPARATE = PAPER
SHARED = SharedUnits((1.0, circuits.MIXING))
_KAPPA = np.array(3.0)
#: Weights from which the least objective is looked for.
_STARTS = ((9.0, 12.0), (6.0, 15.0))
#: How well D_pool is known, as a part: false labels are no sums, and a pool has memory.
_SIZE_OFF = 0.06


def norm_with(penalty: Penalty, price: float, pool_size: float, per_label: float) -> float:
    """Return the norm with so many exceptions a label over that with hardly any.

    Parameters
    ----------
    penalty
        What both circuits cost together.
    price
        P_G, the norm for one logit of the rule.
    pool_size
        D_pool over m, at which memorising costs as much as the rule.
    per_label
        Exceptions for a label.
    """
    return _norm(penalty, price, pool_size, per_label) / _norm(PAPER, price, pool_size, 0.0)


def _norm(penalty: Penalty, price: float, pool_size: float, per_label: float) -> float:
    labels, part = exceptions.MODULUS, per_label / (practice.POOL * exceptions.MODULUS)
    prices = price * np.array([1.0, (per_label / pool_size) ** (1 / 3)])

    def measure(logarithms: np.ndarray) -> float:
        return float(penalty.measure(np.exp(logarithms), prices, _KAPPA))

    def objective(logarithms: np.ndarray) -> float:
        rule, memory = np.exp(logarithms)
        told = np.log1p((labels - 1) * np.exp(-rule))
        excepted = np.log1p(np.exp(rule - memory) + (labels - 2) * np.exp(-memory))
        loss = (1 - part) * told + part * excepted
        return float(loss + exceptions.L2 / 2 * measure(logarithms))

    found = [
        minimize(
            objective,
            np.log(start),
            method="Nelder-Mead",
            options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 4000},
        )
        for start in _STARTS
    ]
    return float(np.sqrt(measure(min(found, key=lambda each: each.fun).x)))


def costs(penalty: Penalty, because: str) -> Callable[[Measured], Prediction]:
    """Return a prediction of the norm with exceptions, by a penalty."""

    def prediction(measured: Measured) -> Prediction:
        price, size = (float(known(measured, name).mean()) for name in ("price", "pool_size"))
        along = known(measured, "norm_with_exceptions")["per_label"]
        values, least, most = (
            np.array([norm_with(penalty, price, size * off, each) for each in along.values])
            for off in (1.0, 1 + _SIZE_OFF, 1 - _SIZE_OFF)
        )
        error = float(np.maximum(values / least, most / values).mean() - 1)
        value = xr.DataArray(values, {"per_label": along}, "per_label")
        return Prediction(value, because, error=error)

    return prediction
