"""Questions, predictions and outcomes as tables for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

import numpy as np
import pandas as pd

from theory.questions.pooling import interval, pooled
from theory.questions.question import REPORT, Measured, Quantity, Question, Value
from theory.statistics import Interval
from theory.theories import Prediction
from theory.trial.outcomes import Outcome, contested
from theory.trial.verdict import HOLDS, OPEN, REFUTED, VERDICTS

#: Characters in a line of a verdict.
_LINE = 16


def asked(question: Question) -> pd.DataFrame:
    """Return what a question measures, one quantity a row."""
    some = [each for each in question.QUANTITIES if each.role != REPORT]
    return pd.DataFrame(
        {
            "what is measured": [each.meaning for each in some],
            "margin": [_margin(each) for each in some],
            "guess without a theory": [_null(each) for each in some],
            "counts as": [each.role for each in some],
        },
        [_words(each.name) for each in some],
    )


def predicted(found: Sequence[Outcome]) -> pd.DataFrame:
    """Return what theories predict, one prediction a row."""
    whole = [each for each in found if not each.place]
    return pd.DataFrame(
        {
            "theory": [each.theory for each in whole],
            "says": [_said(each.predicted, each.prediction) for each in whole],
            "since": [each.prediction.because for each in whole],
        },
        [_words(each.quantity.name) for each in whole],
    )


def judged(found: Sequence[Outcome]) -> pd.DataFrame:
    """Return what became of predictions, one a row: how far off the runs are, then the verdict.

    All places together, the seed as block; in the column ``places``, how many verdicts of each kind
    there are at single ones.
    """
    whole = [each for each in found if not each.place]
    return pd.DataFrame(
        {
            "verdict": [_verdict(each) for each in whole],
            "theory": [each.theory for each in whole],
            "says": [_said(each.predicted, each.prediction) for each in whole],
            "off by": [off(each) for each in whole],
            "margin": [_margin(each.quantity) for each in whole],
            "places": [_places(each, found) for each in whole],
            "seeds": [_seeds(each) for each in whole],
            "contested": ["yes" if contested(each, found) else "no" for each in whole],
        },
        [_words(each.quantity.name) for each in whole],
    )


def brief(found: Sequence[Outcome]) -> pd.DataFrame:
    """Return as `judged`, in five columns."""
    return judged(found)[["verdict", "theory", "says", "off by", "margin"]]


def by_theory(found: Sequence[Outcome]) -> pd.DataFrame:
    """Return how many verdicts of each kind theories have, one theory a row.

    All places together.
    """
    names = dict.fromkeys(each.theory for each in found if not each.place)
    return pd.DataFrame(
        {
            verdict: [
                sum(
                    (each.theory, each.judgement.verdict, not each.place) == (name, verdict, True)
                    for each in found
                )
                for name in names
            ]
            for verdict in (HOLDS, REFUTED, OPEN)
        },
        list(names),
    )


def by_place(found: Sequence[Outcome]) -> pd.DataFrame:
    """Return what became of predictions at each place."""
    each_place = [each for each in found if each.place]
    return pd.DataFrame(
        {
            "where": [_place(each.place) for each in each_place],
            "verdict": [_verdict(each) for each in each_place],
            "theory": [each.theory for each in each_place],
            "off by": [off(each) for each in each_place],
        },
        [_words(each.quantity.name) for each in each_place],
    )


def measured_besides(question: Question, measured: Measured) -> pd.DataFrame:
    """Return what was measured and no theory has to say anything of, with 95% intervals."""
    some = [each for each in question.QUANTITIES if each.role == REPORT]
    found = [interval(pooled(measured[each.name], each)) for each in some]
    return pd.DataFrame(
        {
            "what is measured": [each.meaning for each in some],
            "found": [_number(each.estimate) for each in found],
            "95% interval": [_ends(each) for each in found],
        },
        [_words(each.name) for each in some],
    )


def off(outcome: Outcome) -> str:
    """Return how far the runs are off what was predicted, in words.

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


def _verdict(outcome: Outcome) -> str:
    """Return the verdict, whether a value that holds is not exact, and why another is open."""
    judgement = outcome.judgement
    if judgement.verdict == OPEN:
        why = judgement.reason or f"about {judgement.needed} seeds would decide"
        return _in_lines(f"open: {why}")
    exact = judgement.interval.low <= 0 <= judgement.interval.high
    if judgement.verdict == HOLDS and not exact and not outcome.prediction.direction:
        return "holds, not exactly"
    return judgement.verdict


def _places(outcome: Outcome, found: Sequence[Outcome]) -> str:
    same = [
        each.judgement.verdict
        for each in found
        if each.place
        and (each.theory, each.question, each.quantity.name)
        == (outcome.theory, outcome.question, outcome.quantity.name)
    ]
    counts = {verdict: same.count(verdict) for verdict in VERDICTS}
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "one"


def _seeds(outcome: Outcome) -> str:
    judgement = outcome.judgement
    bounded = f", {judgement.censored} bounded" if judgement.censored else ""
    return f"{judgement.seeds}{bounded}"


def _said(value: float, prediction: Prediction) -> str:
    sign = {0: "", 1: "more than ", -1: "less than "}[prediction.direction]
    error = f" ± {100 * prediction.error:.0f}%" if prediction.error else ""
    return f"{sign}{_number(value)}{error}"


def _margin(quantity: Quantity) -> str:
    if quantity.margin is None:
        return ""
    return f"{100 * quantity.margin:g}%" if quantity.relative else f"{quantity.margin:g}"


def _null(quantity: Quantity) -> str:
    if quantity.null is None:
        return "the same, or none"
    return f"{quantity.null:g}: {quantity.guess}"


def _number(value: float) -> str:
    return "not known" if np.isnan(value) else f"{round(value, 12) + 0:.3g}"


def _ends(found: Interval) -> str:
    unbounded = np.isinf(found.low) and np.isinf(found.high)
    return "" if unbounded else f"{found.low:.3g} to {found.high:.3g}"


def _in_lines(words: str) -> str:
    """Return words with spaces that do not break, but for those at which lines are full.

    A narrow column would break them after every word.
    """
    return " ".join(line.replace(" ", "\N{NO-BREAK SPACE}") for line in wrap(words, _LINE))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _place(place: Mapping[str, Value]) -> str:
    values = (f"{value:g}" if isinstance(value, float | int) else value for value in place.values())
    return ", ".join(f"{_words(name)} {value}" for name, value in zip(place, values, strict=True))
