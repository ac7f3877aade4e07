r"""Where the delay ends if the norm is held, by laws of how two circuits share it (derived here).

Memory is fast, so a network soon has all the memory that its norm affords beside the waves of the
moment. As waves grow it moves along that boundary, and fits where the boundary first has the logit
:math:`A_*` for it. Let :math:`R_M` be the norm at which memory alone has that, and
:math:`u = (P_M/P_G)^3`, from what both need to fit. Half of the answers are right where both
weights are :math:`A_*/2`. One-sided mixing,
:math:`x + y^{7/4} = 1` with :math:`x = P_G^3 w_G/R^3` and :math:`y = P_M^3 w_M/R^3`, has that at

.. math:: \frac{1}{2 u \rho} + \Bigl(\frac{1}{2 \rho}\Bigr)^{7/4} = 1,
          \qquad \rho = (R/R_M)^3 ,

and the symmetric law :math:`x^t + y^t = 1` at :math:`2\rho = (1 + u^{-t})^{1/t}`. With circuits of
their own squared norms add,

.. math:: \frac{R}{R_M} = \min\bigl(1,\; 2^{-1/\kappa} \sqrt{1 + u^{-2/3}}\bigr),

the less the smaller kappa. For kappa above 2 giving up a little memory makes a network dearer, so
just below :math:`R_M` it fits only beyond a jump, where little memory is left. Where an even
mixture costs more than memory alone, for kappa = 3 at u below 2.22, that is less than half, and
the delay ends at :math:`R_M`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from scipy.optimize import brentq

from theory.circuits.mixtures import MIXING
from theory.questions.held_norm import DEGREE
from theory.questions.question import Measured
from theory.statistics import power
from theory.theories.theory import Prediction, known

#: Of the symmetric law, fitted at moduli 41 and 47.
SYMMETRIC_EXPONENT = 1.32
#: What is known of prices is the norm on random labels; sums cost some 2 % more.
_SUMS_OFF = 0.02
_BECAUSE = "memory goes first and fits with as much of waves as its norm leaves room for"

# Takes u; returns R/R_M.
Ratio = Callable[[float], float]


def one_sided(price_ratio: float) -> float:
    """Return R/R_M by one-sided mixing, at u."""

    def left(cube: float) -> float:
        return float(1 / (2 * price_ratio * cube) + (1 / (2 * cube)) ** MIXING - 1)

    return float(brentq(left, 0.1, 10.0) ** (1 / DEGREE))


def symmetric(price_ratio: float) -> float:
    """Return R/R_M by the symmetric law, at u."""
    return float(
        ((1 + price_ratio**-SYMMETRIC_EXPONENT) ** (1 / SYMMETRIC_EXPONENT) / 2) ** (1 / DEGREE)
    )


def separate(price_ratio: float, kappa: float) -> float:
    """Return R/R_M with circuits of their own, at u."""
    even = 2 ** (-1 / kappa) * np.sqrt(1 + price_ratio ** (-2 / DEGREE))
    return float(min(1.0, even))


def ratio_by(law: Ratio, measured: Measured) -> xr.DataArray:
    """Return R/R_M by a law, from the prices that were measured; NaN where they are not known."""
    prices = known(measured, "price_ratio")
    found: xr.DataArray = xr.apply_ufunc(
        lambda price: law(price) if np.isfinite(price) else np.nan, prices, vectorize=True
    )
    return found


def _shared(law: Ratio) -> Mapping[tuple[str, str], Callable[[Measured], Prediction]]:
    def where(measured: Measured) -> Prediction:
        return Prediction(ratio_by(law, measured), _BECAUSE, error=_SUMS_OFF)

    def trend(measured: Measured) -> Prediction:
        ratio = ratio_by(law, measured)
        return Prediction(power(ratio, ratio["part"], "part"), "waves get cheaper beside memory")

    return {
        ("held_norm", "vanishes"): where,
        ("held_norm", "equal_weights"): where,
        ("held_norm", "vanishes_trend"): trend,
    }


def _at_most(measured: Measured) -> Prediction:
    ratio = ratio_by(lambda price: separate(price, 2.0), measured)
    return Prediction(ratio, "kappa is at most 2, and that is its value for 2", direction=-1)


def _memory_first(_: Measured) -> Prediction:
    return Prediction(
        separate(1.0, DEGREE), "an even mixture costs more than memory alone, which fits first"
    )


#: For the laws of sharing, for the paper's model, and for that with the degree for kappa.
OF_ONE_SIDED = _shared(one_sided)
OF_SYMMETRIC = _shared(symmetric)
OF_SEPARATE: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("held_norm", "vanishes"): _at_most,
    ("held_norm", "equal_weights"): _at_most,
}
OF_DEGREE: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("held_norm", "vanishes"): _memory_first,
    ("held_norm", "vanishes_trend"): lambda _: Prediction(0.0, "memory fits first at every size"),
    ("held_norm", "norm_alone"): lambda _: Prediction(
        1.0, "logits are homogeneous, and Adam moves as far at any norm"
    ),
}
