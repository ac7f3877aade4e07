"""The ledger of the trial: what was predicted and decided, by which code, and what changed since.

Verdicts depend on code, and code is rebuilt. So beside each set of verdicts stands the checksum of
all the code that they depend on, and whenever that changes they are computed again: equal, it is a
rebuilding; different, it is shown as changed after the runs. What was tried and never committed
leaves no trace.
"""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from theory import theories
from theory.questions.question import Question, name_of
from theory.theories import Theory
from theory.trial.checksum import checksum
from theory.trial.outcomes import Outcome

#: Where it lies, from the folder of the book's pages.
PLACE = Path("data") / "trial.json"
#: What a rebuilding may change in a number: what an optimum on another processor is off by.
_ROUNDING = 3e-5

Row = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """A change of the code.

    Attributes
    ----------
    before, after
        The two checksums.
    changed
        What came out otherwise, by theory and quantity; empty for a rebuilding, and "all of it"
        where nothing was predicted yet.
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
    seeds
        All seeds whose runs were ever judged: whoever has seen them may have changed the rule.
    rows
        What was predicted and found of every outcome, and by which margin it was judged.
    steps
        From one code to the next.
    tries
        How many rules the question has had runs for: of several, one may come right by chance.
    """

    rule: str
    checksum: str
    seeds: tuple[int, ...]
    rows: tuple[Row, ...]
    steps: tuple[Step, ...] = ()
    tries: int = 1

    @property
    def standing(self) -> str:
        """What the reader must know of the rule: whether it was there before the runs."""
        if any(step.changed for step in self.steps):
            found = "changed after the runs"
        else:
            found = "rebuilt, nothing changed" if self.steps else "as before the runs"
        return found if self.tries == 1 else f"{found}; try {self.tries}"


def rule_of(question: Question) -> str:
    """Return the checksum of all code that the verdicts on a question depend on.

    Of the theories, those that predict something of it.
    """
    speaking = [
        f"{theories.__name__}.{name}"
        for name, each in vars(theories).items()
        if isinstance(each, Theory)
        and any(name_of(question) == asked for asked, _ in each.predicts)
    ]
    return checksum(
        [question.__name__, "theory.questions.records", "theory.trial.outcomes", *speaking]
    )


def rows(found: Sequence[Outcome]) -> tuple[Row, ...]:
    """Return outcomes as plain values."""
    return tuple(
        {
            "theory": each.theory,
            "quantity": each.quantity.name,
            "place": dict(each.place),
            "role": each.quantity.role,
            "margin": each.quantity.margin,
            "null": each.quantity.null,
            "direction": each.prediction.direction,
            "error": _rounded(each.prediction.error),
            "predicted": _rounded(each.predicted),
            "off": [_rounded(end) for end in each.judgement.interval],
            "verdict": each.judgement.verdict,
        }
        for each in found
    )


def entered(
    old: Entry | None, rule: str, code: str, seeds: Sequence[int], found: tuple[Row, ...]
) -> Entry:
    """Return the entry of a question after its verdicts were computed again.

    Parameters
    ----------
    old
        The entry until now, if there is one.
    rule
        Checksum that was there before the runs.
    code
        Checksum of the code now.
    seeds
        Those of the runs.
    found
        What was computed.

    Raises
    ------
    ValueError
        If the rows changed, and neither the code nor the runs did.

    Examples
    --------
    >>> row = {"theory": "t", "quantity": "q", "place": {}, "predicted": 1.0, "verdict": "holds"}
    >>> first = entered(None, "a", "a", [0, 1], (row,))
    >>> first.standing
    'as before the runs'
    >>> entered(first, "a", "b", [0, 1], (row,)).standing
    'rebuilt, nothing changed'
    >>> entered(first, "a", "b", [0, 1], ({**row, "verdict": "open"},)).standing
    'changed after the runs'

    Runs of seeds that were seen under another rule are no new runs:

    >>> entered(first, "b", "b", [1, 2], (row,)).standing
    'changed after the runs; try 2'
    >>> entered(first, "b", "b", [2, 3], (row,)).standing
    'as before the runs; try 2'
    """
    everything = tuple(sorted({_name(row) for row in found})) or ("all of it",)
    if old is None:
        return Entry(rule, code, tuple(seeds), found, _step(rule, code, everything))
    seen = tuple(sorted({*old.seeds, *seeds}))
    if old.rule != rule:
        new = set(seeds).isdisjoint(old.seeds)
        before = rule if new else old.checksum
        steps = _step(before, code, everything)
        earlier = () if new else old.steps
        return Entry(rule, code, seen, found, (*earlier, *steps), old.tries + 1)
    changed = _changed(old.rows, found)
    if old.checksum == code and changed:
        raise ValueError(f"verdicts must follow from code and runs, got other ones of {changed}")
    if old.checksum == code:
        return old
    steps = (*old.steps, Step(old.checksum, code, changed))
    return Entry(rule, code, seen, found, steps, old.tries)


def _step(before: str, after: str, changed: tuple[str, ...]) -> tuple[Step, ...]:
    return () if before == after else (Step(before, after, changed),)


def read(path: str | Path = PLACE) -> dict[str, Entry]:
    """Return the entries by question; none if there is no ledger."""
    file = Path(path)
    return _entries(file.read_text(encoding="utf-8")) if file.exists() else {}


def last(path: str | Path = PLACE) -> dict[str, Entry]:
    """Return the entries to go on from: as `read`, without steps that git has not committed.

    Where no commit has the entry with these runs, it is as it stands.
    """
    committed = _committed(Path(path))
    return {
        name: replace(committed[name], seeds=entry.seeds)
        if name in committed and committed[name].rule == entry.rule
        else entry
        for name, entry in read(path).items()
    }


def _committed(file: Path) -> dict[str, Entry]:
    """Return the entries of the commit that is checked out; none where git has no such file."""
    try:
        asked = subprocess.run(
            ["git", "show", f"HEAD:./{file.name}"],
            cwd=file.parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return {}
    return _entries(asked.stdout)


def _entries(text: str) -> dict[str, Entry]:
    return {
        name: Entry(
            entry["rule"],
            entry["checksum"],
            tuple(entry["seeds"]),
            tuple(entry["rows"]),
            tuple(Step(s["before"], s["after"], tuple(s["changed"])) for s in entry["steps"]),
            entry.get("tries", 1),
        )
        for name, entry in json.loads(text).items()
    }


def write(entries: Mapping[str, Entry], path: str | Path = PLACE) -> None:
    """Write the ledger, whole or not at all."""
    plain = {name: asdict(entry) for name, entry in entries.items()}
    text = json.dumps(plain, indent=1, allow_nan=False)
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
    """Whether two rows say the same, or one has withdrawn the estimate of an open interval."""
    estimate, *ends = new.get("off", [0.0])
    if "off" in old and estimate is None and None in ends:
        old = {**old, "off": [None, *old["off"][1:]]}
    return old.keys() == new.keys() and all(
        _near(one, other)
        for name in old
        for one, other in zip(_listed(old[name]), _listed(new[name]), strict=True)
    )


def _near(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_ROUNDING, abs_tol=_ROUNDING)
    return bool(one == other)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _rounded(value: float) -> float | None:
    """Return a number to seven digits; what is not finite is no number of JSON."""
    return float(f"{value:.7g}") if math.isfinite(value) else None


def _key(row: Row) -> str:
    return json.dumps([row["theory"], row["quantity"], row["place"]])


def _name(row: Row) -> str:
    return f"{row['theory']}: {row['quantity']}"
