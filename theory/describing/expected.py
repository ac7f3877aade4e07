r"""How long another run would take from fitting to generalising, from one that was seen.

The delay t goes with the factors by which decay, learning rate and number of examples change as

.. math:: t' = t \; f_\text{decay}^a \; f_\text{rate}^b \; f_\text{size}^c,

with exponents for each optimiser. With momentum descent a = b = -1: one over the decay, the law
that won on trial (book, "How long does it take?"). No law of Adam or AdamW won; their exponents,
and all of the size, are fitted to the runs of `theory.questions.delay_and_decay`, between any two
of them, to half and (but for sizes) to nine tenths of the unseen inputs. Nine of ten such pairs lie
within the factor `Law.off`, of those that came there. With AdamW and weaker decay many do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from theory.checks import number
from theory.describing.description import Description
from theory.describing.words import count
from theory.events import brackets


@dataclass(frozen=True)
class Law:
    """What one change does to the delay.

    Attributes
    ----------
    exponent
        Of the delay in the factor of change.
    off
        The factor within which nine of ten runs lie, up or down; seeds differ.
    least_covered
        The part of runs within, at the worst of three moduli, if it is left out of the fit.
    most
        The largest factor of change that was tried, up or down.
    """

    exponent: float
    off: float
    least_covered: float
    most: float


_DECAY, _RATE, _SIZE = 32.0, 4.0, 5 / 3

#: By optimiser and by what changes. Momentum descent and Adam decay by a penalty in the loss.
LAWS: Mapping[str, Mapping[str, Law]] = {
    "descent": {
        "decay": Law(-1.0, 1.51, 0.77, _DECAY),
        "rate": Law(-1.0, 1.36, 0.77, _RATE),
        "size": Law(-3.63, 1.27, 0.84, _SIZE),
    },
    "Adam": {
        "decay": Law(-0.22, 1.32, 0.81, _DECAY),
        "rate": Law(-0.56, 1.27, 0.75, _RATE),
        "size": Law(-2.99, 1.58, 0.72, _SIZE),
    },
    "AdamW": {
        "decay": Law(-0.56, 2.35, 0.92, _DECAY),
        "rate": Law(-0.85, 1.77, 0.86, _RATE),
        "size": Law(-7.43, 1.84, 0.86, _SIZE),
    },
}

#: The part of runs with AdamW that never came there when decay was made weaker.
NEVER = 0.3

#: The parts of the unseen pairs to which the delay was tested, and in words.
_BOTH, _HALF = ({0.5, 0.9}, "half and nine tenths"), ({0.5}, "half")

_TESTED = (
    "Tested between two-layer networks of 64 square units that add modulo 35, 39 or 45, at 1.2 to "
    "2 of the critical size, to {marks} of the unseen pairs{inside}. On no transformer and no "
    "other task."
)
_INSIDE = ": {least:.0%} of runs or more lay inside at a modulus that was left out"
_BEYOND = "A test accuracy of {threshold:g}, by which this run is judged, was not tested."
_TOGETHER = (
    "Several changes at once were not tried: their factors are multiplied, and how many lie inside "
    "is not known."
)
_WEAKER = (
    "With AdamW the delay levels off as decay gets weaker: {never:.0%} of such runs did not come "
    "there in 40,000 updates and count as inside, and what is reached may be lost again, so there "
    "is no upper end."
)
_CENSORED = "The run does not hold both events, so only bounds of its own delay are known."


@dataclass(frozen=True, eq=False)
class Expected:
    """How long another run would take from fitting to generalising.

    Attributes
    ----------
    steps, low, high
        What is expected, NaN if it is not known of the run that was seen, and the interval, in
        steps; dims: those of the description. The interval reckons with the records on either side
        of what was seen, between which steps are interpolated.
    tested
        How far that has been tested, in words.
    """

    steps: xr.DataArray
    low: xr.DataArray
    high: xr.DataArray
    tested: str

    def __str__(self) -> str:
        each = zip(self.steps.values.flat, self.low.values.flat, self.high.values.flat, strict=True)
        return "\n".join([*(_words(*numbers) for numbers in each), self.tested])


def what_next(
    described: Description,
    optimiser: str,
    *,
    decay: float = 1.0,
    rate: float = 1.0,
    size: float = 1.0,
) -> Expected:
    """Return how long a run would take from fitting to generalising, if something is changed.

    Parameters
    ----------
    described
        What `describe` says of the run that was seen.
    optimiser
        "descent" (with momentum) or "Adam", with a penalty in the loss, or "AdamW".
    decay, rate, size
        Factors by which weight decay, learning rate and number of training examples change, of
        which one at least is not 1. Up to 32, 4 and 5/3, or one over that: no more was tried.

    Raises
    ------
    ValueError
        If `described` or `optimiser` is another, a factor is none or out of range, or nothing
        changes.

    Examples
    --------
    >>> from theory import describe, runs
    >>> columns = {"train_loss": [4, 0, 0, 0], "test_accuracy": [0, 0, 0, 1]}
    >>> run = runs.from_columns([0, 10, 480, 500], **columns)
    >>> print(str(what_next(describe(run), "descent", decay=2)).splitlines()[0])
    about 245 steps from fitting to generalising, 156 to 378
    """
    if not isinstance(described, Description):
        raise ValueError(f"described must be what describe returns, got {type(described).__name__}")
    if not isinstance(optimiser, str) or optimiser not in LAWS:
        raise ValueError(f"optimiser must be one of {', '.join(LAWS)}, got {optimiser!r}")
    factors = {"decay": decay, "rate": rate, "size": size}
    given = {name: _factor(name, by) for name, by in factors.items()}
    laws = {name: LAWS[optimiser][name] for name, by in given.items() if by != 1}
    if not laws:
        raise ValueError("one of decay, rate and size must be other than 1, got 1 for each")
    for name, law in laws.items():
        number(name, given[name], at_least=1 / law.most, at_most=law.most)
    pace = float(np.prod([given[name] ** law.exponent for name, law in laws.items()]))
    off = float(np.prod([law.off for law in laws.values()]))
    delay, low, high = _delay(described)
    weaker = optimiser == "AdamW" and given["decay"] < 1
    both = described.fits.notnull() & described.generalises.notnull()
    return Expected(
        delay * pace,
        low * pace / off,
        high * (np.inf if weaker else pace * off),
        "\n".join(
            [
                *_tested(laws, described.criteria.threshold),
                *([_WEAKER.format(never=NEVER)] if weaker else []),
                *([_CENSORED] if (~both & low.notnull()).any() else []),
            ]
        ),
    )


def _factor(name: str, by: float) -> float:
    if isinstance(by, bool):  # which would count as 1
        raise ValueError(f"{name} must be a factor, got {by}")
    return number(name, by)


def _delay(described: Description) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Return the delay, NaN where it is not known, and its bounds; NaN where there is none."""
    (fit_low, fit_high), (low, high) = brackets(described.fits), brackets(described.generalises)
    delay = (described.generalises - described.fits).reset_coords(drop=True)
    some = high > fit_low
    least, most = (low - fit_high).clip(min=0), high - fit_low
    return delay.where(delay > 0), least.where(some), most.where(some)


def _tested(laws: Mapping[str, Law], threshold: float) -> list[str]:
    marks, words = _HALF if "size" in laws else _BOTH
    alone = len(laws) == 1
    least = min(law.least_covered for law in laws.values())
    inside = _INSIDE.format(least=least) if alone else ""
    said = [_TESTED.format(marks=words, inside=inside)]
    said += [] if threshold in marks else [_BEYOND.format(threshold=threshold)]
    return said + ([] if alone else [_TOGETHER])


def _words(steps: float, low: float, high: float) -> str:
    if np.isnan(low):
        return "no delay to go by: it generalises before it fits"
    if np.isnan(steps) and low == 0 and np.isinf(high):
        return "nothing is known of the delay from fitting to generalising"
    least = f"{count(low)} to {count(high)}" if np.isfinite(high) else f"{count(low)} or more"
    between = "steps from fitting to generalising"
    return f"{least} {between}" if np.isnan(steps) else f"about {count(steps)} {between}, {least}"
