"""Do all experiments again: ``python -m theory.experiments [NAME ...]``, from the repository.

Single runs go to ``experiments/``, so that whoever is interrupted goes on from there, and the runs
of each experiment to a file in ``book/data``.
"""

from __future__ import annotations

import sys

import joblib

from theory.experiments import EXPERIMENTS, record
from theory.experiments.records import name_of


def main(names: list[str]) -> None:
    """Do the experiments of these names, or all."""
    known = {name_of(experiment): experiment for experiment in EXPERIMENTS}
    unknown = set(names) - known.keys()
    if unknown:
        raise SystemExit(f"experiments are {', '.join(known)}, got {', '.join(sorted(unknown))}")
    with joblib.parallel_config(n_jobs=-1):
        for name in names or known:
            print(record(known[name], "experiments", "book/data"))


if __name__ == "__main__":
    main(sys.argv[1:])
