"""What is trained on, how, and for how long: a run is a list of stages."""

from __future__ import annotations

import hashlib
import json
from dataclasses import Field, dataclass, fields, is_dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from theory import checks
from theory.networks.tasks import Task
from theory.optimiser import Optimiser, layers_of, require_optimiser


@runtime_checkable
class Stream(Protocol):
    """Examples without end: a frozen dataclass such as `SparseParity`."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def draw(self, rng: np.random.Generator, size: int) -> Task:
        """Return a task of `size` fresh examples."""


@dataclass(frozen=True, eq=False)
class Stage:
    """A stretch of a run with one optimiser and one training set.

    Schedules are lists of stages. The averages that an optimiser keeps, its momentum say, go on
    into a next stage whose optimiser is of the same kind, and start anew otherwise.

    Attributes
    ----------
    optimiser
        `GradientDescent`, `Adam`, `AdamW`, one of them in `Clamped`, `Frozen`, `Lasso`, `Noisy` or
        `SpectralBound`, or your own `Optimiser`.
    steps
        Number of updates, at least 1.
    examples
        What to train on: places in the task's table, shape (examples,), a stream such as
        `SparseParity`, or None for the training set of the split.
    batch_size
        Examples in each update: drawn anew for each, none twice within it. None uses the whole
        training set; a stream needs a number.

    Raises
    ------
    ValueError
        If a value is of the wrong kind or out of its range.

    Examples
    --------
    A weight decay that is switched off after 500 updates:

    >>> from theory.networks import AdamW
    >>> stages = [Stage(AdamW(1e-3, weight_decay), 500) for weight_decay in (1.0, 0.0)]

    Ungrokking, on half of the training set of a split:

    >>> from theory.networks import modular_addition
    >>> split = modular_addition(5).split(20)
    >>> stages = [Stage(AdamW(1e-3, 1.0), 500, part) for part in (None, split.train[::2])]
    """

    optimiser: Optimiser
    steps: int
    examples: np.ndarray | Stream | None = None
    batch_size: int | None = None

    def __post_init__(self) -> None:
        _require_describable(self.optimiser)
        checks.settle(self, checks.integer, "steps", at_least=1)
        if self.examples is not None and not isinstance(self.examples, Stream):
            object.__setattr__(self, "examples", _places(self.examples))
        if self.batch_size is not None:
            checks.settle(self, checks.integer, "batch_size", at_least=1)
        elif isinstance(self.examples, Stream):
            raise ValueError("batch_size must be a number for a stream, got None")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stage):
            return NotImplemented
        return self.description() == other.description()

    def description(self) -> dict[str, Any]:
        """Return all of it as plain values, the examples as their number and a checksum."""
        examples: Any = self.examples
        if isinstance(examples, np.ndarray):
            checksum = hashlib.sha256(examples.astype("<i8").tobytes()).hexdigest()
            examples = {"size": examples.size, "checksum": checksum}
        elif examples is not None:
            examples = described(examples)
        return {
            "optimiser": described(self.optimiser),
            "steps": self.steps,
            "examples": examples,
            "batch_size": self.batch_size,
        }

    def carries_on(self, previous: Stage) -> bool:
        """Whether what the optimiser of `previous` has averaged is of use to this one."""
        own, other = _averager(self.optimiser), _averager(previous.optimiser)
        some = np.zeros(1)
        return type(own) is type(other) and own.start(some).shape == other.start(some).shape


def described(settings: Any) -> dict[str, Any]:
    """Return a frozen dataclass as plain values, with its name.

    Examples
    --------
    >>> from theory.networks import SparseParity
    >>> described(SparseParity(30, 3))
    {'name': 'SparseParity', 'num_bits': 30, 'parity_bits': 3}
    """
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    nested = {
        name: described(value) if is_dataclass(value) else value for name, value in values.items()
    }
    return {"name": type(settings).__name__, **nested}


def require_kind(name: str, value: object, kinds: tuple[type, ...]) -> None:
    """Refuse what is of none of those kinds.

    Raises
    ------
    ValueError
        If it is not; names the argument, the kinds and the value.
    """
    if not isinstance(value, kinds):
        known = " or ".join(kind.__name__ for kind in kinds)
        raise ValueError(f"{name} must be a {known}, got {value!r}")


def _require_describable(optimiser: object) -> None:
    """Refuse what is no optimiser, or could not be written down once the training is done."""
    require_optimiser("optimiser", optimiser)
    try:
        json.dumps(described(optimiser))
    except TypeError as error:
        raise ValueError(
            f"optimiser must have numbers, strings or tuples as fields, got {optimiser!r}"
        ) from error


def _averager(optimiser: Optimiser) -> Optimiser:
    """Return the optimiser whose state it is: for one that holds another, that of the other."""
    *_, averager = layers_of(optimiser)
    return averager


def _places(examples: Any) -> np.ndarray:
    """Return a read-only copy of places in a task; where the table ends is not known yet."""
    places = np.array(examples)
    if places.ndim != 1 or places.size == 0 or places.dtype.kind not in "iu":
        raise ValueError(f"examples must be a stream or several places, got {examples!r}")
    if np.unique(places).size < places.size:
        raise ValueError("examples must hold every place at most once")
    places.flags.writeable = False
    return places
