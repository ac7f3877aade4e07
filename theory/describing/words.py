"""A run in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from theory.describing.criteria import Criteria
from theory.describing.labels import LATENESS

#: What a report says of the end of a run, and how.
_AT_END = {
    "train_loss": "train loss {:.3g}",
    "train_accuracy": "train accuracy {:.3g}",
    "test_loss": "test loss {:.3g}",
    "test_accuracy": "test accuracy {:.3g}",
    "parameter_norm": "parameter norm {:.3g}",
}

_NEARLY_ALL = 0.99


def report(record: Mapping[str, Any], by: Criteria) -> list[str]:
    """Return lines that say what a record of `Description.records` holds."""
    name = record["label"]
    why = f" ({record['reason']})" if record["reason"] else ""
    return [
        f"{name}: {record['criterion']}{why}.",
        f"- Fits ({by.fitting}): {_when(record['fits'])}.",
        f"- Generalises (test accuracy from {by.threshold:g} on): {_when(record['generalises'])}.",
        *_between(record),
        *_apart(record),
        *_fit_lost(record["fits"]),
        *_lasting(record),
        f"- At its end: {_ends(record['ends'])}.",
        *_recorded(record["recorded_to"]),
        *_more_than_errors(record, by),
        *_caution(name),
    ]


def count(steps: float) -> str:
    """Return a number of steps, in three digits if it is below 100.

    Examples
    --------
    >>> count(1234.5), count(0.848)
    ('1,234', '0.848')
    """
    return f"{steps:,.0f}" if abs(steps) >= 100 else f"{steps:.3g}"


def _steps(steps: float) -> str:
    said = count(steps)
    return f"{said} step" if said == "1" else f"{said} steps"


def _when(event: Mapping[str, Any]) -> str:
    return event["reason"] if event["step"] is None else f"at step {count(event['step'])}"


def _between(record: Mapping[str, Any]) -> list[str]:
    fits, generalises = (record[name]["step"] for name in ("fits", "generalises"))
    if not fits or generalises is None:
        return []
    if generalises <= fits:
        return [f"- It generalises {_steps(fits - generalises)} before it fits."]
    ratio = generalises / fits
    return [
        f"- It generalises {_steps(generalises - fits)} after it fits, {ratio:.3g} times as late."
    ]


def _apart(record: Mapping[str, Any]) -> list[str]:
    """Return a line on records that are too far apart to tell whether it generalises late."""
    fits, generalises = record["fits"], record["generalises"]
    if record["reason"] != LATENESS or None in (fits["step"], generalises["step"]):
        return []
    return [
        "- These steps are interpolated: it fits between its records at steps "
        f"{fits['before']:,.0f} and {fits['after']:,.0f}, and generalises between those at "
        f"{generalises['before']:,.0f} and {generalises['after']:,.0f}."
    ]


def _fit_lost(fits: Mapping[str, Any]) -> list[str]:
    lost = fits["lost"]
    return [] if lost is None else [f"- It fits no more from step {count(lost)} on."]


def _lasting(record: Mapping[str, Any]) -> list[str]:
    first, good, lost = (record[name]["step"] for name in ("generalises", "for_good", "lost"))
    to = record["recorded_to"]
    whole = to.get("test_accuracy", to["end"]) == to["end"]
    until = "until it ends" if whole else "as far as is recorded"
    if lost is not None:
        held = "" if first is None else f", {_steps(lost - first)} later"
        return [f"- Lost again {until}: from step {count(lost)} on{held}."]
    began = record["generalises"]["after"] is not None
    if good is not None and good != first and began:
        return [f"- In between it falls below. For good it generalises from step {count(good)} on."]
    return [f"- It stays so {until}."] if good is not None and began else []


def _ends(ends: Mapping[str, float | None]) -> str:
    said = [
        words.format(ends[name]) for name, words in _AT_END.items() if ends.get(name) is not None
    ]
    return ", ".join(said) or "nothing of its losses and accuracies is recorded"


def _recorded(to: Mapping[str, float | None]) -> list[str]:
    """Return a line on what is not recorded to the end."""
    short = [
        f"{name.replace('_', ' ')} to {step:,.0f}"
        for name, step in to.items()
        if step is not None and step != to["end"]
    ]
    end = f"- Not recorded to its end, at step {to['end']:,.0f}"
    return [f"{end}: {', '.join(short)}."] if short else []


def _more_than_errors(record: Mapping[str, Any], by: Criteria) -> list[str]:
    """Return a caution if it never fits by its loss in nats, though nearly all inputs are right."""
    right = record["ends"].get("train_accuracy") or 0.0
    unfitted = record["fits"]["after"] is None and "by its last record" in record["fits"]["reason"]
    if by.fit_by != "train_loss" or right < _NEARLY_ALL or not unfitted:
        return []
    return [
        "- Nearly all train inputs are right, but the loss stays above log 2: does it hold a "
        "penalty, is it a sum, or are labels smoothed? Then give fit_by='train_accuracy'."
    ]


def _caution(name: str) -> list[str]:
    if name not in {"memorises", "semi_groks"}:
        return []
    return ["- A delay that is longer than the run would look the same."]
