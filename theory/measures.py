"""When a run fits and when it generalises: one set of instruments for models and networks.

Each measure takes a run (`theory.runs`) and works over all its dimensions but ``step``. A measured
step is a float `DataArray` with four coordinates:

- ``before`` and ``after``: the recorded steps that bracket it;
- ``censored``: whether it is NaN, since the records do not hold it. If the run ended first,
  ``before`` is the last recorded step and ``after`` infinite. If it was so at a first record later
  than step 0, ``before`` is 0 and ``after`` that record;
- ``lost``: the step from which on it is so no more until the run ends, NaN where it is so then, or
  never was.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from theory import runs
from theory.checks import labelled, number, require_one_grid
from theory.events import (
    FIT_LOSS,
    at_end,
    ends,
    excess,
    fit_step,
    fitting,
    generalisation_step,
    lasting,
)

__all__ = [
    "FIT_LOSS",
    "REGIMES",
    "crossing_update",
    "delay",
    "fit_step",
    "generalisation_step",
    "loss_recovery_step",
    "regime",
]

_MARKS = ["before", "after", "censored", "lost"]

#: From all learned at once to nothing learned at all.
REGIMES = ("comprehension", "grokking", "semi-grokking", "memorisation", "collapse")


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
    return update.reset_coords(["before", "after", "lost"], drop=True)


def delay(
    run: xr.Dataset, threshold: float = 0.95, *, fit_accuracy: float | None = None
) -> xr.DataArray:
    """Return the steps between fitting and generalising, negative if it generalises first.

    Parameters
    ----------
    run, threshold, fit_accuracy
        As `fit_step` and `generalisation_step` take them.

    Returns
    -------
    xarray.DataArray
        Steps, NaN where either measure is censored, as the coordinate ``censored`` says. The
        coordinate ``lost`` is that of `generalisation_step`.

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
    fits = fit_step(run, fit_accuracy=fit_accuracy)
    generalises = generalisation_step(run, threshold)
    steps = generalises.reset_coords(_MARKS, drop=True) - fits.reset_coords(_MARKS, drop=True)
    return steps.assign_coords(
        censored=steps.isnull(), lost=generalises["lost"].reset_coords(drop=True)
    ).assign_attrs(long_name="steps between fitting and generalising", units="1")


def regime(
    run: xr.Dataset,
    late: float = 10.0,
    threshold: float = 0.95,
    *,
    fit_accuracy: float | None = None,
) -> xr.DataArray:
    """Return the regime that a run is in when it ends (names: Liu et al. 2022; derived here).

    - "collapse": it does not fit; the train loss ends at log 2 nats or above, or the train
      accuracy below `fit_accuracy`.

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
    fit_accuracy
        As `fit_step` takes it.

    Returns
    -------
    xarray.DataArray
        One of `REGIMES`, dims: those of the run without ``step`` and ``circuit``.

    Raises
    ------
    ValueError
        If `run` is not valid or lacks a quantity, if its records start too late to tell grokking
        from comprehension, or an argument is refused as by `fit_step`.

    Examples
    --------
    >>> from theory import MinimalModel, descend
    >>> run = descend(MinimalModel.paper(second_subweight=(0.005, [1.0])), steps=6000)
    >>> str(regime(run).item()), str(regime(run.isel(step=slice(4000))).item())
    ('grokking', 'memorisation')
    """
    late = number("late", late, at_least=1)
    threshold = number("threshold", threshold, above=0.5, at_most=1)
    ends_fit = at_end(*fitting(run, fit_accuracy))
    fits = fit_step(run, fit_accuracy=fit_accuracy)
    generalises = generalisation_step(run, threshold)
    accuracy = at_end(runs.quantity(run, "test_accuracy"))
    (fit_low, fit), (generalised, generalised_high) = ends(fits), ends(generalises)
    name = xr.where(generalised > late * fit, "grokking", "comprehension")
    unknown = (generalised <= late * fit) & (generalised_high > late * fit_low)
    name = xr.where(unknown, "unknown", name)
    name = xr.where(excess(accuracy, threshold) < 0, "semi-grokking", name)
    name = xr.where(excess(accuracy, 1 - threshold) <= 0, "memorisation", name)
    name = xr.where(ends_fit, name, "collapse")
    if np.any(name == "unknown"):
        first = run["step"].values[0]
        raise ValueError(f"run must start early enough to tell when it fits, got {first} as first")
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
        If `run` is not valid or has no ``test_loss`` in nats, or `num_labels` is out of range or
        lies on another grid.

    Examples
    --------
    >>> from theory import MinimalModel, descend
    >>> loss_recovery_step(descend(MinimalModel.paper(), steps=5100), num_labels=113).item()
    4077.0
    """
    loss = runs.quantity(runs.validate(run), "test_loss")
    if (unit := runs.units(run, "test_loss")) != "nat":
        raise ValueError(f"test_loss must be in nat, got {unit!r}")
    labels = xr.DataArray(labelled("num_labels", num_labels, at_least=2), name="num_labels")
    require_one_grid([labels, loss], reserved=set())
    there = lasting(loss < np.log(labels), loss.notnull())
    step = run["step"].isel(step=there.drop_vars("step").argmax("step"))
    return step.where(there.any("step")).drop_vars("step").rename("loss_recovery_step")
