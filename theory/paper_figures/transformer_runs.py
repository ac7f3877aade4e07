"""The paper's transformer after it went on with fewer examples, from the question on it."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from theory.questions import load, transformer_ungrokking
from theory.questions.transformer_ungrokking import POINTS, SETTING, again
from theory.sweeps import sweep

TITLE = "The paper's transformer"
MODULUS = SETTING.modulus
#: Of one core, on which the runs were made.
MINUTES = 85.0


def stored(shelf: str | Path) -> xr.Dataset:
    """Return the stored runs, along ``size`` and ``seed``; see `transformer_ungrokking.again`."""
    runs = load(transformer_ungrokking, shelf)
    return runs.drop_vars([name for name in runs.variables if str(name).startswith("decay_")])


def run(folder: str | Path) -> xr.Dataset:
    """Do these runs, kept in a folder as they finish."""
    return sweep(again, POINTS, folder)


def over_time(runs: xr.Dataset) -> xr.Dataset:
    """Return ``test_accuracy`` along ``examples``, ``seed`` and ``step``, few records of a run."""
    steps = (SETTING.steps * runs["part"]).round().astype(int)
    course = runs.course.assign_coords(part=steps).rename(part="step", size="examples")
    return xr.Dataset({"test_accuracy": course})
