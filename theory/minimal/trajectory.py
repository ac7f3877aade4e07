"""The run that a trajectory of the minimal model makes: its weights and all that follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from theory import runs
from theory.minimal import losses
from theory.minimal.law import Array
from theory.minimal.model import MinimalModel
from theory.runs import DivergedError


def as_run(
    model: MinimalModel,
    subweight_a: xr.DataArray,
    subweight_b: xr.DataArray,
    settings: Mapping[str, Any],
) -> xr.Dataset:
    """Return the run of `model` along a trajectory of its subweights.

    Parameters
    ----------
    model
        The model.
    subweight_a, subweight_b
        a_i and b_i, dims (step, circuit, ...), with coordinates.
    settings
        How the trajectory was made, by name; kept in the run with the model's parameters.
    """
    weight = subweight_a * subweight_b
    variables = {
        "weight": weight,
        "subweight_a": subweight_a,
        "subweight_b": subweight_b,
        "train_loss": losses.train_loss(model, weight),
        "test_loss": losses.test_loss(model, weight),
        "train_accuracy": losses.train_accuracy(model, weight),
        "test_accuracy": losses.test_accuracy(model, weight),
        "parameter_norm": losses.parameter_norm(model, weight),
    }
    configuration = {"model": model.configuration(), **settings}
    return runs.build(
        {name: values.transpose("step", ...) for name, values in variables.items()},
        {"generalises": model.stack("generalises")},
        runs.provenance("minimal model", configuration),
    )


def refuse_overflow(first: Array, second: Array, recorded: npt.NDArray[np.int64]) -> None:
    """Say so if a weight, first times second of shape (rows, circuits, lanes), is not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        bad = ~np.isfinite(first * second)
    if bad.any():
        rows, _, lanes = np.nonzero(bad)
        raise DivergedError(
            f"weights overflowed in {np.unique(lanes).size} of {first.shape[2]} cells, first "
            f"recorded at step {recorded[rows.min()]}: use a smaller learning_rate",
            run=None,
        )
