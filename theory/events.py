"""When a run fits and when it generalises, and when that is lost again.

The steps are those that `theory.measures` describes.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory import runs
from theory.checks import number

#: Train loss, in nats, under which a run fits: the right labels get a probability of more than 1/2
#: in the geometric mean. A single input whose loss is lower is certainly right, whatever the number
#: of labels. Train accuracy would not do: in the minimal model it is 1 after one update.
FIT_LOSS = float(np.log(2))

_BACKWARDS = {"step": slice(None, None, -1)}


def fit_step(run: xr.Dataset, *, fit_accuracy: float | None = None) -> xr.DataArray:
    """Return the step at which a run first fits its training set (derived here).

    That is where the train loss falls below log 2 nats. A loss in another unit has no such level:
    there, or wherever it is given, the train accuracy decides that reaches `fit_accuracy`.

    Parameters
    ----------
    run
        A run with ``train_loss`` in nats or, for `fit_accuracy`, ``train_accuracy``.
    fit_accuracy
        Fraction of the training inputs, in (0, 1].

    Returns
    -------
    xarray.DataArray
        Step, interpolated linearly; dims: those of the run without ``step``.

    Raises
    ------
    ValueError
        If `run` is not valid or lacks the quantity, if the loss is not in nats and there is no
        `fit_accuracy`, or that is out of range.

    Examples
    --------
    >>> float(fit_step(runs.from_columns([0, 10], train_loss=[1.0, 0.0]))).__round__(2)
    3.07
    >>> run = runs.from_columns([0, 10], train_loss=[0.1, 0.0], loss_units="1")
    >>> fit_step(run)
    Traceback (most recent call last):
    ...
    ValueError: fit_accuracy must be given where train_loss is not in nat, got a run in '1'
    """
    return passage(*fitting(run, fit_accuracy))


def generalisation_step(
    run: xr.Dataset, threshold: float = 0.95, *, sustained: bool = False
) -> xr.DataArray:
    r"""Return the step at which a run first generalises to `threshold` of the test inputs.

    For a run of the minimal model it is where the circuits that are right there outweigh those
    that are wrong, for the paper's two circuits

    .. math:: w_G > \max(w_M, 0).

    For any other run it is where the test accuracy reaches `threshold` (derived here).

    Parameters
    ----------
    run
        A run with ``weight`` and the coordinate ``generalises``, or with ``test_accuracy``.
    threshold
        Fraction of the test inputs, in (0, 1].
    sustained
        Whether to return the step from which on it generalises until it ends instead of the first.

    Returns
    -------
    xarray.DataArray
        Step, interpolated linearly; dims: those of the run without ``step`` and ``circuit``.

    Raises
    ------
    ValueError
        If `run` is not valid or has neither quantity, or `threshold` is out of range.

    Examples
    --------
    >>> run = runs.from_columns([0, 10, 20], test_accuracy=[0.0, 0.5, 1.0])
    >>> step = generalisation_step(run, threshold=0.75)
    >>> float(step), float(step.before), float(step.after)
    (15.0, 10.0, 20.0)
    >>> bool(generalisation_step(runs.from_columns([0, 10], test_accuracy=[0.0, 0.5])).censored)
    True
    """
    above, passed = generalising(run, threshold)
    return passage(above, passed, lasting(passed, above.notnull()) if sustained else passed)


def fitting(run: xr.Dataset, fit_accuracy: float | None) -> tuple[xr.DataArray, xr.DataArray]:
    """Return by how much a run is beyond what fits, and whether it is."""
    run = runs.validate(run)
    if fit_accuracy is not None:
        level = number("fit_accuracy", fit_accuracy, above=0, at_most=1)
        above = excess(runs.quantity(run, "train_accuracy"), level)
        return above, above >= 0
    if (unit := runs.units(run, "train_loss")) != "nat":
        raise ValueError(
            f"fit_accuracy must be given where train_loss is not in nat, got a run in {unit!r}"
        )
    above = FIT_LOSS - runs.quantity(run, "train_loss")
    return above, above > 0


def generalising(run: xr.Dataset, threshold: float) -> tuple[xr.DataArray, xr.DataArray]:
    """Return by how much a run is beyond what generalises, and whether it is."""
    threshold = number("threshold", threshold, above=0, at_most=1)
    run = runs.validate(run)
    if "weight" in run and "generalises" in run.coords:
        lead = _weight_lead(run, threshold)
        return lead, lead > 0
    above = excess(runs.quantity(run, "test_accuracy"), threshold)
    return above, above >= 0


def excess(accuracy: xr.DataArray, threshold: float) -> xr.DataArray:
    """Return by how much an accuracy is above a threshold, 0 where only by rounding."""
    above = accuracy - threshold
    return above.where(~(abs(above) <= runs.ROUNDING), 0.0)  # NaN stays


def latest(values: xr.DataArray) -> xr.DataArray:
    """Return, for each step, the number of the record in which `values` was known last.

    It is 0 before the first one.

    Examples
    --------
    >>> latest(xr.DataArray([np.nan, 1.0, np.nan], dims="step")).values
    array([0, 1, 1])
    """
    number = xr.DataArray(np.arange(values.sizes["step"]), dims="step")
    found: xr.DataArray = xr.apply_ufunc(
        lambda known: np.maximum.accumulate(known, axis=-1),
        number.where(values.notnull().drop_vars("step", errors="ignore"), 0).astype(int),
        input_core_dims=[["step"]],
        output_core_dims=[["step"]],
    )
    return found


def at_end(known: xr.DataArray, values: xr.DataArray | None = None) -> xr.DataArray:
    """Return `values`, or else `known`, at the last record in which `known` has a value."""
    at = latest(known).isel(step=-1)
    return (known if values is None else values).isel(step=at).reset_coords(drop=True)


def ends(measured: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the least and the largest step that a measured one can be."""
    step = measured.reset_coords(drop=True)
    low, high = (step.fillna(side) for side in brackets(measured))
    return low, high


def brackets(measured: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the steps of the records before and after a measured one."""
    before, after = (measured[side].reset_coords(drop=True) for side in ("before", "after"))
    return before, after


def lasting(passed: xr.DataArray, known: xr.DataArray) -> xr.DataArray:
    """Return where it is passed at a record and at all later ones."""
    there: xr.DataArray = (passed | ~known)[_BACKWARDS].cumprod("step").astype(bool)[_BACKWARDS]
    return there & known


def staying(passed: xr.DataArray, known: xr.DataArray, steps: float) -> xr.DataArray:
    """Return where it is passed at a record and for so many steps after it, all recorded.

    Examples
    --------
    >>> passed = xr.DataArray([True, False, True, True], {"step": [0, 10, 20, 30]}, "step")
    >>> staying(passed, xr.ones_like(passed), 10).values
    array([False, False,  True, False])
    """
    step = passed["step"].astype(float)
    ends = step.where(known & ~passed, np.inf)[_BACKWARDS]
    next_end: xr.DataArray = xr.apply_ufunc(
        lambda each: np.minimum.accumulate(each, axis=-1),
        ends,
        input_core_dims=[["step"]],
        output_core_dims=[["step"]],
    )[_BACKWARDS]
    last = step.where(known).max("step")
    return passed & known & (next_end > step + steps) & (last >= step + steps)


def _weight_lead(run: xr.Dataset, threshold: float) -> xr.DataArray:
    """Return R - max(V, 0) of the circuits that are right at the threshold, R, and the others, V.

    The sets that circuits cover are nested, so the test inputs at the threshold's quantile are
    right just when that share of all test inputs is.
    """
    right = excess(run["generalises"], threshold) >= 0
    lead = run["weight"].where(right, -run["weight"]).sum("circuit")
    # The labels that no circuit names have the logit zero.
    named = run["weight"].where(right, 0.0).sum("circuit")
    return lead.where(lead < named, named)


def passage(
    above: xr.DataArray, passed: xr.DataArray, begins: xr.DataArray | None = None
) -> xr.DataArray:
    """Return the step at which `begins`, or else `passed`, is first so.

    It lies between records, where `above` is 0. `begins` is `passed`, and something besides.
    """
    step = xr.DataArray(above["step"].values.astype(float), dims="step")
    above, passed = above.drop_vars("step"), passed.drop_vars("step")
    begins = passed if begins is None else begins.drop_vars("step")
    known = above.notnull()
    before, found, after = _first(step, above, begins)
    # If it does not begin, it may yet have done so since it was last not passed.
    not_passed = step.where(known & ~passed).max("step").fillna(0.0)
    _, lost, _ = _first(step, above, lasting(~passed, known))
    measured = found.assign_coords(
        before=before.where(begins.any("step"), not_passed),
        after=after,
        censored=found.isnull(),
        lost=lost.where(passed.any("step")),
    )
    measured.attrs = {"long_name": "step", "units": "1"}
    return measured


def _first(
    step: xr.DataArray, above: xr.DataArray, there: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Return the step at which something is there first, between those that bracket it."""
    known = latest(above)
    index = there.argmax("step")
    earlier = known.isel(step=np.maximum(index - 1, 0))
    low, high = (above.isel(step=at) for at in (earlier, index))
    before, after = (step.isel(step=at) for at in (earlier, index))
    late, reached = (earlier < index) & low.notnull(), there.any("step")
    found = before - (after - before) * low / (high - low).where(late, 1.0)
    # What is there at the first record began no later, and just then if that is the start.
    sure = reached & (late | (after == 0))
    found = found.where(late, after).where(sure)
    return before.where(late, 0.0), found, after.where(reached, np.inf)
