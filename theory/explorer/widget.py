"""The explorer as a widget of notebooks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import anywidget
import traitlets

from theory.checks import integer, number
from theory.explorer import module
from theory.minimal.model import Circuit, MinimalModel
from theory.repaired import repaired_model

#: P_1 where P_G is 1: at 400 examples both circuits are equally efficient.
FIRST_NORM = 0.05
#: Least and largest value of each number.
RANGES = {
    "kappa": (0.5, 4.0),
    "examples": (60.0, 6400.0),
    "weight_decay": (0.0, 1.0),
    "speed": (0.0, 1.0),
    "start": (0.0, 10.0),
    "modulus": (23.0, 95.0),
    "l2": (1e-5, 1e-3),
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
    network
        m and gamma of a network (`theory.repaired.repaired_model`), an odd integer in [23, 95] and
        a number in [1e-5, 1e-3], in place of `kappa` and `weight_decay`; or None.

    Raises
    ------
    ValueError
        If a number is out of its range, or what takes two is not a pair.

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
    network = traitlets.Any(None).tag(sync=True)

    _esm = module.program()
    _css = module.style()

    @property
    def model(self) -> MinimalModel:
        """The model that the sliders show, for every function of `theory.minimal`."""
        model = self._paper() if self.network is None else self._repaired(*self.network)
        circuits = tuple(
            replace(circuit, first_subweight=first, second_subweight=second)
            for circuit, (first, second) in zip(
                model.circuits, map(_subweights, self.speed, self.start), strict=True
            )
        )
        return replace(model, circuits=circuits)

    def _paper(self) -> MinimalModel:
        circuits = (
            Circuit("generalising", 1.0, True),
            Circuit("memorising", FIRST_NORM * math.sqrt(self.examples), False),
        )
        return MinimalModel(circuits, self.kappa, self.weight_decay, num_labels=113)

    def _repaired(self, modulus: int, l2: float) -> MinimalModel:
        # There are no more examples; the slider ends there.
        return repaired_model(modulus, l2, min(self.examples, modulus**2))

    @traitlets.validate("kappa", "examples", "weight_decay")
    def _check(self, proposal: Any) -> float:
        """Refuse what is out of range."""
        return _in_range(proposal["trait"].name, proposal["value"])

    @traitlets.validate("speed", "start")
    def _check_pair(self, proposal: Any) -> tuple[float, ...]:
        """Refuse what is no pair or out of range."""
        name, value = proposal["trait"].name, proposal["value"]
        return tuple(_in_range(name, one) for one in _pair(name, value, "generalising, memorising"))

    @traitlets.validate("network")
    def _check_network(self, proposal: Any) -> tuple[int, float] | None:
        """Refuse a network that the derived costs are not for."""
        if proposal["value"] is None:
            return None
        modulus, l2 = _pair("network", proposal["value"], "modulus, l2")
        _in_range("modulus", integer("modulus", modulus, at_least=0))
        if modulus % 2 == 0:
            raise ValueError(f"modulus must be odd, got {modulus}")
        return modulus, _in_range("l2", l2)


def _in_range(name: str, value: Any) -> float:
    low, high = RANGES[name]
    return number(name, value, at_least=low, at_most=high)


def _pair(name: str, value: Any, of: str) -> tuple[Any, Any]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"{name} must be a pair ({of}), got {value!r}")
    return value[0], value[1]


def _subweights(speed: float, weight: float) -> tuple[float, float]:
    """Return a and b with a b = `weight` and b^2 - a^2 = `speed` squared."""
    rho = speed**2
    second = math.sqrt((rho + math.hypot(rho, 2 * weight)) / 2)
    return (weight / second if second else 0.0), second
