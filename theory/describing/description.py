"""What happened in a run, as arrays, as plain values, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from theory import events, runs
from theory.describing.criteria import Criteria, evidence, follow
from theory.describing.labels import LABELS, labelled
from theory.describing.origin import origin, source_of
from theory.describing.recorded import recorded_to
from theory.describing.words import count, report

EVENTS = ("fits", "generalises", "for_good", "lost")


@dataclass(frozen=True, eq=False)
class Description:
    """What happened in a run, or in each of several; ``str`` gives a short report.

    Attributes
    ----------
    label
        One of `LABELS`. Its coordinate ``reason`` says why one is "unfinished".
    fits, generalises
        Steps, with the coordinates of `theory.measures`. Their coordinate ``reason`` says why one
        is NaN, and is empty where it is not.
    for_good
        The step from which on it generalises until it ends, with the same coordinates.
    lost
        The step from which on it generalises no more until it ends, with a ``reason``.
    ends
        What was recorded last of each quantity.
    recorded_to
        At which step that was, and as ``end`` the last step of the run.
    criteria
        By what all that was judged.
    source
        What the run says of where it is from, by name, as plain values.

    The arrays have the dims of the run without ``step``.
    """

    label: xr.DataArray
    fits: xr.DataArray
    generalises: xr.DataArray
    for_good: xr.DataArray
    lost: xr.DataArray
    ends: xr.Dataset
    recorded_to: xr.Dataset
    criteria: Criteria
    source: Mapping[str, Any]

    def records(self) -> list[dict[str, Any]]:
        """Return one record of plain values for each run; None where there is no number.

        ``run``, its coordinates by name; ``label``, ``criterion``, ``reason``; of each event its
        ``step``, ``before``, ``after`` and ``reason``, of fitting also where it is ``lost``;
        ``ends`` and ``recorded_to``.
        """
        shape = [self.label.sizes[dim] for dim in self.label.dims]
        places = [dict(zip(self.label.dims, at, strict=True)) for at in np.ndindex(*shape)]
        return [self._record({str(dim): at for dim, at in place.items()}) for place in places]

    def _record(self, place: dict[str, int]) -> dict[str, Any]:
        label = self.label.isel(place)
        name = str(label.item())
        own = {dim: _own(label[dim]) if dim in label.coords else at for dim, at in place.items()}
        found = {event: _event(getattr(self, event).isel(place)) for event in EVENTS}
        return {
            "run": own,
            "label": name,
            "criterion": self.criteria.criterion(name),
            "reason": str(label["reason"].item()),
            **found,
            "ends": _numbers(self.ends, place),
            "recorded_to": _numbers(self.recorded_to, place),
        }

    def __str__(self) -> str:
        """Say it in plain words: of one run in sentences, of several in a table."""
        records = self.records()
        source = origin(self.source)
        if not records:
            return "\n".join([*source, "There is no run."])
        if len(records) == 1:
            return "\n".join([*source, *report(records[0], self.criteria)])
        return "\n".join([*source, self._table(records)])

    def _table(self, records: list[dict[str, Any]]) -> str:
        rows = [
            {**each["run"], "label": each["label"]}
            | {event: _number(each[event]["step"]) for event in EVENTS}
            | {"test accuracy": _number(each["ends"].get("test_accuracy")), "": each["reason"]}
            for each in records
        ]
        table = pd.DataFrame(rows).to_string(
            index=False, max_rows=_MOST_ROWS, na_rep="-", float_format=_short
        )
        there = sorted({each["label"] for each in records}, key=list(LABELS).index)
        criteria = [f"{name}: {self.criteria.criterion(name)}" for name in there]
        return "\n".join([table, "", *criteria])


_MOST_ROWS = 40
_PLAIN = (bool, int, str)
_SIDES = ("before", "after", "lost")


def _short(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1 else count(value)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _own(coordinate: xr.DataArray) -> Any:
    """Return the value of a coordinate as JSON has it: a time as its text."""
    if coordinate.dtype.kind == "f":
        return plain(coordinate.item())
    own = coordinate.item()
    return (
        own
        if coordinate.dtype.kind not in "mM" and isinstance(own, _PLAIN)
        else str(coordinate.values)
    )


def _numbers(found: xr.Dataset, place: dict[str, int]) -> dict[str, float | None]:
    here = found.isel(place, missing_dims="ignore")
    return {str(name): plain(each.item()) for name, each in here.items() if each.size == 1}


def _event(found: xr.DataArray) -> dict[str, Any]:
    sides = {side: plain(found[side].item()) for side in _SIDES if side in found.coords}
    return {"step": plain(found.item()), **sides, "reason": str(found["reason"].item())}


def plain(value: float) -> float | None:
    """Return a number, or None instead of one that is not finite."""
    return value if np.isfinite(value) else None


def describe(
    run: xr.Dataset,
    threshold: float = 0.95,
    *,
    fit_by: str = "train_loss",
    fit_accuracy: float = 0.5,
    stays: float = 0.0,
    late: float = 2.0,
    chance: float = 0.0,
) -> Description:
    r"""Return what happened in a run (derived here).

    A quantity that is not recorded, or a loss that is not in nats, leaves NaN with a reason; what
    can be said besides is said.

    Parameters
    ----------
    run
        Any valid run; along other dims than ``step`` each is described by itself.
    threshold
        Test accuracy from which it generalises, in (0, 1].
    fit_by
        "train_loss": it fits where that falls below log 2 nats. "train_accuracy": where that
        reaches `fit_accuracy`, in (0, 1].
    stays
        For how many steps either must stay so to count, at least 0. With 0 a first passage counts.
    late
        It generalises late if it takes more than so many times the steps to fit, at least 1. A run
        that takes three or five times is called grokking by those who train it; the regimes of
        `theory.measures.regime` are those of a map with gross delays, and take 10.
    chance
        Test accuracy of guessing, in [0, 1). It memorises if it ends at most 1 - `threshold` above.

    Raises
    ------
    ValueError
        If `run` is not valid or an argument is out of range.

    Notes
    -----
    A run that ends below is unfinished if it came notably nearer in the second half of its steps:
    by more than 1 - `threshold`, in test accuracy, or in train loss or accuracy if it does not fit.
    Where the records begin too late to know which came late, or are too far apart, it is
    unfinished, too: steps are interpolated, and "late" goes by the records on either side.

    Examples
    --------
    >>> run = runs.from_columns(
    ...     [0, 10, 1000, 2000],
    ...     train_loss=[4.0, 0.1, 0.1, 0.1],
    ...     test_accuracy=[0.0, 0.1, 0.2, 1.0],
    ... )
    >>> described = describe(run)
    >>> str(described.label.item()), round(described.generalises.item(), 1)
    ('groks', 1937.5)
    >>> late = describe(run.isel(step=slice(3)))
    >>> late.generalises.item(), str(late.generalises.reason.item())
    (nan, 'not by its last record, at step 1000')
    """
    by = Criteria(threshold, fit_by, fit_accuracy, stays, late, chance)
    fitting, testing = follow(runs.validate(run), by)
    fits, generalises = fitting.step(), testing.step()
    for_good = testing.step(events.lasting(testing.passed, testing.known))
    return Description(
        labelled(evidence(run, fitting, testing, by)),
        fits,
        generalises.drop_vars("lost"),
        for_good.drop_vars("lost"),
        _lost(generalises),
        xr.Dataset({name: events.at_end(run[name]) for name in runs.QUANTITIES if name in run}),
        recorded_to(run),
        by,
        source_of(run.attrs),
    )


def _lost(generalises: xr.DataArray) -> xr.DataArray:
    """Return the step from which on it generalises no more, with a reason where there is none."""
    lost = generalises["lost"].reset_coords(drop=True)
    began = generalises["after"].reset_coords(drop=True) < np.inf
    reason = xr.where(began, "it generalises at its last record", generalises["reason"])
    reason = xr.where(lost.notnull(), "", reason).reset_coords(drop=True)
    return lost.assign_coords(reason=reason).rename("lost")
