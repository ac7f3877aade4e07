"""One step of Dormand & Prince (1980), order 5(4), of gradient flow in many lanes at once."""

from __future__ import annotations

import numpy as np

from theory.minimal.dynamics.coordinates import Array, Coordinates

#: Weights of (z, h k_1, ..., h k_j) in the argument of each further stage; the last is the step.
_STAGES = tuple(
    np.array([1.0, *row])
    for row in (
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    )
)
#: Weights of (h k_1, ..., h k_7) in the difference to the step of order 4.
ERROR = np.array([71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])


class Slope:
    """h dz/dt for a set of lanes, with buffers that are used again."""

    def __init__(self, coordinates: Coordinates) -> None:
        c = coordinates
        self.c = c
        # Weights that are never negative, balanced or held at zero spare half of the work.
        self.plain = bool(np.all((c.balance == 0) & (c.exponent > 0) & (c.start >= 0)))
        # A weight that is zero for ever costs nothing.
        log_cost = np.log(2 * c.cost) + c.exponent * np.log(c.scale)
        self.log_cost = np.where(c.scale > 0, log_cost, -np.inf)
        self.labels = np.exp(c.spare)
        self.weight, self.power = np.empty_like(c.start), np.empty_like(c.start)
        self.wrong = np.empty_like(c.spare)

    def lengthen(self, length: Array) -> None:
        """Set the length h of the steps, shape (lanes,)."""
        self.penalty = self.log_cost + np.log(length)
        self.drive = 2 * self.labels * length

    def __call__(self, z: Array, out: Array) -> None:
        """Write 2 h (p - c sgn(w) |w|^r) into `out`, and w into `weight`."""
        power, wrong = self.power, self.wrong
        np.sinh(z, out=power)
        if not self.plain:
            self._balance(z)
        np.multiply(power, self.c.scale, out=self.weight)
        np.add.reduce(self.weight, axis=0, out=wrong)
        np.exp(wrong, out=wrong)
        np.add(wrong, self.labels, out=wrong)
        np.divide(self.drive, wrong, out=wrong)
        if not self.plain:
            np.abs(power, out=power)
        np.log(power, out=power)
        np.multiply(power, self.c.exponent, out=power)
        np.add(power, self.penalty, out=power)
        np.exp(power, out=power)
        if not self.plain:
            np.copysign(power, self.weight, out=power)
            self._hold()
        np.subtract(wrong, power, out=out)

    def _balance(self, z: Array) -> None:
        """Replace sinh z by sigma e^(sigma z) where the circuit is balanced."""
        at = np.nonzero(self.c.balance)
        sigma = self.c.balance[at]
        self.power[at] = sigma * np.exp(sigma * z[at])

    def _hold(self) -> None:
        """Hold a weight of exactly zero where the penalty is steeper there than the data."""
        at = np.nonzero(self.weight == 0)
        r = self.c.exponent[at]
        slope = np.where(r > 0, 0.0, np.where(r < 0, np.inf, np.exp(self.penalty[at])))
        self.power[at] = np.minimum(slope, self.wrong[at[1]])


def fill_stages(rows: Array, slope: Slope, end: Array) -> None:
    """Fill rows 2 to 7 with the stages of a step from row 0, and `end` with where it ends."""
    flat = rows.reshape(8, -1)
    for stage, weights in enumerate(_STAGES, start=2):
        np.dot(weights, flat[:stage], out=end.reshape(-1))
        slope(end, rows[stage])
