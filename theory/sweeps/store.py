"""Finished runs of a sweep, each in a file of its own that is named after what produced it."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import tempfile
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import xarray as xr

from theory import runs
from theory._version import __version__
from theory.sweeps.grid import Cell

_ATTRIBUTE = "sweep_configuration"


@dataclass(frozen=True)
class Store:
    """A folder with one file a run.

    A file's name is a hash of the function's name and code, the constants that
    `functools.partial` has bound, the cell and the version of this package. If any of them
    changes, the run is done anew. Comments and layout of the code do not count, and neither do
    functions that it calls, outside of this package.

    Several sweeps may use one folder, also at once: a file appears whole and is replaced whole.
    """

    folder: Path
    work: Cell

    @classmethod
    def of(cls, folder: str | Path, function: Callable[..., Any]) -> Store:
        """Make the folder if need be, and make sure that it can be written.

        Raises
        ------
        OSError
            If it cannot; names the folder.
        ValueError
            If the function cannot be told from others by its code and constants.
        """
        work = _described(function)
        folder = Path(folder).absolute()  # a worker may have another working directory
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            message = f"store {folder} cannot be written: {error.strerror}"
            raise OSError(error.errno, message) from error
        return cls(folder, work)

    def path(self, cell: Cell) -> Path:
        """Return the file of a cell, whether it is there or not."""
        digest = hashlib.sha256(self._configuration(cell).encode()).hexdigest()
        return self.folder / f"{digest[:32]}.nc"

    def save(self, cell: Cell, run: xr.Dataset) -> None:
        """Write the run of a cell at once."""
        runs.write(run.assign_attrs({_ATTRIBUTE: self._configuration(cell)}), self.path(cell))

    def load(self, cell: Cell) -> xr.Dataset:
        """Return the run of a cell.

        Raises
        ------
        FileNotFoundError
            If it is not there.
        ValueError
            If its file is torn, altered or that of another cell.
        """
        run = runs.read(self.path(cell))
        if run.attrs.pop(_ATTRIBUTE, None) != self._configuration(cell):
            raise ValueError(f"{self.path(cell)} holds another run than its name says")
        return run

    def finished(self, cells: list[Cell]) -> dict[int, xr.Dataset]:
        """Return the runs that are there by number of their cell, with a warning of bad files."""
        found = {}
        for index, cell in enumerate(cells):
            try:
                found[index] = self.load(cell)
            except FileNotFoundError:
                continue
            except ValueError as error:
                warnings.warn(f"{error}; it is run again", RuntimeWarning, stacklevel=3)
        return found

    def _configuration(self, cell: Cell) -> str:
        return json.dumps({**self.work, "cell": cell}, sort_keys=True)


def _described(function: Callable[..., Any]) -> dict[str, Any]:
    """Return what tells a function from others, ready for JSON."""
    bound = function if isinstance(function, partial) else partial(function)
    bare = bound.func
    if not inspect.isfunction(bare) or bare.__name__ == "<lambda>" or bare.__closure__:
        raise ValueError(
            "the function of a stored sweep must have a name and use no variables of another "
            f"function around it (functools.partial binds constants), got {bare!r}"
        )
    constants = {"args": bound.args, "keywords": bound.keywords}
    try:
        json.dumps(constants)
    except TypeError as error:
        raise ValueError(f"constants of a stored sweep must be plain values: {error}") from error
    return {
        "function": f"{bare.__module__}.{bare.__qualname__}",
        "code": hashlib.sha256(_code(bare).encode()).hexdigest(),
        "constants": constants,
        "version": __version__,
    }


def _code(function: Callable[..., Any]) -> str:
    """Return the code of a function without comments and layout."""
    try:
        return ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(function))))
    except OSError as error:
        raise ValueError(
            f"the function of a stored sweep must come from a file or a notebook, got {function!r}"
        ) from error
