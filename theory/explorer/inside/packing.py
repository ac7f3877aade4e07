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
#: What is packed as tables.
TABLES = (
    "wave_power",
    "wave_level",
    "trained",
    "right",
    "answer",
    "rival",
    "lead",
    "voter",
    "vote",
)
#: What is packed for a glance: numbers for each step, and tables.
GLANCED_SCALARS = ("train_loss", "train_accuracy", "test_accuracy")
GLANCED_TABLES = ("trained", "right")
#: Digits of a vote, and the largest number of a byte.
VOTE_DIGITS = 2
BYTE = 255


def packed(run: xr.Dataset) -> dict[str, Any]:
    """Return a run that `watch` has recorded as plain values for JSON.

    Returns
    -------
    dict
        Each quantity by its name with `DIGITS` digits, ``weight`` as a pair of lists;
        ``trained`` and ``right`` as bits, most significant first, and ``wave_level`` as half
        bytes, the high one first, all in base64; units in the order of their strongest wave at
        the end, silent ones last. ``fits`` and ``generalises``: the steps where the run does so,
        or None.

        Of answer and rival one is the right label, so that ``other`` holds the other one, as a
        byte, in base64. So does ``ahead`` the root of how far the answer is ahead, in 255ths of
        the root of the step's ``most_ahead``: the root, since what is close is told more exactly.
        ``voter`` and ``vote`` are lists, one for each rank.

    Raises
    ------
    ValueError
        If a quantity is missing, or the modulus is not below 256.
    """
    _check(run, {*SCALARS, *TABLES, "weight"})
    if run.sizes["first"] > BYTE:
        raise ValueError(f"run must be of a modulus below 256, got {run.sizes['first']}")
    levels = run.wave_level.transpose("step", "unit", "wave").values
    last = levels[-1, :, 1:]
    silent = last.max(axis=1) == 0
    order = np.argsort(last.argmax(axis=1) + silent * last.shape[1], kind="stable")
    return {
        **_common(run),
        "units": run.sizes["unit"],
        **{name: _short(run[name]) for name in SCALARS},
        "weight": _short(run.weight.transpose("circuit", "step")),
        "wave_power": _short(run.wave_power.transpose("step", "wave")),
        "wave_level": _text(_half_bytes(levels[:, order])),
        **_answers(run),
        **_votes(run, order),
    }


def glanced(run: xr.Dataset) -> dict[str, Any]:
    """Return of such a run what a glance at it shows: accuracies, and the table of right answers.

    Returns
    -------
    dict
        Of what `packed` returns, in the same form: ``modulus``, ``step``, ``train_loss``, both
        accuracies, ``trained``, ``right``, ``fits`` and ``generalises``.

    Raises
    ------
    ValueError
        If a quantity is missing.
    """
    _check(run, {*GLANCED_SCALARS, *GLANCED_TABLES})
    return {**_common(run), **{name: _short(run[name]) for name in GLANCED_SCALARS}}


def _check(run: xr.Dataset, names: set[str]) -> None:
    missing = names - {*run}
    if missing:
        raise ValueError(f"run must be one that watch has recorded, got one without {missing}")


def _common(run: xr.Dataset) -> dict[str, Any]:
    """Return what every view needs: steps, tables of right answers, and events."""
    events = (measures.fit_step(run), measures.generalisation_step(run))
    fits, generalises = (None if each.censored else _short(each) for each in events)
    return {
        "modulus": run.sizes["first"],
        "step": run.step.values.tolist(),
        "trained": _text(np.packbits(run.trained.values)),
        "right": _text(np.packbits(run.right.transpose("step", "first", "second").values)),
        "fits": fits,
        "generalises": generalises,
    }


def _answers(run: xr.Dataset) -> dict[str, Any]:
    """Return the wrong one of answer and rival, and how far the answer is ahead."""
    dims = ("step", "first", "second")
    other = run.rival.where(run.right, run.answer).transpose(*dims)
    ahead = abs(run.lead).transpose(*dims)
    most = ahead.max(["first", "second"])
    parts = np.sqrt(ahead / most.where(most > 0, 1)) * BYTE
    return {
        "other": _text(other.values),
        "ahead": _text(parts.round().values),
        "most_ahead": _short(most),
    }


def _votes(run: xr.Dataset, order: np.ndarray) -> dict[str, Any]:
    """Return who is loudest, by its place in the order of units, and how loud."""
    dims = ("rank", "first", "second")
    voter, vote = (run[name].transpose(*dims).stack(cell=dims[1:]) for name in ("voter", "vote"))
    return {
        "voter": np.argsort(order)[voter.values].tolist(),
        "vote": _short(vote, VOTE_DIGITS),
    }


def _short(values: xr.DataArray, digits: int = DIGITS) -> Any:
    """Return numbers with few digits, nested in lists as the array is."""
    rounded = np.vectorize(lambda value: float(f"{value:.{digits}g}"))(values.values)
    return rounded.tolist()


def _half_bytes(levels: np.ndarray) -> np.ndarray:
    flat = levels.ravel()
    even = np.append(flat, np.zeros(flat.size % 2, np.uint8)).reshape(-1, 2)
    return np.asarray(even[:, 0] << 4 | even[:, 1])


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.astype(np.uint8).tobytes()).decode()
