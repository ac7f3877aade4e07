"""Functions to sweep over that workers, too, can import; each call leaves a mark in a folder."""

import os
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from theory import runs


def run_of(x, steps=3):
    """Make a small run that depends on `x`."""
    step = np.arange(steps)
    return runs.from_columns(step, train_loss=x + 1.0 / (1 + step))


def marked(x, folder):
    """Leave a mark for the call, and return its run."""
    mark = Path(folder, "calls", f"{x}-{os.getpid()}-{time.monotonic_ns()}")
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    return run_of(x)


def calls(folder):
    """The arguments of all calls of `marked` so far, in order of size."""
    return sorted(int(mark.name.split("-")[0]) for mark in Path(folder, "calls").glob("*"))


def marked_unless(x, folder, deed):
    """As `marked`, but at x = 2 die, fail or wait for death, unless the folder says repaired."""
    run = marked(x, folder)
    if x == 2 and not Path(folder, "repaired").exists():
        if deed == "die once":
            Path(folder, "repaired").touch()
        if deed.startswith("die"):
            # Late enough that other workers have finished something by then.
            time.sleep(0.5)
            os._exit(3)
        if deed == "wait":
            time.sleep(60)
        raise KeyError("no such thing")
    return run


def blas_threads(x):
    """The most threads that linear algebra may take here."""
    return max(x, *(pool["num_threads"] for pool in threadpool_info()))
