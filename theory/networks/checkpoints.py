"""Where a training stands: enough to go on from it, to build on it, or to look inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from theory import runs
from theory.networks.parameters import Parameters
from theory.networks.tasks import Task, fingerprints


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A network's parameters, with all that their training depends on and came from.

    Attributes
    ----------
    parameters
        The parameters by name; a private, read-only copy.
    trained_on
        Fingerprints of all examples that had a part in them, sorted, shape (examples,).
    step
        Updates done since the start of the training.
    moments
        What the optimiser has averaged, shape (rows, size).
    updates
        Updates that went into `moments`.
    training
        Checksum of the `Training` that this was taken from; empty if it was put together.

    Examples
    --------
    >>> from theory.networks import TwoLayer, modular_addition
    >>> task = modular_addition(5)
    >>> start = TwoLayer(width=8).initialise(task, np.random.default_rng(0), "float32")
    >>> Checkpoint.given(start, task, trained_on=[]).parameters["E"].shape
    (10, 8)
    """

    parameters: Parameters
    trained_on: np.ndarray
    step: int
    moments: np.ndarray
    updates: int
    training: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", self.parameters.copy(writeable=False))
        for name in ("trained_on", "moments"):
            array = getattr(self, name).copy()
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def given(
        cls, parameters: Parameters, task: Task, trained_on: Iterable[int] | np.ndarray
    ) -> Checkpoint:
        """Return a checkpoint of parameters from anywhere, to start a training from.

        Parameters
        ----------
        parameters
            The parameters; their values are copied.
        task
            What they were trained on, if they were.
        trained_on
            Places in `task` of all examples that had a part in them; may be empty.
        """
        places = np.array(list(trained_on), dtype=int)
        known = np.unique(fingerprints(task, places))
        nothing = np.zeros((0, parameters.flat.size), parameters.flat.dtype)
        return cls(parameters, known, 0, nothing, 0, "")

    def transplanted(self, names: Iterable[str], into: Parameters) -> Checkpoint:
        """Return a start made of `into`, but for the arrays called `names`, taken from here.

        Raises
        ------
        ValueError
            If an array is missing or of another shape on either side.

        Examples
        --------
        >>> from theory.networks import TwoLayer, modular_addition
        >>> task, network = modular_addition(5), TwoLayer(width=8)
        >>> old, new = (
        ...     network.initialise(task, np.random.default_rng(seed), "float32") for seed in (0, 1)
        ... )
        >>> start = Checkpoint.given(old, task, trained_on=[]).transplanted(["E"], into=new)
        >>> [bool(np.all(start.parameters[name] == old[name])) for name in ("E", "W")]
        [True, False]
        """
        grown = into.copy()
        for name in names:
            here, there = (
                each[name].shape if name in each else None for each in (self.parameters, into)
            )
            if here is None or here != there:
                raise ValueError(f"names must fit on both sides, got {name!r}: {here} and {there}")
            grown[name][:] = self.parameters[name]
        nothing = np.zeros((0, grown.flat.size), grown.flat.dtype)
        return replace(self, parameters=grown, step=0, moments=nothing, updates=0, training="")

    def save(self, path: str | Path) -> None:
        """Write it to a NetCDF file, whole or not at all, with a checksum.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        arrays = {
            name: ([f"{name}_{axis}" for axis in range(array.ndim)], array)
            for name, array in self.parameters.items()
        }
        own = {
            "_moments": (("_row", "_parameter"), self.moments),
            "_trained_on": ("_example", self.trained_on),
        }
        attributes = {"step": self.step, "updates": self.updates, "training": self.training}
        runs.write(xr.Dataset({**arrays, **own}, attrs=attributes), path)

    @classmethod
    def load(cls, path: str | Path) -> Checkpoint:
        """Return the checkpoint that `save` has written.

        Raises
        ------
        OSError
            If it cannot be read.
        ValueError
            If a byte of the file has changed or is missing.
        """
        stored = runs.read(path)
        names = [str(name) for name in stored.data_vars if not str(name).startswith("_")]
        shapes = {name: stored[name].shape for name in names}
        parameters = Parameters(shapes, str(stored[names[0]].dtype))
        for name in names:
            parameters[name][:] = stored[name].values
        return cls(
            parameters,
            stored["_trained_on"].values,
            int(stored.attrs["step"]),
            stored["_moments"].values,
            int(stored.attrs["updates"]),
            str(stored.attrs["training"]),
        )
