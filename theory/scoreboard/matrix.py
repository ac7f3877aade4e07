"""The matrix of theories and questions: what each says, what came of it, where it is silent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from theory.questions import QUESTIONS, name_of
from theory.scoreboard.findings import Board, Finding, state
from theory.scoreboard.row import Row
from theory.trial import words
from theory.trial.chapters import FIGURES
from theory.trial.everything import LEFT_OPEN
from theory.trial.listing import anchor, explained
from theory.trial.outcomes import Outcome
from theory.trial.paper import IN_PART
from theory.trial.verdict import HOLDS, OPEN, REFUTED

STATIC = Path(__file__).parent / "static"
#: What is said of each state; the silent is blank.
STATES = {HOLDS: "holds", IN_PART: "holds in part", REFUTED: "fails", OPEN: "open"}
_LEGEND = (
    "A disc holds, a square does in part, a diamond fails, a ring is open, and blank is silent. "
    "Under each theory is every question of which it predicts something. Unfold one for its "
    "numbers and the figure. A dagger: added after the runs were there, so that it is no test."
)
_PARTS = {name_of(each): each.PART for each in QUESTIONS}


@dataclass(frozen=True)
class Matrix:
    """Rows and what became of them, as a picture and, below it, in words.

    Attributes
    ----------
    rows
        In the order in which they are shown.
    board
        As `theory.scoreboard.findings.board` returns it.
    """

    rows: Sequence[Row]
    board: Board

    @property
    def questions(self) -> list[str]:
        """Names of the questions of which any row predicts something, in the order of the book."""
        asked = {question for cells in self.board.values() for question in cells}
        return [name for name in _PARTS if name in asked]

    def _repr_html_(self) -> str:
        """Return it for notebooks and the book, with its style."""
        style = (STATIC / "scoreboard.css").read_text(encoding="utf-8")
        theories = "".join(_theory(row, self.board[row.name], self.questions) for row in self.rows)
        return (
            f'<div class="gv-score"><style>{style}</style><p>{_LEGEND}</p>{self._picture()}'
            f"{theories}</div>"
        )

    def _picture(self) -> str:
        """Return the picture, which a screen reader leaves out: all of it is in words below."""
        head = "".join(f"<th><span>{words.plain(name)}</span></th>" for name in self.questions)
        body = "".join(
            f"<tr><th>{escape(row.name)}</th>"
            + "".join(_square(self.board[row.name].get(name, ())) for name in self.questions)
            + "</tr>"
            for row in self.rows
        )
        return (
            f'<table class="gv-grid" aria-hidden="true"><thead><tr><td></td>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )


def cell_id(row: str, question: str) -> str:
    """Return the name at which a page has a cell.

    Examples
    --------
    >>> cell_id("kappa = 3", "own_exponent")
    'score-kappa-3-own-exponent'
    """
    return "score-" + re.sub(r"[^a-z0-9]+", "-", f"{row} {question}".lower()).strip("-")


def _square(findings: Sequence[Finding]) -> str:
    return f"<td>{_mark(state(findings))}</td>" if findings else "<td></td>"


def _mark(verdict: str) -> str:
    return f'<i data-state="{STATES[verdict].replace(" ", "-")}"></i>'


def _theory(row: Row, cells: Mapping[str, Sequence[Finding]], questions: Sequence[str]) -> str:
    """Return a row in words: where it is from, its cells, and where it is silent."""
    when = f", {row.published}" if row.published else ""
    shown = "".join(_cell(row, name, cells[name]) for name in questions if name in cells)
    return (
        f'<section class="gv-theory" id="{cell_id(row.name, "")}"><h3>{escape(row.name)}</h3>'
        f"<p>{escape(row.claim)}</p><p><b>{escape(row.source)}</b>{when}; {row.access}. "
        f"{escape(row.reading)}</p>{shown}{_silent(row, cells, questions)}</section>"
    )


def _cell(row: Row, question: str, findings: Sequence[Finding]) -> str:
    verdict = state(findings)
    after = " †" if any(each.after for each in findings) else ""
    lines = "".join(_line(each) for each in findings)
    figure = FIGURES.get(question)
    way = f'<a href="{figure}">Figure: {words.plain(question)}</a>. ' if figure else ""
    return (
        f"<details><summary>{_mark(verdict)}<b>{words.plain(question)}</b> {STATES[verdict]}"
        f'{after}</summary><div id="{cell_id(row.name, question)}"><ul>{lines}</ul>'
        f"<p>{way}Source: {escape(row.source)}.</p></div></details>"
    )


def _line(finding: Finding) -> str:
    """Return a prediction in words: in full where no page of verdicts has it."""
    outcome = finding.outcome
    role = "" if outcome.quantity.role == "primary" else f" ({outcome.quantity.role})"
    came = f"<b>{escape(words.verdict(outcome))}</b>, {escape(words.off(outcome))}"
    if not finding.after:
        name = words.plain(outcome.quantity.name)
        said = f"{name}{role}: says {escape(words.said(outcome))}"
        return f"<li>{said}; {came}. {_way_to_verdict(outcome)}</li>"
    earlier, meaning = explained(outcome.quantity.name, _meanings(outcome))
    says = escape(f"{earlier} {meaning}{role} It {words.sentence(outcome)}".strip())
    since = f"Since: {escape(outcome.prediction.because)}"
    return f"<li>{says}: {came}. {since}. Added after the runs.</li>"


def _meanings(outcome: Outcome) -> dict[str, str]:
    """Return the meanings of all quantities of a question, in their order."""
    (question,) = (each for each in QUESTIONS if name_of(each) == outcome.question)
    return {each.name: each.meaning for each in question.QUANTITIES}


def _way_to_verdict(outcome: Outcome) -> str:
    page = "verdicts_left_open" if _PARTS[outcome.question] in LEFT_OPEN else "results"
    return f'<a href="{page}.html#{anchor(outcome)}">Verdict</a>'


def _silent(row: Row, cells: Mapping[str, object], questions: Sequence[str]) -> str:
    """Return where it is silent, with the reason where there is one."""
    names = [name for name in questions if name not in cells]
    reasons = "".join(
        f"<li>{words.plain(name)}: {escape(row.silent[name])}.</li>"
        for name in names
        if name in row.silent
    )
    others = ", ".join(words.plain(name) for name in names if name not in row.silent)
    rest = f"<p>Of these it says nothing that was read: {others}.</p>" if others else ""
    return (
        f"<details><summary>silent on {len(names)}</summary>"
        f"{f'<ul>{reasons}</ul>' if reasons else ''}{rest}</details>"
    )
