"""All that was judged, part by part of the book."""

from __future__ import annotations

from pathlib import Path

from theory.questions import PARTS, QUESTIONS, load
from theory.theories import THEORIES
from theory.trial.outcomes import Outcome, counted, outcomes

#: From this part on questions are those that the paper left open.
_LEFT_OPEN_FROM = PARTS.index("decay and time")
#: The parts that ask what the paper predicts and what circuits cost, and those that it left open.
ITS_OWN, LEFT_OPEN = PARTS[:_LEFT_OPEN_FROM], PARTS[_LEFT_OPEN_FROM:]


def by_part(shelf: str | Path = "data") -> dict[str, list[Outcome]]:
    """Return what became of every prediction, by part of the book, from the stored runs.

    At all places together and at each, of all roles.

    Parameters
    ----------
    shelf
        As `theory.questions.load`.
    """
    found: dict[str, list[Outcome]] = {part: [] for part in PARTS}
    for question in QUESTIONS:
        measured = question.measure(load(question, shelf))
        found[question.PART] += outcomes(question, THEORIES, measured)
    return found


def all_counted(shelf: str | Path = "data") -> list[Outcome]:
    """Return the outcomes that count, corrected for their number in each part: `counted`."""
    return [each for group in by_part(shelf).values() for each in counted(group)]
