r"""From what a theory says and what the runs say to a verdict.

All of it is on the scale on which the quantity is compared, with the value that the theory predicts
taken off: a *discrepancy* d, which is 0 if the theory is right, with its 95% interval over seeds.
With the margin of the question and the theory's own error

- **holds**: the interval lies within the margin, and the runs are nearer to the theory than to the
  null, if there is one, just as clearly. The theory's error is of no help here.
- **refuted**: the interval lies outside of margin and error together.
- **open**: neither.
- **silent**: the theory says nothing.

Of a direction, "more than" a value, the effect has to be at least the margin to count: it holds if
the interval lies beyond the margin on the right side, and is refuted if it lies on the wrong side
of the value itself, by more than the theory's error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from theory.statistics import LEVEL, Interval, bounded_interval

HOLDS, REFUTED, OPEN, SILENT = "holds", "refuted", "open", "silent"
VERDICTS = (HOLDS, REFUTED, OPEN, SILENT)

#: Largest probability of one verdict on one side that is false, half of what an interval misses.
ALPHA = (1 - LEVEL) / 2
#: Why more seeds would not help.
NO_NEARER, BETWEEN = "no nearer than the guess", "near a border, or known by bounds only"
#: More seeds than these are not counted.
_MANY = 1000
#: Relative scatter that is rounding.
_NO_SCATTER = 1e-12


@dataclass(frozen=True)
class Claim:
    """What is held against discrepancies, on their scale.

    Attributes
    ----------
    margin
        How near counts as holding.
    error
        The theory's own.
    direction
        As `theory.theories.Prediction`.
    """

    margin: float
    error: float = 0.0
    direction: int = 0

    @property
    def within(self) -> tuple[float, float]:
        """Where an interval must lie for the claim to hold."""
        if self.direction:
            ends = (self.margin, math.inf)
            return ends if self.direction > 0 else (-math.inf, -self.margin)
        return -self.margin, self.margin

    @property
    def outside(self) -> tuple[float, float]:
        """Below and above what an interval must lie for the claim to be refuted."""
        if self.direction:
            wrong = -self.direction * self.error
            return (wrong, math.inf) if self.direction > 0 else (-math.inf, wrong)
        return -(self.margin + self.error), self.margin + self.error


@dataclass(frozen=True)
class Judgement:
    """A verdict, and what it rests on.

    Attributes
    ----------
    verdict
        "holds", "refuted" or "open".
    reason
        Why it is open, where more seeds would not help; empty elsewhere.
    interval
        Of the mean discrepancy.
    chance
        The largest probability with which a claim at the border of the verdict would have looked as
        clear by chance: p, on one side; 1 for what is open.
    seeds, censored
        Their number, and those that are not known but for a bound.
    needed
        With how many seeds like these about half of all trials would decide what is open; 0 for
        others, and where there is a reason.
    """

    verdict: str
    reason: str
    interval: Interval
    chance: float
    seeds: int
    censored: int
    needed: int


# The least and the largest value that each number can have, as `theory.statistics.Bounds`.
Ends = tuple[npt.ArrayLike, npt.ArrayLike]


def judge(
    discrepancy: Ends,
    claim: Claim,
    behind: Ends | None = None,
    measured: Ends | None = None,
) -> Judgement:
    """Return the verdict on a claim.

    Parameters
    ----------
    discrepancy
        One number a seed, by its least and its largest value, shapes (seeds,).
    claim
        What is held against them.
    behind
        By how much each seed is farther from the theory than from the null, less than 0 if it is
        nearer; None without a null.
    measured
        What the discrepancy is of. Where all that is known of it is a bound, the scatter of what is
        predicted for each seed is no evidence. None if the prediction is one for all.

    Examples
    --------
    >>> known = [0.01, -0.02, 0.03, 0.0]
    >>> near = known, known
    >>> judge(near, Claim(margin=0.1)).verdict
    'holds'
    >>> judge(near, Claim(margin=0.1), behind=near).verdict
    'open'
    >>> judge(near, Claim(margin=0.1, direction=1)).verdict  # too little to count
    'open'
    """
    low, high = (np.asarray(each, dtype=float) for each in discrepancy)
    inside = max(_below(low, claim.within[0]), _above(high, claim.within[1]))
    least, most = claim.outside
    out = min(_above(high, least), _below(low, most))
    reason, nearer, nulls = "", 0.0, None
    if behind is not None:
        ahead, nulls = (np.asarray(each, dtype=float) for each in behind)
        nearer = _above(nulls, 0.0)
        reason = NO_NEARER if _below(ahead, 0.0) <= ALPHA < out else ""
    known = discrepancy if measured is None else measured
    if _only_bounds(*(np.asarray(each, dtype=float) for each in known)):
        inside, out = (max(each, 0.5**low.size) for each in (inside, out))
    verdict, chance = OPEN, 1.0
    for name, each in ((HOLDS, max(inside, nearer)), (REFUTED, out)):
        if each <= ALPHA:
            verdict, chance = name, each
    needed = 0 if verdict != OPEN or reason else _needed(low, high, claim, nulls)
    if verdict == OPEN and not needed and not reason:
        reason = BETWEEN
    mean = bounded_interval(low, high)
    return Judgement(verdict, reason, mean, chance, low.size, int((low != high).sum()), needed)


def holm(chances: list[float]) -> list[float]:
    """Return probabilities corrected for how many claims were made, as Holm (1979) has it.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.001])
    [0.02, 0.04, 0.003]
    """
    order = np.argsort(chances, kind="stable")
    corrected, worst = [0.0] * len(chances), 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, chances[place] * (len(chances) - rank)))
        corrected[place] = worst
    return corrected


def _below(values: np.ndarray, border: float) -> float:
    """Return the chance of such values if their mean were no more than the border."""
    return _above(-values, -border)


def _above(values: np.ndarray, border: float) -> float:
    """Return the chance of such values if their mean were no less than the border.

    Of Student's t. Values that all agree leave no doubt.
    """
    if border == math.inf:
        return 0.0
    if border == -math.inf or np.isinf(values).any():
        return 1.0
    far = border - float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    if error <= _NO_SCATTER * max(abs(border), abs(values).max()):
        return 0.0 if far > 0 else 1.0
    return float(stats.t.sf(far / error, values.size - 1))


def _only_bounds(low: np.ndarray, high: np.ndarray) -> bool:
    """Whether nothing is known but that all seeds lie beyond the same size.

    That says nothing about scatter. What counts then is how many seeds there are on one side.
    """
    finite = (each[np.isfinite(each)] for each in (low, high))
    return bool((low != high).any() and all(np.unique(each).size <= 1 for each in finite))


def _needed(low: np.ndarray, high: np.ndarray, claim: Claim, behind: np.ndarray | None) -> int:
    """Return about how many seeds like these would decide; 0 if none would.

    None would where the mean lies between the borders of the two verdicts, is nearer to the null,
    or is bounded only.
    """
    if not np.array_equal(low, high):
        return 0
    mean, (left, right), (least, most) = float(low.mean()), claim.within, claim.outside
    error = float(low.std(ddof=1))
    to_hold = [_until(min(mean - left, right - mean), error, low.size)]
    if behind is not None:
        to_hold.append(_until(-float(behind.mean()), float(behind.std(ddof=1)), low.size))
    to_refute = _until(max(least - mean, mean - most), error, low.size)
    return max(to_hold) if all(to_hold) else to_refute


def _until(gap: float, error: float, least: int) -> int:
    """Return with how many seeds an interval no longer reaches over a gap; 0 if with none."""
    seeds = np.arange(least + 1, max(least + 1, _MANY) + 1)
    enough = stats.t.ppf(1 - ALPHA, seeds - 1) * error / np.sqrt(seeds) < gap
    return int(seeds[enough][0]) if enough.any() else 0
