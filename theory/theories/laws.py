r"""Laws of a curve, in a form that can be scored by runs that were not used to fit them.

A law gives the logarithm of what is measured, up to constants that it leaves open:

.. math:: \log y = a + b\, f(x; c)

with a *scale* a, a *slope* b and a *constant* c, each either known or fitted. What it is of, one of
the names below, is a table that `theory.scoreboard.tables` makes of stored runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

# What is known of each place, by name, shape (places,).
Places = Mapping[str, np.ndarray]

#: Tables: updates from fitting to half of the accuracy by decay, and by the number of examples.
DELAY_BY_DECAY = {way: f"delay by decay, {way}" for way in ("descent", "Adam", "AdamW")}
DELAY_BY_SIZE = {way: f"delay by examples, {way}" for way in ("descent", "Adam", "AdamW")}
#: Updates from large starts, at norms that are held, and by width.
LARGE_START = {way: f"large start, {way}" for way in ("digits", "descent", "AdamW")}
HELD_NORM = "updates by held norm"
HALF_BY_WIDTH, FIT_BY_WIDTH = "updates to half by width", "updates to fit by width"
#: Norms of networks that memorise, the size at which half is right, and shares of memory.
MEMORISING_NORM = "norm of memorising"
HALF_WAY = {start: f"half-way size, {start}" for start in ("grokked", "scratch")}
MEMORY_SHARE = "share of memory by size"

TABLES = (
    *DELAY_BY_DECAY.values(),
    *DELAY_BY_SIZE.values(),
    *LARGE_START.values(),
    HELD_NORM,
    HALF_BY_WIDTH,
    FIT_BY_WIDTH,
    MEMORISING_NORM,
    *HALF_WAY.values(),
    MEMORY_SHARE,
)

#: How many constants a law can have to fit: scale, slope and one more.
MOST = 3
#: Values of a constant that are tried.
_TRIED = 400


def _none(_: Places) -> np.ndarray:
    return np.zeros(1)


@dataclass(frozen=True)
class Fit:
    """What a law says after it was fitted.

    Attributes
    ----------
    said
        At places where it is asked, shape (places,).
    leverage
        The variance that the fit itself has there, over that of one value, shape (places,): to
        first order in the constants that were fitted. 0 where there are none.
    left
        The sum of squares that the fit leaves, 0 or more.
    """

    said: np.ndarray
    leverage: np.ndarray
    left: float


@dataclass(frozen=True)
class Law:
    """The logarithm of what is measured, or, of a share, the share itself.

    Attributes
    ----------
    words
        The law in words, with what of it is our reading.
    form
        f, of places and of constants of shape (tried, 1); returns an array that fits the shape
        (tried, places).
    slope
        b; None where it is fitted.
    scaled
        Whether a is fitted. A law without it says how much, not only how it changes.
    constants
        Takes all places, returns the values of c to try, shape (tried,).
    """

    words: str
    form: Callable[[Places, np.ndarray], np.ndarray]
    slope: float | None = 1.0
    scaled: bool = True
    constants: Callable[[Places], np.ndarray] = _none

    def __post_init__(self) -> None:
        if self.slope is None and not self.scaled:
            raise ValueError("a law with a fitted slope must be scaled, got scaled=False")

    @property
    def free(self) -> int:
        """How many constants are fitted, from 0 to `MOST`."""
        return int(self.scaled) + int(self.slope is None) + int(self.constants is not _none)

    def fit(self, places: Places, values: np.ndarray, there: Places) -> Fit:
        """Return what it says elsewhere after a fit, how surely, and what the fit leaves.

        Parameters
        ----------
        places, values
            What it is fitted to, by least squares, shapes (places,).
        there
            Where it is asked.

        Returns
        -------
        Fit
            Of shapes (places there,).

        Examples
        --------
        >>> x, there = {"decay": np.array([1.0, 2.0, 4.0])}, {"decay": np.array([8.0])}
        >>> fit = power_of("decay", -1.0).fit(x, np.log(6 / x["decay"]), there)
        >>> np.exp(fit.said).round(6), fit.leverage.round(6), round(fit.left, 6)
        (array([0.75]), array([0.333333]), 0.0)
        """
        # Where it is asked bounds what can be tried, as a pole must lie below all places. What was
        # found there does not.
        every = {name: np.append(each, there[name]) for name, each in places.items()}
        tried = self.constants(every)[:, None]
        shape = (tried.size, values.size)
        form = np.broadcast_to(self.form(places, tried), shape)
        slope, scale = self._best(form, values)
        left = np.square(values - scale[:, None] - slope[:, None] * form).sum(axis=1)
        best = int(left.argmin())
        size = next(iter(there.values())).size
        elsewhere = np.broadcast_to(self.form(there, tried), (tried.size, size))
        ways = [self._ways(each, best, slope[best]) for each in (form, elsewhere)]
        return Fit(scale[best] + slope[best] * elsewhere[best], _leverage(*ways), float(left[best]))

    def _ways(self, form: np.ndarray, best: int, slope: float) -> np.ndarray:
        """Return how what is said goes with each constant that is fitted, (places, constants)."""
        near = slice(max(best - 1, 0), best + 2)
        columns = [np.ones(form.shape[1])] if self.scaled else []
        columns += [form[best]] if self.slope is None else []
        # In what unit the constant is does not matter.
        changes = form[near]
        columns += [slope * (changes[-1] - changes[0])] if self.constants is not _none else []
        return np.stack(columns, axis=1) if columns else np.empty((form.shape[1], 0))

    def _best(self, form: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return slope and scale for each constant that is tried."""
        off, apart = values - values.mean(), form - form.mean(axis=1, keepdims=True)
        if self.slope is None:
            slope = (apart @ off) / np.square(apart).sum(axis=1)
        else:
            slope = np.full(len(form), self.slope)
        scale = values.mean() - slope * form.mean(axis=1)
        return slope, scale if self.scaled else np.zeros(len(form))


def _leverage(fitted: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the variance of what is said by fitted constants, in that of one value."""
    found: np.ndarray = np.square(asked @ np.linalg.pinv(fitted)).sum(axis=1)
    return found


def power_of(name: str, exponent: float | None, words: str = "") -> Law:
    """Return a power of what is known by a name; of any exponent if it is None."""
    said = f"a power of the {name}, {'any' if exponent is None else f'{exponent:.3g}'}"
    return Law(words or said, lambda places, _: np.log(places[name])[None], exponent)


def exponential_in(name: str, words: str = "") -> Law:
    """Return an exponential of any rate."""
    return Law(words or f"an exponential of the {name}", lambda places, _: places[name][None], None)


def pole_in(name: str, words: str = "") -> Law:
    """Return one over the distance from a place below all others."""

    def below(places: Places) -> np.ndarray:
        x = places[name]
        found: np.ndarray = x.min() - np.geomspace(1e-3, 1e3, _TRIED) * np.ptp(x)
        return found

    said = words or f"one over the {name} less a constant"
    return Law(said, lambda places, pole: np.log(places[name] - pole), -1.0, constants=below)


def shifted_power_of(name: str, exponent: float, words: str = "") -> Law:
    """Return a power of what is known by a name less a constant, from 0 to below all places."""

    def below(places: Places) -> np.ndarray:
        found: np.ndarray = places[name].min() * (1 - np.geomspace(1e-3, 1, _TRIED))
        return found

    said = words or f"the power {exponent:g} of the {name} less a constant"
    return Law(said, lambda places, shift: np.log(places[name] - shift), exponent, constants=below)


def constant(words: str = "the same everywhere") -> Law:
    """Return a law without any change."""
    return Law(words, lambda places, _: np.zeros((1, next(iter(places.values())).size)))


def norm_ratio(start: str, rate: str, words: str, scaled: bool) -> Law:
    r"""Return the time in which decay takes a norm down: :math:`\log(s / s_*) / \text{rate}`.

    Parameters
    ----------
    start, rate
        Names of the size at the start and of the rate at which decay alone takes its logarithm
        down. Where decay would have to raise the size there is no law: :math:`s_*` is below all.
    words
        The law in words.
    scaled
        Whether the unit of time is fitted.
    """

    def form(places: Places, least: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.log(np.log(places[start] / least)) - np.log(places[rate])
        return found

    def below(places: Places) -> np.ndarray:
        smallest: float = places[start].min()
        return smallest * np.exp(-np.geomspace(1e-3, 1e2, _TRIED))

    return Law(words, form, scaled=scaled, constants=below)
