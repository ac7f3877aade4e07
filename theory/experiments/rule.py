"""What an experiment says before it runs, and what the runs say to that.

A prediction is a quantity that can be computed from the runs of one seed, with a band of values
that count as what was predicted. The band comes from the theory or the paper, never from runs. The
rule, which is the predictions and how they are judged, has a checksum that result files carry.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from theory.statistics import Interval, student_interval, verdict

Band = tuple[float, float]


@dataclass(frozen=True)
class Prediction:
    """A statement that runs can be held against.

    Attributes
    ----------
    name
        Of the quantity.
    statement
        What is predicted, in words.
    source
        "paper", "derived here", or both.
    band
        Least and largest value that count as predicted; None where the theory says nothing, and
        the quantity is only reported.
    width
        Width of the interval that was aimed at; None without a band, or with an open one.

    Raises
    ------
    ValueError
        If the band or the width is empty.
    """

    name: str
    statement: str
    source: str
    band: Band | None = None
    width: float | None = None

    def __post_init__(self) -> None:
        if self.band is not None and not self.band[0] < self.band[1]:
            raise ValueError(f"band must be (least, largest), got {self.band}")
        if self.width is not None and not self.width > 0:
            raise ValueError(f"width must be positive, got {self.width}")


@dataclass(frozen=True)
class Finding:
    """What the runs say about a prediction, at one place.

    Attributes
    ----------
    prediction
        What was predicted.
    place
        Settings by name, where one prediction is judged at several.
    interval
        Mean over the seeds with its 95% interval.
    seeds
        Number of seeds, censored ones included.
    censored
        Seeds for which the quantity lay outside of what was run.
    """

    prediction: Prediction
    place: Mapping[str, float | str]
    interval: Interval
    seeds: int
    censored: int

    @property
    def verdict(self) -> str:
        """What `theory.statistics.verdict` makes of interval and band."""
        return verdict(self.interval, self.prediction.band)


def findings(
    predictions: Sequence[Prediction], quantities: Mapping[str, xr.DataArray]
) -> list[Finding]:
    """Return what the quantities say about the predictions of their names, in that order.

    Parameters
    ----------
    predictions
        All that was predicted.
    quantities
        Of every prediction the numbers, with the dimension ``seed``, NaN where censored. Any
        further dimension gives a finding for each of its values.

    Raises
    ------
    ValueError
        If the names of predictions and quantities are not the same.
    """
    names = {prediction.name for prediction in predictions}
    if names != quantities.keys():
        raise ValueError(f"quantities must be {sorted(names)}, got {sorted(quantities)}")
    return [
        Finding(
            prediction,
            place,
            student_interval(values),
            values.size,
            int(np.isnan(values).sum()),
        )
        for prediction in predictions
        for place, values in _places(quantities[prediction.name])
    ]


def digest(source: str) -> str:
    """Return the checksum of the rule in the source of an experiment.

    It covers the functions `prediction` and `judge` and all that they use of the same file, but no
    comments, docstrings or layout.

    Parameters
    ----------
    source
        Text of the Python file.

    Returns
    -------
    str
        SHA-256, in hexadecimal.

    Raises
    ------
    ValueError
        If the file has no such functions.
    """
    named = dict(_definitions(ast.parse(source)))
    missing = {"prediction", "judge"} - named.keys()
    if missing:
        raise ValueError(f"source must define {sorted(missing)}")
    used, waiting = set(), ["prediction", "judge"]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += [
                node.id
                for node in ast.walk(named[name])
                if isinstance(node, ast.Name) and node.id in named
            ]
    text = "\n".join(ast.unparse(named[name]) for name in sorted(used))
    return hashlib.sha256(text.encode()).hexdigest()


def _definitions(module: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what a module defines by name; functions and classes without docstrings."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:]
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = (part for target in targets for part in ast.walk(target))
            yield from ((part.id, node) for part in parts if isinstance(part, ast.Name))


def _places(values: xr.DataArray) -> Iterator[tuple[dict[str, float | str], np.ndarray]]:
    """Yield the numbers of all seeds at each combination of the other dimensions."""
    dims = [dim for dim in values.dims if dim != "seed"]
    sizes = [values.sizes[dim] for dim in dims]
    for index in np.ndindex(*sizes):
        at = values.isel(dict(zip(dims, index, strict=True)))
        yield {str(dim): at[dim].item() for dim in dims}, at.values
