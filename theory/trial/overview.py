"""The paper's four predictions as cards, and what else was asked as lines, in HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from theory.questions.question import Question, name_of
from theory.trial.listing import anchor
from theory.trial.outcomes import Outcome
from theory.trial.paper import (
    IN_PART,
    PAPER_PREDICTIONS,
    TOPICS,
    PaperPrediction,
    Topic,
    decided,
    verdict_of,
)
from theory.trial.verdict import HOLDS, OPEN, REFUTED
from theory.trial.words import off

#: What is said of a topic that no question has asked about.
NOT_TRIED = "not tried yet"


class Html(str):
    """Markup that notebooks and pages show as it is."""

    def _repr_html_(self) -> str:
        return self


def cards(found: Sequence[Outcome], charts: Mapping[str, str]) -> Html:
    """Return a card for each of the paper's predictions.

    Parameters
    ----------
    found
        Outcomes that count, of all questions (`theory.trial.everything.all_counted`).
    charts
        SVG by the name of the prediction, as `theory.trial.charts.CHARTS` draw it.

    Raises
    ------
    ValueError
        If what decides one is not in `found`.
    """
    made = [_card(each, decided(each, found), charts[each.name]) for each in PAPER_PREDICTIONS]
    return Html(f'<div class="predictions">{"".join(made)}</div>')


def in_short(found: Sequence[Outcome]) -> str:
    """Return how many of the paper's predictions came out how, such as "1 holds, 3 hold in part".

    Raises
    ------
    ValueError
        If what decides one is not in `found`.
    """
    counts = Counter(verdict_of(decided(each, found)) for each in PAPER_PREDICTIONS)
    said = {
        HOLDS: "{} hold{s}",
        IN_PART: "{} hold{s} in part",
        REFUTED: "{} refuted",
        OPEN: "{} open",
    }
    return ", ".join(
        words.format(counts[verdict], s="s" if counts[verdict] == 1 else "")
        for verdict, words in said.items()
        if counts[verdict]
    )


def _card(prediction: PaperPrediction, found: Sequence[Outcome], chart: str) -> str:
    verdict = verdict_of(found)
    rows = [
        f'<li><a href="results.html#{anchor(outcome)}">{_badge(outcome.judgement.verdict)}</a> '
        f"{escape(words.format(_found(outcome)))}</li>"
        for (_, _, words), outcome in zip(prediction.decided_by, found, strict=True)
    ]
    return (
        f'<article class="prediction"><h3>{prediction.name} {escape(prediction.title)}'
        f"{_badge(verdict)}</h3><p>{escape(prediction.claim)}</p>{chart}"
        f'<p class="paper"><b>Paper:</b> {escape(prediction.paper)}.</p>'
        f'<p class="here"><b>Here:</b></p><ul>{"".join(rows)}</ul>'
        f'<p class="chapter"><a href="{prediction.page}.html">The chapter</a></p></article>'
    )


def _found(outcome: Outcome) -> str:
    """Return what was found, or, where a value is compared by its ratio, how far off it is."""
    if outcome.quantity.relative and not outcome.prediction.direction:
        return off(outcome)
    if np.isnan(outcome.found.estimate):
        return "not known"
    estimate, low, high = (f"{round(each, 12) + 0:.2g}" for each in outcome.found)
    return estimate if low == high else f"{estimate} [{low}, {high}]"


def lines(found: Sequence[Outcome], questions: Sequence[Question]) -> Html:
    """Return a line for each of the topics: what is asked, and how many verdicts of each kind.

    Of all theories, of outcomes that count. What the paper's authors left open comes first.
    """
    parts = {name_of(each): each.PART for each in questions}

    def listed(left_open: bool) -> str:
        made = [
            _line(each, [one for one in found if parts[one.question] in each.parts])
            for each in TOPICS
            if each.left_open is left_open
        ]
        return f'<ul class="topics">{"".join(made)}</ul>'

    return Html(
        f"<p><b>Left open by the paper's authors</b></p>{listed(True)}"
        f"<p><b>Asked besides</b></p>{listed(False)}"
    )


def _line(topic: Topic, found: Sequence[Outcome]) -> str:
    counts = Counter(each.judgement.verdict for each in found)
    told = " ".join(
        f"{_badge(verdict, counts[verdict])}"
        for verdict in (HOLDS, REFUTED, OPEN)
        if counts[verdict]
    )
    address = f"{topic.page}.html" + (f"#{topic.section}" if topic.section else "")
    return (
        f'<li><a href="{address}">{escape(topic.title)}</a> {escape(topic.claim)}'
        f" {told or _badge(NOT_TRIED)}</li>"
    )


def _badge(verdict: str, count: int = 0) -> str:
    """Return a verdict in its colour, and how many there are of it."""
    words = f"{count} {verdict}" if count else verdict
    return f'<span class="verdict" data-verdict="{verdict.replace(" ", "-")}">{words}</span>'
