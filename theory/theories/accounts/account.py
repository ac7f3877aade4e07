"""What an account is: a theory that was put beside the others after the runs were there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from theory.questions.question import Measured
from theory.theories.laws import TABLES, Law
from theory.theories.theory import Prediction, Theory

FULL_TEXT, ABSTRACT, SECOND_HAND = "full text", "abstract", "second hand"
#: Where a claim could be read, the surest first: all of it, its abstract or beginning, or what
#: others say of it.
ACCESS = (FULL_TEXT, ABSTRACT, SECOND_HAND)


@dataclass(frozen=True, kw_only=True)
class Account(Theory):
    """Somebody's account of grokking, judged by runs that were there before it was written down.

    So none of its predictions counts among those on trial: it is shown on the scoreboard, and said
    to be later than the runs. What the same paper has on trial is found by its numbers: a theory
    whose `source` has one of them belongs to it.

    Attributes
    ----------
    access
        Where the claim could be read: one of `ACCESS`.
    published
        Year and month of the claim, as "2023-09".
    papers
        Its arXiv numbers, as "2309.02390".
    silent
        Of questions about which one might expect it to speak, by name, why it does not.
    laws
        Its laws of whole curves, by the table that they are of, for `theory.scoreboard`.
    doubts
        Of predictions that may not have been there when it was `published`, by question and
        quantity, why.

    Raises
    ------
    ValueError
        If one of these is not of this form, or name, claim, source or reading is empty.
    """

    access: str
    published: str
    papers: tuple[str, ...] = ()
    silent: Mapping[str, str] = field(default_factory=dict)
    laws: Mapping[str, Law] = field(default_factory=dict, repr=False)
    doubts: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("name", "claim", "source", "reading"):
            if not getattr(self, name):
                raise ValueError(f"{name} of an account must say something, got ''")
        if self.access not in ACCESS:
            raise ValueError(f"access must be one of {ACCESS}, got {self.access!r}")
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", self.published):
            raise ValueError(f"published must be a year and a month, got {self.published!r}")
        for paper in self.papers:
            if not re.fullmatch(r"\d{4}\.\d{5}", paper):
                raise ValueError(f"papers must be arXiv numbers, got {paper!r}")
        for table in self.laws:
            if table not in TABLES:
                raise ValueError(f"laws must be of {TABLES}, got {table!r}")
        if unknown := self.doubts.keys() - self.predicts.keys():
            raise ValueError(f"doubts must be of what is predicted, got {sorted(unknown)}")


def says(
    value: float, because: str, *, error: float = 0.0, direction: int = 0
) -> Callable[[Measured], Prediction]:
    """Return a prediction that needs nothing that was measured.

    Examples
    --------
    >>> says(0.0, "nothing changes", direction=1)({})
    Prediction(value=0.0, because='nothing changes', error=0.0, direction=1)
    """
    prediction = Prediction(value, because, error, direction)
    return lambda _: prediction
