"""Do the runs that only the paper's figures need again: ``python -m theory.paper_figures``.

From the repository. Single runs go to ``questions/``, so that whoever is interrupted goes on from
there, and all of a kind to a file in ``book/data``.
"""

from __future__ import annotations

import time
from pathlib import Path

import joblib

from theory import runs
from theory.paper_figures import task_runs, ungrokking_runs

SHELF, WORKSHOP = Path("book/data"), Path("questions")
RECORDED = {"ungrokking_runs": ungrokking_runs, "task_runs": task_runs}

if __name__ == "__main__":
    for name, kind in RECORDED.items():
        started = time.perf_counter()
        with joblib.parallel_config(n_jobs=-1):
            found = kind.run(WORKSHOP / name)
        about = runs.provenance("paper figure", {"points": kind.POINTS})
        about["seconds"] = str(round(time.perf_counter() - started))
        runs.write(found.assign_attrs(about), SHELF / f"{name}.nc")
