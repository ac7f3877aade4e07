"""When a run fits and when it generalises: one set of instruments for models and networks.

Each measure takes a run (`theory.runs`) and works over all its dimensions but ``step``. A measured
step is a float `DataArray` with three coordinates: the recorded steps ``before`` and ``after`` that
bracket it, and ``censored``, true where the run ended first. There the value is NaN, ``before`` is
the last recorded step and ``after`` is infinite.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from theory import runs
from theory.checks import labelled, number, require_one_grid

#: Train loss, in nats, under which a run fits: the right labels get a probability of more than 1/2
#: in the geometric mean. A single input whose loss is lower is certainly right, whatever the number
#: of labels. Train accuracy would not do: in the minimal model it is 1 after one update.
FIT_LOSS = float(np.log(2))

#: From all learned at once to nothing learned at all.
REGIMES = ("comprehension", "grokking", "semi-grokking", "memorisation", "collapse")


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


def regime(run: xr.Dataset, late: float = 10.0, threshold: float = 0.95) -> xr.DataArray:
    """Return the regime that a run is in when it ends (names: Liu et al. 2022; derived here).

    - "collapse": it does not fit; the train loss ends at log 2 nats or above.

    All others fit, and differ in the test accuracy at the end:

    - "memorisation": at most 1 - `threshold`;
    - "semi-grokking": between the two;
    - "comprehension": at least `threshold`, and first so no later than `late` times the step at
      which it first fits;
    - "grokking": the same, but later.

    Parameters
    ----------
    run
        A run with ``train_loss`` and ``test_accuracy``. One that ends early is judged as if that
        were all: a delay longer than the run reads as memorisation.
    late
        Factor that tells a delay from none, at least 1.
    threshold
        Test accuracy, in (0.5, 1].

    Returns
    -------
    xarray.DataArray
        One of `REGIMES`, dims: those of the run without ``step`` and ``circuit``.

    Raises
    ------
    ValueError
        If `run` is not valid or lacks a quantity, or an argument is out of range.

    Examples
    --------
    >>> from theory import MinimalModel, descend
    >>> run = descend(MinimalModel.paper(second_subweight=(0.005, [1.0])), steps=6000)
    >>> str(regime(run).item()), str(regime(run.isel(step=slice(4000))).item())
    ('grokking', 'memorisation')
    """
    late = number("late", late, at_least=1)
    threshold = number("threshold", threshold, above=0.5, at_most=1)
    fit = fit_step(run).reset_coords(drop=True)
    generalised = generalisation_step(run, threshold).reset_coords(drop=True)
    accuracy, loss = (
        runs.quantity(run, quantity).isel(step=-1).reset_coords(drop=True)
        for quantity in ("test_accuracy", "train_loss")
    )
    name = xr.where(generalised > late * fit, "grokking", "comprehension")
    name = xr.where(accuracy < threshold, "semi-grokking", name)
    name = xr.where(accuracy <= 1 - threshold, "memorisation", name)
    name = xr.where(loss < FIT_LOSS, name, "collapse")
    found: xr.DataArray = name.rename("regime")
    return found


def loss_recovery_step(run: xr.Dataset, num_labels: Any) -> xr.DataArray:
    r"""Return the first recorded step from which the test loss stays below log q, that of guessing.

    In the minimal model the test loss at the crossing, w_G = w_M = w, is

    .. math:: \log(2 e^w + q - 2) - w = \log q - \int_0^w \frac{q - 2}{2 e^x + q - 2} dx,

    below log q just when w > 0: the loss recovers before the accuracy does (derived here).

    Parameters
    ----------
    run
        A run with ``test_loss``.
    num_labels
        q, at least 2; a number, or an array that sweeps as the run does.

    Returns
    -------
    xarray.DataArray
        Step, NaN where the run ends at log q or above; dims: those of the run without ``step``.

    Raises
    ------
    ValueError
        If `run` is not valid or has no ``test_loss``, or `num_labels` is out of range or lies on
        another grid.

    Examples
    --------
    >>> from theory import MinimalModel, descend
    >>> loss_recovery_step(descend(MinimalModel.paper(), steps=5100), num_labels=113).item()
    4077.0
    """
    loss = runs.quantity(runs.validate(run), "test_loss")
    labels = xr.DataArray(labelled("num_labels", num_labels, at_least=2), name="num_labels")
    require_one_grid([labels, loss], reserved=set())
    above = loss >= np.log(labels)
    last = above.cumsum("step").argmax("step")
    index = (last + 1).where(above.any("step"), 0)
    inside = index < run.sizes["step"]
    step = run["step"].isel(step=index.where(inside, 0).astype(int))
    return step.where(inside).drop_vars("step").rename("loss_recovery_step")


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
