"""When a network fits, and when it generalises: followed for as long as that takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from theory import measures
from theory.networks import Measurement, Training, advance
from theory.statistics import Bounds, log

#: Test accuracies whose first passages count.
HALF, MOST = 0.5, 0.9
#: Below this a network that was half-way has fallen back.
FALLEN = 0.4
#: What a run says of itself before anything has been passed, to be compared on another machine.
EARLY = 300
#: A run is followed in stretches, each so many times as long as all before, with so many records.
_LONGER, _RECORDS = 1.4, 40
_LEFT_OUT = ("test_loss", "logit_margin")


def passages(training: Training, right: float = MOST) -> xr.Dataset:
    """Return when a network passes the marks, in updates; NaN where it has not.

    It is followed until its test accuracy is `right`. ``fits``, where the train loss falls below
    log 2; ``half`` and ``most``, where the test accuracy first passes `HALF` and `MOST`;
    ``fit_norm`` and ``half_norm``, the norm there; and, after `EARLY` updates, ``test_accuracy``
    and ``parameter_norm``. ``updates`` says how many there were, and ``lowest_after`` is the least
    test accuracy once it was half-way.
    """
    run = followed(training, right)
    early = run.sel(step=EARLY)
    marks = {
        "fits": measures.fit_step(run),
        "half": measures.generalisation_step(run, HALF),
        "most": measures.generalisation_step(run, MOST),
    }
    found = {name: each.item() for name, each in marks.items()}
    return xr.Dataset(
        {
            **found,
            "fit_norm": _norm_at(run, found["fits"]),
            "half_norm": _norm_at(run, found["half"]),
            "test_accuracy": early.test_accuracy.item(),
            "parameter_norm": early.parameter_norm.item(),
            "updates": run["step"].values[-1],
            "lowest_after": run.test_accuracy.where(run["step"] > found["half"]).min().item(),
        }
    )


def followed(
    training: Training,
    right: float = MOST,
    measurements: Sequence[Measurement] = (),
    fitted: str | None = None,
) -> xr.Dataset:
    """Return a run until its test accuracy is `right`, or its stages are over.

    Losses and accuracies of both sets but the test loss, the norm, and what is measured besides.
    If `fitted` names a loss in nat, it goes on until that has been below log 2 as well.
    """
    run, since = advance(
        training, record_every=EARLY // _RECORDS, until=EARLY, measurements=measurements
    )
    run = run.drop_vars(_LEFT_OUT)
    while since.step < training.steps and not _known(run, right, fitted):
        until = min(int(since.step * _LONGER), training.steps)
        every = max((until - since.step) // _RECORDS, 1)
        stretch, since = advance(training, since, until, every, measurements)
        further = stretch.drop_vars(_LEFT_OUT).isel(step=slice(1, None))
        run = xr.concat([run, further], "step", combine_attrs="override")
    return run


def _known(run: xr.Dataset, right: float, fitted: str | None) -> bool:
    generalises = run.test_accuracy.max() >= right
    fits = fitted is None or run[fitted].min() < measures.FIT_LOSS
    return bool(generalises and fits)


def passed_after(runs: xr.Dataset, mark: str) -> Bounds:
    """Return the logarithm of the updates from fitting to a mark, or bounds of it.

    Of a run that ended before, it is larger than what is left of it. Nothing is known of a mark
    that was passed before the run fits.
    """
    known = log(runs[mark] - runs.fits)
    ended = log(runs.updates - runs.fits)
    never = runs[mark].isnull() & ended.notnull()
    low = xr.where(never, ended, known).fillna(-np.inf)
    return Bounds(low, known.fillna(np.inf))


def _norm_at(run: xr.Dataset, step: float) -> float:
    return float(np.interp(step, run["step"], run.parameter_norm)) if np.isfinite(step) else np.nan
