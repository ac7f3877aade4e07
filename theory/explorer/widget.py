"""The explorer as a widget of notebooks."""

from __future__ import annotations

import math
from typing import Any

import anywidget
import traitlets

from theory.checks import number
from theory.explorer import module
from theory.minimal.model import Circuit, MinimalModel

#: P_1 where P_G is 1: at 400 examples both circuits are equally efficient.
FIRST_NORM = 0.05
#: Least and largest value of each number.
RANGES = {
    "kappa": (0.5, 4.0),
    "examples": (60.0, 6400.0),
    "weight_decay": (0.0, 1.0),
    "speed": (0.0, 1.0),
    "start": (0.0, 10.0),
}


class Explorer(anywidget.AnyWidget):
    r"""Explore the model of two circuits by dragging (Section 3; its extensions derived here).

    What is given can be read and set later as well, and follows the sliders.

    Parameters
    ----------
    kappa
        Exponent, in [0.5, 4].
    examples
        D, in [60, 6400]; P_M = 0.05 sqrt(D) and P_G = 1, so that D_crit is 400.
    weight_decay
        alpha, in [0, 1].
    speed
        sqrt(rho_i) of the generalising and the memorising circuit, each in [0, 1], in sqrt(logit).
        rho = b^2 - a^2 never changes; where a weight starts at 0, its root is the subweight b.
    start
        w_i(0) of both, each in [0, 10], in logits.

    Raises
    ------
    ValueError
        If a number is out of its range, or `speed` or `start` is not a pair.

    Examples
    --------
    >>> explorer = Explorer(kappa=3.0, start=(1.0, 5.0))
    >>> explorer.examples = 900
    >>> round(float(explorer.model.stack("param_norm")[1]), 3)
    1.5
    """

    kappa = traitlets.Any(1.2).tag(sync=True)
    examples = traitlets.Any(1600.0).tag(sync=True)
    weight_decay = traitlets.Any(0.005).tag(sync=True)
    speed = traitlets.Any((0.005, 1.0)).tag(sync=True)
    start = traitlets.Any((0.0, 0.0)).tag(sync=True)

    _esm = module.program()
    _css = module.style()

    @property
    def model(self) -> MinimalModel:
        """The model that the sliders show, for every function of `theory.minimal`."""
        norms = (1.0, FIRST_NORM * math.sqrt(self.examples))
        circuits = tuple(
            Circuit(name, norm, generalises, *_subweights(speed, start))
            for name, norm, generalises, speed, start in zip(
                ("generalising", "memorising"),
                norms,
                (True, False),
                self.speed,
                self.start,
                strict=True,
            )
        )
        return MinimalModel(circuits, self.kappa, self.weight_decay, num_labels=113)

    @traitlets.validate(*RANGES)
    def _check(self, proposal: Any) -> float | tuple[float, ...]:
        """Refuse what is out of range."""
        name, value = proposal["trait"].name, proposal["value"]
        low, high = RANGES[name]
        if name not in {"speed", "start"}:
            return number(name, value, at_least=low, at_most=high)
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise ValueError(f"{name} must be a pair (generalising, memorising), got {value!r}")
        return tuple(number(name, one, at_least=low, at_most=high) for one in value)


def _subweights(speed: float, weight: float) -> tuple[float, float]:
    """Return a and b with a b = `weight` and b^2 - a^2 = `speed` squared."""
    rho = speed**2
    second = math.sqrt((rho + math.hypot(rho, 2 * weight)) / 2)
    return (weight / second if second else 0.0), second
