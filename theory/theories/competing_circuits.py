r"""What becomes of several generalising circuits, trained as the network was (derived here).

Circuit k has the strength :math:`g_k = (x_k / \sqrt P)^\kappa` for a norm :math:`x_k` of its
parameters. With it the right label leads another one, :math:`\delta`, by :math:`T_{\delta k}` for
every logit, and by

.. math:: o_\delta = \sum_k T_{\delta k}\, (g_k - \nu g_k^2)

with all. What is trained is

.. math:: \log\Big(1 + \sum_\delta e^{-o_\delta}\Big) + \frac\gamma2 \sum_k x_k^2 ,

from the strengths that the network has half-way. There are two kinds of it.

*Alike*, as in the minimal model: every circuit speaks for the right label alone, T is the same
everywhere and :math:`\nu = 0`. Only the sum of strengths matters then. For :math:`\kappa < 2` a
share costs the less the smaller it is, and all come to the same strength; for :math:`\kappa = 3` it
is the other way round, and the strongest takes all.

*Threes of waves*: circuit k is a wave, :math:`T_{\delta k} = 1 - \cos(2 \pi k \delta / m)`, which
says little against labels of nearly its phase, so that one is not enough. It is made of three
square units, of :math:`\kappa = 3` and the derived price (`theory.circuits.generalising`). Three
leave waves that are not wanted. Over inputs and labels, how far the right label leads scatters by
them with the variance :math:`2 \nu\, g_k^2 T_{\delta k}`, half of which the mean of the
exponential gains. Left out are memory, and units alone or by twos.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import xarray as xr

from theory import circuits
from theory.questions import several_circuits
from theory.questions.question import Measured
from theory.questions.several_circuits import FEW, L2, POOL, RATE, UPDATES
from theory.statistics import power
from theory.theories.theory import Prediction, Theory, known

#: Units of a frequency, and their arrays of m parameters each: of two slots, and of the labels.
_UNITS, _ARRAYS = 3, 3
#: What a circuit starts from at least, in logits: an average over pairs may be negative.
_LEAST = 1e-3


@dataclass(frozen=True, eq=False)
class Rivals:
    r"""Several generalising circuits.

    Attributes
    ----------
    leads
        T, shape (labels - 1, circuits).
    kappa
        Logits grow with this power of the norm, above 0.
    price
        P, the squared norm for one logit, above 0.
    hindrance
        :math:`\nu`, at least 0.
    """

    leads: np.ndarray
    kappa: float
    price: float
    hindrance: float = 0.0

    def compete(self, strengths: np.ndarray, l2: float, rate: float, updates: int) -> np.ndarray:
        """Return the strengths after training by Adam, shape (networks, circuits).

        Parameters
        ----------
        strengths
            At the start, above 0, of networks that have nothing to do with each other.
        l2
            gamma, at least 0.
        rate
            The learning rate of a norm.
        updates
            How many.

        Examples
        --------
        >>> two = np.array([[1.2, 1.0]])
        >>> for kappa in (1.2, 3.0):
        ...     Rivals(np.ones((9, 2)), kappa, 100.0).compete(two, 1e-3, 0.05, 3000).round(1) + 0.0
        array([[2., 2.]])
        array([[6.2, 0. ]])
        """
        norms = self.price**0.5 * strengths ** (1 / self.kappa)
        optimiser = several_circuits.optimiser(l2, rate)
        state = optimiser.start(norms.ravel())
        for done in range(updates):
            optimiser.step(norms.reshape(-1), self._slope(norms).ravel(), state, done)
        return self._strengths(norms)

    def _strengths(self, norms: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.sign(norms) * abs(norms / self.price**0.5) ** self.kappa
        return found

    def _slope(self, norms: np.ndarray) -> np.ndarray:
        """Return the derivative of the loss in the norms."""
        strengths = self._strengths(norms)
        odds = np.exp(-(strengths - self.hindrance * strengths**2) @ self.leads.T)
        wrong = odds / (1 + odds.sum(axis=1, keepdims=True))
        pull = wrong @ self.leads * (1 - 2 * self.hindrance * strengths)
        per_norm = self.kappa * abs(norms) ** (self.kappa - 1) / self.price ** (self.kappa / 2)
        slope: np.ndarray = -pull * per_norm
        return slope


# Takes a modulus.
Maker = Callable[[int], Rivals]


def price(modulus: int) -> float:
    """Return the squared norm of three units of one frequency and one logit."""
    return float(circuits.generalising_norm(1.0, modulus, _UNITS)) ** 2


def alike(kappa: float) -> Maker:
    """Return circuits that speak for the right label alone, at a price that does not matter."""

    def made(modulus: int) -> Rivals:
        # A strength is the right logit less the mean of all labels, the right one with them.
        lead = modulus / (modulus - 1)
        return Rivals(np.full((modulus - 1, modulus // 2), lead), kappa, price(modulus))

    return made


def threes(modulus: int) -> Rivals:
    """Return frequencies of three units each."""
    waves = np.outer(np.arange(1, modulus), np.arange(1, modulus // 2 + 1))
    leads = 1 - np.cos(2 * np.pi * waves / modulus)
    return Rivals(leads, 3.0, price(modulus), hindrance())


@cache
def hindrance(modulus: int = 31) -> float:
    r"""Return :math:`\nu`, of the three units that interfere least.

    From a table of any odd modulus from 9 on. The wave in the label alone is left out, which other
    frequencies write off.

    Examples
    --------
    >>> round(hindrance(), 4), round(hindrance(9), 4)
    (0.1235, 0.1235)
    """
    three = circuits.waves(
        modulus, [1], 1.0, per_frequency=_UNITS, phases=[circuits.quietest(_UNITS)]
    )
    a, b = (each.ravel() for each in np.indices((modulus, modulus)))
    logits = three.logits(np.stack([a, b], axis=1))
    ahead = (a + b)[:, None] + np.arange(modulus)
    by_distance = np.take_along_axis(logits - logits.mean(axis=0), ahead % modulus, axis=1)
    leads = by_distance[:, :1] - by_distance[:, 1:]
    return float(leads.var(axis=0).sum() / leads.mean(axis=0).sum() / 2)


def ends(maker: Maker, began: xr.DataArray, l2: float) -> xr.DataArray:
    """Return strengths after as many updates as the network does from half-way on.

    `began` has the dimensions modulus, seed and frequency, 0 beyond those of a modulus; NaN where
    the network has not come half-way.
    """
    found = [_end(maker, began.sel(modulus=modulus), l2) for modulus in began["modulus"].values]
    return xr.concat(found, began["modulus"])


def _end(maker: Maker, began: xr.DataArray, l2: float) -> xr.DataArray:
    modulus = int(began["modulus"])
    start = began.transpose("seed", "frequency").drop_vars("modulus")
    there = start.isel(frequency=slice(modulus // 2)).values
    end = _trained(maker, modulus, l2, tuple(map(tuple, there.tolist())))
    padded = np.zeros(start.shape)
    padded[:, : modulus // 2] = end
    return start.copy(data=padded).where(start.notnull())


@cache
def _trained(
    maker: Maker, modulus: int, l2: float, start: tuple[tuple[float, ...], ...]
) -> np.ndarray:
    # Every parameter moves by the learning rate, so that their norm does by its root times that.
    rate = RATE * (_UNITS * _ARRAYS * modulus) ** 0.5
    return maker(modulus).compete(np.maximum(start, _LEAST), l2, rate, UPDATES)


def _began(measured: Measured, examples: str = POOL) -> xr.DataArray:
    return known(measured, "half_strength").sel(examples=examples, drop=True)


def _survivors(maker: Maker, measured: Measured) -> xr.DataArray:
    return several_circuits.number(ends(maker, _began(measured), L2))


def _ahead(maker: Maker, measured: Measured) -> xr.DataArray:
    began = _began(measured)
    return several_circuits.share(ends(maker, began, L2), several_circuits.leaders(began))


def _removed(maker: Maker, measured: Measured) -> xr.DataArray:
    freed = several_circuits.number(ends(maker, _began(measured), 0.0))
    return freed / _survivors(maker, measured)


def _counted(maker: Maker, measured: Measured) -> xr.DataArray:
    return several_circuits.counted(ends(maker, _began(measured), L2))


def _growth(maker: Maker, measured: Measured) -> xr.DataArray:
    found = _survivors(maker, measured)
    return power(found, found["modulus"], "modulus")


def _coarse(maker: Maker, measured: Measured) -> xr.DataArray:
    began = _began(measured)
    return several_circuits.gain(began, ends(maker, began, L2))


#: What is predicted of rivals, whichever they are.
_EACH: Mapping[str, Callable[[Maker, Measured], xr.DataArray]] = {
    "survivors": _survivors,
    "ahead": _ahead,
    "removed": _removed,
    "growth": _growth,
}


def _of(maker: Maker, because: str) -> Mapping[tuple[str, str], Callable[[Measured], Prediction]]:
    def said(
        predict: Callable[[Maker, Measured], xr.DataArray],
    ) -> Callable[[Measured], Prediction]:
        return lambda measured: Prediction(predict(maker, measured), because)

    return {("several_circuits", name): said(predict) for name, predict in _EACH.items()}


#: What the paper's model says, for a kappa below 2, and with the degree of the network.
OF_EQUALS = _of(alike(1.2), "circuits that are alike, each with any kappa below 2, share equally")
OF_A_WINNER = _of(alike(3.0), "circuits that are alike, with kappa = 3: the strongest takes all")


def _heuristic(measured: Measured) -> xr.DataArray:
    moduli = known(measured, "survivors")["modulus"]
    return xr.DataArray(circuits.expected_units(moduli, L2)) / _UNITS


def _heuristic_growth(measured: Measured) -> Prediction:
    found = _heuristic(measured)
    value = float(power(found, found["modulus"], "modulus"))
    return Prediction(value, "as the derived number of units")


#: What the derived number of units says.
OF_DERIVED_UNITS: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    **{
        ("several_circuits", name): lambda measured: Prediction(
            _heuristic(measured), "N units of waves in threes of a frequency, all alike"
        )
        for name in ("survivors", "counted")
    },
    ("several_circuits", "growth"): _heuristic_growth,
}

_THREES = "threes of waves of their derived price, trained from the network's strengths half-way"
COMPETING_THREES = Theory(
    "competing threes",
    "Every frequency is a circuit of its own, of three units; one alone cannot tell labels apart, "
    "and each costs the less for a logit the stronger it is.",
    "derived here",
    "Ours, written down after the pilots of this question; nothing is fitted.",
    {
        **_of(threes, _THREES),
        ("several_circuits", "counted"): lambda measured: Prediction(
            _counted(threes, measured), _THREES
        ),
        ("several_circuits", "coarse"): lambda measured: Prediction(
            _coarse(threes, measured), _THREES
        ),
        ("several_circuits", "survivors_few"): lambda measured: Prediction(
            several_circuits.number(ends(threes, _began(measured, FEW), L2)),
            f"{_THREES}; memory is left out",
        ),
    },
)

IN_TURN = Theory(
    "circuits in turn",
    "Several circuits generalise, the slower the more efficient, and take each other's place "
    "while the network generalises in part.",
    "Varma et al. 2023, of transient semi-grokking",
    "The authors only suspect it, and do not say what the circuits are. That they are frequencies, "
    "and how late is in part, are ours.",
    {
        ("several_circuits", "ahead"): lambda _: Prediction(
            0.5, "those ahead give way to slower ones", direction=-1
        ),
        ("several_circuits", "most_accuracy"): lambda _: Prediction(
            0.9, "most are there while accuracy is in part", direction=-1
        ),
    },
)
