"""When a run fits and when it generalises: one set of instruments for models and networks.

Each measure takes a run (`theory.runs`) and works over all its dimensions but ``step``. A measured
step is a float `DataArray` with three coordinates: the recorded steps ``before`` and ``after`` that
bracket it, and ``censored``, true where the run ended first. There the value is NaN, ``before`` is
the last recorded step and ``after`` is infinite.
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


def fit_step(run: xr.Dataset) -> xr.DataArray:
    """Return the step at which the train loss first falls below log 2 (derived here).

    Parameters
    ----------
    run
        A run with ``train_loss``.

    Returns
    -------
    xarray.DataArray
        Step, interpolated linearly; dims: those of the run without ``step``.

    Raises
    ------
    ValueError
        If `run` is not valid or has no ``train_loss``.

    Examples
    --------
    >>> float(fit_step(runs.from_columns([0, 10], train_loss=[1.0, 0.0]))).__round__(2)
    3.07
    """
    excess = FIT_LOSS - runs.quantity(runs.validate(run), "train_loss")
    return _first_passage(excess, excess > 0)


def generalisation_step(run: xr.Dataset, threshold: float = 0.95) -> xr.DataArray:
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
    threshold = number("threshold", threshold, above=0, at_most=1)
    run = runs.validate(run)
    if "weight" in run and "generalises" in run.coords:
        lead = _weight_lead(run, threshold)
        return _first_passage(lead, lead > 0)
    excess = runs.quantity(run, "test_accuracy") - threshold
    return _first_passage(excess, excess >= 0)


def crossing_update(run: xr.Dataset) -> xr.DataArray:
    """Return the number of updates after which w_G first exceeds w_M, a whole number.

    Parameters
    ----------
    run
        A run of the minimal model with every update recorded (``record_every=1``).

    Returns
    -------
    xarray.DataArray
        Number of updates, NaN where the run ended first; dims: those of the run without ``step``
        and ``circuit``.

    Raises
    ------
    ValueError
        If `run` is not valid, is not of the minimal model, or skips updates.

    Examples
    --------
    >>> from theory import MinimalModel, descend
    >>> int(crossing_update(descend(MinimalModel.paper(), steps=5100)))
    5010
    """
    runs.validate(run)
    runs.quantity(run, "weight")
    if "generalises" not in run.coords:
        raise ValueError(f"run must hold the coordinate generalises, got {list(run.coords)}")
    step = run["step"].values
    if not np.array_equal(step, np.arange(step.size)):
        raise ValueError(
            "crossing_update needs every update recorded (record_every=1), "
            f"got a run that records steps {step[:3].tolist()}..."
        )
    crossing = generalisation_step(run)
    update = crossing["after"].where(~crossing["censored"])
    return update.reset_coords(["before", "after"], drop=True)


def delay(run: xr.Dataset, threshold: float = 0.95) -> xr.DataArray:
    """Return the steps between fitting and generalising, negative if it generalises first.

    Parameters
    ----------
    run, threshold
        As `fit_step` and `generalisation_step` take them.

    Returns
    -------
    xarray.DataArray
        Steps, NaN where either measure is censored, as the coordinate ``censored`` says.

    Raises
    ------
    ValueError
        As `fit_step` and `generalisation_step`.

    Examples
    --------
    >>> run = runs.from_columns([0, 10], train_loss=[1.0, 0.0], test_accuracy=[0.0, 1.0])
    >>> float(delay(run)).__round__(2)
    6.43
    """
    fits, generalises = fit_step(run), generalisation_step(run, threshold)
    censored = fits["censored"] | generalises["censored"]
    brackets = ["before", "after", "censored"]
    steps = generalises.reset_coords(brackets, drop=True) - fits.reset_coords(brackets, drop=True)
    return steps.assign_coords(censored=censored.reset_coords(drop=True)).assign_attrs(
        long_name="steps between fitting and generalising", units="1"
    )


def _weight_lead(run: xr.Dataset, threshold: float) -> xr.DataArray:
    """Return R - max(V, 0) of the circuits that are right at the threshold, R, and the others, V.

    The sets that circuits cover are nested, so the test inputs at the threshold's quantile are
    right just when that share of all test inputs is.
    """
    right = run["generalises"] >= threshold
    lead = run["weight"].where(right, -run["weight"]).sum("circuit")
    # The labels that no circuit names have the logit zero.
    named = run["weight"].where(right, 0.0).sum("circuit")
    return lead.where(lead < named, named)


def _first_passage(excess: xr.DataArray, passed: xr.DataArray) -> xr.DataArray:
    """Return the step of the first record in `passed`, or where `excess` is zero just before it."""
    step = xr.DataArray(excess["step"].values.astype(float), dims="step")
    passed = passed.drop_vars("step")
    index = passed.argmax("step")
    earlier = np.maximum(index - 1, 0)
    low, high = (excess.drop_vars("step").isel(step=i) for i in (earlier, index))
    before, after = step.isel(step=earlier), step.isel(step=index)
    # At index 0 both records are the first one: it is there from the start.
    crossing = before - (after - before) * low / (high - low).where(index > 0, 1.0)
    reached = passed.any("step")
    return (
        crossing.where(reached)
        .assign_coords(
            before=before.where(reached, step[-1]),
            after=after.where(reached, np.inf),
            censored=~reached,
        )
        .assign_attrs(long_name="step", units="1")
    )
