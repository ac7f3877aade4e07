"""Datasets in files that are whole or not there, and that notice when a byte has changed."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from pathlib import Path

import xarray as xr
from xarray.backends import H5NetCDFStore


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
    >>> run = xr.Dataset({"train_loss": ("step", [2.3, 0.4])}, {"step": [0, 10]})
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
