"""Every theory against every question: what was predicted, what was found, and the verdict."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import xarray as xr

from theory import checks
from theory.questions.pooling import compared, uncompared
from theory.questions.question import PRIMARY, Measured, Quantity, Question, Value, name_of
from theory.statistics import Bounds, Interval, bounded_interval
from theory.theories.theory import Prediction, Theory
from theory.trial.verdict import ALPHA, HOLDS, OPEN, REFUTED, Claim, Judgement, holm, judge

#: Primary predictions in a part of the book whose verdicts are counted, at most.
MOST = 12
#: How near, in margins, a null is the prediction itself, but for rounding.
_SAME = 1e-9
#: Why a verdict that stands by itself is not counted.
TOO_MANY = "not clear enough among so many predictions"


@dataclass(frozen=True)
class Outcome:
    """What became of one prediction, at all places together or at one.

    Attributes
    ----------
    theory, question
        Their names.
    quantity, prediction
        What was measured, and what the theory said of it.
    place
        Settings by name; empty for all places together, with the seed as block.
    predicted
        The mean predicted value, in the unit of the quantity.
    found
        The mean measured one, with its interval.
    judgement
        The verdict on the discrepancy of the two.
    """

    theory: str
    question: str
    quantity: Quantity
    prediction: Prediction
    place: Mapping[str, Value]
    predicted: float
    found: Interval
    judgement: Judgement

    @property
    def effect(self) -> Interval:
        """How far the runs are off: a difference, or, compared by ratios, a part of the value."""
        off = self.judgement.interval
        return Interval(*np.expm1(off).tolist()) if self.quantity.relative else off


def outcomes(question: Question, theories: Sequence[Theory], measured: Measured) -> list[Outcome]:
    """Return what became of all that the theories predict of a question.

    Each prediction comes with all places together first, and then, if there are several, with each.
    A quantity about which a theory is silent has no outcome.

    Parameters
    ----------
    question
        What was asked.
    theories
        In the order of the outcomes of one quantity.
    measured
        What the question's `measure` has returned.

    Raises
    ------
    ValueError
        If what was measured is not what the question says it measures, or has no seeds; if a theory
        predicts what the question does not ask for, or a value that does not fit it.
    """
    _require_measured(question, measured)
    for theory in theories:
        _require_asked(question, theory)
    return [
        outcome
        for quantity, theory in itertools.product(question.QUANTITIES, theories)
        if (name_of(question), quantity.name) in theory.predicts
        for outcome in _outcomes(question, theory, quantity, measured)
    ]


def counted(found: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes of primary quantities in a part, corrected for their number.

    All places together. What was decided, but not clearly enough for so many predictions, becomes
    open: `holm`.

    Raises
    ------
    ValueError
        If there are more than `MOST`.
    """
    primary = [each for each in found if each.quantity.role == PRIMARY and not each.place]
    if len(primary) > MOST:
        raise ValueError(f"found must have at most {MOST} primary predictions, got {len(primary)}")
    chances = holm([each.judgement.chance for each in primary])
    return [
        each if chance <= ALPHA or each.judgement.verdict == OPEN else _opened(each, TOO_MANY)
        for each, chance in zip(primary, chances, strict=True)
    ]


def contested(outcome: Outcome, others: Sequence[Outcome]) -> bool:
    """Whether another theory says something else of the same quantity."""
    return any(
        not _agree(outcome, each)
        for each in others
        if each.theory != outcome.theory
        and not each.place
        and (each.question, each.quantity.name) == (outcome.question, outcome.quantity.name)
    )


def _agree(one: Outcome, other: Outcome) -> bool:
    """Whether two predictions are within the margin, or a direction has the other on its side."""
    apart = _scaled(other.predicted, one.quantity) - _scaled(one.predicted, one.quantity)
    directions = one.prediction.direction, other.prediction.direction
    if all(directions):
        return directions[0] == directions[1]
    if any(directions):
        return apart * directions[0] > 0 or apart * directions[1] < 0
    return abs(apart) <= one.quantity.tolerance


def _opened(outcome: Outcome, reason: str) -> Outcome:
    judgement = replace(outcome.judgement, verdict=OPEN, reason=reason, chance=1.0)
    return replace(outcome, judgement=judgement)


def _outcomes(
    question: Question, theory: Theory, quantity: Quantity, measured: Measured
) -> list[Outcome]:
    """Return the outcome at all places together, then, if there are several, at each."""
    prediction = theory.predicts[name_of(question), quantity.name](measured)
    values = compared(measured[quantity.name], quantity)
    found = _table(values, values.low.dims)
    said = _table(
        compared(_said(prediction, theory, quantity, values.low), quantity), values.low.dims
    )

    def at(place: dict[str, Value], row: tuple[int, ...] = ()) -> Outcome:
        here, there = (_Table(each.low[row], each.high[row]) for each in (found, said))
        return Outcome(
            theory.name,
            name_of(question),
            quantity,
            prediction,
            place,
            uncompared(_middle(there.low), quantity),
            Interval(*(uncompared(each, quantity) for each in bounded_interval(*_pooled(here)))),
            _judged(here, there, quantity, prediction),
        )

    whole = at({})
    single = [at(place, row) for place, row in _places(values.low)] if found.low.ndim > 1 else []
    refuted = sum(each.judgement.verdict == REFUTED for each in single)
    if refuted and whole.judgement.verdict == HOLDS:
        whole = _opened(whole, f"refuted at {refuted} of {len(single)} places")
    return [whole, *single]


def _require_measured(question: Question, measured: Measured) -> None:
    """Refuse what is not all that the question measures, by quantity and seed."""
    names = {quantity.name for quantity in question.QUANTITIES}
    if names != measured.keys():
        raise ValueError(f"measured must be {sorted(names)}, got {sorted(measured)}")
    for name, values in measured.items():
        for each in values if isinstance(values, Bounds) else [values]:
            if not isinstance(each, xr.DataArray):
                raise ValueError(f"measured {name} must be a DataArray or Bounds, got {values!r}")
            if "seed" not in each.dims or each.size == 0:
                raise ValueError(f"measured {name} must have seeds, got sizes {dict(each.sizes)}")


def _require_asked(question: Question, theory: Theory) -> None:
    """Refuse predictions of what the question does not measure."""
    names = [quantity.name for quantity in question.QUANTITIES]
    for asked, name in theory.predicts:
        if asked == name_of(question) and name not in names:
            raise ValueError(f"{theory.name} must predict one of {names} of {asked}, got {name!r}")


def _said(
    prediction: Prediction, theory: Theory, quantity: Quantity, found: xr.DataArray
) -> xr.DataArray:
    """Return what is predicted, at every place and seed that was measured."""
    what = f"prediction of {quantity.name} by {theory.name}"
    if not isinstance(prediction, Prediction):
        raise ValueError(f"{what} must be a Prediction, got {prediction!r}")
    value = xr.DataArray(prediction.value)
    if value.ndim == 0:
        checks.number(what, float(value), above=0 if quantity.relative else None)
    if not set(value.dims) <= set(found.dims):
        raise ValueError(f"{what} must have no dimensions but {found.dims}, got {value.dims}")
    try:
        with xr.set_options(arithmetic_join="exact"):
            said: xr.DataArray = value + xr.zeros_like(found)
    except ValueError as error:
        raise ValueError(f"{what} must be of what was measured, got others: {error}") from None
    return said


def _judged(found: _Table, said: _Table, quantity: Quantity, prediction: Prediction) -> Judgement:
    """Return the verdict on numbers as they are compared."""
    apart = found.low - said.high, found.high - said.low
    error = float(np.log1p(prediction.error)) if quantity.relative else prediction.error
    claim = Claim(quantity.tolerance, error, prediction.direction)
    measured = _pooled(found)
    if quantity.null is None or prediction.direction:
        return judge(_pooled(apart), claim, measured=measured)
    null = _scaled(quantity.null, quantity)
    if (abs(null - said.low) <= _SAME * quantity.tolerance).all():
        return judge(_pooled(apart), claim, measured=measured)
    # |found - said| - |found - null|, at each place and seed: what is beyond either is not nearer.
    middle, side, gap = (said.low + null) / 2, np.sign(null - said.low), abs(null - said.low)
    one, other = ((2 * (each - middle) * side).clip(-gap, gap) for each in found)
    behind = np.where(one < other, one, other), np.where(one < other, other, one)
    return judge(_pooled(apart), claim, _pooled(behind), measured)


class _Table(NamedTuple):
    """Bounds as plain arrays, since each of very many is small: shape (..., seeds)."""

    low: np.ndarray
    high: np.ndarray


def _table(values: Bounds, dims: Iterable[Hashable]) -> _Table:
    order = [*(dim for dim in dims if dim != "seed"), "seed"]
    return _Table(*(each.transpose(*order).values for each in values))


def _pooled(values: tuple[np.ndarray, np.ndarray]) -> _Table:
    """Return one number a seed: the mean over all places."""
    return _Table(*(each.reshape(-1, each.shape[-1]).mean(axis=0) for each in values))


def _middle(values: np.ndarray) -> float:
    """Return the mean of what is known; NaN if nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else np.nan


def _places(values: xr.DataArray) -> Iterator[tuple[dict[str, Value], tuple[int, ...]]]:
    """Yield the settings of every place, and where it is in a table."""
    others = {str(dim): values[dim].values.tolist() for dim in values.dims if dim != "seed"}
    for row in np.ndindex(*map(len, others.values())):
        yield {dim: each[at] for (dim, each), at in zip(others.items(), row, strict=True)}, row


def _scaled(value: float, quantity: Quantity) -> float:
    return float(np.log(value)) if quantity.relative else value
