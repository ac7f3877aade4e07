"""Invented runs of questions, in which the truth is known, and what the court makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from theory.questions import Question, name_of
from theory.statistics import Bounds
from theory.theories import THEORIES, Theory
from theory.trial import Outcome, outcomes


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


def judged(question: Question, runs: xr.Dataset, theory: Theory, quantity: str) -> list[Outcome]:
    """What became of one prediction: at all places together, then at each."""
    said = (name_of(question), quantity)
    alone = replace(theory, predicts={said: theory.predicts[said]})
    return outcomes(question, [alone], question.measure(runs))


def verdicts(question: Question, runs: xr.Dataset, theory: Theory, quantity: str) -> set[str]:
    """The verdicts on a prediction, at all places together and at each."""
    return {each.judgement.verdict for each in judged(question, runs, theory, quantity)}


def estimates(question: Question, runs: xr.Dataset) -> dict[str, np.ndarray]:
    """The means over seeds of every quantity at all places, NaN where a seed is not known."""
    found = {}
    for name, values in question.measure(runs).items():
        low, high = Bounds.of(values)
        found[name] = low.where(low == high).mean("seed", skipna=False).values.ravel()
    assert found.keys() == {each.name for each in question.QUANTITIES}
    return found


def predicted(question: Question) -> list[tuple[Theory, str]]:
    """What theories predict of a question: each with the names of quantities."""
    return [
        (theory, quantity)
        for theory in THEORIES
        for asked, quantity in theory.predicts
        if asked == name_of(question)
    ]


def told(value: object) -> str | None:
    """A theory by its name, for the name of a test."""
    return value.name if isinstance(value, Theory) else None
