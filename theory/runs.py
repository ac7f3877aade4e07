"""What a run is: one labelled Dataset, whether a model was simulated or a network trained.

A run has the dimension ``step`` (updates done, 0 = the start) and at least one of the quantities
of `QUANTITIES`. Swept parameters are further dimensions, so a phase diagram is a run too.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from theory._version import __version__
from theory.checks import shown
from theory.netcdf import read, write

__all__ = [
    "QUANTITIES",
    "ROUNDING",
    "DivergedError",
    "Quantity",
    "build",
    "from_columns",
    "provenance",
    "quantity",
    "read",
    "units",
    "validate",
    "write",
]

#: How far rounding, in float32 too, may take a number beyond the edge of a range or a threshold.
ROUNDING = 1e-6

#: What a quantity says of itself that is NaN where it was not recorded.
_GAPS = {"recorded": "at some steps"}


@dataclass(frozen=True)
class Quantity:
    """Name, unit and range of something that a run records."""

    long_name: str
    units: str
    low: float = -np.inf
    high: float = np.inf


#: Every quantity that the tools know, by the name of its variable.
QUANTITIES: Mapping[str, Quantity] = {
    "train_loss": Quantity("training loss", "nat", low=0),
    "test_loss": Quantity("test loss", "nat", low=0),
    "train_accuracy": Quantity("training accuracy", "1", low=0, high=1),
    "test_accuracy": Quantity("test accuracy", "1", low=0, high=1),
    "parameter_norm": Quantity("2-norm of all parameters", "1", low=0),
    "logit_margin": Quantity("mean margin of the right logit on the training set", "logit"),
    "layer_norm": Quantity("2-norm of one array of parameters", "1", low=0),
    "logit_spread": Quantity("spread of the right logit on the training set", "logit", low=0),
    "trigonometric_share": Quantity("share of the squared logits in waves", "1", low=0),
    "weight": Quantity("weight of the circuit", "logit"),
    "subweight_a": Quantity("first subweight a of the circuit", "sqrt(logit)"),
    "subweight_b": Quantity("second subweight b of the circuit", "sqrt(logit)"),
}


class DivergedError(ArithmeticError):
    """A run left the finite numbers; ``run`` is what was recorded until then, or None."""

    def __init__(self, message: str, run: xr.Dataset | None) -> None:
        # Both are its arguments, or it would not survive the way back from a worker.
        super().__init__(message, run)
        self.run = run

    def __str__(self) -> str:
        return str(self.args[0])


def build(
    variables: Mapping[str, Any],
    coords: Mapping[str, Any],
    attrs: Mapping[str, str | int | float] | None = None,
) -> xr.Dataset:
    """Return a validated run in which every known quantity carries its unit and long name.

    Parameters
    ----------
    variables
        By name of `QUANTITIES` (others are kept as they are), anything that
        `xarray.Dataset` takes as a variable; each has the dimension ``step``.
    coords
        Coordinates, ``step`` among them.
    attrs
        What produced the run: configuration, seed, versions.

    Raises
    ------
    ValueError
        As `validate`.

    Examples
    --------
    >>> run = build({"train_loss": ("step", [4.7, 0.1])}, {"step": [0, 100]})
    >>> run.train_loss.units
    'nat'
    """
    run = xr.Dataset(variables, coords, attrs)
    if "step" in run.coords:
        run["step"].attrs = {"long_name": "updates done", "units": "1"}
    for name in QUANTITIES.keys() & set(run.data_vars):
        quantity = QUANTITIES[name]
        run[name].attrs |= {"long_name": quantity.long_name, "units": quantity.units}
    return validate(run)


def from_columns(
    step: Any, *, loss_units: str | None = None, gaps: bool = False, **columns: Any
) -> xr.Dataset:
    r"""Return a run made of anybody's training log, ready for every measure and figure.

    The mean cross-entropy L, in nats, of examples of which a part A is right obeys (derived here)

    .. math:: 1 - A \le L / \log 2,

    since the right label of an example that is wrong has a probability of 1/2 at most.

    Parameters
    ----------
    step
        Updates done at each row, shape (rows,): whole numbers, strictly increasing.
    loss_units
        Of the losses: "nat" for cross-entropy, "1" for mean squared error, or any other. None
        takes nats, unless a loss and the accuracy beside it say that it cannot be nats.
    gaps
        Whether NaN says that a quantity was not recorded at a step, instead of being refused.
    **columns
        Quantities by name of `QUANTITIES` (``train_loss``, ``test_accuracy``...), shape (rows,).
        A table under other names is for `theory.logs`.

    Raises
    ------
    ValueError
        If a name is unknown, a length differs, `loss_units` is needed, or as `validate`.

    Examples
    --------
    >>> run = from_columns([0, 10, 20], train_loss=[2.3, 0.4, 0.1], test_accuracy=[0.1, 0.2, 1.0])
    >>> run.sizes["step"]
    3
    """
    rows = np.asarray(step).size
    for name, column in columns.items():
        if name not in QUANTITIES:
            raise ValueError(f"{name} is not a known quantity; known are {', '.join(QUANTITIES)}")
        if np.shape(column) != (rows,):
            raise ValueError(f"{name} must have shape ({rows},) like step, got {np.shape(column)}")
    attrs = _GAPS if gaps else {}
    variables = {name: ("step", np.asarray(column), attrs) for name, column in columns.items()}
    run = build(variables, {"step": np.asarray(step)}, {"kind": "log"})
    for part in ("train", "test"):
        loss = f"{part}_loss"
        if loss in run and loss_units is not None:
            run[loss].attrs["units"] = loss_units
        elif {loss, f"{part}_accuracy"} <= set(run.data_vars):
            _require_nats(run, loss, f"{part}_accuracy")
    return run


def _require_nats(run: xr.Dataset, loss: str, accuracy: str) -> None:
    """Refuse a loss that cannot be in nats at its first record below log 2."""
    low = run[[loss, accuracy]].isel(step=run[loss].values < np.log(2)).isel(step=slice(1))
    least = 1 - low[loss] / np.log(2)
    if np.any(low[accuracy] < least - ROUNDING):
        found, at, right = (low[name].item() for name in (loss, "step", accuracy))
        raise ValueError(
            f"loss_units must be given: {loss} {found:g} at step {at:g} would, in nats, "
            f"need {accuracy} {least.item():.3g} or more, got {right:g}"
        )


def provenance(kind: str, configuration: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that say what produced a run, as text.

    Parameters
    ----------
    kind
        "minimal model", "network", "log" or "question".
    configuration
        Every setting by name, nested at will; arrays are written as dims and values.

    Examples
    --------
    >>> attrs = provenance("minimal model", {"kappa": xr.DataArray([1.0, 2.0], dims="kappa")})
    >>> attrs["configuration"]
    '{"kappa": {"dims": ["kappa"], "values": [1.0, 2.0]}}'
    """
    versions = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "xarray": xr.__version__,
        "grokking-theory": __version__,
    }
    return {
        "kind": kind,
        "configuration": json.dumps(configuration, default=_as_json),
        "versions": json.dumps(versions),
    }


def _as_json(value: object) -> object:
    if isinstance(value, xr.DataArray):
        return {"dims": list(value.dims), "values": value.values.tolist()}
    raise TypeError(f"configuration must hold plain values and DataArrays, got {value!r}")


def validate(run: xr.Dataset) -> xr.Dataset:
    """Return `run` unchanged if it is one, and say what is wrong with it otherwise.

    Raises
    ------
    ValueError
        If ``step`` is missing, not whole or not increasing, if no known quantity is there, or if
        one lacks the dimension ``step``, is not finite (gaps of a log apart), or is out of its
        range by more than `ROUNDING`.

    Examples
    --------
    >>> validate(xr.Dataset({"train_loss": ("step", [1.0, -1.0])}, {"step": [0, 1]}))
    Traceback (most recent call last):
    ...
    ValueError: train_loss must lie in [0, inf], got -1
    """
    if not isinstance(run, xr.Dataset):
        raise ValueError(f"run must be an xarray.Dataset, got {type(run).__name__}")
    _validate_step(run)
    known = [name for name in QUANTITIES if name in run.data_vars]
    if not known:
        raise ValueError(f"run must hold one of {', '.join(QUANTITIES)}, got {list(run.data_vars)}")
    for name in known:
        _validate_quantity(name, run[name])
    return run


def quantity(run: xr.Dataset, name: str) -> xr.DataArray:
    """Return one quantity of a run.

    Raises
    ------
    ValueError
        If the run does not hold it.

    Examples
    --------
    >>> quantity(from_columns([0, 1], train_loss=[1.0, 0.5]), "test_loss")
    Traceback (most recent call last):
    ...
    ValueError: run must hold test_loss, got ['train_loss']
    """
    if name not in run.data_vars:
        raise ValueError(f"run must hold {name}, got {list(run.data_vars)}")
    return run[name]


def units(run: xr.Dataset, name: str) -> str:
    """Return the unit of one quantity of a run: what it says of itself, or else that of its kind.

    Raises as `quantity`.

    Examples
    --------
    >>> units(from_columns([0, 1], loss_units="bit", train_loss=[1.0, 0.5]), "train_loss")
    'bit'
    """
    return str(quantity(run, name).attrs.get("units", QUANTITIES[name].units))


def _validate_step(run: xr.Dataset) -> None:
    if "step" not in run.coords or run["step"].dims != ("step",) or run.sizes["step"] == 0:
        raise ValueError("run must have a coordinate step along a dimension step that is not empty")
    step = run["step"].values
    if step.dtype.kind not in "iuf" or not np.all(np.isfinite(step)) or np.any(step % 1 != 0):
        raise ValueError(f"step must hold whole numbers, got {step}")
    if step[0] < 0 or np.any(step[1:] <= step[:-1]):
        raise ValueError(f"step must start at 0 or later and strictly increase, got {step}")


def _validate_quantity(name: str, values: xr.DataArray) -> None:
    if "step" not in values.dims:
        raise ValueError(f"{name} must have the dimension step, got {values.dims}")
    if values.dtype.kind not in "iuf":
        raise ValueError(f"{name} must hold numbers, got dtype {values.dtype}")
    numbers, quantity = values.values, QUANTITIES[name]
    if _GAPS.items() <= values.attrs.items():
        numbers = numbers[~np.isnan(numbers)]
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{name} must be finite, got {numbers[~np.isfinite(numbers)].flat[0]}")
    outside = (numbers < quantity.low - ROUNDING) | (numbers > quantity.high + ROUNDING)
    if np.any(outside):
        found = shown(numbers[outside].flat[0])
        raise ValueError(f"{name} must lie in [{quantity.low:g}, {quantity.high:g}], got {found}")
