"""How the paper's transformer is made to generalise, to memorise, and to go on with fewer examples.

On addition modulo m, full batch, in float32, as `theory.questions.practice` does it with two
layers. AdamW with the paper's settings does not rest: every few hundred updates the loss leaps up
and comes down again. So what is measured is a median over the last fifth of the records.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from theory.networks import (
    Checkpoint,
    Decaying,
    Measurement,
    Split,
    Stage,
    Training,
    Transformer,
    advance,
    modular_addition,
    random_labels,
    right_logits,
    trigonometric_share,
)
from theory.questions.practice import pool_of
from theory.statistics import Bounds, passage_bounds

#: Records of a run after its start, those of its last fifth, and from one of its course to the
#: next.
_RECORDS, _LAST, _APART = 50, 10, 5


@dataclass(frozen=True)
class Setting:
    """How a transformer is trained: all but the seed.

    Attributes
    ----------
    modulus
        m.
    optimiser
        From the first update to the last.
    first, steps
        Updates on the pool until it generalises, and updates after that, or from the start.
    network
        The transformer.
    """

    modulus: int
    optimiser: Decaying
    first: int
    steps: int
    network: Transformer

    def pool(self, seed: int) -> Split:
        """Return what training sets are drawn from, and what is only ever tested on."""
        return pool_of(modular_addition(self.modulus), seed)


def some_of(pool: Split, size: int, seed: int) -> np.ndarray:
    """Return so many examples of a pool, shape (size,); fewer are a part of more.

    Raises
    ------
    ValueError
        If the pool does not have as many.
    """
    if not 1 <= size <= pool.train.size:
        raise ValueError(f"size must be from 1 to {pool.train.size}, got {size}")
    # Another stream than that of the seed alone, which drew the pool.
    order = np.random.default_rng([seed, 1]).permutation(pool.train)
    return np.sort(order[:size])


def grokked(setting: Setting, seed: int) -> tuple[Checkpoint, float]:
    """Return a transformer that was trained on the whole pool, and its test accuracy."""
    stage = Stage(setting.optimiser, setting.first)
    training = Training(setting.network, setting.pool(seed), (stage,), seed)
    run, end = advance(training, record_every=setting.first)
    return end, run.test_accuracy[-1].item()


def gone_on(
    setting: Setting, seed: int, size: int, start: Checkpoint | None
) -> tuple[xr.Dataset, Checkpoint]:
    """Return what a transformer is like after it was trained on so many examples of its pool.

    From a checkpoint, or from its own first parameters. As `_ended`, and ``wave_share``, the
    share of `theory.networks.trigonometric_share`.
    """
    pool = setting.pool(seed)
    stage = Stage(setting.optimiser, setting.steps, some_of(pool, size, seed))
    training = Training(setting.network, pool, (stage,), seed, start=start)
    found, end = _ended(training, (trigonometric_share,))
    return found.rename(trigonometric_share="wave_share"), end


def memorised(setting: Setting, seed: int, size: int) -> tuple[xr.Dataset, Checkpoint, Split]:
    """Return the same of one that was trained on them with random labels, each as often."""
    pool = setting.pool(seed)
    examples = some_of(pool, size, seed)
    others = np.setdiff1d(np.arange(len(pool.task.labels)), examples)
    split = random_labels(Split(pool.task, examples, others, seed), seed, balanced=True)
    stage = Stage(setting.optimiser, setting.steps)
    found, end = _ended(Training(setting.network, split, (stage,), seed))
    return found, end, split


def half_way_then(runs: xr.Dataset, part: float, dim: str) -> Bounds:
    """Return the size at which half was right after a part of the updates."""
    return passage_bounds(runs.course.sel(part=part, drop=True), 0.5, dim)


def named(prefix: str, runs: xr.Dataset, *dims: str) -> xr.Dataset:
    """Return a part of a question's runs with a prefix before its variables and its own `dims`.

    Each part says of its own runs whether they diverged; the question keeps that of the first.
    """
    own = (*(str(name) for name in runs.data_vars), *dims)
    return runs.drop_vars("diverged").rename({name: f"{prefix}_{name}" for name in own})


def part_of(runs: xr.Dataset, prefix: str) -> xr.Dataset:
    """Return that part of the runs without the prefix."""
    names = [str(name) for name in runs.variables if str(name).startswith(f"{prefix}_")]
    some = runs[[name for name in names if name in runs.data_vars]]
    return some.rename({name: name.removeprefix(f"{prefix}_") for name in names})


def _ended(
    training: Training, measurements: tuple[Measurement, ...] = ()
) -> tuple[xr.Dataset, Checkpoint]:
    """Return medians over the last fifth of a run of one stage, and where it ends.

    Those of what every run records, of `theory.networks.right_logits` and of `measurements`;
    ``test_accuracy_before`` and ``parameter_norm_before``, those of the fifth before; and
    ``course``, the test accuracy along ``part`` of the updates, from 0 to 1.
    """
    every = training.steps // _RECORDS
    run, end = advance(training, record_every=every, measurements=(right_logits, *measurements))
    last, before = (
        run.isel(step=slice(-_LAST - back, run.sizes["step"] - back)).median("step")
        for back in (0, _LAST)
    )
    course = run.test_accuracy.isel(step=slice(None, None, _APART))
    part = (course.step / training.steps).values.round(6)
    return (
        last.assign(
            test_accuracy_before=before.test_accuracy,
            parameter_norm_before=before.parameter_norm,
            course=("part", course.values),
        ).assign_coords(part=part),
        end,
    )
