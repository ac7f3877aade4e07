"""The ledger of the trial: what was predicted and decided, by which code, and what changed since.

Verdicts depend on code, and code is rebuilt. So beside each set of verdicts stands the checksum of
all the code that they depend on, and whenever that changes they are computed again: equal, it is a
rebuilding; different, it is shown as changed after the runs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from theory.questions.question import Question
from theory.trial.checksum import checksum
from theory.trial.outcomes import Outcome

#: Where it lies, from the folder of the book's pages.
PLACE = Path("data") / "trial.json"
#: What a rebuilding may change in a number: its last digits.
_ROUNDING = 1e-6

Row = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """A change of the code.

    Attributes
    ----------
    before, after
        The two checksums.
    changed
        What came out otherwise, by theory and quantity; empty for a rebuilding.
    """

    before: str
    after: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """What the ledger holds of a question.

    Attributes
    ----------
    rule
        Checksum that was there before the runs.
    checksum
        Checksum of the code that has computed the rows.
    rows
        Predicted value, margin and verdict of every outcome.
    steps
        From one to the other.
    """

    rule: str
    checksum: str
    rows: tuple[Row, ...]
    steps: tuple[Step, ...] = ()

    @property
    def standing(self) -> str:
        """What the reader must know of the rule: whether it was there before the runs."""
        if any(step.changed for step in self.steps):
            return "changed after the runs"
        return "rebuilt, nothing changed" if self.steps else "as before the runs"


def rule_of(question: Question) -> str:
    """Return the checksum of all code that the verdicts on a question depend on."""
    return checksum([question.__name__, "theory.theories", "theory.trial.outcomes"])


def rows(found: Sequence[Outcome]) -> tuple[Row, ...]:
    """Return outcomes as plain values."""
    return tuple(
        {
            "theory": each.theory,
            "quantity": each.quantity.name,
            "place": dict(each.place),
            "predicted": float(f"{each.predicted:.7g}"),
            "margin": each.quantity.margin,
            "verdict": each.judgement.verdict,
        }
        for each in found
    )


def entered(old: Entry | None, rule: str, code: str, found: tuple[Row, ...]) -> Entry:
    """Return the entry of a question after its verdicts were computed again.

    Parameters
    ----------
    old
        The entry until now, if there is one.
    rule
        Checksum that was there before the runs.
    code
        Checksum of the code now.
    found
        What it has computed.

    Raises
    ------
    ValueError
        If the rows changed and the code did not: then they depend on something else.

    Examples
    --------
    >>> row = {"theory": "t", "quantity": "q", "place": {}, "predicted": 1.0, "verdict": "holds"}
    >>> first = entered(None, "a", "a", (row,))
    >>> first.standing
    'as before the runs'
    >>> entered(first, "a", "b", (row,)).standing
    'rebuilt, nothing changed'
    >>> entered(first, "a", "b", ({**row, "verdict": "open"},)).standing
    'changed after the runs'
    """
    if old is None or old.rule != rule:
        names = tuple(sorted({_name(row) for row in found}))
        return Entry(rule, code, found, () if rule == code else (Step(rule, code, names),))
    changed = _changed(old.rows, found)
    if old.checksum == code:
        if changed:
            raise ValueError(f"verdicts must follow from the code, got other ones of {changed}")
        return old
    return Entry(rule, code, found, (*old.steps, Step(old.checksum, code, changed)))


def read(path: str | Path = PLACE) -> dict[str, Entry]:
    """Return the entries by question; none if there is no ledger."""
    file = Path(path)
    if not file.exists():
        return {}
    return {
        name: Entry(
            entry["rule"],
            entry["checksum"],
            tuple(entry["rows"]),
            tuple(Step(s["before"], s["after"], tuple(s["changed"])) for s in entry["steps"]),
        )
        for name, entry in json.loads(file.read_text(encoding="utf-8")).items()
    }


def write(entries: Mapping[str, Entry], path: str | Path = PLACE) -> None:
    """Write the ledger, whole or not at all."""
    text = json.dumps({name: asdict(entry) for name, entry in entries.items()}, indent=1)
    draft = Path(path).with_suffix(".draft")
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(path)


def _changed(old: Sequence[Row], new: Sequence[Row]) -> tuple[str, ...]:
    before, after = ({_key(row): row for row in each} for each in (old, new))
    return tuple(
        sorted(
            {
                _name((before | after)[key])
                for key in before.keys() | after.keys()
                if key not in before or key not in after or not _same(before[key], after[key])
            }
        )
    )


def _same(old: Row, new: Row) -> bool:
    near = math.isclose(old["predicted"], new["predicted"], rel_tol=_ROUNDING, abs_tol=_ROUNDING)
    return near and {**old, "predicted": 0} == {**new, "predicted": 0}


def _key(row: Row) -> str:
    return json.dumps([row["theory"], row["quantity"], row["place"]])


def _name(row: Row) -> str:
    return f"{row['theory']}: {row['quantity']}"
