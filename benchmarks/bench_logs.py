"""How long a training log of a million rows takes to read, beside pandas' own reading of it.

Each on one core, by turns, the least of some repetitions: a table that is filled, and one in which
the test side stands in every tenth row. The bar is an aim, not a verdict.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import machine
import numpy as np
import pandas as pd

from theory import logs

ROWS, REPEATS, BAR = 10**6, 5, 3.0


def table(every: int) -> pd.DataFrame:
    """Return a log whose test side is recorded in one of `every` rows."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"step": 10 * np.arange(ROWS), "lr": 1e-3})
    for name in ("train_loss", "train_acc", "val_loss", "val_acc"):
        frame[name] = rng.random(ROWS)
    frame.loc[frame.index % every != 0, ["val_loss", "val_acc"]] = np.nan
    return frame


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print a line for each table."""
    machine.one_core()
    print(machine.describe("pandas", "xarray"))
    print(f"{ROWS} rows, aim: at most {BAR:g} times pandas.read_csv")
    with tempfile.TemporaryDirectory() as folder:
        for name, every in (("filled", 1), ("with gaps", 10)):
            file = Path(folder, f"{name}.csv")
            table(every).to_csv(file, index=False)
            pairs = [
                (
                    seconds(lambda file=file: pd.read_csv(file)),
                    seconds(lambda file=file: logs.read(file, loss_units="nat")),
                )
                for _ in range(REPEATS)
            ]
            pandas, ours = np.min(pairs, axis=0)
            times = f"pandas {pandas:.2f} s, theory.logs.read {ours:.2f} s"
            print(f"{name:10} {times}, ratio {ours / pandas:.2f}")
    print(f"peak memory {machine.peak_memory():.0f} MB")


if __name__ == "__main__":
    main()
