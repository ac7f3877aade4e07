r"""Where the delay ends if the norm is held, by laws of how two circuits share it (derived here).

Let :math:`u = D/D_c`, with :math:`D_c` the size at which both circuits cost the same. Memory alone
fits from the norm :math:`R_M` on. A network half of whose answers are right has equal weights of
both circuits, each half of what memory alone has when it fits; if it fits just then, at the norm R,
then it fits when it is half right, and the delay is none. At degree three the price of memory is
:math:`P_M^3 \propto D`, so :math:`(P_G/P_M)^3 = 1/u`. By one-sided mixing,
:math:`x + y^{7/4} = 1` with :math:`x = P_G^3 w_G/R^3` and :math:`y = P_M^3 w_M/R^3`,

.. math:: \frac{1}{2 u \rho} + \Bigl(\frac{1}{2 \rho}\Bigr)^{7/4} = 1,
          \qquad \rho = (R/R_M)^3 .

With circuits of their own, and any kappa, squared norms add:

.. math:: \frac{R}{R_M} = 2^{-1/\kappa} \sqrt{1 + u^{-2/3}} .

The loss at which a network fits is in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import xarray as xr
from scipy.optimize import brentq

from theory.circuits.mixtures import MIXING
from theory.questions.held_norm import DEGREE, PARTS_OF_SIZE
from theory.questions.question import Measured
from theory.statistics import exp, log
from theory.theories.theory import Prediction
from theory.theories.times import KAPPAS

#: How far D_c may be from the size at which objectives are equal, which is what is derived.
_SIZE_OFF = 0.06
_FOLLOWS = "half right has equal weights, each half of what memory has when it fits alone"


def shared(size: float) -> float:
    """Return R/R_M by one-sided mixing, at u."""

    def left(cube: float) -> float:
        return float(1 / (2 * size * cube) + (1 / (2 * cube)) ** MIXING - 1)

    return float(brentq(left, 0.1, 10.0) ** (1 / DEGREE))


def separate(size: float, kappa: float) -> float:
    """Return R/R_M with circuits of their own, at u."""
    return float(2 ** (-1 / kappa) * np.sqrt(1 + size ** (-2 / DEGREE)))


def _along(ratio: Callable[[float], float]) -> xr.DataArray:
    sizes = list(PARTS_OF_SIZE)
    return xr.DataArray([ratio(size) for size in sizes], {"part": sizes}, "part")


def _by_sharing(_: Measured) -> Prediction:
    off = max(abs(np.log(shared(size * (1 + _SIZE_OFF)) / shared(size))) for size in PARTS_OF_SIZE)
    return Prediction(_along(shared), f"{_FOLLOWS}; one-sided mixing", error=float(off))


def _for_every_kappa(_: Measured) -> Prediction:
    """Return the middle of what kappa from .8 to 2 gives."""
    low, high = (log(_along(partial(separate, kappa=kappa))) for kappa in (KAPPAS[0], KAPPAS[-1]))
    off = float(np.expm1((high - low).max() / 2))
    because = f"{_FOLLOWS}; the error is for kappa from .8 to 2"
    return Prediction(exp((low + high) / 2), because, error=off)


def _by_degree(_: Measured) -> Prediction:
    return Prediction(_along(partial(separate, kappa=DEGREE)), f"{_FOLLOWS}; kappa is 3")


def _trend(ratio: Callable[[float], float]) -> Callable[[Measured], Prediction]:
    values = np.log([ratio(size) for size in PARTS_OF_SIZE])
    exponent = float(np.polyfit(np.log(PARTS_OF_SIZE), values, 1)[0])
    return lambda _: Prediction(exponent, "waves get cheaper beside memory")


#: For one-sided mixing, for the paper's model, and for that with the degree for kappa.
OF_SHARED: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("held_norm", "vanishes"): _by_sharing,
    ("held_norm", "vanishes_accuracy"): _by_sharing,
    ("held_norm", "vanishes_trend"): _trend(shared),
}
OF_SEPARATE: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("held_norm", "vanishes"): _for_every_kappa,
    ("held_norm", "vanishes_trend"): _trend(partial(separate, kappa=KAPPAS[-1])),
}
OF_DEGREE: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("held_norm", "vanishes"): _by_degree,
    ("held_norm", "vanishes_trend"): _trend(partial(separate, kappa=DEGREE)),
    ("held_norm", "norm_alone"): lambda _: Prediction(
        1.0, "logits are homogeneous, and Adam moves as far at any norm"
    ),
}
