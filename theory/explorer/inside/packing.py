"""A watched run as text that a page can hold: numbers as they are, tables in a few bits a cell."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import xarray as xr

from theory import measures

#: Digits that are kept of a number.
DIGITS = 6
#: What is packed as one number for each step.
SCALARS = (
    "train_loss",
    "test_loss",
    "train_accuracy",
    "test_accuracy",
    "parameter_norm",
    "strongest_wave",
)


def packed(run: xr.Dataset) -> dict[str, Any]:
    """Return a run that `watch` has recorded as plain values for JSON.

    Returns
    -------
    dict
        Each quantity by its name with `DIGITS` digits, ``weight`` as a pair of lists;
        ``trained`` and ``right`` as bits, most significant first, and ``wave_level`` as half
        bytes, the high one first, all in base64; units in the order of their strongest wave at
        the end. ``fits`` and ``generalises``: the steps where the run does so, or None.

    Raises
    ------
    ValueError
        If a quantity is missing.
    """
    missing = {*SCALARS, "weight", "wave_power", "wave_level", "right", "trained"} - {*run}
    if missing:
        raise ValueError(f"run must be one that watch has recorded, got one without {missing}")
    levels = run.wave_level.transpose("step", "unit", "wave").values
    order = np.argsort(levels[-1, :, 1:].argmax(axis=1), kind="stable")
    events = (measures.fit_step(run), measures.generalisation_step(run))
    fits, generalises = (None if each.censored else _short(each) for each in events)
    return {
        "modulus": run.sizes["first"],
        "units": run.sizes["unit"],
        "step": run.step.values.tolist(),
        **{name: _short(run[name]) for name in SCALARS},
        "weight": _short(run.weight.transpose("circuit", "step")),
        "wave_power": _short(run.wave_power.transpose("step", "wave")),
        "trained": _text(np.packbits(run.trained.values)),
        "right": _text(np.packbits(run.right.transpose("step", "first", "second").values)),
        "wave_level": _text(_half_bytes(levels[:, order])),
        "fits": fits,
        "generalises": generalises,
    }


def _short(values: xr.DataArray) -> Any:
    """Return numbers with few digits, nested in lists as the array is."""
    rounded = np.vectorize(lambda value: float(f"{value:.{DIGITS}g}"))(values.values)
    return rounded.tolist()


def _half_bytes(levels: np.ndarray) -> np.ndarray:
    flat = levels.ravel()
    even = np.append(flat, np.zeros(flat.size % 2, np.uint8)).reshape(-1, 2)
    return np.asarray(even[:, 0] << 4 | even[:, 1])


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.astype(np.uint8).tobytes()).decode()
