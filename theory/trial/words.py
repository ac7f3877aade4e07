"""Quantities, predictions and outcomes in words, for tables and for the page of all verdicts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from theory.questions.question import Quantity, Value
from theory.statistics import Interval
from theory.theories import Prediction
from theory.trial.outcomes import Outcome
from theory.trial.verdict import HOLDS, OPEN


def off(outcome: Outcome) -> str:
    """Return how far the runs are off what was predicted.

    Of quantities that are compared by ratios a part in per cent, of others a difference.
    """
    effect = outcome.effect
    if outcome.quantity.relative:
        middle, low, high = (f"{100 * each:+.1f}" for each in effect)
        unit = "%"
    else:
        middle, low, high = (f"{round(each, 12) + 0:+.2g}" for each in effect)
        unit = ""
    if np.isnan(effect.estimate):
        ends = [f"more than {low}{unit}", f"less than {high}{unit}"]
        known = np.isfinite(outcome.judgement.interval[1:])  # a ratio of 0 is no bound
        return " and ".join(np.array(ends)[known]) or "not known"
    if not np.isfinite(outcome.judgement.interval[1:]).all():
        return f"{middle}{unit}, without bounds"
    return f"{middle}{unit} [{low}, {high}]"


def verdict(outcome: Outcome) -> str:
    """Return the verdict, whether a value that holds is not exact, and why another is open."""
    judgement = outcome.judgement
    if judgement.verdict == OPEN:
        return f"open: {judgement.reason or f'about {judgement.needed} seeds would decide'}"
    exact = judgement.interval.low <= 0 <= judgement.interval.high
    if judgement.verdict == HOLDS and not exact and not outcome.prediction.direction:
        return "holds, not exactly"
    return judgement.verdict


def said(outcome: Outcome) -> str:
    """Return what is predicted, with the theory's own error, as in "14.8 ± 4%"."""
    prediction = outcome.prediction
    error = f" ± {_own_error(outcome)}" if prediction.error else ""
    return f"{_sign(prediction)}{number(outcome.predicted)}{error}"


def margin(quantity: Quantity) -> str:
    """Return how near counts as right; nothing for what is only reported."""
    if quantity.margin is None:
        return ""
    return f"{100 * quantity.margin:g}%" if quantity.relative else f"{quantity.margin:g}"


def many(verdict: str, count: int) -> str:
    """Return how many have a verdict, such as "1 holds" or "2 hold".

    Examples
    --------
    >>> many("holds", 1), many("holds", 2), many("refuted", 2)
    ('1 holds', '2 hold', '2 refuted')
    """
    return f"{count} {'hold' if verdict == HOLDS and count != 1 else verdict}"


def seeds(outcome: Outcome) -> str:
    """Return the number of seeds, and of how many of them only bounds are known."""
    return f"{outcome.judgement.seeds}{_bounded(outcome)}"


def sentence(outcome: Outcome) -> str:
    """Return what a theory says of a quantity, how near counts as right, and what the runs have.

    The theory's name is left out, so that a page can set it off.

    Examples
    --------
    >>> from theory.trial.verdict import Judgement
    >>> quantity = Quantity("slope", "A slope.", "primary", margin=0.03)
    >>> found = Interval(-0.15, -0.16, -0.13)
    >>> judgement = Judgement("refuted", "", found, 0.01, 8, 0, 0)
    >>> sentence(Outcome("t", "q", quantity, Prediction(0.0, ""), {}, 0.0, found, judgement))
    'says 0 (±0.03 counts as right); the runs: -0.15 [-0.16, -0.13], 8 seeds'
    """
    prediction, near = outcome.prediction, margin(outcome.quantity)
    own = f", give or take {_own_error(outcome)} of its own" if prediction.error else ""
    counts = {
        0: f"±{near} counts as right",
        1: f"from {near} more on it counts",
        -1: f"from {near} less on it counts",
    }[prediction.direction]
    number_of = f"{outcome.judgement.seeds} seeds{_bounded(outcome)}"
    says = f"says {_sign(prediction)}{number(outcome.predicted)}{own} ({counts})"
    return f"{says}; the runs: {_found(outcome.found)}, {number_of}"


def number(value: float) -> str:
    """Return a number to three digits, without what is only rounding."""
    return "not known" if np.isnan(value) else f"{round(value, 12) + 0:.3g}"


def plain(name: str) -> str:
    """Return a name of the code in words."""
    return name.replace("_", " ")


def place(settings: Mapping[str, Value]) -> str:
    """Return the settings of a place, by name."""
    values = (
        f"{value:g}" if isinstance(value, float | int) else value for value in settings.values()
    )
    return ", ".join(f"{plain(name)} {value}" for name, value in zip(settings, values, strict=True))


def _sign(prediction: Prediction) -> str:
    return {0: "", 1: "more than ", -1: "less than "}[prediction.direction]


def _bounded(outcome: Outcome) -> str:
    censored = outcome.judgement.censored
    return f", {censored} bounded" if censored else ""


def _own_error(outcome: Outcome) -> str:
    error = outcome.prediction.error
    return f"{100 * error:.0f}%" if outcome.quantity.relative else number(error)


def _found(found: Interval) -> str:
    """Return what was measured, with its interval or with the bounds that are known."""
    low, high = (number(each) for each in found[1:])
    if not np.isnan(found.estimate):
        bounded = np.isfinite(found[1:]).all()
        return number(found.estimate) + (f" [{low}, {high}]" if bounded else ", without bounds")
    ends = [f"more than {low}"] if found.low > -np.inf else []
    ends += [f"less than {high}"] if found.high < np.inf else []
    return " and ".join(ends) or "not known"
