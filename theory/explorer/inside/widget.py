"""A watched run as a widget of notebooks."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets
import xarray as xr

from theory.explorer.inside import program
from theory.explorer.inside.packing import packed


class InsideARun(anywidget.AnyWidget):
    """Scrub through a training run, and see what is inside the network at each step.

    Parameters
    ----------
    run
        What `watch` has recorded.
    step
        Where to stand: one of the run's steps; None stands at its end. It can be read and set
        later as well, and follows the slider.

    Raises
    ------
    ValueError
        If `run` lacks a quantity or its modulus is not below 256, or `step` is not one of its
        steps.

    Examples
    --------
    >>> from theory.explorer.inside import watch
    >>> from theory.networks import AdamW, Stage, Training, TwoLayer, modular_addition
    >>> split = modular_addition(5).split(train_size=20, rng=0)
    >>> training = Training(TwoLayer(width=8), split, (Stage(AdamW(0.01, 1.0), steps=50),))
    >>> inside = InsideARun(watch(training, [0, 10, 50]))
    >>> inside.step
    50
    """

    recording = traitlets.Dict().tag(sync=True)
    step: traitlets.TraitType[int, int] = traitlets.TraitType(0).tag(sync=True)

    _esm = program.program()
    _css = program.style()

    def __init__(self, run: xr.Dataset, step: int | None = None) -> None:
        recording = packed(run)
        steps = recording["step"]
        super().__init__(recording=recording, step=steps[-1] if step is None else step)

    @traitlets.validate("step")
    def _check(self, proposal: Any) -> int:
        """Refuse a step at which nobody has looked."""
        steps, value = self.recording["step"], proposal["value"]
        if value not in steps:
            raise ValueError(f"step must be one of {', '.join(map(str, steps))}, got {value!r}")
        return int(value)
