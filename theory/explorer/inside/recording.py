"""A training run with what is inside the network at every record: answers, waves, two weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from theory import circuits, runs
from theory.explorer.inside.votes import answers, loudest, votes
from theory.networks import (
    Adam,
    AdamW,
    Checkpoint,
    Snapshot,
    Stage,
    Training,
    TwoLayer,
    advance,
    modular_addition,
    right_logits,
)
from theory.networks.stages import require_kind

#: Levels of `wave_level`: a wave that is all of a unit has the last.
LEVELS = 16
#: Power below which a unit is silent, as a part of the largest: what is left of it is no wave.
SILENT = 1e-3
#: How many units `watch` names for an answer.
LOUDEST = 3
#: Parts of a logit that `lead` and `vote` are rounded to.
GRAIN = 64
#: Tables that are packed in a file.
PACKED = ("answer", "right", "rival", "lead", "voter", "vote", "trained", "wave_level")
#: Updates below which records are spread evenly, and above which logarithmically.
EVEN = 10


def training_of_the_book() -> Training:
    """Return the training of the page `real_network`, which goes on for longer here."""
    split = modular_addition(53).split(train_size=1123, rng=0)
    stage = Stage(AdamW(learning_rate=1e-3, weight_decay=1.0), steps=10_000)
    return Training(TwoLayer(width=128), split, (stage,), seed=0)


def semi_grokked_training() -> Training:
    """Return a training of the page `semi_grokking`, at .93 of the critical size.

    Examples
    --------
    >>> semi_grokked_training().split.train.size
    466
    """
    size = round(0.93 * float(circuits.critical_size(37, 1e-4)))
    split = modular_addition(37).split(size, rng=4000)
    stage = Stage(Adam(learning_rate=3e-3, l2=1e-4), steps=2500)
    return Training(TwoLayer(width=128), split, (stage,), seed=4000, dtype="float64")


def spread(last: int, records: int) -> list[int]:
    """Return steps from 0 to the last, evenly spread in log(1 + step / 10).

    Where they would be closer than one update, there are fewer.

    Examples
    --------
    >>> spread(1000, 6)
    [0, 15, 53, 149, 391, 1000]
    """
    even = np.linspace(0, np.log1p(last / EVEN), records)
    steps = np.round(EVEN * np.expm1(even)).astype(int)
    return sorted({*map(int, steps)})


def watch(training: Training, steps: Sequence[int]) -> xr.Dataset:
    r"""Train, and look inside the network at some steps.

    Parameters
    ----------
    training
        Of a `TwoLayer` network on a modular task with all its pairs, in one stage on the training
        set of the split; every pair is in the training or in the test set.
    steps
        When to look: increasing, the first 0, the last at most ``training.steps``.

    Returns
    -------
    xarray.Dataset
        Along ``step`` what `theory.networks.train` records, and

        - ``answer`` (step, first, second): the label with the largest logit;
        - ``right`` (step, first, second): whether it is the right one;
        - ``rival`` (step, first, second): the label that it stands against, which is the right one,
          or where the answer is right the runner-up;
        - ``lead`` (step, first, second): the right logit less the largest other, in logits, to
          1/64; below zero where the right label is outvoted;
        - ``weight`` (step, circuit): what the theory makes of the logits, in logits.
          :math:`w_G` is the mean of :math:`o_y - \bar o`, the right logit over the mean of all,
          on the test set, and :math:`w_G + w_M` that on the training set;
        - ``wave_power`` (step, wave): :math:`\sum |\hat E_j|^2` over all units and slots, where
          :math:`\hat E` is the Fourier transform of the embedding over the tokens, j and -j taken
          together; over the waves j = 0, 1, ... it adds up to the squared norm of the embedding;
        - ``wave_level`` (step, unit, wave): the same of one unit, as a part of its whole, in
          fifteenths, rounded; 0 where the unit is silent, with less than a thousandth of the
          largest power of a unit;
        - ``strongest_wave`` (step): the largest such part, without j = 0, mean over the units
          that are not silent.

        Without ``step``, ``trained`` (first, second): whether the pair is in the training set. And
        of the last record, along ``rank``, the hidden units that speak loudest for the answer:

        - ``voter`` (rank, first, second): which unit;
        - ``vote`` (rank, first, second): by how many logits, to 1/64: what the unit u passes on,
          times :math:`W_{u,\,\text{answer}} - W_{u,\,\text{rival}}`. Over all units these add up to
          the difference of the two logits, but for a bias.

        Derived here.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind or out of its range.
    DivergedError
        As `theory.networks.advance`.

    Examples
    --------
    >>> split = modular_addition(5).split(train_size=20, rng=0)
    >>> training = Training(TwoLayer(width=32), split, (Stage(AdamW(0.01, 1.0), steps=100),))
    >>> run = watch(training, steps=[0, 10, 100])
    >>> int(run.right.sel(step=100).where(run.trained).sum())
    20
    >>> bool((run.vote.sel(rank=0) > 0).all())
    True
    """
    _check(training, steps)
    checkpoint: Checkpoint | None = None
    parts: list[xr.Dataset] = []
    for until in steps[1:]:
        part, checkpoint = advance(training, checkpoint, until, until, (insides,), progress=False)
        parts.append(part.isel(step=slice(1 if parts else 0, None)))
    run = xr.concat(parts, "step", combine_attrs="override")
    size = run.sizes["first"]
    trained = np.isin(np.arange(size**2), training.split.train).reshape(size, size)
    run = run.assign(
        trained=(("first", "second"), trained),
        voter=run.voter.isel(step=-1, drop=True),
        vote=run.vote.isel(step=-1, drop=True),
    ).assign_attrs(runs.provenance("network", training.configuration()))
    for name in PACKED:
        run[name].encoding = {"zlib": True, "shuffle": True}
    return run


def insides(snapshot: Snapshot) -> dict[str, float | xr.DataArray]:
    """Measure what `watch` adds to a run."""
    power = wave_power(snapshot.parameters["E"], snapshot.task.settings["modulus"])
    whole = power.sum(axis=1)
    heard = whole > SILENT * whole.max()
    parts = np.zeros_like(power)
    np.divide(power, whole[:, None], out=parts, where=heard[:, None])
    logits = right_logits(snapshot)
    return {
        **_tables(snapshot),
        "weight": xr.DataArray(
            [logits["test_logit"], logits["train_logit"] - logits["test_logit"]],
            {"circuit": ["generalising", "memorising"]},
            "circuit",
        ),
        "wave_power": xr.DataArray(power.sum(axis=0), dims="wave"),
        "wave_level": xr.DataArray(
            np.round(parts * (LEVELS - 1)).astype(np.uint8), dims=("unit", "wave")
        ),
        "strongest_wave": float(parts[:, 1:].max(axis=1).sum() / max(heard.sum(), 1)),
    }


def _tables(snapshot: Snapshot) -> dict[str, xr.DataArray]:
    """Return what there is of every pair: the answer, and who speaks for it."""
    task, parameters = snapshot.task, snapshot.parameters
    network = snapshot.network
    assert isinstance(network, TwoLayer)
    size = task.settings["modulus"]
    inputs = network.encode(task, np.arange(task.labels.size), str(parameters.flat.dtype))
    activations = network.forward(parameters, inputs)
    found = answers(activations.logits, task.labels)
    spoken = votes(activations.hidden, parameters["W"], found)
    units = loudest(spoken, LOUDEST)
    label, unit = (np.min_scalar_type(count - 1) for count in (size, spoken.shape[1]))
    tables = {
        "answer": found.answer.astype(label),
        "right": found.answer == task.labels,
        "rival": found.rival.astype(label),
        "lead": _rounded(found.lead),
        "voter": units.T.astype(unit),
        "vote": _rounded(np.take_along_axis(spoken, units, axis=1).T),
    }
    return {
        name: xr.DataArray(
            values.reshape(*values.shape[:-1], size, size),
            dims=("rank", "first", "second")[-values.ndim - 1 :],
        )
        for name, values in tables.items()
    }


def _rounded(logits: np.ndarray) -> np.ndarray:
    """Round to a part of a logit, so that a file holds them in little room."""
    return (np.round(logits * GRAIN) / GRAIN).astype(np.float32)


def wave_power(embedding: np.ndarray, size: int) -> np.ndarray:
    r"""Return the power of each unit in each wave over the tokens, shape (units, waves).

    .. math:: \sum_s \frac{c_j}{m} \Big|\sum_a E_{s a} e^{-2 \pi i j a / m}\Big|^2, \qquad
              c_j = 1 \text{ where } j \equiv -j, \text{ else } 2

    Parameters
    ----------
    embedding
        E, one block of m rows for each slot s, shape (slots m, units).
    size
        m.

    Examples
    --------
    >>> tokens = np.arange(5)[:, None]
    >>> wave_power(np.cos(2 * np.pi * 2 * tokens / 5), 5).round(12).tolist()
    [[0.0, 0.0, 2.5]]
    """
    blocks = embedding.astype(float).reshape(-1, size, embedding.shape[1])
    waves = np.fft.rfft(blocks, axis=1)
    twice = np.where(np.arange(waves.shape[1]) * 2 % size == 0, 1, 2)
    power = (abs(waves) ** 2).sum(axis=0) * twice[:, None] / size
    return np.asarray(power.T)


def _check(training: Training, steps: Sequence[int]) -> None:
    require_kind("training", training, (Training,))
    require_kind("network", training.network, (TwoLayer,))
    split, stages = training.split, training.stages
    modulus = split.task.settings.get("modulus", 0)
    if len(split.task.labels) != modulus**2:
        raise ValueError(f"training must be on all pairs of a modulus, got {split.task.name!r}")
    if split.train.size + split.test.size != modulus**2:
        rest = modulus**2 - split.train.size - split.test.size
        raise ValueError(f"split must hold all pairs, got one without {rest}")
    if len(stages) != 1 or stages[0].examples is not None:
        raise ValueError("training must be one stage on the training set of its split")
    if len(steps) < 2 or steps[0] != 0 or np.any(np.diff(steps) < 1) or steps[-1] > training.steps:
        raise ValueError(f"steps must increase from 0 to at most {training.steps}, got {steps}")
