"""Do the runs that only the paper's figures need again: ``python -m theory.paper_figures``.

From the repository. Single runs go to ``questions/``, so that whoever is interrupted goes on from
there, and all of a kind to a file in ``book/data``, with the seconds that they took on one core.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from theory import runs
from theory.paper_figures import single_runs, task_runs, ungrokking_runs

SHELF, WORKSHOP = Path("book/data"), Path("questions")
KINDS = (single_runs, ungrokking_runs, task_runs)


def main() -> None:
    """Do all runs that are not in the workshop, and write their files."""
    if not SHELF.is_dir():
        sys.exit(f"call it from the repository, where {SHELF} is, got {Path.cwd()}")
    for kind in KINDS:
        name = kind.__name__.rpartition(".")[2]
        started = time.process_time()
        found = kind.run(WORKSHOP / name)
        about = runs.provenance("paper figure", {"points": dict(kind.POINTS)})
        about["seconds"] = str(round(time.process_time() - started))
        runs.write(found.assign_attrs(about), SHELF / f"{name}.nc")


if __name__ == "__main__":
    main()
