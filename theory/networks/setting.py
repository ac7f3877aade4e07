"""Everything that a training depends on, besides the machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from theory import checks, runs
from theory.networks.checkpoints import Checkpoint
from theory.networks.losses import CrossEntropy, Loss
from theory.networks.network import Network
from theory.networks.parameters import Parameters
from theory.networks.stages import Stage, Stream, described, require_kind
from theory.networks.tasks import Split, Task, fingerprints


@dataclass(frozen=True, eq=False)
class Training:
    """Everything that a training depends on, besides the machine.

    No test example may be trained on, or the leak would pass for generalisation. So all stages
    are tested on the test set of one split, and a training that shares an example with it, by
    its stages or by what its start was trained on, is refused; streams leave such examples out.

    Attributes
    ----------
    network
        What to train.
    split
        The examples to test on, and to train on where a stage does not say otherwise.
    stages
        What is done one after the other, at least one `Stage`.
    seed
        Seed of the network's random start and of all batches, at least 0.
    loss
        `CrossEntropy`, `ExactCrossEntropy`, `MeanSquaredError` or `SmoothedCrossEntropy`.
    dtype
        ``"float32"`` or ``"float64"``.
    start
        Parameters to start from; None draws them at random.

    Raises
    ------
    ValueError
        If a value is of the wrong kind or does not fit the others, or if the test set holds an
        example that was or would be trained on.

    Examples
    --------
    >>> from theory.networks import AdamW, TwoLayer, modular_addition
    >>> split, optimiser = modular_addition(5).split(20, rng=0), AdamW(1e-3, 1.0)
    >>> Training(TwoLayer(width=8), split, [Stage(optimiser, 500)]).steps
    500
    >>> Training(TwoLayer(width=8), split, [Stage(optimiser, 500, examples=split.test[:1])])
    Traceback (most recent call last):
    ...
    ValueError: stages[0] must not train on test examples, got 1 of them
    """

    network: Network
    split: Split
    stages: tuple[Stage, ...]
    seed: int = 0
    loss: Loss = field(default_factory=CrossEntropy)
    dtype: str = "float32"
    start: Checkpoint | None = None

    def __post_init__(self) -> None:
        require_kind("network", self.network, (Network,))
        require_kind("split", self.split, (Split,))
        require_kind("loss", self.loss, get_args(Loss))
        checks.settle(self, checks.integer, "seed", at_least=0)
        if self.dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be 'float32' or 'float64', got {self.dtype!r}")
        object.__setattr__(self, "stages", tuple(self.stages))
        if not self.stages:
            raise ValueError("stages must not be empty")
        for number, stage in enumerate(self.stages):
            require_kind(f"stages[{number}]", stage, (Stage,))
            self._check_examples(f"stages[{number}]", stage)
            # One that is made for another number of parameters refuses them here already.
            stage.optimiser.start(self.network.zeros(self.split.task, self.dtype).flat)
        if self.start is not None:
            require_kind("start", self.start, (Checkpoint,))
            self._check_start(self.start)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Training):
            return NotImplemented
        return self.checksum == other.checksum

    def __str__(self) -> str:
        optimisers = ", then ".join(str(stage.optimiser) for stage in self.stages)
        return f"{self.network} with {optimisers}, seed {self.seed}, {self.dtype}"

    @property
    def steps(self) -> int:
        """Updates in all stages together."""
        return sum(stage.steps for stage in self.stages)

    def starts(self) -> Iterator[tuple[Stage, int]]:
        """Yield each stage with the number of updates before it."""
        before = 0
        for stage in self.stages:
            yield stage, before
            before += stage.steps

    def places(self, stage: Stage) -> np.ndarray:
        """Return the places in the task that a stage without a stream trains on."""
        if isinstance(stage.examples, np.ndarray):
            return stage.examples
        return self.split.train

    def first_parameters(self) -> Parameters:
        """Return the parameters before the first update."""
        if self.start is None:
            rng = np.random.default_rng(self.seed)
            return self.network.initialise(self.split.task, rng, self.dtype)
        parameters = self.network.zeros(self.split.task, self.dtype)
        parameters.flat[:] = self.start.parameters.flat
        return parameters

    @property
    def checksum(self) -> str:
        """SHA-256 of all of it, in hexadecimal."""
        everything = [self.configuration(), self.seed, self.split.checksum]
        digest = hashlib.sha256(json.dumps(everything).encode())
        if self.start is not None:
            digest.update(self.first_parameters().flat.tobytes())
        return digest.hexdigest()

    def configuration(self) -> dict[str, Any]:
        """Return all but the seed as plain values, the examples as numbers and checksums."""
        return {
            "task": {"name": self.split.task.name, **self.split.task.settings},
            "split": {
                "train_size": self.split.train.size,
                "test_size": self.split.test.size,
                "rng": self.split.rng,
            },
            "network": described(self.network),
            "stages": [stage.description() for stage in self.stages],
            "loss": described(self.loss),
            "dtype": self.dtype,
            "start": None if self.start is None else self.start.training or "given parameters",
        }

    def attributes(self, record_every: int) -> dict[str, str | int | float]:
        """Return what a run says about where it came from."""
        configuration = {**self.configuration(), "record_every": record_every}
        return {
            **runs.provenance("network", configuration),
            "seed": self.seed,
            "split_checksum": self.split.checksum,
        }

    def _check_examples(self, name: str, stage: Stage) -> None:
        task = self.split.task
        if isinstance(stage.examples, Stream):
            _check_stream(name, stage.examples, task)
            return
        places = self.places(stage)
        outside = (places < 0) | (places >= len(task.labels))
        if outside.any():
            raise ValueError(
                f"{name} must train on places in [0, {len(task.labels)}), got {places[outside][0]}"
            )
        if stage.batch_size is not None and stage.batch_size > places.size:
            raise ValueError(
                f"batch_size of {name} must be at most {places.size}, got {stage.batch_size}"
            )
        leaks = np.isin(self._tested(), fingerprints(task, places)).sum()
        if leaks:
            raise ValueError(f"{name} must not train on test examples, got {leaks} of them")

    def _check_start(self, start: Checkpoint) -> None:
        own, given = (
            {name: array.shape for name, array in parameters.items()}
            for parameters in (self.network.zeros(self.split.task, self.dtype), start.parameters)
        )
        if own != given:
            raise ValueError(f"start must have parameters of shapes {own}, got {given}")
        leaks = np.isin(self._tested(), start.trained_on).sum()
        if leaks:
            raise ValueError(f"start must not have trained on test examples, got {leaks} of them")

    def _tested(self) -> np.ndarray:
        return fingerprints(self.split.task, self.split.test)


def _check_stream(name: str, stream: Stream, task: Task) -> None:
    """Refuse a stream whose examples are of another kind than those of the task."""
    own, other = (
        (each.inputs.shape[1], each.num_tokens, each.num_labels)
        for each in (task, stream.draw(np.random.default_rng(0), 1))
    )
    if own != other:
        raise ValueError(
            f"{name} must draw examples like those of the task, with (slots, num_tokens, "
            f"num_labels) {own}, got {other}"
        )
