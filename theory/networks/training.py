"""The training loop: a training in, a run out, and a checkpoint from which to go on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from theory import checks, runs
from theory.networks.checkpoints import Checkpoint
from theory.networks.data import Examples, Lesson, lessons, trained_on
from theory.networks.measurements import Measurement, Snapshot, performance
from theory.networks.network import Network
from theory.networks.outcomes import outcome
from theory.networks.parameters import Parameters
from theory.networks.setting import Training
from theory.networks.stages import Stage
from theory.networks.tasks import Split
from theory.optimiser import Optimiser, probed
from theory.progress import bar
from theory.runs import DivergedError

#: What is recorded at one step, by name.
Row = Mapping[str, xr.DataArray]


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

    `advance` has what this has not: stages, with other optimisers and training sets one after the
    other; minibatches and streams; another loss; a start from given parameters; measurements of
    your own; and checkpoints to go on from.

    Parameters
    ----------
    network
        What to train.
    split
        The examples to train and to test on.
    optimiser
        `GradientDescent`, `Adam`, `AdamW`, one of them `Clamped`, or your own `Optimiser`.
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
    training = Training(network, split, (Stage(optimiser, steps),), seed, dtype=dtype)
    run, _ = advance(training, record_every=record_every, progress=progress)
    return run


def advance(
    training: Training,
    since: Checkpoint | None = None,
    until: int | None = None,
    record_every: int = 25,
    measurements: Sequence[Measurement] = (),
    progress: bool | None = None,
) -> tuple[xr.Dataset, Checkpoint]:
    """Do a training, or a part of it, and return the run and where it stands.

    Parts give the same bits as the whole: whoever goes on from the checkpoint of one part with
    the next gets what an uninterrupted training would have given. So to keep checkpoints on the
    way, to restart from or to look into, advance in parts and save each.

    Parameters
    ----------
    training
        What to do.
    since
        Checkpoint of the same training to go on from; None begins at its start.
    until
        Updates done at the end, those before `since` included; None goes to the end.
    record_every
        Updates from one record to the next, at least 1; both ends are always kept.
    measurements
        What to record besides losses, accuracies, norm and margin, such as `layer_norms` or your
        own `Measurement`. Each returns the same names at every record, which no other has. What the
        package does not know, by `theory.runs.QUANTITIES`, may be NaN.
    progress
        Whether to show a progress bar; None shows one where somebody may be watching.

    Returns
    -------
    xarray.Dataset
        As `train`, with what the measurements add. ``train_*`` and margin are on the training
        set of the stage to which the next update belongs: for minibatches on all of it, for a
        stream on the next batch.
    Checkpoint
        The state after `until` updates.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind or out of its range, `since` is of another training, or
        a measurement returns no mapping, or names that it should not.
    DivergedError
        If the loss or its gradient is not finite; carries what was recorded until then.

    Examples
    --------
    >>> from theory.networks import AdamW, TwoLayer, modular_addition
    >>> split = modular_addition(5).split(train_size=20, rng=0)
    >>> training = Training(TwoLayer(width=32), split, (Stage(AdamW(0.01, 1.0), steps=100),))
    >>> whole, _ = advance(training)
    >>> first, checkpoint = advance(training, until=50)
    >>> second, _ = advance(training, since=checkpoint)
    >>> second.identical(whole.sel(step=slice(50, None)))
    True
    """
    record_every = checks.integer("record_every", record_every, at_least=1)
    state = _State.at(training, since)
    until = training.steps if until is None else checks.integer("until", until, at_least=1)
    if not state.step < until <= training.steps:
        raise ValueError(f"until must lie in ({state.step}, {training.steps}], got {until}")
    records: dict[int, Row] = {}
    ends = {state.step, until}
    test = Examples.of(training, training.split.task, training.split.test)
    updates = _updates(training, state, until)
    # Overflow is looked for where it ends, in the loss, and named there: no warnings on the way.
    with np.errstate(all="ignore"), threadpool_limits(1, "blas"):
        try:
            for examples in bar(updates, "training", until + 1, done=state.step, show=progress):
                if state.step % record_every == 0 or state.step in ends:
                    snapshot = _snapshot(training, state, examples, test)
                    row = _record(snapshot, (performance, *measurements))
                    _require_same_names(row, next(iter(records.values()), row), state.step)
                    records[state.step] = row
        except FloatingPointError as error:
            recorded = _run(records, training, record_every) if records else None
            raise DivergedError(f"{error}: {training}", recorded) from None
    return _run(records, training, record_every), _checkpoint(training, state, since)


@dataclass
class _State:
    """What changes in training."""

    step: int
    parameters: Parameters
    moments: np.ndarray
    updates: int

    @classmethod
    def at(cls, training: Training, since: Checkpoint | None) -> _State:
        """Return the state at a checkpoint or at the start."""
        if since is None:
            parameters = training.first_parameters()
            nothing = np.zeros((0, parameters.flat.size), parameters.flat.dtype)
            return cls(0, parameters, nothing, 0)
        if since.training != training.checksum:
            raise ValueError("since must be a checkpoint of this training, got one of another")
        return cls(since.step, since.parameters.copy(), since.moments.copy(), since.updates)


def _checkpoint(training: Training, state: _State, since: Checkpoint | None) -> Checkpoint:
    before = since or training.start
    known = trained_on(training, since.step if since else 0, state.step)
    if before is not None:
        known = np.union1d(known, before.trained_on)
    return Checkpoint(
        state.parameters, known, state.step, state.moments, state.updates, training.checksum
    )


def _updates(training: Training, state: _State, until: int) -> Iterator[Examples]:
    """Yield what to look at before every update and at the end; in between change `state`."""
    gradient = training.network.zeros(training.split.task, training.dtype)
    for lesson in lessons(training, state.step, until):
        optimiser = lesson.stage.optimiser
        if lesson.starts_anew:
            state.moments, state.updates = optimiser.start(state.parameters.flat), 0
        for _ in lesson.updates:
            yield _looked_at(lesson, state, gradient)
            # An infinite square would stop Adam without a word: its steps become zero.
            squared_norm = float(gradient.flat @ gradient.flat)
            _require_finite("the squared norm of the gradient", squared_norm, state.step)
            optimiser.step(state.parameters.flat, gradient.flat, state.moments, state.updates)
            state.step += 1
            state.updates += 1
    yield _looked_at(lesson, state, gradient)


def _looked_at(lesson: Lesson, state: _State, gradient: Parameters) -> Examples:
    """Overwrite `gradient`, see that the loss is finite, and return what to record it on."""
    batch = lesson.batch(state.step)
    loss = batch.loss_and_gradient(_probed(lesson.stage.optimiser, state), gradient)
    _require_finite("the training loss", loss, state.step)
    return batch if lesson.whole is None else lesson.whole


def _probed(optimiser: Optimiser, state: _State) -> Parameters:
    """Return the parameters at which the optimiser wants the gradient."""
    theta = probed(optimiser, state.parameters.flat, state.updates)
    if theta is state.parameters.flat:
        return state.parameters
    elsewhere = state.parameters.copy()
    elsewhere.flat[:] = theta
    return elsewhere


def _snapshot(training: Training, state: _State, examples: Examples, test: Examples) -> Snapshot:
    network, task, parameters = training.network, training.split.task, state.parameters
    train, tested = (
        outcome(network, parameters, each.inputs, each.labels, training.loss)
        for each in (examples, test)
    )
    return Snapshot(state.step, network, task, parameters, train, tested)


def _record(snapshot: Snapshot, measurements: Sequence[Measurement]) -> Row:
    """Return one row of the run, of copies: what a snapshot shows is overwritten."""
    row: dict[str, xr.DataArray] = {}
    for measurement in measurements:
        found = measurement(snapshot)
        if not isinstance(found, Mapping):
            raise ValueError(f"measurements must return mappings, got {found!r} of {measurement!r}")
        taken = [name for name in found if name in row or name == "step"]
        if taken:
            raise ValueError(
                f"measurements must have names of their own, got {taken} of {measurement!r}"
            )
        row |= {name: xr.DataArray(value).copy() for name, value in found.items()}
    for name in (name for name in row if name in runs.QUANTITIES):
        # The sum of an array is finite only where all of it is.
        _require_finite(name, float(np.sum(row[name].values)), snapshot.step)
    return row


def _require_same_names(row: Row, first: Row, step: int) -> None:
    if row.keys() != first.keys():
        raise ValueError(
            f"measurements must return the same names at every record, got {list(row)} at step "
            f"{step} after {list(first)}"
        )


def _require_finite(name: str, value: float, step: int) -> None:
    if not math.isfinite(value):
        raise FloatingPointError(f"{name} is {value} at step {step}")


def _run(records: Mapping[int, Row], training: Training, record_every: int) -> xr.Dataset:
    steps, rows = list(records), list(records.values())
    along = xr.DataArray(steps, dims="step", name="step")
    variables = {name: xr.concat([row[name] for row in rows], along) for name in rows[0]}
    run = runs.build(variables, {"step": steps}, training.attributes(record_every))
    for name in ("train_loss", "test_loss"):
        run[name].attrs["units"] = training.loss.units
    return run
