r"""How many units of waves a generalising network has, and its logit: a heuristic without a fit.

**What more units are good for.** The units of one frequency write waves over the labels, and a
wrong label may have nearly the right phase. More frequencies tell it apart better, at the same A,
and cost norm, :math:`|\theta|^2 = 2.381\, m\, N^{1/3} A^{2/3}`.

**One frequency.** The square of two waves makes other products than the one that is wanted. Write
:math:`\alpha = \omega a, \beta = \omega b, c = \omega c`. Beside
:math:`\cos(\alpha + \beta - c)` unit h makes waves at the phases

.. math:: 2f,\; -2g,\; 2(f+g),\; 3f+g,\; f-g,\; f+3g,\; g-f,

that add up to nothing where the units' phases are spread well: in fours exactly, in threes nearly
(`quietest`). The wave in c alone, of phase :math:`f + g`, is left out, though it is as strong as
the wanted one: trained networks have units of other frequencies write it off, for 1 to 2% of the
norm.

**Many frequencies.** For a frequency that gives the right logit S, wrong labels have on average

.. math:: \big\langle e^{o_c - o_y} \big\rangle = e^{-\Lambda(S)}

over inputs and labels. With F independent ones :math:`A = F S` and
:math:`\log\frac{m-1}{e^{\text{loss}} - 1} = F \Lambda(S) =: L`. The least :math:`N A^2` at a given
L is a number, in the limit of a large modulus: for threes N = 4.63 L and
:math:`|\theta|^2 = 4.99\, m L` (`limit`).

**The penalty** asks for the L at which a little more costs what it saves,
:math:`m e^{-L} = \tfrac\gamma2\, 4.99\, m`: a number that the modulus does not enter.

**A finite modulus** has only H = (m - 1)/2 frequencies. Were all in use, all wrong labels would be
alike. So an effective variance of their logits is :math:`A^2 (k / N - 1/2H)`, with k = 3/8 4.63, so
that N is that of the limit, and the least :math:`N A^2` at
:math:`L = A - \tfrac12 A^2 (k/N - 1/2H)` is

.. math:: A = H\big(\sqrt{9 + 8 L / H} - 3\big), \qquad
          N = \frac{k}{2 (A - L)/A^2 + 1/2H} .

It assumes frequencies in threes (observed; fours would cost 1.5% less) with amplitudes alike,
frequencies drawn at random, logits of wrong labels that are nearly Gaussian, a small loss, and a
network that chooses the best N. Left out are the mean of the wrong logits, :math:`-A/(m - 1)`, and
that the price of L, 4.99 m, is that of a large modulus: both are some per cent at m = 29 and nearly
cancel. Training does not choose: it ends with a number of units near to it, by what it started
from, and the objective hardly minds.

So the range is :math:`\gamma m < 0.4`, beyond which no L is affordable, and N at most 3 H.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.optimize import minimize, minimize_scalar

from theory import checks
from theory.checks import Parameter
from theory.circuits.generalising import WAVE_COST

#: The waves beside the wanted one: their amplitudes, the wanted one's being 1/2, and how often they
#: have the phases f and g. Those in c alone are left out.
UNWANTED = (
    (0.5, 2, 0),
    (0.5, 0, -2),
    (0.5, 2, 2),
    (0.25, 3, 1),
    (0.25, 1, -1),
    (0.25, 1, 3),
    (0.25, -1, 1),
)
#: Units of a frequency that the heuristic counts with: what trained networks mostly have.
PER_FREQUENCY = 3
#: From this gamma m on the penalty costs more than any L saves.
_MOST = 0.4


class Phases(NamedTuple):
    """Of the units of one frequency: f of the first slot and g of the second, shape (units,)."""

    first: np.ndarray
    second: np.ndarray


class Limit(NamedTuple):
    """Of a large modulus, in units of L: units, right logit, and squared norm over m."""

    units: float
    logit: float
    squared_norm: float


def interference(phases: Phases) -> float:
    """Return the power of the unwanted waves over that of the wanted one; 0 if all cancel.

    Examples
    --------
    >>> one = Phases(np.zeros(1), np.zeros(1))
    >>> interference(one)
    4.0
    """
    first, second = (np.asarray(phase, dtype=float) for phase in phases)
    left = (
        amplitude**2 * abs(np.exp(1j * (i * first + j * second)).mean()) ** 2
        for amplitude, i, j in UNWANTED
    )
    return float(sum(left) / 0.25)


@cache
def quietest(count: int) -> Phases:
    """Return the phases of so many units of one frequency that interfere least.

    Examples
    --------
    >>> [round(interference(quietest(count)), 4) for count in (2, 3, 4)]
    [1.0, 0.2193, 0.0]
    """
    count = checks.integer("count", count, at_least=1)

    def left(angles: np.ndarray) -> float:
        return interference(Phases(*np.split(angles, 2)))

    draw = np.random.default_rng(0)
    tries = (minimize(left, draw.uniform(0, 2 * np.pi, 2 * count)) for _ in range(20))
    return Phases(*np.split(min(tries, key=lambda found: found.fun).x, 2))


def telling_apart(logit: float, phases: Phases, points: int = 24) -> float:
    r"""Return :math:`\Lambda(S)`: how well one frequency of this right logit S tells labels apart.

    A mean over `points` phases of each of a, b and c, which converges faster than any power.
    """
    first, second = phases
    angle = 2 * np.pi * np.arange(points) / points
    a, b = angle[:, None, None], angle[None, :, None]
    each = 2 * logit / len(first)

    def logits(ahead: np.ndarray) -> np.ndarray:
        found = np.zeros(1)
        for f, g in zip(first, second, strict=True):
            squared = (np.cos(a + f) + np.cos(b + g)) ** 2 - 1  # without what is in c alone
            found = found + each * squared * np.cos(a + b + ahead + f + g)
        return found

    lead = logits(angle[None, None, :]) - logits(np.zeros((1, 1, 1)))
    return float(-np.log(np.exp(lead).mean()))


@cache
def limit(per_frequency: int = PER_FREQUENCY) -> Limit:
    """Return what the least N A^2 at a given L comes to for a large modulus.

    Examples
    --------
    >>> [round(number, 2) for number in limit()]
    [4.63, 1.41, 4.99]
    """
    phases = quietest(per_frequency)

    def price(logit: float) -> float:
        return per_frequency * logit**2 / telling_apart(logit, phases) ** 3

    logit = float(minimize_scalar(price, bounds=(0.2, 3), method="bounded").x)
    frequencies = 1 / telling_apart(logit, phases)
    units, total = per_frequency * frequencies, frequencies * logit
    return Limit(units, total, WAVE_COST * (units * total**2) ** (1 / 3))


def affordable(l2: Parameter) -> float | xr.DataArray:
    r"""Return L, the log of the odds of the right label over a wrong one that the penalty affords.

    .. math:: L = \log \frac{2}{4.99\, \gamma}

    Raises
    ------
    ValueError
        If `l2`, the strength of the penalty :math:`\tfrac\gamma2 |\theta|^2`, is not in (0, 0.1].

    Examples
    --------
    >>> round(affordable(1e-4), 2)
    8.3
    """
    l2 = checks.labelled("l2", l2, above=0, at_most=0.1)
    return checks.plain(np.log(2 / (limit().squared_norm * l2)))


def expected_logit(modulus: Parameter, l2: Parameter) -> float | xr.DataArray:
    """Return A, the right logit less the mean of all, of a generalising network at rest.

    Parameters and errors as `expected_units`, but for the number of frequencies.

    Examples
    --------
    >>> round(expected_logit(47, 1e-4), 2)
    10.29
    """
    modulus = checks.labelled("modulus", modulus, at_least=3)
    half, odds = (modulus - 1) / 2, affordable(l2)
    _require("l2", l2, np.asarray(l2 * modulus < _MOST), f"below {_MOST} / modulus")
    logit: Parameter = half * ((9 + 8 * odds / half) ** 0.5 - 3)
    return checks.plain(logit)


def expected_units(modulus: Parameter, l2: Parameter) -> float | xr.DataArray:
    r"""Return N, the units of waves of a generalising network at rest: a heuristic (see above).

    Parameters
    ----------
    modulus
        m, at least 3.
    l2
        gamma, of a penalty :math:`\tfrac\gamma2 |\theta|^2` in the loss (nat), in (0, 0.1].

    Raises
    ------
    ValueError
        If an argument is out of its range, gamma m is not below 0.4, or m has too few frequencies.

    Examples
    --------
    >>> round(expected_units(47, 1e-4), 1)
    29.2
    """
    logit, odds = expected_logit(modulus, l2), affordable(l2)
    modulus = checks.labelled("modulus", modulus, at_least=3)
    variance = 3 / 8 * limit().units
    units = variance / (2 * (logit - odds) / logit**2 + 1 / (modulus - 1))
    enough = (units > 0) & (units <= PER_FREQUENCY * (modulus - 1) / 2)
    _require(
        "modulus", modulus, np.asarray(enough), "large enough for the frequencies that it takes"
    )
    return checks.plain(units)


def _require(name: str, value: Parameter, holds: np.ndarray, rule: str) -> None:
    if not holds.all():
        given = ", ".join(f"{number:g}" for number in np.ravel(value))
        raise ValueError(f"{name} must be {rule}, got {given}")
