"""Simulated protocols that go on from an earlier run: more updates, or another dataset size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from theory import runs
from theory.checks import integer, number
from theory.minimal.dataset_size.critical_size import at_size
from theory.minimal.descent import descend
from theory.minimal.dynamics.flow import flow
from theory.minimal.model import MinimalModel

#: Records of a stage, about.
_RECORDS = 400


def continued(model: MinimalModel, run: xr.Dataset) -> MinimalModel:
    """Return the model with the subweights at which `run` ended.

    Parameters
    ----------
    model
        What is trained next; it may differ in everything but the names of its circuits.
    run
        A run of a minimal model; its swept dimensions cross with those of `model` by name.

    Raises
    ------
    ValueError
        If `run` does not record the subweights of these circuits, or as `MinimalModel`.

    Examples
    --------
    >>> model = MinimalModel.paper()
    >>> later = continued(model, descend(model, steps=100))
    >>> run = descend(later, steps=4910)
    >>> run.test_accuracy.values[-2:]
    array([0., 1.])
    """
    end = runs.validate(run).isel(step=-1)
    if "circuit" not in end.coords or set(end["circuit"].values) != set(model.names):
        raise ValueError(f"run must be one of a model with the circuits {model.names}")
    end = end.reset_coords(drop=True)[["subweight_a", "subweight_b"]]
    circuits = tuple(
        replace(
            circuit,
            first_subweight=end["subweight_a"].sel(circuit=circuit.name, drop=True),
            second_subweight=end["subweight_b"].sel(circuit=circuit.name, drop=True),
        )
        for circuit in model.circuits
    )
    return replace(model, circuits=circuits)


def ungrok(
    model: MinimalModel, start_size: Any, sizes: Any, times: Any, beta: Any = 0.5
) -> xr.Dataset:
    """Train on many examples until the model has grokked, then go on with other numbers of them.

    Both phases follow gradient flow for `times`. For kappa < 2 all ends on the same curve as runs
    from scratch. For kappa > 2 a circuit that has died stays dead, so nothing is forgotten
    without a floor under the weights (`slow_sweep`; derived here).

    Parameters
    ----------
    model
        The model for a single example, as `at_size` takes it.
    start_size
        D of the first phase.
    sizes
        D of the second phase; a bare array becomes the dimension ``size``.
    times, beta
        As `theory.flow` and `at_size` take them.

    Returns
    -------
    xarray.Dataset
        The run of the second phase.

    Raises
    ------
    ValueError
        As `at_size` and `theory.flow`.

    Examples
    --------
    >>> model = MinimalModel.paper(param_norm=(1.0, 0.05))
    >>> run = ungrok(model, start_size=1600, sizes=[200, 800], times=[0.0, 2000.0])
    >>> run.test_accuracy.values
    array([[1., 1.],
           [0., 1.]])
    """
    grokked = flow(at_size(model, start_size, beta), times)
    return flow(continued(at_size(model, sizes, beta), grokked), times)


def descend_in_stages(
    model: MinimalModel,
    stages: Sequence[tuple[int, int]] = ((400, 1), (4000, 10), (12000, 30)),
    learning_rate: float = 0.01,
) -> xr.Dataset:
    """Train by gradient descent with larger updates once the first, fast changes are over.

    Parameters
    ----------
    model
        The model; its swept dimensions are trained side by side.
    stages
        Number of updates of each stage, and the whole factor of its rate.
    learning_rate
        lambda > 0, the rate at a factor of 1.

    Returns
    -------
    xarray.Dataset
        A run as `theory.descend` returns it. Its ``step`` counts updates of the rate
        `learning_rate`, so that ``step`` times it is time.

    Raises
    ------
    ValueError
        If an argument is out of range.
    ArithmeticError
        If a weight overflows, which a smaller rate prevents.

    Examples
    --------
    >>> run = descend_in_stages(MinimalModel.paper(), stages=((300, 1), (600, 10)))
    >>> int(run.step[-1]), bool(run.test_accuracy[-1] > 0.5)
    (6300, True)
    """
    rate, parts, done = number("learning_rate", learning_rate, above=0), [], 0
    if not stages:
        raise ValueError("stages must not be empty")
    for steps, factor in stages:
        integer("steps", steps, at_least=1)
        integer("factor", factor, at_least=1)
        part = descend(model, steps, rate * factor, record_every=max(1, steps // _RECORDS))
        model = continued(model, part)
        parts.append(part.assign_coords(step=done + factor * part["step"]))
        done += factor * steps
    later = [part.isel(step=slice(1, None)) for part in parts[1:]]
    run = xr.concat(
        [parts[0], *later],
        "step",
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="exact",
        combine_attrs="override",
    )
    settings = {"learning_rate": rate, "stages": np.array(stages).tolist()}
    described = runs.provenance("minimal model", {"model": model.configuration(), **settings})
    return runs.validate(run.assign_attrs(described))
