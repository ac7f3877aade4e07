"""By what it is judged whether a run fits and generalises, and what its records show of that.

The criteria are the same for the minimal model, a network, and anybody's log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from theory import events, runs
from theory.checks import number
from theory.describing.labels import LABELS, Evidence
from theory.describing.recorded import cut_off, recorded_to

#: What may decide when a run fits.
FIT_BY = ("train_loss", "train_accuracy")


@dataclass(frozen=True, eq=False)
class Criteria:
    """By what a run is described: the arguments of `describe`."""

    threshold: float = 0.95
    fit_by: str = "train_loss"
    fit_accuracy: float = 0.5
    stays: float = 0.0
    late: float = 2.0
    chance: float = 0.0

    def __post_init__(self) -> None:
        if self.fit_by not in FIT_BY:
            raise ValueError(f"fit_by must be one of {', '.join(FIT_BY)}, got {self.fit_by!r}")
        number("threshold", self.threshold, above=0, at_most=1)
        number("fit_accuracy", self.fit_accuracy, above=0, at_most=1)
        number("stays", self.stays, at_least=0)
        number("late", self.late, at_least=1)
        number("chance", self.chance, at_least=0, below=1)

    @property
    def fitting(self) -> str:
        """By what it fits, in words."""
        if self.fit_by == "train_loss":
            return "train loss below log 2 nats"
        return f"train accuracy from {self.fit_accuracy:g} on"

    def criterion(self, label: str) -> str:
        """Return that of one of `LABELS`, in words.

        Examples
        --------
        >>> Criteria(late=3).criterion("comprehends")
        'it generalises within 3 times the steps to fit, and does so when it ends'
        """
        return LABELS[label].format(late=f"{self.late:g}")

    @property
    def notable(self) -> float:
        """What counts as a notable part of all inputs, or in nats of the loss."""
        return 1 - self.threshold


@dataclass(frozen=True, eq=False)
class Followed:
    """By how much a run is beyond what counts, whether it is, and for how long it must stay so."""

    above: xr.DataArray
    passed: xr.DataArray
    stays: float
    missing: str

    @property
    def known(self) -> xr.DataArray:
        """Where there is a record."""
        return self.above.notnull()

    @property
    def recorded(self) -> xr.DataArray:
        """Whether there is any."""
        return self.known.any("step")

    @property
    def begins(self) -> xr.DataArray:
        """Where it is passed, and stays so for long enough."""
        return events.staying(self.passed, self.known, self.stays)

    @property
    def at_end(self) -> xr.DataArray:
        """Whether it is passed at the last record."""
        return events.at_end(self.above, self.passed)

    def step(self, begins: xr.DataArray | None = None) -> xr.DataArray:
        """Return the step at which it begins, with the reason where that is NaN."""
        begins = self.begins if begins is None else begins
        found = events.passage(self.above, self.passed, begins)
        found["lost"] = found["lost"].where(begins.any("step"))
        last = self.above["step"].where(self.known).max("step")
        reason = _per_run(self._why, found, found["after"], last)
        return found.assign_coords(reason=reason)

    def _why(self, found: float, after: float, last: float) -> str:
        if not np.isnan(found):
            return ""
        if np.isnan(last):
            return self.missing
        if np.isfinite(after):
            return f"so at its first record already, at step {after:.0f}"
        stayed = f"for {self.stays:g} steps on end " if self.stays else ""
        return f"not {stayed}by its last record, at step {last:.0f}"


def follow(run: xr.Dataset, by: Criteria) -> tuple[Followed, Followed]:
    """Return what fitting and what generalising goes by, of the same dims."""
    unknown, never = _nothing(run), xr.zeros_like(_nothing(run), dtype=bool)
    level = by.fit_accuracy if by.fit_by == "train_accuracy" else None
    missing = _missing(run, by.fit_by)
    fitting = (unknown, never) if missing else events.fitting(run, level)
    tested = "test_accuracy" in run or ("weight" in run and "generalises" in run.coords)
    testing = events.generalising(run, by.threshold) if tested else (unknown, never)
    pairs = xr.broadcast(*fitting, *testing)
    return (
        Followed(*pairs[:2], by.stays, missing or f"{by.fit_by} is not recorded"),
        Followed(*pairs[2:], by.stays, "test_accuracy is not recorded"),
    )


def _missing(run: xr.Dataset, fit_by: str) -> str:
    """Return why fitting cannot go by this quantity, and nothing if it can."""
    other = "give fit_by='train_accuracy'"
    if fit_by not in run:
        return f"{fit_by} is not recorded" + (f": {other}" if "train_accuracy" in run else "")
    if fit_by == "train_loss" and (unit := runs.units(run, fit_by)) != "nat":
        return f"train_loss is not in nat but in {unit!r}: {other}"
    return ""


def _nothing(run: xr.Dataset) -> xr.DataArray:
    """Return NaN at all steps of all runs."""
    name = next(name for name in runs.QUANTITIES if name in run)
    return xr.full_like(run[name], np.nan, dtype=float).max(
        [dim for dim in ("circuit", "layer") if dim in run[name].dims]
    )


def evidence(run: xr.Dataset, fitting: Followed, testing: Followed, by: Criteria) -> Evidence:
    """Return what the records show of fitting and generalising."""
    fits, generalises = fitting.step(), testing.step()
    (fit_low, fit_high), (low, high) = events.ends(fits), events.ends(generalises)
    fitted, generalised = events.brackets(fits), events.brackets(generalises)
    begun = testing.begins.any("step")
    right = run["test_accuracy"] if "test_accuracy" in run else testing.passed.astype(float)
    near_chance = 1 - by.threshold + by.chance
    end = recorded_to(run)["end"]
    return Evidence(
        fit_recorded=fitting.recorded,
        tested=testing.recorded,
        fit_cut_off=cut_off(fitting.known, end),
        test_cut_off=cut_off(testing.known, end),
        fits=fitting.at_end,
        fit_nears=_rise(fitting.above) > by.notable,
        generalises=testing.at_end,
        generalised=begun,
        begins_so=begun & ~(low > 0) & ((high == 0) | generalises.isnull()),
        # Steps are interpolated. Records have to show that it fits first, or that it is not late.
        late=begun & (low > by.late * fit_high) & (generalised[0] >= fitted[1]),
        early=begun & (high <= by.late * fit_low) & (generalised[1] <= by.late * fitted[0]),
        rises=_rise(right) > by.notable,
        low=events.excess(events.at_end(right), near_chance) <= 0,
    )


def _rise(values: xr.DataArray) -> xr.DataArray:
    """Return how much is gained from the last record in the first half of the steps to the end."""
    step = values["step"]
    half = step <= step.where(values.notnull()).max("step") / 2
    early = values.where(half)
    # With no record in the first half, it is the first of all.
    first = values.isel(step=values.notnull().argmax("step"))
    rise: xr.DataArray = events.at_end(values) - events.at_end(early).fillna(first)
    return rise


def _per_run(words: Callable[..., str], *numbers: xr.DataArray) -> xr.DataArray:
    """Return a text for each run."""
    plain = [each.reset_coords(drop=True) for each in numbers]
    found: xr.DataArray = xr.apply_ufunc(words, *plain, vectorize=True, output_dtypes=[object])
    return found.astype(str)
