"""Invented results of experiments, in which the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import numpy as np
import xarray as xr

from theory.experiments import Finding


def along(name: str, values: Sequence[float | str]) -> xr.DataArray:
    """A coordinate as an array along itself."""
    return xr.DataArray(list(values), {name: list(values)}, name)


def scattered(centre: float, spread: float, seeds: Sequence[int]) -> xr.DataArray:
    """A number for each seed, the same distances around the centre and a `spread` far at most."""
    offsets = np.linspace(-spread, spread, len(seeds))
    return xr.DataArray(centre + offsets, {"seed": list(seeds)}, "seed")


def transition(sizes: xr.DataArray, half: xr.DataArray | float, width: float) -> xr.DataArray:
    """An accuracy that rises straight in log D, from 0.1 to 0.9 over a factor of `width`."""
    half = half if isinstance(half, xr.DataArray) else xr.DataArray(half)
    scores = 0.5 + 0.8 * (np.log(sizes) - np.log(half)) / np.log(width)
    found: xr.DataArray = scores.clip(0, 1)
    return found


def judged(experiment: ModuleType, runs: xr.Dataset) -> dict[str, list[Finding]]:
    """The findings of an experiment by the name of what was predicted."""
    predictions = experiment.prediction()
    found: dict[str, list[Finding]] = {each.name: [] for each in predictions}
    for finding in experiment.judge(predictions, runs):
        found[finding.prediction.name].append(finding)
    return found


def verdicts(experiment: ModuleType, runs: xr.Dataset, name: str) -> set[str]:
    """The verdicts on a prediction at all places."""
    return {finding.verdict for finding in judged(experiment, runs)[name]}


def estimates(experiment: ModuleType, runs: xr.Dataset) -> dict[str, np.ndarray]:
    """The estimates of every quantity at all places."""
    return {
        name: np.array([finding.interval.estimate for finding in findings])
        for name, findings in judged(experiment, runs).items()
    }
