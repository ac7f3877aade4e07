"""What happened in a run: when it fits, when it generalises, whether that lasts, and its label.

The criteria are the same for the minimal model, a network, and anybody's log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from theory import events, runs
from theory.checks import number
from theory.labels import Evidence, labelled

#: What may decide when a run fits.
FIT_BY = ("train_loss", "train_accuracy")


@dataclass(frozen=True, eq=False)
class Criteria:
    """By what a run is described: the arguments of `describe`."""

    threshold: float = 0.95
    fit_by: str = "train_loss"
    fit_accuracy: float = 0.5
    stays: float = 0.0
    late: float = 10.0
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
    def notable(self) -> float:
        """What counts as a notable part of all inputs, or in nats of the loss."""
        return 1 - self.threshold


@dataclass(frozen=True, eq=False)
class Description:
    """What happened in a run, or in each of several; ``str`` gives a short report.

    Attributes
    ----------
    label
        One of `theory.labels.LABELS`. Its coordinate ``reason`` says why one is "unfinished".
    fits, generalises
        Steps, with the coordinates of `theory.measures`. Their coordinate ``reason`` says why one
        is NaN, and is empty where it is not.
    for_good
        The step from which on it generalises until it ends, with a ``reason``.
    lost
        The step from which on it generalises no more until it ends, with a ``reason``.
    ends
        What was recorded last of each quantity.
    criteria
        By what all that was judged.
    source
        What the run says of where it is from, by name.
    """

    label: xr.DataArray
    fits: xr.DataArray
    generalises: xr.DataArray
    for_good: xr.DataArray
    lost: xr.DataArray
    ends: xr.Dataset
    criteria: Criteria
    source: Mapping[str, str]


def describe(
    run: xr.Dataset,
    threshold: float = 0.95,
    *,
    fit_by: str = "train_loss",
    fit_accuracy: float = 0.5,
    stays: float = 0.0,
    late: float = 10.0,
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
        It generalises late if it takes more than so many times the steps to fit, at least 1.
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
    Where the records begin too late to know which came late, it is unfinished, too.

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
    fitting, testing = _both(runs.validate(run), by)
    fits, generalises = fitting.step(), testing.step()
    for_good = testing.step(events.lasting(testing.passed, testing.known))
    return Description(
        labelled(_evidence(run, fitting, testing, by)),
        fits,
        generalises.drop_vars("lost"),
        for_good.drop_vars("lost"),
        _lost(generalises),
        xr.Dataset({name: events.at_end(run[name]) for name in runs.QUANTITIES if name in run}),
        by,
        {str(name): str(value) for name, value in run.attrs.items()},
    )


@dataclass(frozen=True, eq=False)
class _Followed:
    """By how much a run is beyond what counts, whether it is, and for how long it must stay so."""

    above: xr.DataArray
    passed: xr.DataArray
    stays: float
    missing: str

    @property
    def known(self) -> xr.DataArray:
        return self.above.notnull()

    @property
    def recorded(self) -> xr.DataArray:
        return self.known.any("step")

    @property
    def begins(self) -> xr.DataArray:
        return events.staying(self.passed, self.known, self.stays)

    @property
    def at_end(self) -> xr.DataArray:
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


def _both(run: xr.Dataset, by: Criteria) -> tuple[_Followed, _Followed]:
    """Return what fitting and what generalising goes by, of the same dims."""
    unknown, never = _nothing(run), xr.zeros_like(_nothing(run), dtype=bool)
    level = by.fit_accuracy if by.fit_by == "train_accuracy" else None
    missing = _missing(run, by.fit_by)
    fitting = (unknown, never) if missing else events.fitting(run, level)
    tested = "test_accuracy" in run or ("weight" in run and "generalises" in run.coords)
    testing = events.generalising(run, by.threshold) if tested else (unknown, never)
    pairs = xr.broadcast(*fitting, *testing)
    return (
        _Followed(*pairs[:2], by.stays, missing or f"{by.fit_by} is not recorded"),
        _Followed(*pairs[2:], by.stays, "test_accuracy is not recorded"),
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


def _evidence(run: xr.Dataset, fitting: _Followed, testing: _Followed, by: Criteria) -> Evidence:
    fits, generalises = fitting.step(), testing.step()
    (fit_low, fit_high), (low, high) = events.ends(fits), events.ends(generalises)
    begun = testing.begins.any("step")
    right = run["test_accuracy"] if "test_accuracy" in run else testing.passed.astype(float)
    near_chance = 1 - by.threshold + by.chance
    return Evidence(
        fit_recorded=fitting.recorded,
        tested=testing.recorded,
        fits=fitting.at_end,
        fit_nears=_rise(fitting.above) > by.notable,
        generalises=testing.at_end,
        generalised=begun,
        begins_so=begun & ~(low > 0) & ((high == 0) | generalises.isnull()),
        late=begun & (low > by.late * fit_high),
        early=begun & (high <= by.late * fit_low),
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


def _lost(generalises: xr.DataArray) -> xr.DataArray:
    """Return the step from which on it generalises no more, with a reason where there is none."""

    lost = generalises["lost"].reset_coords(drop=True)
    began = np.isfinite(generalises["after"]).reset_coords(drop=True)
    reason = xr.where(began, "it generalises when it ends", generalises["reason"])
    reason = xr.where(lost.notnull(), "", reason).reset_coords(drop=True)
    return lost.assign_coords(reason=reason).rename("lost")


def _per_run(words: Callable[..., str], *numbers: xr.DataArray) -> xr.DataArray:
    """Return a text for each run."""
    plain = [each.reset_coords(drop=True) for each in numbers]
    found: xr.DataArray = xr.apply_ufunc(words, *plain, vectorize=True, output_dtypes=[object])
    return found.astype(str)
