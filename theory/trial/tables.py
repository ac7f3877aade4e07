"""Questions, predictions and outcomes as tables for a page."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

import numpy as np
import pandas as pd

from theory.questions.pooling import interval, pooled
from theory.questions.question import REPORT, Measured, Quantity, Question
from theory.statistics import Interval
from theory.trial import words
from theory.trial.cards import Table
from theory.trial.outcomes import Outcome, contested
from theory.trial.verdict import HOLDS, OPEN, REFUTED, VERDICTS

#: Characters in a line of a verdict.
_LINE = 16


def asked(question: Question) -> Table:
    """Return what a question measures, one quantity a row."""
    some = [each for each in question.QUANTITIES if each.role != REPORT]
    return Table(
        {
            "what is measured": [each.meaning for each in some],
            "margin": [words.margin(each) for each in some],
            "guess without a theory": [_null(each) for each in some],
            "counts as": [each.role for each in some],
        },
        [words.plain(each.name) for each in some],
    )


def predicted(found: Sequence[Outcome]) -> Table:
    """Return what theories predict, one prediction a row."""
    whole = [each for each in found if not each.place]
    return Table(
        {
            "theory": [each.theory for each in whole],
            "says": [words.said(each) for each in whole],
            "since": [each.prediction.because for each in whole],
        },
        [words.plain(each.quantity.name) for each in whole],
    )


def judged(found: Sequence[Outcome]) -> Table:
    """Return what became of predictions, one a row: how far off the runs are, then the verdict.

    All places together, the seed as block; in the column ``places``, how many verdicts of each kind
    there are at single ones.
    """
    whole = [each for each in found if not each.place]
    return Table(
        {
            "verdict": [_verdict(each) for each in whole],
            "theory": [each.theory for each in whole],
            "says": [words.said(each) for each in whole],
            "off by": [words.off(each) for each in whole],
            "margin": [words.margin(each.quantity) for each in whole],
            "places": [_places(each, found) for each in whole],
            "seeds": [words.seeds(each) for each in whole],
            "contested": ["yes" if contested(each, found) else "no" for each in whole],
        },
        [words.plain(each.quantity.name) for each in whole],
    )


def brief(found: Sequence[Outcome]) -> Table:
    """Return as `judged`, in five columns."""
    return Table(judged(found)[["verdict", "theory", "says", "off by", "margin"]])


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


def by_place(found: Sequence[Outcome]) -> Table:
    """Return what became of predictions at each place."""
    each_place = [each for each in found if each.place]
    return Table(
        {
            "where": [words.place(each.place) for each in each_place],
            "verdict": [_verdict(each) for each in each_place],
            "theory": [each.theory for each in each_place],
            "off by": [words.off(each) for each in each_place],
        },
        [words.plain(each.quantity.name) for each in each_place],
    )


def measured_besides(question: Question, measured: Measured) -> Table:
    """Return what was measured and no theory has to say anything of, with 95% intervals."""
    some = [each for each in question.QUANTITIES if each.role == REPORT]
    found = [interval(pooled(measured[each.name], each)) for each in some]
    return Table(
        {
            "what is measured": [each.meaning for each in some],
            "found": [words.number(each.estimate) for each in found],
            "95% interval": [_ends(each) for each in found],
        },
        [words.plain(each.name) for each in some],
    )


def _verdict(outcome: Outcome) -> str:
    said = words.verdict(outcome)
    return _in_lines(said) if outcome.judgement.verdict == OPEN else said


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


def _null(quantity: Quantity) -> str:
    if quantity.null is None:
        return "the same, or none"
    return f"{quantity.null:g}: {quantity.guess}"


def _ends(found: Interval) -> str:
    unbounded = np.isinf(found.low) and np.isinf(found.high)
    return "" if unbounded else f"{found.low:.3g} to {found.high:.3g}"


def _in_lines(text: str) -> str:
    """Return words with spaces that do not break, but for those at which lines are full.

    A narrow column would break them after every word.
    """
    return " ".join(line.replace(" ", "\N{NO-BREAK SPACE}") for line in wrap(text, _LINE))
