"""What a theory is: predictions of measured quantities, computed by its own code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from theory import checks
from theory.questions.question import Measured
from theory.statistics import Bounds


@dataclass(frozen=True)
class Prediction:
    """What a theory says of one quantity.

    Attributes
    ----------
    value
        In the unit of the quantity: a number, or one for each place and seed, where the theory
        predicts it from other things that were measured on the same network.
    because
        How the theory comes to it, and what it leaves out, in words.
    error
        The theory's own uncertainty, at least 0: a difference, or of a quantity that is compared
        by ratios a part. It keeps the theory from being refuted, and does not help it to hold.
    direction
        0 if the value is predicted; 1 or -1 if only that the quantity is more, or less, than it.

    Raises
    ------
    ValueError
        If one number is not finite, the error is negative or the direction is none of these.
    """

    value: float | xr.DataArray
    because: str
    error: float = 0.0
    direction: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.value, xr.DataArray):
            checks.settle(self, checks.number, "value")
        checks.settle(self, checks.number, "error", at_least=0)
        if self.direction not in (-1, 0, 1):
            raise ValueError(f"direction must be -1, 0 or 1, got {self.direction!r}")


def known(measured: Measured, name: str) -> xr.DataArray:
    """Return what was measured, to predict from; NaN where only bounds are known.

    Raises
    ------
    ValueError
        If the question does not measure it.
    """
    if name not in measured:
        raise ValueError(f"measured must have {name}, got {sorted(measured)}")
    values = measured[name]
    if isinstance(values, Bounds):
        return values.low.where(values.low == values.high)
    return values


def how_far(other: xr.DataArray, value: xr.DataArray) -> float:
    """Return how far another reading is from a value on average, as a part of it."""
    return float(np.expm1(abs(np.log(other / value)).mean()))


@dataclass(frozen=True)
class Theory:
    """A theory on trial.

    Attributes
    ----------
    name
        Short, for tables.
    claim
        What it says, in a sentence.
    source
        Where it is from.
    reading
        How sure we are of having read it right.
    predicts
        For the quantities it speaks of, by question and name, such as ("efficiency",
        "memorising_exponent"), a function of all that the question has measured. It is silent
        about all others.

    Raises
    ------
    ValueError
        If `predicts` has other keys or values.
    """

    name: str
    claim: str
    source: str
    reading: str
    predicts: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = field(repr=False)

    def __post_init__(self) -> None:
        for about, function in self.predicts.items():
            pair = isinstance(about, tuple) and [type(name) for name in about] == [str, str]
            if not pair or not callable(function):
                raise ValueError(
                    "predicts must map pairs of question and quantity to functions of what was "
                    f"measured, got {about!r}: {function!r}"
                )
