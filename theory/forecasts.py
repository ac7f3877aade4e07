r"""Forecasts that anybody can hold the theory to: before a network is trained, then scored.

What is forecast is of a two-layer network of square units on addition modulo m, at rest under a
penalty :math:`\tfrac\gamma2 |\theta|^2`. Each number comes with an interval, and with the theory
that it is from. Runs are appended to a track record, good and bad.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.optimize import brentq

from theory import checks, circuits
from theory.checks import Parameter
from theory.networks import Split, TwoLayer, modular_addition
from theory.questions.at_rest import at_rest, with_random_labels
from theory.questions.descended import descended, nested
from theory.questions.practice import POOL
from theory.statistics import passage_bounds

#: Where the book keeps the track record, as seen from the repository.
RECORD = Path("book/data/forecasts.json")
#: From about this modulus on equal cost was seen 5% above what is derived, and more each time.
_LARGE = 120
#: The penalties for which the intervals are meant.
LEAST_L2, MOST_L2 = 1e-5, 1e-3
#: Sizes at which accuracies are forecast, in parts of the critical size.
PARTS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.6)
#: How far a size may be off that an accuracy goes with: equal cost is known to 6%.
_SIZE_OFF = 0.08
#: And an accuracy besides.
_ACCURACY_OFF = 0.03
#: From scratch the half-way point was seen so much higher than after grokking, at seven moduli.
_SCRATCH, _SCRATCH_OFF = 1.14, 0.12


@dataclass(frozen=True)
class Forecast:
    """One number that a theory says before the run, and what came of it.

    Attributes
    ----------
    name, unit
        What it is of, and its unit; empty where it has none.
    value, low, high
        The forecast, and an interval that the theory's authors stand for.
    theory
        The theory that it is from, as in `theory.theories`.
    found
        What the run gave; None before it.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    theory: str
    found: float | None = None

    @property
    def hit(self) -> bool | None:
        """Whether the run gave a number inside of the interval; None before it."""
        return None if self.found is None else self.low <= self.found <= self.high


def forecast(modulus: int, l2: float, width: int = 128) -> tuple[Forecast, ...]:
    """Return what is forecast of a network.

    Parameters
    ----------
    modulus
        m, odd, at least 23: below, four fifths of all pairs are too few to generalise from.
    l2
        gamma, from 1e-5 to 1e-3.
    width
        Hidden units: at least 1.5 times what generalising needs, and two thirds of m, so that
        there are enough for either circuit.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> for each in forecast(151, 1e-4)[:2]:
    ...     print(each.name, round(each.value, 1))
    generalising norm 75.8
    right logit 10.8
    """
    modulus = checks.integer("modulus", modulus, at_least=23)
    if modulus % 2 == 0:
        raise ValueError(f"modulus must be odd, got {modulus}")
    l2 = checks.number("l2", l2, at_least=LEAST_L2, at_most=MOST_L2)
    units, logit = circuits.expected_units(modulus, l2), circuits.expected_logit(modulus, l2)
    least = int(np.ceil(max(1.5 * float(units), 2 / 3 * modulus)))
    checks.integer("width", width, at_least=least)
    size = circuits.critical_size(modulus, l2)
    around = 0.05 if np.isclose(l2, 1e-4) and modulus < _LARGE else 0.12
    return (
        _within("generalising norm", "", circuits.generalising_norm(logit, modulus, units), 0.04),
        _within("right logit", "logits", logit, 0.06),
        _within("hidden units", "units", units, 0.2),
        _within("critical size", "examples", size, around),
        *_coming_down(float(size)),
    )


def accuracy_curve(modulus: int, l2: float, size: Parameter) -> float | xr.DataArray:
    """Return the accuracy on unseen pairs, at rest on so many examples after grokking.

    By the empirical line of the share of memory, and the derived critical size.

    Parameters
    ----------
    modulus, l2
        As `forecast`.
    size
        D > 0, in examples.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> [round(accuracy_curve(97, 1e-4, size), 2) for size in (800, 1200, 2400)]
    [0.02, 0.39, 1.0]
    """
    forecast(modulus, l2, width=max(128, modulus))
    return _accuracy(size, float(circuits.critical_size(modulus, l2)))


def _accuracy(size: Parameter, critical: float) -> float | xr.DataArray:
    return circuits.test_accuracy(circuits.memory_share(size, critical))


def _coming_down(critical: float) -> tuple[Forecast, ...]:
    """Return both half-way points, and accuracies after grokking."""
    equal = brentq(lambda part: float(circuits.memory_share(part, 1.0)) - 0.5, 0.3, 3.0)
    half, line = equal * critical, "empirical line"
    points = (
        _within("half-way, had grokked", "examples", half, _SIZE_OFF, line),
        _within("half-way, from scratch", "examples", _SCRATCH * half, _SCRATCH_OFF, line),
    )
    curve = []
    for part in PARTS:
        size, off = part * critical, 1 + _SIZE_OFF
        value, low, high = (float(_accuracy(at, critical)) for at in (size, size / off, size * off))
        low, high = max(low - _ACCURACY_OFF, 0.0), min(high + _ACCURACY_OFF, 1.0)
        curve.append(Forecast(f"accuracy at {round(size)}", "", value, low, high, line))
    return (*points, *curve)


def _within(
    name: str, unit: str, value: Parameter, part: float, theory: str = "derived costs"
) -> Forecast:
    number = float(value)
    return Forecast(name, unit, number, number / (1 + part), number * (1 + part), theory)


def run(modulus: int, l2: float, width: int = 128, seed: int = 0) -> tuple[Forecast, ...]:
    """Return the forecasts with what a network, trained now, gives.

    One generalises on four fifths of all pairs; two memorise random labels, a tenth below and above
    the critical size that is forecast, and the size of equal objectives is read off between them.
    One has grokked and comes down to each of `PARTS`; and for each of them one starts from scratch.

    Parameters
    ----------
    seed
        Of the pairs, the labels and the networks' starts.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    said = forecast(modulus, l2, width)
    task = modular_addition(modulus)
    pool = task.split(round(POOL * len(task.labels)), rng=seed)
    known = at_rest(pool, width, l2, seed)
    critical = said[3].value
    sizes = [round(part * critical) for part in (0.9, 1.1)]
    costs = [
        at_rest(with_random_labels(pool, size, seed), width, l2, seed).objective.item()
        for size in sizes
    ]
    rise = np.diff(np.log(sizes))[0] / np.diff(np.log(costs))[0]
    equal = sizes[0] * (known.objective.item() / costs[0]) ** rise
    down, scratch = _accuracies(pool, width, l2, seed, critical)
    points = [_half_way(each) for each in (down, scratch)]
    found = (
        *(known.parameter_norm, known.right_logit, known.units, equal),
        *(*points, *down.values),
    )
    return tuple(
        Forecast(**{**asdict(each), "found": float(number)})
        for each, number in zip(said, found, strict=True)
    )


def _accuracies(
    pool: Split, width: int, l2: float, seed: int, critical: float
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return test accuracies along ``size``, after grokking and from scratch."""
    sizes = [round(part * critical) for part in PARTS]
    places = nested(pool, sizes, seed)
    ladder = dict(zip(map(float, sizes), places, strict=True))
    down = descended(TwoLayer(width), pool, l2, seed, ladder).test_accuracy
    scratch = [
        at_rest(replace(pool, train=each), width, l2, seed).test_accuracy.item() for each in places
    ]
    return (
        down.sel(step=list(ladder)).rename(step="size"),
        xr.DataArray(scratch, {"size": list(ladder)}, "size"),
    )


def _half_way(accuracy: xr.DataArray) -> float:
    """Return the size at which half is right: the nearest end of the ladder where it is beyond."""
    low, high = (each.item() for each in passage_bounds(accuracy, 0.5, "size"))
    return float(high if low == 0 else low)


def append(settings: dict[str, float], scored: Sequence[Forecast], place: Path = RECORD) -> None:
    """Add a run to a track record: all of the file is written anew, or none of it.

    Parameters
    ----------
    settings
        ``modulus``, ``l2``, ``width`` and ``seed``, by which a run is known.
    scored
        What `run` has returned.
    place
        The file; it is made if it is not there.
    """
    entry = {**settings, "forecasts": [asdict(each) for each in scored]}
    text = json.dumps([*track_record(place), entry], indent=1)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=place.name)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
    Path(name).replace(place)


def track_record(place: Path = RECORD) -> list[dict[str, object]]:
    """Return all runs that were ever appended, in their order."""
    if not place.exists():
        return []
    entries: list[dict[str, object]] = json.loads(place.read_text())
    return entries


def table(forecasts: Sequence[Forecast]) -> str:
    """Return forecasts as text, a line each."""
    rows = [("", "forecast", "interval", "found", "", "theory")]
    for each in forecasts:
        found = ("", "") if each.found is None else (f"{each.found:.4g}", _word(each))
        interval = f"{each.low:.4g} to {each.high:.4g}"
        rows.append((each.name, f"{each.value:.4g} {each.unit}", interval, *found, each.theory))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _word(each: Forecast) -> str:
    return "inside" if each.hit else "OUTSIDE"
