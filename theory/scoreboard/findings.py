"""What became of everything that a row of the scoreboard says, from the stored runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from theory.questions import QUESTIONS, Question, load, name_of
from theory.questions.question import CHECK, PRIMARY
from theory.scoreboard.row import Row
from theory.trial.everything import by_part
from theory.trial.listing import explained
from theory.trial.outcomes import Outcome, counted, outcomes
from theory.trial.paper import verdict_of


@dataclass(frozen=True)
class Finding:
    """An outcome, and whether its prediction was added after the runs."""

    outcome: Outcome
    after: bool


# What became of each row, by its name and by question.
Board = Mapping[str, Mapping[str, Sequence[Finding]]]


def board(
    rows: Sequence[Row], shelf: str | Path = "data", questions: Sequence[Question] = QUESTIONS
) -> Board:
    """Return what became of every prediction, all places together, by row and question.

    Of accounts, on these questions.

    Theories on trial as on the pages of verdicts, the primary ones corrected for their number.
    What was added after the runs is judged by the same code, and not corrected; but where it says
    what a theory on trial says, it has the verdict of that.
    """
    judged = _on_trial(shelf)
    trial = [Finding(each, after=False) for each in judged]
    same = {_said(each): each.judgement for each in judged}
    added = [
        Finding(replace(each, judgement=same.get(_said(each), each.judgement)), after=True)
        for each in _added(rows, shelf, questions)
    ]
    return {row.name: _by_question(row, trial, added) for row in rows}


def _on_trial(shelf: str | Path) -> list[Outcome]:
    found: list[Outcome] = []
    for group in by_part(shelf).values():
        primary = {_key(each): each for each in counted(group)}
        whole = [each for each in group if not each.place]
        found += [primary[_key(each)] if each.quantity.role == PRIMARY else each for each in whole]
    return found


def _added(rows: Sequence[Row], shelf: str | Path, questions: Sequence[Question]) -> list[Outcome]:
    accounts = [row.account for row in rows if row.account]
    asked = {question for each in accounts for question, _ in each.predicts}
    return [
        outcome
        for question in questions
        if name_of(question) in asked
        for outcome in outcomes(question, accounts, question.measure(load(question, shelf)))
        if not outcome.place
    ]


def _by_question(
    row: Row, trial: Sequence[Finding], added: Sequence[Finding]
) -> dict[str, list[Finding]]:
    names = {each.name for each in row.on_trial}
    own = row.account.name if row.account else None
    mine = [each for each in trial if each.outcome.theory in names]
    mine += [each for each in added if each.outcome.theory == own]
    found: dict[str, list[Finding]] = {}
    for each in mine:
        found.setdefault(each.outcome.question, []).append(each)
    return found


def state(findings: Sequence[Finding]) -> str:
    """Return the verdict of a cell: that of all in it, or "in part".

    Of checks only where there is nothing else: nothing that was known could have missed them.
    """
    found = [each.outcome for each in findings]
    return verdict_of([each for each in found if each.quantity.role != CHECK] or found)


def measured(outcome: Outcome) -> str:
    """Return what a quantity is, with the meanings that its own refers to."""
    (question,) = (each for each in QUESTIONS if name_of(each) == outcome.question)
    meanings = {each.name: each.meaning for each in question.QUANTITIES}
    return " ".join(explained(outcome.quantity.name, meanings)).strip()


def _said(outcome: Outcome) -> tuple[str, str, float, float, int]:
    """Return what is predicted of what, whoever says it."""
    said = outcome.prediction
    place = outcome.question, outcome.quantity.name
    return *place, round(outcome.predicted, 9), said.error, said.direction


def _key(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.theory, outcome.question, outcome.quantity.name
