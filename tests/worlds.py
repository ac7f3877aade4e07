"""Invented runs of questions, in which the truth is known, and what the court makes of them."""

from dataclasses import replace

import numpy as np
import xarray as xr

from theory.questions import name_of
from theory.statistics import Bounds
from theory.theories import THEORIES, Theory
from theory.trial import outcomes


def along(name, values):
    """A coordinate as an array along itself."""
    return xr.DataArray(list(values), {name: list(values)}, name)


def scattered(centre, spread, seeds):
    """A number for each seed, the same distances around the centre and a `spread` far at most."""
    offsets = np.linspace(-spread, spread, len(seeds))
    return xr.DataArray(centre + offsets, {"seed": list(seeds)}, "seed")


def transition(sizes, half, width):
    """An accuracy that rises straight in log D, from 0.1 to 0.9 over a factor of `width`."""
    half = half if isinstance(half, xr.DataArray) else xr.DataArray(half)
    scores = 0.5 + 0.8 * (np.log(sizes) - np.log(half)) / np.log(width)
    found = scores.clip(0, 1)
    return found


def judged(question, runs, theory, quantity):
    """What became of one prediction: at all places together, then at each."""
    said = (name_of(question), quantity)
    alone = replace(theory, predicts={said: theory.predicts[said]})
    return outcomes(question, [alone], question.measure(runs))


def verdicts(question, runs, theory, quantity):
    """The verdicts on a prediction, at all places together and at each."""
    return {each.judgement.verdict for each in judged(question, runs, theory, quantity)}


def estimates(question, runs):
    """The means over seeds of every quantity at all places, NaN where a seed is not known."""
    found = {}
    for name, values in question.measure(runs).items():
        low, high = Bounds.of(values)
        found[name] = low.where(low == high).mean("seed", skipna=False).values.ravel()
    assert found.keys() == {each.name for each in question.QUANTITIES}
    return found


def predicted(question):
    """What theories predict of a question: each with the names of quantities."""
    return [
        (theory, quantity)
        for theory in THEORIES
        for asked, quantity in theory.predicts
        if asked == name_of(question)
    ]


def told(value):
    """A theory by its name, for the name of a test."""
    return value.name if isinstance(value, Theory) else None
