"""One training, looked at now and then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from theory.networks import Checkpoint, Training, advance, right_logits

KEPT = (
    *("train_loss", "test_loss", "train_accuracy", "test_accuracy"),
    *("parameter_norm", "train_logit", "test_logit"),
)


def looks(last: int, count: int, first: int = 10) -> tuple[int, ...]:
    """Return so many updates, evenly in the logarithm from the first to the last, and 0.

    Examples
    --------
    >>> looks(1000, 3)
    (0, 10, 100, 1000)
    """
    spread = np.unique(np.geomspace(first, last, count).round().astype(int))
    return (0, *(int(step) for step in spread))


def follow(training: Training, steps: Sequence[int]) -> xr.Dataset:
    """Train, and return what is seen at some steps, which begin with 0, along ``step``.

    Losses in nat, accuracies, ``parameter_norm``, and both of `right_logits`, in float32.
    """
    checkpoint: Checkpoint | None = None
    parts: list[xr.Dataset] = []
    for until in steps[1:]:
        part, checkpoint = advance(
            training, checkpoint, until, until, (right_logits,), progress=False
        )
        parts.append(part.isel(step=slice(1 if parts else 0, None)))
    run = xr.concat(parts, "step", combine_attrs="drop")
    return run[list(KEPT)].astype("float32")
