"""Waves as a whole table makes them: square units at rest on it, and units that multiply.

They are what memory of fewer examples sits beside (`theory.circuits.mean_field`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from theory import checks
from theory.circuits.build import waves
from theory.circuits.hidden_units import HiddenUnits
from theory.circuits.units import Phases, expected_logit, expected_units, quietest
from theory.networks import Adam, Stage, Training, TwoLayer, modular_addition
from theory.networks.rest import Objective

#: Units of one frequency, and strength from which a unit is there.
_PER_FREQUENCY, _ACTIVE = 3, 0.03


@dataclass(frozen=True, eq=False)
class Waves:
    r"""Units that add modulo m, scaled to a right logit of 1 over the table.

    Attributes
    ----------
    first, second, outputs
        Tables of shape (m, units): of both slots, and of the labels, off their mean.
    product
        Whether a unit multiplies what it reads, :math:`u v w`, instead of squaring the sum.
    """

    first: np.ndarray
    second: np.ndarray
    outputs: np.ndarray
    product: bool = False

    @classmethod
    def of(cls, units: HiddenUnits) -> Waves:
        """Return square units of two slots, without those that are silent."""
        alive = units.some(units.active(_ACTIVE))
        first, second = alive.embeddings
        return cls(first, second, alive.written.T).scaled()

    def scaled(self) -> Waves:
        """Return the same with a right logit of 1."""
        first, second = (each.ravel() for each in np.indices((len(self.first),) * 2))
        hidden = self.reads(self.first[first], self.second[second])[0]
        written = self.outputs[(first + second) % len(self.first)]
        size = np.mean(np.sum(hidden * written, axis=1)) ** (-1 / 3)
        return Waves(self.first * size, self.second * size, self.outputs * size, self.product)

    def reads(
        self, first: np.ndarray, second: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what units pass on, and its derivatives in what is read of both slots."""
        if self.product:
            return first * second, second, first
        both = first + second
        return both**2, 2 * both, 2 * both

    @property
    def squared_norm(self) -> float:
        r""":math:`|\theta|^2` at a right logit of 1."""
        return float(sum((each**2).sum() for each in (self.first, self.second, self.outputs)))


def product_waves(modulus: int, frequencies: list[int]) -> Waves:
    r"""Return units u v w in threes of a frequency, which leave nothing but the wanted waves.

    Their phases are :math:`2 \pi j/3` on both slots and :math:`4 \pi j/3` on the labels.

    Examples
    --------
    >>> units = product_waves(7, [1, 2, 3])
    >>> (units.reads(units.first[3], units.second[5])[0] @ units.outputs.T).round(6)
    array([-0.166667,  1.      , -0.166667, -0.166667, -0.166667, -0.166667,
           -0.166667])
    """
    angle = 2 * np.pi / modulus * np.outer(np.arange(modulus), np.repeat(frequencies, 3))
    turn = 2 * np.pi / 3 * np.tile(np.arange(3), len(frequencies))
    reads = np.cos(angle + turn)
    return Waves(reads, reads, np.cos(angle + 2 * turn), product=True).scaled()


def rested_waves(modulus: int, l2: float, seed: int = 0) -> tuple[Waves, float]:
    """Return what threes of waves become at rest on the whole table, and their right logit.

    As many as `expected_units` says, of random frequencies and phases: with all pairs there is
    nothing to memorise, but a penalty bends waves so that less of them is in each other's way.

    Parameters
    ----------
    modulus
        m, odd, at least 23.
    l2
        gamma, in (0, 0.1].
    seed
        Of frequencies and phases.
    """
    modulus = checks.integer("modulus", modulus, at_least=23)
    rng = np.random.default_rng(seed)
    count = max(round(float(expected_units(modulus, l2)) / _PER_FREQUENCY), 1)
    frequencies = 1 + rng.permutation((modulus - 1) // 2)[:count]
    quiet = quietest(_PER_FREQUENCY)
    turns = rng.uniform(0, 2 * np.pi, (count, 2))
    phases = [Phases(quiet.first + one, quiet.second + other) for one, other in turns]
    built = waves(
        modulus,
        frequencies.tolist(),
        float(expected_logit(modulus, l2)),
        per_frequency=_PER_FREQUENCY,
        phases=phases,
    )
    task = modular_addition(modulus)
    table = task.split(len(task.labels) - 1, rng=seed)
    objective = Objective(Training(TwoLayer(built.size), table, (Stage(Adam(1e-3, l2), 1),)))
    start = built.parameters().flat
    # Built waves are too even: a little noise lets them leave saddles.
    start = start + 0.05 * rng.normal(size=start.size)
    with threadpool_limits(1, "blas"):
        found = minimize(
            objective, start, method="L-BFGS-B", jac=True, options={"maxiter": 3000, "ftol": 1e-13}
        )
    objective.at.flat[:] = found.x
    units = HiddenUnits.of(objective.at)
    alive = units.some(units.active(_ACTIVE))
    return Waves.of(units), float(np.mean(alive.right_logits(task.inputs, task.labels).sum()))
