"""How often the rule of the trial errs, in worlds in which the truth is known."""

from __future__ import annotations

import numpy as np
from scipy import stats

from theory.questions.question import Sampling
from theory.statistics import LEVEL


def errors(
    discrepancies: np.ndarray, margin: float, sampling: Sampling | None = None
) -> dict[str, float]:
    """Return how the rule fares if the true discrepancy is the margin, so that no verdict is true.

    Parameters
    ----------
    discrepancies
        Of many worlds, scattered around the margin, shape (worlds, seeds).
    margin
        Of the question.
    sampling
        How many seeds decide, that of new questions by default.

    Returns
    -------
    dict
        The mean number of seeds, and in which parts of the worlds the 95% interval covers the
        truth, and the claim falsely holds or is falsely refuted.

    Raises
    ------
    ValueError
        If there are fewer seeds than may be needed.

    Examples
    --------
    >>> worlds = 0.1 + 0.05 * np.random.default_rng(0).standard_normal((1000, 30))
    >>> found = errors(worlds, margin=0.1)
    >>> print(f"{found['seeds']:.0f} seeds, covered: {found['95% covers']:.2f}")
    19 seeds, covered: 0.95
    """
    rule = sampling or Sampling()
    if discrepancies.shape[1] < rule.largest:
        raise ValueError(
            f"discrepancies must have {rule.largest} seeds, got {discrepancies.shape[1]}"
        )
    looks = np.arange(rule.least, rule.largest + 1, rule.batch)
    intervals = np.array([_interval(discrepancies[:, :seeds]) for seeds in looks])
    enough = np.ptp(intervals, axis=1) < margin / 2
    enough[-1] = True
    last = enough.argmax(axis=0)
    low, high = intervals[last, :, np.arange(last.size)].T
    return {
        "seeds": float(looks[last].mean()),
        "95% covers": float(np.mean((low <= margin) & (margin <= high))),
        "falsely holds": float(np.mean((-margin < low) & (high < margin))),
        "falsely refuted": float(np.mean((high < -margin) | (margin < low))),
    }


def _interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of `theory.statistics.student_interval`, of all worlds at once."""
    seeds = values.shape[1]
    error = values.std(axis=1, ddof=1) / np.sqrt(seeds)
    half = stats.t.ppf((1 + LEVEL) / 2, seeds - 1) * error
    return values.mean(axis=1) - half, values.mean(axis=1) + half
