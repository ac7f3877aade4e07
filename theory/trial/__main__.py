"""Hold the trial: ``python -m theory.trial [--judge] [NAME ...]``, from the repository.

Asks the questions of these names, or all that have no stored runs yet. Single runs go to
``questions/``, so that whoever is interrupted goes on from there, and the runs of each question to
a file in ``book/data``. The stored runs of the others are judged again; with ``--judge`` nothing is
run at all. Either way the ledger follows.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import joblib
import xarray as xr

from theory.questions import QUESTIONS, Question, load, name_of, record, runs_of
from theory.questions.question import PRIMARY
from theory.questions.records import file_of
from theory.statistics import Interval
from theory.theories import THEORIES
from theory.trial import ledger
from theory.trial.outcomes import outcomes

SHELF, WORKSHOP = Path("book/data"), Path("questions")


def main(arguments: list[str] | None = None) -> None:
    """Run and judge, or judge only."""
    known = {name_of(question): question for question in QUESTIONS}
    parser = argparse.ArgumentParser(prog="python -m theory.trial")
    parser.add_argument("--judge", action="store_true", help="judge the stored runs only")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.names) - known.keys())
    if unknown:
        parser.error(f"questions are {', '.join(known)}, got {', '.join(unknown)}")
    if not SHELF.is_dir():
        parser.error(f"call it from the repository, where {SHELF} is, got {Path.cwd()}")
    for name in given.names or known:
        if not given.judge and _to_run(known[name], name in given.names):
            with joblib.parallel_config(n_jobs=-1):
                ask(known[name])
        stored = file_of(runs_of(known[name]), SHELF).exists()
        print(f"{name}: {enter(known[name]).standing if stored else 'no runs yet'}")


def _to_run(question: Question, named: bool) -> bool:
    """Whether to do runs: of what was named or has none, unless it reads those of another."""
    missing = not file_of(question, SHELF).exists()
    return runs_of(question) is question and (named or missing)


def ask(question: Question) -> None:
    """Do the runs of a question, as many as its primary predictions need."""

    def paired(runs: xr.Dataset) -> list[tuple[Interval, float]]:
        found = outcomes(question, THEORIES, question.measure(runs))
        return [
            (each.judgement.interval, each.quantity.tolerance)
            for each in found
            if each.quantity.role == PRIMARY and not each.place
        ]

    record(question, ledger.rule_of(question), paired, WORKSHOP, SHELF)


def enter(question: Question) -> ledger.Entry:
    """Judge the stored runs of a question, and enter it into the ledger."""
    place, name, runs = SHELF / ledger.PLACE.name, name_of(question), load(question, SHELF)
    found = ledger.rows(outcomes(question, THEORIES, question.measure(runs)))
    code = ledger.rule_of(question)
    seeds = runs["seed"].values.tolist()
    entry = ledger.entered(ledger.last(place).get(name), runs.attrs["rule"], code, seeds, found)
    ledger.write({**ledger.read(place), name: entry}, place)
    return entry


if __name__ == "__main__":
    main()
