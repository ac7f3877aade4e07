"""All that was judged, part by part of the book."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from theory.questions import PARTS, QUESTIONS, load, name_of
from theory.theories import THEORIES
from theory.trial.outcomes import Outcome, outcomes
from theory.trial.paper import PAPER_PREDICTIONS

#: From this part on questions are those that the paper left open.
_LEFT_OPEN_FROM = PARTS.index("decay and time")
#: The parts that ask what the paper predicts and what circuits cost, and those that it left open.
ITS_OWN, LEFT_OPEN = PARTS[:_LEFT_OPEN_FROM], PARTS[_LEFT_OPEN_FROM:]

_SPOKEN_OF = {
    clause.question
    for each in PAPER_PREDICTIONS
    for clauses in (each.clauses, each.besides)
    for clause in clauses
}
#: The parts in which the paper's four predictions are decided, with what is said besides.
DECISIVE = tuple(dict.fromkeys(each.PART for each in QUESTIONS if name_of(each) in _SPOKEN_OF))


def by_part(shelf: str | Path = "data", parts: Collection[str] = PARTS) -> dict[str, list[Outcome]]:
    """Return what became of every prediction, by part of the book, from the stored runs.

    At all places together and at each, of all roles.

    Parameters
    ----------
    shelf
        As `theory.questions.load`.
    parts
        Some of `theory.questions.PARTS`; the others are not judged.

    Raises
    ------
    ValueError
        If there is no such part.
    """
    if unknown := set(parts) - set(PARTS):
        raise ValueError(f"parts must be of {PARTS}, got {sorted(unknown)}")
    found: dict[str, list[Outcome]] = {part: [] for part in parts}
    for question in QUESTIONS:
        if question.PART in found:
            measured = question.measure(load(question, shelf))
            found[question.PART] += outcomes(question, THEORIES, measured)
    return found
