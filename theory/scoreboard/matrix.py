"""The matrix of theories and questions: what each says, what came of it, where it is silent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from theory.questions import QUESTIONS, name_of
from theory.scoreboard.findings import Board, Finding, measured, state
from theory.scoreboard.row import OURS, Row
from theory.trial import words
from theory.trial.chapters import FIGURES
from theory.trial.everything import LEFT_OPEN
from theory.trial.listing import anchor
from theory.trial.outcomes import Outcome
from theory.trial.paper import IN_PART
from theory.trial.verdict import HOLDS, OPEN, REFUTED

STATIC = Path(__file__).parent / "static"
#: What is said of each state; the silent is blank.
STATES = {HOLDS: "holds", IN_PART: "holds in part", REFUTED: "fails", OPEN: "open"}
_LEGEND = (
    "A disc holds, a square does in part, a diamond fails, a ring is open, and blank is silent. "
    "In part: some of what is in a cell holds, and some fails or is open. Where none holds, a cell "
    "fails if anything in it does. Checks count only where a cell has nothing else. "
    "Under each theory is every question of which it predicts something. Unfold one for its "
    "numbers and the figure. A dagger: added after the runs were there, so that it is no test."
)
#: After so many rows of the picture the questions are there once more.
_REPEATED = 16
_PARTS = {name_of(each): each.PART for each in QUESTIONS}


@dataclass(frozen=True)
class Matrix:
    """Rows and what became of them, as a picture and, below it, in words: all but one folded.

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
        first, *others = (_theory(row, self.board[row.name], self.questions) for row in self.rows)
        folded = (
            f'<details class="gv-others"><summary>The other {len(others)}, one by one</summary>'
            f"{''.join(others)}</details>"
            if others
            else ""
        )
        return (
            f'<div class="gv-score"><style>{style}</style><p>{_LEGEND}</p>{self._picture()}'
            f"{first}{folded}</div>"
        )

    def _picture(self) -> str:
        """Return the picture, which a screen reader leaves out: all of it is in words below."""
        names = "".join(f"<th><span>{words.plain(name)}</span></th>" for name in self.questions)
        head = f'<tr class="gv-head"><td></td>{names}</tr>'
        body = "".join(
            (head if at and not at % _REPEATED else "")
            + f"<tr><th>{escape(row.name)}</th>"
            + "".join(_square(self.board[row.name].get(name, ())) for name in self.questions)
            + "</tr>"
            for at, row in enumerate(self.rows)
        )
        return (
            f'<table class="gv-grid" aria-hidden="true"><thead>{head}</thead>'
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
        f"<p>{escape(row.claim)}</p><p><b>{escape(row.source)}</b>{when}{_access(row)}. "
        f"{escape(row.reading)}</p>{shown}{_silent(row, cells, questions)}</section>"
    )


def _access(row: Row) -> str:
    """Return where it could be read, unless it is ours or the reading begins with that."""
    said = row.access == OURS or row.access in row.reading.split(".")[0].lower()
    return "" if said else f"; {row.access}"


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
    says = escape(f"{measured(outcome)}{role} It {words.sentence(outcome)}")
    since = f"Since: {escape(outcome.prediction.because)}"
    return f"<li>{says}: {came}. {since}. Added after the runs.</li>"


def _way_to_verdict(outcome: Outcome) -> str:
    page = "left_open" if _PARTS[outcome.question] in LEFT_OPEN else "results"
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
