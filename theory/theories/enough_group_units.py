r"""What costs say of a network of few hidden units, on groups and random labels (derived here).

As `theory.circuits.group_units` has it, a representation :math:`\rho` with the part
:math:`A_\rho` of the right logit and :math:`M_\rho` units leaves

.. math:: L = -\log \Big\langle \exp \sum_\rho A_\rho \big(\chi_\rho(g)/\delta_\rho - 1\big)
              \Big\rangle_{g \ne 1}
              - \frac12 \sum_\rho A_\rho^2 \Big(\frac{\delta_\rho}{M_\rho}
              - \frac{1}{\delta_\rho^2}\Big) .

With n units there are so many to share out, :math:`\sum_\rho M_\rho \le n`, and the best is

.. math:: F(n) = \min_{A, M} \log\big(1 + (N - 1)\, e^{-L}\big) + \frac\gamma2\, \tfrac32\,
          2^{2/3}\, N \sum_\rho \Big(\frac{M_\rho \delta_\rho}{2}\Big)^{1/3} A_\rho^{2/3}

on a group of N elements. A representation of dimension :math:`\delta` does as much with
:math:`\delta` units as one of dimension 1 with one, so which the group has decides, not how many
labels.

Memory is one unit a label where the examples of a label share no rows: d examples meet
:math:`d^2/q` of one another's rows. Where that is below 2 a network with fewer units than labels
must show it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import xarray as xr
from scipy.optimize import brentq, minimize
from scipy.special import expit, softmax

from theory import circuits
from theory.circuits.generalising import WAVE_COST
from theory.questions.harder_width import GROUPS, L2, LABELS, MISSED, irreps_of
from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory, known

#: Starts of each search: there are several dips.
_STARTS = 40
#: Ranges of the logarithms of logits, and of what says how many units a representation has.
_LOGITS, _COUNTS = (-7.0, 4.0), (-6.0, 12.0)
#: The fewest units and the most among which 5 % is looked for.
_FEWEST, _MOST = 2.0, 200.0


class GroupPrice:
    """The best objective on the table of a group with at most so many units.

    Parameters
    ----------
    representations
        All of the group, from `theory.circuits.irreps`, each of real type.
    l2
        gamma of the penalty.
    """

    def __init__(self, representations: tuple[circuits.Irrep, ...], l2: float = L2) -> None:
        others = representations[1:]
        self.l2 = l2
        self.deltas = np.array([each.delta for each in others], dtype=float)
        characters = np.array([each.character for each in others]) / self.deltas[:, None]
        self.behind = characters[:, ~np.isclose(characters, 1).all(axis=0)] - 1

    def least(self, units: float) -> float:
        """Return F of at most so many units."""
        draw, some = np.random.default_rng(0), len(self.deltas)
        found = []
        for _ in range(_STARTS):
            logits = np.log(10 * draw.dirichlet(np.ones(some)) + 0.01)
            start = np.append(logits, draw.normal(size=some))
            bounds = [_LOGITS] * some + [_COUNTS] * some
            found.append(
                minimize(self._objective, start, (units,), "L-BFGS-B", True, bounds=bounds)
            )
        return float(min(each.fun for each in found))

    def _objective(self, x: np.ndarray, units: float) -> tuple[float, np.ndarray]:
        """Return the objective and its gradient in the free numbers."""
        free, places = np.split(x, 2)
        logits, shares = np.exp(free), expit(places)
        raw = self.deltas**3 * shares
        # Never more than there are, in the same proportions.
        scale = min(1.0, units / raw.sum())
        counts = scale * raw
        apart = logits @ self.behind
        scatter = self.deltas / counts - 1 / self.deltas**2
        odds = np.logaddexp.reduce(apart) + 0.5 * logits**2 @ scatter
        each = self.l2 / 2 * WAVE_COST * (len(apart) + 1) * _roots(counts, self.deltas, logits)
        wrong = expit(odds)
        by_logit = wrong * (self.behind @ softmax(apart) + logits * scatter)
        by_count = -wrong * 0.5 * logits**2 * self.deltas / counts**2 + each / (3 * counts)
        if scale < 1:
            by_count = by_count - by_count @ counts / counts.sum()
        return float(np.logaddexp(0, odds) + each.sum()), np.append(
            by_logit * logits + 2 / 3 * each, by_count * counts * (1 - shares)
        )


def _roots(counts: np.ndarray, deltas: np.ndarray, logits: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.cbrt(counts * deltas / 2) * np.cbrt(logits) ** 2
    return found


@cache
def units_missed(group: str) -> float:
    """Return the number of units below which F on a group is more than 5 % above its least."""
    price = GroupPrice(irreps_of(group))
    least = price.least(_MOST)
    return float(
        brentq(lambda units: price.least(units) / least - MISSED, _FEWEST, _MOST, xtol=0.05)
    )


def _waves(_: Measured) -> Prediction:
    kinks = [units_missed(group) for group in GROUPS]
    return Prediction(
        xr.DataArray(kinks, {"group": list(GROUPS)}, "group"), "fewer units scatter more"
    )


def _ratio(first: str, second: str) -> Callable[[Measured], Prediction]:
    return lambda _: Prediction(
        units_missed(first) / units_missed(second),
        "as many units as the dimensions of the representations ask for",
    )


def _memory(_: Measured) -> Prediction:
    return Prediction(
        xr.DataArray(np.array(LABELS, float), {"labels": list(LABELS)}, "labels"),
        "each label has a unit of its own",
    )


def _enough(_: Measured) -> Prediction:
    return Prediction(0.0, "units beyond those in use are silent")


#: For the theory of group costs, and that of derived costs.
OF_GROUPS: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("harder_width", "waves_ratio"): _ratio("A_5", "D_5 x S_3"),
    ("harder_width", "waves_ratio_small"): _ratio("S_4", "S_3 x S_3"),
    ("harder_width", "waves_kink"): _waves,
    ("harder_width", "waves_wide"): _enough,
}
OF_LABELS: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("harder_width", "memory_kink"): _memory,
    ("harder_width", "memory_kink_many"): _memory,
    ("harder_width", "memory_trend"): lambda _: Prediction(1.0, "as many units as labels"),
    ("harder_width", "memory_wide"): _enough,
}

UNITS_IN_USE = Theory(
    "units in use",
    "A network with fewer units than a wide one has in use must be dearer.",
    "derived here",
    "Ours, a rule of thumb, found after pilots with one seed: it takes the units of wide networks "
    "from the runs, and that all of them are needed.",
    {
        ("harder_width", "waves_kink"): lambda measured: Prediction(
            known(measured, "wide_units"), "as many as are active, from 3 % of the strongest"
        ),
    },
)
