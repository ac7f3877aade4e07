"""What a question is: quantities that are measured on runs of a frozen design. No theory is in it.

A question is a module such as `theory.questions.efficiency`. Theories live elsewhere, and predict
its quantities or are silent about them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import xarray as xr

from theory import checks
from theory.statistics import Bounds, Interval

PRIMARY, SECONDARY, CHECK, REPORT = "primary", "secondary", "check", "report"
#: What a quantity may count as; only the first has verdicts that are counted.
ROLES = (PRIMARY, SECONDARY, CHECK, REPORT)
#: The parts of the book in which the predictions of primary quantities are counted together.
PARTS = (
    "costs",
    "four predictions",
    "what a circuit costs",
    "exponents and degrees",
    "other tasks",
    "two circuits",
    "inside a mixture",
    "other mixtures",
    "semi-grokking",
    "long runs",
    "one size or many",
    "annealing",
    "first prediction again",
    "second prediction again",
    "third prediction again",
    "other optimisers",
    "critical size again",
    "decay and time",
    "data and time",
    "parameters",
    "width after grokking",
    "answers",
    "no decay",
    "several circuits",
    "infinite data",
    "infinite data again",
    "large starts",
    "regularisers",
    "transplants",
    "a smaller transformer",
    "the paper's transformer",
    "where theories part",
    "nine tasks",
    "other networks",
)

Value = float | int | str
Points = Mapping[str, Sequence[Value]]
Measured = Mapping[str, xr.DataArray | Bounds]


@dataclass(frozen=True)
class Quantity:
    """What is measured, and how near to it a prediction must come.

    Attributes
    ----------
    name
        Of the quantity.
    meaning
        What is measured, in words that no theory has coined.
    role
        "primary": verdicts are counted; "secondary": effect and interval are shown; "check":
        nothing could have missed it, or it tests the method; "report": no theory has to say
        anything.
    margin
        How near counts as holding, above 0, for every theory: a difference in the unit of the
        quantity, or with `relative` a part of it. None for what is only reported.
    relative
        Whether the quantity is positive and compared by ratios: the margin 0.1 is then a factor of
        1.1 either way.
    null
        What one would guess without any theory; None where the guess is what theories predict,
        that nothing changes, or where there is none.
    guess
        What that guess is, in words.

    Raises
    ------
    ValueError
        If `role` is unknown, or the margin is missing or out of range.
    """

    name: str
    meaning: str
    role: str = REPORT
    margin: float | None = None
    relative: bool = False
    null: float | None = None
    guess: str = ""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"role must be one of {ROLES}, got {self.role!r}")
        if (self.margin is None) != (self.role == REPORT):
            what = "be given" if self.margin is None else "be left out"
            raise ValueError(f"margin of a {self.role} quantity must {what}, got {self.margin}")
        if self.margin is not None:
            checks.settle(self, checks.number, "margin", above=0)
        if self.relative and self.null is not None:
            checks.settle(self, checks.number, "null", above=0)

    @property
    def tolerance(self) -> float:
        """The margin on the scale on which values are compared, log(1 + margin) for ratios."""
        margin = np.nan if self.margin is None else self.margin
        return float(np.log1p(margin)) if self.relative else margin


@dataclass(frozen=True)
class Sampling:
    """How many seeds decide: batches until an interval is narrow, or there are enough.

    Attributes
    ----------
    least, batch, largest
        Seeds of the first batch, of every further one, and at most.

    Raises
    ------
    ValueError
        If they do not rise, or the first batch has fewer than two.

    Examples
    --------
    >>> from theory.statistics import Interval
    >>> Sampling().enough(Interval(1.0, 0.97, 1.03), margin=0.1, seeds=10)
    False
    >>> Sampling().enough(Interval(1.0, 0.98, 1.02), margin=0.1, seeds=10)
    True
    """

    least: int = 10
    batch: int = 5
    largest: int = 30

    def __post_init__(self) -> None:
        checks.settle(self, checks.integer, "least", at_least=2)
        checks.settle(self, checks.integer, "batch", at_least=1)
        checks.settle(self, checks.integer, "largest", at_least=self.least)

    def enough(self, interval: Interval, margin: float, seeds: int) -> bool:
        """Whether no further batch is needed: narrower than half of the margin, or the most."""
        narrow = interval.high - interval.low < margin / 2
        return seeds >= self.largest or (seeds >= self.least and narrow)


class Question(Protocol):
    """What the module of a question offers.

    If it is asked of runs that another question has stored, ``RUNS_OF`` is the other, and `POINTS`,
    `LIVE`, `SAMPLING`, `run` and `again` are those of the other.
    """

    __name__: str
    #: What is asked, in one sentence, and in which of the `PARTS` its predictions count.
    ASKS: str
    PART: str
    #: What was known of the outcomes when margins, nulls and predictions were fixed.
    KNOWN: str
    SAMPLING: Sampling

    # Read only, so that a module may give them a narrower type; constants, hence their names.
    @property
    def QUANTITIES(self) -> tuple[Quantity, ...]:  # noqa: N802 (a constant)
        """What is measured."""

    @property
    def POINTS(self) -> Points:  # noqa: N802 (a constant)
        """Dimensions of the stored runs."""

    @property
    def LIVE(self) -> Points:  # noqa: N802 (a constant)
        """The points of them that a page may run again."""

    def run(self, folder: str | Path, points: Points) -> xr.Dataset:
        """Return the runs at these points, kept in a folder as they finish."""

    @property
    def again(self) -> Callable[..., xr.Dataset]:
        """A function of one point, its values by name, that returns the run.

        Its ``test_accuracy`` and ``parameter_norm`` are compared with what is stored.
        """

    def measure(self, runs: xr.Dataset) -> Measured:
        """Return every quantity, by name, along ``seed`` and the places at which it is asked.

        A replicate that is not known is NaN. One of which only a bound is known, since it lies
        outside of what was run, is one of `theory.statistics.Bounds`.
        """


def name_of(question: Question) -> str:
    """Return the name of a question."""
    return question.__name__.rsplit(".", maxsplit=1)[-1]


def runs_of(question: Question) -> Question:
    """Return the question whose stored runs it is asked of: itself, or its ``RUNS_OF``."""
    asked: Question = getattr(question, "RUNS_OF", question)
    return asked
