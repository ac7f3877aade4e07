"""The runs of a question in a file of the book, and whether they are still what they say.

A file holds the runs of one question, with the checksum of the rule that was there before them, the
commit at which they were made, and the machine. Whoever doubts it runs one of its points again.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import platform
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

from theory import runs
from theory.questions.question import PARTS, Question, Value, name_of, runs_of
from theory.statistics import Interval

#: How far a run may be off on another machine: an accuracy, and a part of a norm.
#:
#: Another processor rounds otherwise, and near the critical size that may decide what a network
#: comes to. In 86 tries, most of them in the transition, runs were done again with the kernels that
#: OpenBLAS has for Haswell, some for Sandy Bridge, too. In 83 the accuracy was off by 0.009 at most
#: and the norm by 0.0018; in three, with L2, by 0.030, 0.030 and 0.062, and the norm by 0.0020.
#: Nothing in the stored runs tells these three from the others, so the tolerance has to hold them
#: all. The kernels of the stored runs gave the same bits again.
TOLERANCE = {"test_accuracy": 0.1, "parameter_norm": 0.02}

Point = dict[str, Value]


class Recheck(NamedTuple):
    """A point that was run again: its settings, the run that is stored, and the run found now."""

    point: Point
    stored: xr.Dataset
    found: xr.Dataset

    @property
    def differences(self) -> dict[str, float]:
        """How far the test accuracy is off, and by which part of itself the parameter norm."""
        norm = self.found.parameter_norm / self.stored.parameter_norm - 1
        accuracy = self.found.test_accuracy - self.stored.test_accuracy
        return {"test_accuracy": abs(accuracy.item()), "parameter_norm": abs(norm.item())}

    @property
    def agrees(self) -> bool:
        """Whether neither is more than its `TOLERANCE`."""
        return all(off <= TOLERANCE[name] for name, off in self.differences.items())

    def __str__(self) -> str:
        where = ", ".join(f"{name} {value}" for name, value in self.point.items())
        rows = [
            f"{name:15} stored {self.stored[name].item():.4f}, now {self.found[name].item():.4f}"
            for name in self.differences
        ]
        return "\n".join([where, *rows, "agrees" if self.agrees else "DOES NOT AGREE"])


def record(
    question: Question,
    rule: str,
    paired: Callable[[xr.Dataset], Sequence[tuple[Interval, float]]],
    workshop: str | Path,
    shelf: str | Path,
) -> Path:
    """Do the runs of a question that are not in the workshop, and write its file.

    Batches of seeds are added until every interval that matters is narrow, or there are no more: as
    the question's `Sampling` says.

    Parameters
    ----------
    question
        What is asked.
    rule
        Checksum of all that the verdicts depend on.
    paired
        Takes runs, and returns the intervals that matter, each with its margin.
    workshop
        Folder for single runs; a run that is there already is not done again. Each rule has a
        folder of its own in it: runs that were made under another are not taken over.
    shelf
        Folder for the file, which is replaced whole.

    Raises
    ------
    ValueError
        If the question is of no part of the book, has not as many seeds as it may need, or reads
        runs that were stored before.
    """
    _require_askable(question)
    started, commit = time.perf_counter(), _commit()  # that at which the runs begin
    found = _enough(question, paired, Path(workshop) / name_of(question) / rule[:16])
    if "rule" in found.attrs:
        raise ValueError(
            f"run of {name_of(question)} must make runs, and RUNS_OF say whose they are if "
            f"they are stored already, got some made under the rule {found.attrs['rule']}"
        )
    attributes = {
        **runs.provenance("question", {**question.POINTS, "seed": found["seed"].values.tolist()}),
        "rule": rule,
        "commit": commit,
        "machine": json.dumps(_machine()),
        "seconds": round(time.perf_counter() - started),
    }
    file = file_of(question, shelf)
    runs.write(found.assign_attrs(attributes), file)
    return file


def _require_askable(question: Question) -> None:
    """Refuse a question of which the runs could not be judged."""
    name, seeds, most = name_of(question), question.POINTS["seed"], question.SAMPLING.largest
    if question.PART not in PARTS:
        raise ValueError(f"PART of {name} must be one of {PARTS}, got {question.PART!r}")
    if len(seeds) != most:
        raise ValueError(f"POINTS of {name} must have {most} seeds, got {len(seeds)}")
    if runs_of(question) is not question:
        raise ValueError(f"question must have runs of its own, got {name} with RUNS_OF")


def _enough(
    question: Question,
    paired: Callable[[xr.Dataset], Sequence[tuple[Interval, float]]],
    folder: Path,
) -> xr.Dataset:
    """Return runs of as many seeds as are needed."""
    sampling, seeds = question.SAMPLING, list(question.POINTS["seed"])
    for count in range(sampling.least, sampling.largest + sampling.batch, sampling.batch):
        chosen = seeds[: min(count, sampling.largest)]
        found = question.run(folder, {**question.POINTS, "seed": chosen})
        if all(sampling.enough(each, margin, len(chosen)) for each, margin in paired(found)):
            break
    return found


def file_of(question: Question, shelf: str | Path) -> Path:
    """Return the file of the runs that a question is asked of, on a shelf."""
    return Path(shelf) / f"{name_of(runs_of(question))}.nc"


def load(question: Question, shelf: str | Path = "data") -> xr.Dataset:
    """Return the runs that a question is asked of, its own or those of another.

    Parameters
    ----------
    shelf
        Folder of the stored runs: ``book/data`` of the repository, as seen from its pages.

    Raises
    ------
    FileNotFoundError
        If they are not there.
    ValueError
        If the file is torn or altered, or says nothing of the rule that was there before it.
    """
    file = file_of(question, shelf)
    if not file.exists():
        raise FileNotFoundError(
            f"shelf must be the folder of the stored runs, book/data in the repository, where "
            f"`make trial` puts {file.name}, got {str(shelf)!r} in {Path.cwd()}"
        )
    found = runs.read(file)
    if "rule" not in found.attrs:
        raise ValueError(f"{file} does not say under which rule it was made")
    return found


def points(question: Question) -> list[Point]:
    """Return all points of a question that can be run again."""
    values = itertools.product(*question.LIVE.values())
    return [dict(zip(question.LIVE, each, strict=True)) for each in values]


def recheck(question: Question, stored: xr.Dataset, key: str | None = None) -> Recheck:
    """Run one point of a question again.

    Parameters
    ----------
    stored
        Runs that `load` has returned.
    key
        Chooses the point; None takes the commit that is checked out, so that nobody can know
        beforehand which it will be.
    """
    chosen = hashlib.sha256(f"{name_of(question)} {key or _commit()}".encode()).digest()
    everything = [
        point
        for point in points(question)
        if all(value in stored[name] for name, value in point.items())
    ]
    point = everything[int.from_bytes(chosen[:8]) % len(everything)]
    return Recheck(point, stored.sel(point), question.again(**point))


def _commit() -> str:
    """Return the commit that is checked out, or "unknown" where this is no repository."""
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:  # there is no git
        return "unknown"
    return asked.stdout.strip() or "unknown"


def _machine() -> dict[str, str | list[str]]:
    features = np.show_config(mode="dicts")["SIMD Extensions"]
    return {
        "system": platform.platform(),
        "features": [*features.get("baseline", []), *features.get("found", [])],
    }
