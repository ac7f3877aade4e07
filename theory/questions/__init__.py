"""Questions to real networks: what is measured, on which runs. No theory is in this room."""

from theory.questions import (
    critical_size,
    cubic_units,
    efficiency,
    generalising_cost,
    memorising_cost,
    other_tasks,
    own_exponent,
    relu_cost,
    two_starts,
    ungrokking,
    weight_decay,
)
from theory.questions.question import (
    PARTS,
    Measured,
    Quantity,
    Question,
    Sampling,
    name_of,
    runs_of,
)
from theory.questions.records import Recheck, load, recheck, record

#: All questions, in the order of the book.
QUESTIONS: tuple[Question, ...] = (
    efficiency,
    ungrokking,
    weight_decay,
    critical_size,
    memorising_cost,
    generalising_cost,
    own_exponent,
    other_tasks,
    relu_cost,
    two_starts,
    cubic_units,
)

__all__ = [
    "PARTS",
    "QUESTIONS",
    "Measured",
    "Quantity",
    "Question",
    "Recheck",
    "Sampling",
    "critical_size",
    "cubic_units",
    "efficiency",
    "generalising_cost",
    "load",
    "memorising_cost",
    "name_of",
    "other_tasks",
    "own_exponent",
    "recheck",
    "record",
    "relu_cost",
    "runs_of",
    "two_starts",
    "ungrokking",
    "weight_decay",
]
