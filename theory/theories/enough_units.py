r"""What costs say of a network with few hidden units, and of one with many (derived here).

A network that generalises takes N units of waves. With fewer, n, wrong labels scatter more: at a
right logit A the log-odds are :math:`L = A - \tfrac12 A^2 (k/n - 1/2H)`, as in
`theory.circuits.units`, and the best objective is

.. math:: F(n) = \min_A \log\bigl(1 + (m - 1) e^{-L}\bigr)
          + \tfrac\gamma2\, 2.381\, m\, n^{1/3} A^{2/3} .

One that has memorised has a unit for each label, and shows when it has fewer. With more than either
needs, nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from scipy.optimize import brentq, minimize_scalar

from theory import circuits
from theory.circuits.units import limit
from theory.questions.question import Measured
from theory.questions.width import L2, MISSED, POINTS
from theory.theories.theory import Prediction

#: Right logits among which the best is looked for.
_LOGITS = (2.0, 60.0)
#: The fewest units for which there is a best logit that generalises.
_FEWEST = 8.0


def objective(modulus: int, units: float, l2: float = L2) -> float:
    """Return F of a network that generalises with so many units of waves."""
    scatter = 3 / 8 * limit().units / units - 1 / (modulus - 1)

    def at(logit: float) -> float:
        odds = logit - logit**2 * scatter / 2
        norm = float(circuits.generalising_norm(logit, modulus, units))
        return float(np.log1p((modulus - 1) * np.exp(-odds)) + l2 / 2 * norm**2)

    return float(minimize_scalar(at, bounds=_LOGITS, method="bounded").fun)


def units_missed(modulus: int) -> float:
    """Return the number of units below which F is more than 5 % above the best there is."""
    best = float(circuits.expected_units(modulus, L2))
    least = objective(modulus, best)
    return float(brentq(lambda units: objective(modulus, units) / least - MISSED, _FEWEST, best))


def _by_modulus(number: Callable[[int], float]) -> xr.DataArray:
    moduli = list(POINTS["modulus"])
    return xr.DataArray([float(number(each)) for each in moduli], {"modulus": moduli}, "modulus")


def _waves(_: Measured) -> Prediction:
    return Prediction(_by_modulus(units_missed), "fewer units of waves scatter more")


def _memory(_: Measured) -> Prediction:
    return Prediction(_by_modulus(float), "each label has a unit of its own")


def _enough(_: Measured) -> Prediction:
    return Prediction(0.0, "units beyond those in use are silent")


def _trend(number: Callable[[int], float]) -> Callable[[Measured], Prediction]:
    """Return a prediction of the exponent in the modulus of a number of units."""
    values = _by_modulus(number)
    return lambda _: Prediction(
        float(np.polyfit(np.log(values["modulus"]), np.log(values), 1)[0]), "as many as are needed"
    )


#: For the theory of derived costs.
OF_WIDTH: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("width", "waves_kink"): _waves,
    ("width", "memory_kink"): _memory,
    ("width", "waves_kink_trend"): _trend(units_missed),
    ("width", "memory_kink_trend"): _trend(float),
    ("width", "half_way_wide"): _enough,
    ("grokked_width", "half_way_enough"): _enough,
    ("width", "waves_wide"): _enough,
    ("width", "memory_wide"): _enough,
}
