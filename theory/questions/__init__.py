"""Questions to real networks: what is measured, on which runs. No theory is in this room."""

from typing import Any

from theory.questions import critical_size, efficiency, ungrokking, weight_decay
from theory.questions.question import Measured, Quantity, Question, Sampling, name_of
from theory.questions.records import Recheck, load, recheck, record

#: All questions, in the order of the book.
QUESTIONS: tuple[Any, ...] = (efficiency, ungrokking, weight_decay, critical_size)

__all__ = [
    "QUESTIONS",
    "Measured",
    "Quantity",
    "Question",
    "Recheck",
    "Sampling",
    "critical_size",
    "efficiency",
    "load",
    "name_of",
    "recheck",
    "record",
    "ungrokking",
    "weight_decay",
]
