"""The runs of an experiment in a file of the book, and whether they are still what they say.

A file holds the runs of one experiment, with the checksum of the rule that judges them, the commit
at which they were made, and the machine. Whoever doubts it runs one of its points again.
"""

from __future__ import annotations

import hashlib
import inspect
import itertools
import json
import platform
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import xarray as xr

from theory import runs
from theory.experiments.rule import Finding, Prediction, digest

#: How far a run may be off on another machine: an accuracy, or a part of a norm.
TOLERANCE = 0.03

Point = dict[str, float | int | str]


class Experiment(Protocol):
    """What the module of an experiment offers."""

    __name__: str
    #: Dimensions of the stored runs, and the points of them that a page may run again.
    POINTS: Mapping[str, Sequence[float | int | str]]
    LIVE: Mapping[str, Sequence[float | int | str]]

    def prediction(self) -> tuple[Prediction, ...]:
        """Return what was predicted."""

    def run(self, folder: str | Path) -> xr.Dataset:
        """Return all runs, kept in a folder as they finish."""

    def again(self, **point: float | int | str) -> xr.Dataset:
        """Return one run."""

    def judge(self, predictions: tuple[Prediction, ...], runs: xr.Dataset) -> list[Finding]:
        """Return what the runs say about the predictions."""


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
        """Whether neither is more than `TOLERANCE`."""
        return all(difference <= TOLERANCE for difference in self.differences.values())

    def __str__(self) -> str:
        where = ", ".join(f"{name} {value}" for name, value in self.point.items())
        rows = [
            f"{name:15} stored {self.stored[name].item():.4f}, now {self.found[name].item():.4f}"
            for name in self.differences
        ]
        return "\n".join([where, *rows, "agrees" if self.agrees else "DOES NOT AGREE"])


def name_of(experiment: Experiment) -> str:
    """Return the name of an experiment."""
    return experiment.__name__.rsplit(".", maxsplit=1)[-1]


def rule_of(experiment: Experiment) -> str:
    """Return the checksum of its rule, as `theory.experiments.rule.digest`."""
    # It is a module, which a protocol cannot say.
    file = inspect.getfile(experiment)  # type: ignore[arg-type]
    return digest(Path(file).read_text(encoding="utf-8"))


def record(experiment: Experiment, workshop: str | Path, shelf: str | Path) -> Path:
    """Do the runs of an experiment that are not in the workshop, and write its file.

    Parameters
    ----------
    workshop
        Folder for single runs; a run that is there already is not done again. Each state of the
        experiments' code has a folder of its own in it.
    shelf
        Folder for the file, which is replaced whole.
    """
    started, commit = time.perf_counter(), _commit()  # that at which the runs begin
    found = experiment.run(Path(workshop) / name_of(experiment) / _code())
    attributes = {
        **runs.provenance("experiment", {**experiment.POINTS}),
        "rule": rule_of(experiment),
        "commit": commit,
        "machine": json.dumps(_machine()),
        "seconds": round(time.perf_counter() - started),
    }
    file = Path(shelf) / f"{name_of(experiment)}.nc"
    runs.write(found.assign_attrs(attributes), file)
    return file


def load(experiment: Experiment, shelf: str | Path = "data") -> xr.Dataset:
    """Return the runs of an experiment.

    Raises
    ------
    ValueError
        If the file is torn or altered, or was made under another rule.
    """
    file = Path(shelf) / f"{name_of(experiment)}.nc"
    found = runs.read(file)
    if found.attrs.get("rule") != rule_of(experiment):
        raise ValueError(f"{file} was made under another rule than that of {name_of(experiment)}")
    return found


def points(experiment: Experiment) -> list[Point]:
    """Return all points of an experiment that can be run again."""
    values = itertools.product(*experiment.LIVE.values())
    return [dict(zip(experiment.LIVE, each, strict=True)) for each in values]


def recheck(experiment: Experiment, stored: xr.Dataset, key: str | None = None) -> Recheck:
    """Run one point of an experiment again.

    Parameters
    ----------
    stored
        Runs that `load` has returned.
    key
        Chooses the point; None takes the commit that is checked out, so that nobody can know
        beforehand which it will be.
    """
    chosen = hashlib.sha256(f"{name_of(experiment)} {key or _commit()}".encode()).digest()
    everything = points(experiment)
    point = everything[int.from_bytes(chosen[:8]) % len(everything)]
    return Recheck(point, stored.sel(point), experiment.again(**point))


def _code() -> str:
    """Return a checksum of everything in the package, on which runs may depend."""
    package, code = Path(runs.__file__).parent, hashlib.sha256()
    for room in ("experiments", "networks"):
        for file in sorted((package / room).rglob("*.py")):
            code.update(file.read_bytes())
    return code.hexdigest()[:16]


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
