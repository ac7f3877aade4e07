"""Fractions or per cent, nats or another unit of loss."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from theory import runs
from theory.logs.vocabulary import UNITS, words

#: What settings call the function that is the loss.
LOSS_SETTING = {"loss", "criterion", "objective"}
#: What a network without training has less than of accuracy, and more than of loss, in nats.
HALF, UNTRAINED = 0.5, 2.0
NATS = {"ce", "xent", "nll", "crossentropy", "entropy", "nat", "nats"}


def in_percent(
    most: Mapping[str, float],
    signed: Collection[str],
    doubts: Mapping[str, str],
    percent: Collection[str] | None,
) -> list[str]:
    """Return the accuracies that are in per cent.

    Parameters
    ----------
    most
        The largest number of each accuracy.
    signed
        Those whose cells have a sign for per cent.
    doubts
        Why others may be, by name, in words.
    percent
        As `theory.logs.read` takes it.

    Raises
    ------
    ValueError
        If it has to be said which are; names `percent`.
    """
    above = {name for name, number in most.items() if number > 1 + runs.ROUNDING} | set(signed)
    if percent is None:
        if doubtful := sorted(doubts.keys() - above):
            name = doubtful[0]
            raise ValueError(
                f"percent must say whether {name} is in per cent, {doubts[name]}: "
                f"it goes up to {most[name]:g}"
            )
        if len(above) in (0, len(most)):
            return sorted(above)
        ends = ", ".join(f"{name} goes up to {number:g}" for name, number in most.items())
        raise ValueError(f"percent must name what is in per cent: {ends}")
    if isinstance(percent, str) or (unknown := set(percent) - most.keys()):
        given = percent if isinstance(percent, str) else sorted(unknown)
        raise ValueError(f"percent must name accuracies of {sorted(most)}, got {given!r}")
    if missing := above - set(percent):
        name = min(missing)
        raise ValueError(f"percent must name {name} too, which goes up to {most[name]:g}")
    return sorted(percent)


def begins_high(name: str, series: Mapping[str, Any]) -> str:
    """Return why an accuracy that may be a fraction may be in per cent, "" where nothing says so.

    Half of all examples right is much for a network whose loss is above `UNTRAINED`.

    Parameters
    ----------
    name
        The accuracy.
    series
        A `pandas.Series` of each quantity, by step.

    Examples
    --------
    >>> import pandas as pd
    >>> series = {"train_loss": pd.Series([4.7, 0.3]), "test_accuracy": pd.Series([0.88, 1.0])}
    >>> begins_high("test_accuracy", series)
    'as it begins at 0.88 at step 0, where train_loss is 4.7'
    """
    accuracy = series[name]
    own = name.replace("accuracy", "loss")
    loss = own if own in series else "train_loss"
    if loss not in series or accuracy.empty or not HALF < accuracy.iloc[0] < 1:
        return ""
    step = accuracy.index[0]
    there = series[loss][series[loss].index >= step]
    if there.empty or there.iloc[0] <= UNTRAINED:
        return ""
    at = f"{accuracy.iloc[0]:g} at step {step:g}"
    return f"as it begins at {at}, where {loss} is {there.iloc[0]:g}"


def loss_unit(losses: Iterable[str], metadata: Mapping[str, Any], given: str | None) -> str | None:
    """Return the unit of losses, None where nothing says that it is not the nat.

    Parameters
    ----------
    losses
        Names of their columns.
    metadata
        What the file says besides.
    given
        The unit, if it is known.

    Raises
    ------
    ValueError
        If it has to be given; names `loss_units`.
    """
    each = [{UNITS.get(word) for word in words(name)} - {None} for name in losses]
    if given is not None or not each:
        return given
    if all(each) and len(set.union(*each)) == 1:
        return each[0].pop()
    said = [value for name, value in metadata.items() if _names_a_loss(name, value)]
    other = [value for value in said if not set(words(value)) & NATS]
    if other or any(each):
        named = ", ".join(map(repr, other)) or "the name of a column"
        raise ValueError(f"loss_units must be given: {named} says that it is not in nats")
    return None


def _names_a_loss(name: str, value: Any) -> bool:
    return isinstance(value, str) and bool(set(words(name)) & LOSS_SETTING)
