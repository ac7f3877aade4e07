"""Who else made the paper's four predictions, before it or after, and who said otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theory.scoreboard.findings import Board, Finding
from theory.scoreboard.row import Row
from theory.trial.outcomes import contested
from theory.trial.paper import PAPER_PREDICTIONS, THEORY, PaperPrediction

#: When the paper came out.
PAPER = "2023-09"


@dataclass(frozen=True)
class Voice:
    """What another account says of a quantity by which one of the four is decided.

    Attributes
    ----------
    prediction
        "P1" to "P4".
    row, published
        Who says it, and when that came out.
    finding
        What it says, and what became of it.
    agrees
        Whether with what the paper's model says.
    doubt
        Why it may not have been said then; empty if it was.
    """

    prediction: str
    row: str
    published: str
    finding: Finding
    agrees: bool
    doubt: str = ""

    @property
    def before(self) -> bool:
        """Whether it came out before the paper."""
        return self.published < PAPER

    @property
    def when(self) -> str:
        """Whether before or after the paper, in words, with the doubt."""
        word = "before" if self.before else "after"
        return f"{word} ({self.doubt})" if self.doubt else word


def voices(rows: Sequence[Row], board: Board) -> list[Voice]:
    """Return what other accounts say of the quantities that decide the four predictions.

    Of those whose claims have a date; what was derived here came after.
    """
    return [
        voice
        for prediction in PAPER_PREDICTIONS
        for row in rows
        if row.published
        for voice in _of(prediction, row, board)
    ]


def _of(prediction: PaperPrediction, row: Row, board: Board) -> list[Voice]:
    found = []
    for clause in prediction.clauses:
        question, name = clause.question, clause.quantity
        paper = _said(board[THEORY].get(question, ()), name)
        for each in _said(board[row.name].get(question, ()), name):
            agrees = not contested(each.outcome, [x.outcome for x in paper])
            doubt = row.doubts.get((question, name), "")
            found.append(Voice(prediction.name, row.name, row.published, each, agrees, doubt))
    return found


def _said(findings: Sequence[Finding], name: str) -> list[Finding]:
    return [each for each in findings if each.outcome.quantity.name == name]
