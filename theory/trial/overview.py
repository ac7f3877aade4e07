"""The paper's four predictions as cards, and what else was asked as lines, in HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from theory.statistics import Interval
from theory.trial.chapters import FIGURES
from theory.trial.listing import anchor
from theory.trial.outcomes import Outcome, counted
from theory.trial.paper import (
    IN_PART,
    PAPER_PREDICTIONS,
    Clause,
    PaperPrediction,
    by_verdict,
    decided,
    that,
    verdict_of,
)
from theory.trial.topics import TOPICS, Topic
from theory.trial.verdict import HOLDS, OPEN, REFUTED
from theory.trial.words import many, off

#: What is said of a topic that no question has asked about.
NOT_TRIED = "not tried yet"


class Html(str):
    """Markup that notebooks and pages show as it is."""

    def _repr_html_(self) -> str:
        return self


def cards(parts: Mapping[str, Sequence[Outcome]], charts: Mapping[str, str]) -> Html:
    """Return a card for each of the paper's predictions.

    Parameters
    ----------
    parts
        What was judged, of the parts at least that decide them (`theory.trial.everything.by_part`).
    charts
        SVG by the name of the prediction, as `theory.trial.charts.CHARTS` draw it.

    Raises
    ------
    ValueError
        If what decides one is not in `parts`, or what is said besides.
    """
    count, every = _counted(parts), [each for found in parts.values() for each in found]
    made = [_card(each, count, every, charts[each.name]) for each in PAPER_PREDICTIONS]
    return Html(f'<div class="predictions">{"".join(made)}</div>')


def in_short(parts: Mapping[str, Sequence[Outcome]]) -> str:
    """Return how many of the paper's predictions came out how, such as "1 holds, 3 hold in part".

    Raises
    ------
    ValueError
        If what decides one is not in `parts`.
    """
    found = _counted(parts)
    counts = Counter(verdict_of(decided(each.clauses, found)) for each in PAPER_PREDICTIONS)
    told = {each: many(each, counts[each]) for each in (HOLDS, REFUTED, OPEN)}
    told[IN_PART] = f"{many(HOLDS, counts[IN_PART])} in part"
    return ", ".join(
        told[verdict] for verdict in (HOLDS, IN_PART, REFUTED, OPEN) if counts[verdict]
    )


def lines(parts: Mapping[str, Sequence[Outcome]]) -> Html:
    """Return a line for each of the topics: what is asked, what was found, and how many verdicts.

    Verdicts of all theories, of outcomes that count. What the paper's authors left open comes
    first.

    Raises
    ------
    ValueError
        If an answer is no longer right, or its quantity is not in `parts`.
    """
    every = {
        (each.question, each.quantity.name): each.found
        for found in parts.values()
        for each in found
        if not each.place
    }

    def listed(left_open: bool) -> str:
        made = [_line(each, parts, every) for each in TOPICS if each.left_open is left_open]
        return f'<ul class="topics">{"".join(made)}</ul>'

    return Html(
        f"<p><b>Left open by the paper's authors</b></p>{listed(True)}"
        f"<p><b>Asked besides</b></p>{listed(False)}"
    )


def _counted(parts: Mapping[str, Sequence[Outcome]]) -> list[Outcome]:
    return [each for found in parts.values() for each in counted(found)]


def _card(
    prediction: PaperPrediction, count: Sequence[Outcome], every: Sequence[Outcome], chart: str
) -> str:
    found = decided(prediction.clauses, count)
    said = "".join(
        f"<li>{_badge(verdict)} {escape(that(clauses))}</li>"
        for verdict, clauses in by_verdict(prediction.clauses, found).items()
    )
    besides = "".join(map(_besides, prediction.besides, decided(prediction.besides, every)))
    rows = "".join(
        f'<li><a href="results.html#{anchor(outcome)}">{_badge(outcome.judgement.verdict)}</a> '
        f"{escape(clause.seen.format(_found(outcome)))}</li>"
        for clause, outcome in zip(prediction.clauses, found, strict=True)
    )
    return (
        f'<article class="prediction"><h3>{prediction.name} {escape(prediction.title)}'
        f"{_badge(verdict_of(found))}</h3><p>{escape(prediction.claim)}</p>{chart}"
        f'<p class="paper"><b>Paper:</b> {escape(prediction.paper)}.</p>'
        f'<p class="here"><b>Here:</b></p><ul>{said}{besides}</ul>'
        f'<details class="numbers"><summary>In numbers</summary><ul>{rows}</ul></details>'
        f'<p class="chapter"><a href="{prediction.page}.html">The chapter</a></p></article>'
    )


def _besides(clause: Clause, found: Outcome) -> str:
    """Return what has no part in the verdict, with where it is shown."""
    shown = clause.shown or FIGURES[clause.question]
    number = clause.seen.format(_number(found.found))
    return (
        f'<li class="besides"><a href="{shown}">{_badge(found.judgement.verdict)}</a> besides, '
        f'that {escape(clause.says)} <span class="seen">({escape(number)})</span></li>'
    )


def _found(outcome: Outcome) -> str:
    """Return what was found, or, where a value is compared by its ratio, how far off it is."""
    if outcome.quantity.relative and not outcome.prediction.direction:
        return off(outcome)
    return _number(outcome.found)


def _number(found: Interval) -> str:
    if np.isnan(found.estimate):
        return "not known"
    estimate, low, high = (f"{round(each, 12) + 0:.3g}" for each in found)
    return estimate if low == high else f"{estimate} [{low}, {high}]"


def _line(
    topic: Topic,
    parts: Mapping[str, Sequence[Outcome]],
    every: Mapping[tuple[str, str], Interval],
) -> str:
    asked = {name: parts[name] for name in topic.parts if parts.get(name)}
    counts = Counter(each.judgement.verdict for each in _counted(asked))
    tally = ", ".join(
        many(verdict, counts[verdict]) for verdict in (HOLDS, REFUTED, OPEN) if counts[verdict]
    )
    told = ""
    if asked:
        first, *more = (escape(each.among(every)) for each in topic.answers)
        told = "; ".join([f"<b>{first}</b>", *more]) + "."
    judged = f"Predictions: {tally}" if tally else _badge(NOT_TRIED)
    address = f"{topic.page}.html" + (f"#{topic.section}" if topic.section else "")
    return (
        f'<li><a href="{address}">{escape(topic.title)}</a> {escape(topic.claim)} '
        f'<span class="told">{told}</span> <span class="tally">{judged}</span></li>'
    )


def _badge(verdict: str) -> str:
    """Return a verdict in its colour."""
    return f'<span class="verdict" data-verdict="{verdict.replace(" ", "-")}">{verdict}</span>'
