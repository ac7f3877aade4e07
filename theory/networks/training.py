"""The training loop: a network, a split and an optimiser in, a run out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, get_args

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from theory import checks, runs
from theory.networks.losses import accuracy, cross_entropy, cross_entropy_backward, margin
from theory.networks.network import Network
from theory.networks.optimisers import Optimiser
from theory.networks.parameters import Parameters
from theory.networks.tasks import Split
from theory.progress import bar
from theory.runs import DivergedError


@dataclass(frozen=True)
class Setting:
    """Everything that a run depends on, besides the machine."""

    network: Network
    split: Split
    optimiser: Optimiser
    steps: int
    seed: int
    record_every: int
    dtype: str

    def __post_init__(self) -> None:
        kinds = {"network": (Network,), "split": (Split,), "optimiser": get_args(Optimiser)}
        for name, kind in kinds.items():
            if not isinstance(getattr(self, name), kind):
                known = " or ".join(each.__name__ for each in kind)
                raise ValueError(f"{name} must be a {known}, got {getattr(self, name)!r}")
        for name, least in (("steps", 1), ("seed", 0), ("record_every", 1)):
            value = checks.integer(name, getattr(self, name), at_least=least)
            object.__setattr__(self, name, value)
        if self.dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be 'float32' or 'float64', got {self.dtype!r}")

    def __str__(self) -> str:
        return f"{self.network} with {self.optimiser}, seed {self.seed}, {self.dtype}"

    def attributes(self) -> dict[str, str | int | float]:
        """Return what a run says about where it came from."""
        configuration = {
            "task": {"name": self.split.task.name, **self.split.task.settings},
            "split": {
                "train_size": self.split.train.size,
                "test_size": self.split.test.size,
                "rng": self.split.rng,
            },
            "network": {"name": type(self.network).__name__, **asdict(self.network)},
            "optimiser": {"name": type(self.optimiser).__name__, **asdict(self.optimiser)},
            "steps": self.steps,
            "record_every": self.record_every,
            "dtype": self.dtype,
        }
        return {
            **runs.provenance("network", configuration),
            "seed": self.seed,
            "split_checksum": self.split.checksum,
        }


class Examples(NamedTuple):
    """Some examples of a task as the network reads them, and their right labels."""

    inputs: Any
    labels: np.ndarray

    @classmethod
    def of(cls, setting: Setting, indices: np.ndarray) -> Examples:
        """Return the examples at those places of the task."""
        task = setting.split.task
        return cls(setting.network.encode(task, indices, setting.dtype), task.labels[indices])


class State(NamedTuple):
    """Where training stands after `step` updates; the arrays are overwritten by the next one."""

    step: int
    parameters: Parameters
    train_loss: float
    train_logits: np.ndarray


def train(
    network: Network,
    split: Split,
    optimiser: Optimiser,
    steps: int,
    seed: int = 0,
    record_every: int = 25,
    dtype: str = "float32",
    progress: bool | None = None,
) -> xr.Dataset:
    r"""Train a network on all of the training set at once, and return the run.

    Every step is one update by the gradient of the mean cross-entropy over the training set
    (and of the optimiser's penalty, which the recorded losses leave out). The same arguments
    on the same machine give the same bits. Linear algebra runs on one thread: for matrices of
    this size more threads only wait for each other.

    Parameters
    ----------
    network
        What to train.
    split
        The examples to train and to test on.
    optimiser
        `GradientDescent`, `Adam` or `AdamW`.
    steps
        Number of updates, at least 1.
    seed
        Seed of the network's random start, at least 0.
    record_every
        Updates from one record to the next, at least 1; the start and the end are always kept.
    dtype
        ``"float32"`` or ``"float64"``.
    progress
        Whether to show a progress bar; None shows one in a terminal or a live notebook, unless
        the environment sets ``TQDM_DISABLE``.

    Returns
    -------
    xarray.Dataset
        Along ``step``: ``train_loss`` and ``test_loss`` (nat), ``train_accuracy`` and
        ``test_accuracy`` (1), ``parameter_norm`` (1), ``logit_margin`` (logit, on the training
        set). The attributes hold the configuration, seed, checksum of the split and versions.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind or out of its range.
    DivergedError
        If the loss or its gradient is not finite; carries what was recorded until then.

    Examples
    --------
    >>> from theory.networks import Adam, TwoLayer, modular_addition
    >>> split = modular_addition(5).split(train_size=20, rng=0)
    >>> run = train(TwoLayer(width=32), split, Adam(learning_rate=0.01), steps=100)
    >>> run.step.values
    array([  0,  25,  50,  75, 100])
    >>> float(run.train_accuracy[-1])
    1.0
    """
    setting = Setting(network, split, optimiser, steps, seed, record_every, dtype)
    train_set, test_set = Examples.of(setting, split.train), Examples.of(setting, split.test)
    records: dict[int, dict[str, float]] = {}
    # Overflow is looked for where it ends, in the loss, and named there: no warnings on the way.
    with np.errstate(all="ignore"), threadpool_limits(1, "blas"):
        updates = _updates(setting, train_set)
        try:
            for state in bar(updates, "training", setting.steps + 1, show=progress):
                if state.step % setting.record_every == 0 or state.step == setting.steps:
                    records[state.step] = _record(network, state, train_set, test_set)
        except FloatingPointError as error:
            recorded = _run(records, setting) if records else None
            raise DivergedError(f"{error}: {setting}", recorded) from None
    return _run(records, setting)


def _updates(setting: Setting, train_set: Examples) -> Iterator[State]:
    """Yield the start and then every update, having done it."""
    network, optimiser = setting.network, setting.optimiser
    rng = np.random.default_rng(setting.seed)
    parameters = network.initialise(setting.split.task, rng, setting.dtype)
    gradient = network.zeros(setting.split.task, setting.dtype)
    moments = optimiser.start(parameters.flat)
    for step in range(setting.steps + 1):
        activations = network.forward(parameters, train_set.inputs)
        loss, probabilities = cross_entropy(activations.logits, train_set.labels)
        _require_finite("the training loss", loss, step)
        yield State(step, parameters, loss, activations.logits)
        if step < setting.steps:
            d_logits = cross_entropy_backward(probabilities, train_set.labels)
            network.backward(parameters, activations, d_logits, gradient)
            # An infinite square would stop Adam without a word: its steps become zero.
            squared_norm = float(gradient.flat @ gradient.flat)
            _require_finite("the squared norm of the gradient", squared_norm, step)
            optimiser.step(parameters.flat, gradient.flat, moments, updates=step)


def _record(
    network: Network, state: State, train_set: Examples, test_set: Examples
) -> dict[str, float]:
    """Return one row of the run."""
    test_logits = network.forward(state.parameters, test_set.inputs).logits
    test_loss, _ = cross_entropy(test_logits, test_set.labels)
    row = {
        "train_loss": state.train_loss,
        "test_loss": test_loss,
        "train_accuracy": accuracy(state.train_logits, train_set.labels),
        "test_accuracy": accuracy(test_logits, test_set.labels),
        "parameter_norm": float(np.linalg.norm(state.parameters.flat)),
        "logit_margin": margin(state.train_logits, train_set.labels),
    }
    for name, value in row.items():
        _require_finite(name, value, state.step)
    return row


def _require_finite(name: str, value: float, step: int) -> None:
    if not math.isfinite(value):
        raise FloatingPointError(f"{name} is {value} at step {step}")


def _run(records: Mapping[int, Mapping[str, float]], setting: Setting) -> xr.Dataset:
    rows = list(records.values())
    variables = {name: ("step", [row[name] for row in rows]) for name in rows[0]}
    return runs.build(variables, {"step": list(records)}, setting.attributes())
