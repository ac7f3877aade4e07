"""What a run is: one labelled Dataset, whether a model was simulated or a network trained.

A run has the dimension ``step`` (updates done, 0 = the start) and at least one of the quantities
of `QUANTITIES`. Swept parameters are further dimensions, so a phase diagram is a run too.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import H5NetCDFStore

from theory._version import __version__


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
        run[name].attrs = {"long_name": quantity.long_name, "units": quantity.units}
    return validate(run)


def from_columns(step: Any, **columns: Any) -> xr.Dataset:
    """Return a run made of anybody's training log, ready for every measure and figure.

    Parameters
    ----------
    step
        Updates done at each row, shape (rows,): whole numbers, strictly increasing.
    **columns
        Quantities by name of `QUANTITIES` (``train_loss``, ``test_accuracy``...), shape (rows,).

    Raises
    ------
    ValueError
        If a name is unknown, a length differs, or as `validate`.

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
    variables = {name: ("step", np.asarray(column)) for name, column in columns.items()}
    return build(variables, {"step": np.asarray(step)}, {"kind": "log"})


def provenance(kind: str, configuration: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that say what produced a run, as text.

    Parameters
    ----------
    kind
        "minimal model", "network" or "log".
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
        one lacks the dimension ``step``, is not finite or is out of its range.

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


def write(run: xr.Dataset, path: str | Path) -> None:
    """Write a run to a NetCDF file, whole or not at all, with a checksum at its end.

    Whoever reads meanwhile finds what was there before, or the whole run. Any program for NetCDF
    reads the file: its last 64 bytes, the SHA-256 checksum of those before, do not disturb. The
    folder must be there. Any other Dataset that fits into NetCDF will do as well.

    Raises
    ------
    OSError
        If it cannot be written; names `path`, where nothing has changed.

    Examples
    --------
    >>> import tempfile
    >>> run = from_columns([0, 10], train_loss=[2.3, 0.4])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(run, f"{folder}/run.nc")
    ...     read(f"{folder}/run.nc").identical(run)
    True
    """
    path, content = Path(path), _as_netcdf(run)
    unfinished = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    try:
        with unfinished.open("xb") as file:
            file.write(content + _checksum(content))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise OSError(error.errno, f"{path} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def read(path: str | Path) -> xr.Dataset:
    """Return the run that `write` has written.

    Raises
    ------
    ValueError
        If a byte of it has changed or is missing; names `path`.
    """
    file = Path(path).read_bytes()
    if file[-64:] != _checksum(file[:-64]):
        raise ValueError(f"{path} is torn or altered: its checksum does not match")
    return xr.load_dataset(io.BytesIO(file[:-64]), engine="h5netcdf")


def _as_netcdf(run: xr.Dataset) -> bytes:
    """Return the file, made in memory: plain Python meets full disks better than HDF5 does."""
    memory = io.BytesIO()
    # Without a lock of its own xarray would ask a Dask cluster, if there is one, for a common one.
    file = H5NetCDFStore.open(memory, mode="w", lock=False)
    run.compute().dump_to_store(file)
    file.close()
    return memory.getvalue()


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


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
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{name} must be finite, got {numbers[~np.isfinite(numbers)].flat[0]}")
    outside = (numbers < quantity.low) | (numbers > quantity.high)
    if np.any(outside):
        found = numbers[outside].flat[0]
        raise ValueError(f"{name} must lie in [{quantity.low:g}, {quantity.high:g}], got {found:g}")
