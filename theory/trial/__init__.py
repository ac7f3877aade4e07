"""The trial: a verdict for every theory and every question, and what it rests on."""

from theory.trial.checksum import checksum
from theory.trial.outcomes import Outcome, contested, counted, outcomes
from theory.trial.verdict import HOLDS, OPEN, REFUTED, SILENT, VERDICTS, Claim, Judgement, judge

__all__ = [
    "HOLDS",
    "OPEN",
    "REFUTED",
    "SILENT",
    "VERDICTS",
    "Claim",
    "Judgement",
    "Outcome",
    "checksum",
    "contested",
    "counted",
    "judge",
    "outcomes",
]
