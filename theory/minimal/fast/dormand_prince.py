"""One step of Dormand & Prince (1980), order 5(4), of gradient flow in many lanes at once.

Increments of a step may be held in single precision, which is several times as fast: they round
off about 1e-7 of a step, and z itself is added up in double precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from theory.minimal.cells import Cells, Indices
from theory.minimal.law import Array

#: A number type, and an array of either.
Precision = type[np.float32] | type[np.float64]
Floats = npt.NDArray[Any]


def _weights(*row: float) -> dict[type, Floats]:
    """Return weights in either precision."""
    return {precision: np.array(row, precision) for precision in (np.float32, np.float64)}


#: Weights of (z, h k_1, ..., h k_j) in the argument of each further stage.
_STAGES = (
    _weights(1, 1 / 5),
    _weights(1, 3 / 40, 9 / 40),
    _weights(1, 44 / 45, -56 / 15, 32 / 9),
    _weights(1, 19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    _weights(1, 9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
)
#: Weights of (h k_1, ..., h k_6) in the step.
_STEP = _weights(35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84)
#: Weights of (h k_1, ..., h k_7) in the difference to the step of order 4.
_ERROR = _weights(71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
#: Weights of (h k_1, ..., h k_7) in what the curve of order 4 has beyond a cubic (Hairer, Norsett &
#: Wanner, Solving Ordinary Differential Equations I, II.6).
_BEND = _weights(
    -12715105075 / 11282082432,
    0,
    87487479700 / 32700410799,
    -10690763975 / 1880347072,
    701980252875 / 199316789632,
    -1453857185 / 822651844,
    69997945 / 29380423,
)


class Slope:
    """h dz/dt for a set of lanes, with buffers that are used again."""

    def __init__(self, coordinates: Cells, precision: Precision = np.float64) -> None:
        c = coordinates
        # Weights that are never negative, balanced or held at zero log_rivals half of the work.
        self.plain = bool(np.all((c.rho > 0) & (c.r > 0)))
        parts = (c.scale, c.balance, c.r, 2 * c.cost, np.exp(c.log_rivals))
        self._lay_out(*(one_column(part).astype(precision) for part in parts), lanes=c.lanes)

    def _lay_out(
        self,
        scale: Floats,
        balance: Floats,
        r: Floats,
        cost: Floats,
        labels: Floats,
        *,
        lanes: int,
    ) -> None:
        """Keep the parameters, with one column where all lanes share them, and make buffers."""
        self.parts = scale, balance, r, cost, labels
        shape = len(scale), lanes
        self.weight, self.argument = np.empty(shape, scale.dtype), np.empty(shape, scale.dtype)
        # The penalties in the first rows and exp(S) in the last take one call of exp2.
        self.powers = np.empty((shape[0] + 1, lanes), scale.dtype)
        self.sum = np.full(shape[0], 1 / np.log(2), scale.dtype)

    def take(self, lanes: Indices) -> Slope:
        """Return the slope in some of the lanes."""
        taken = object.__new__(type(self))
        taken.plain = self.plain
        taken._lay_out(*(columns(part, lanes) for part in self.parts), lanes=lanes.size)
        return taken

    def put(self, lanes: Indices, source: Slope, cells: slice) -> None:
        """Replace the parameters in `lanes` by those of other cells."""
        for part, other in zip(self.parts, source.parts, strict=True):
            if other.shape[-1] > 1:
                part[..., lanes] = other[..., cells]

    def lengthen(self, length: Floats) -> None:
        """Set the length h of the steps, shape (lanes,)."""
        self.penalty = self.parts[3] * length
        self.drive = 2 * self.parts[4] * length

    def __call__(self, z: Floats, out: Floats) -> None:
        """Write 2 h (p - c sgn(w) |w|^r) into `out`, and w into `weight`."""
        scale, _, r, _, labels = self.parts
        weight, power, wrong = self.weight, self.powers[:-1], self.powers[-1]
        np.sinh(z, out=weight)
        if not self.plain:
            self._balance(z)
        np.multiply(weight, scale, out=weight)
        np.dot(self.sum, weight, out=wrong)
        np.log2(weight if self.plain else abs(weight), out=power)
        np.multiply(power, r, out=power)
        np.exp2(self.powers, out=self.powers)
        np.multiply(power, self.penalty, out=power)
        np.add(wrong, labels, out=wrong)
        np.divide(self.drive, wrong, out=wrong)
        if not self.plain:
            np.copysign(power, weight, out=power)
            self._hold(power, wrong)
        np.subtract(wrong, power, out=out)

    def _balance(self, z: Floats) -> None:
        """Replace sinh z by sigma e^(sigma z) where the circuit is balanced."""
        sigma = np.broadcast_to(self.parts[1], z.shape)
        at = np.nonzero(sigma)
        self.weight[at] = sigma[at] * np.exp(sigma[at] * z[at])

    def _hold(self, power: Floats, wrong: Floats) -> None:
        """Hold a weight of exactly zero where the penalty is steeper there than the data."""
        at = np.nonzero(self.weight == 0)
        r = np.broadcast_to(self.parts[2], power.shape)[at]
        slope = np.where(r > 0, 0.0, np.where(r < 0, np.inf, self.penalty[at]))
        # A weight that is zero for ever costs nothing.
        scale = np.broadcast_to(self.parts[0], power.shape)[at]
        power[at] = np.minimum(np.where(scale > 0, slope, 0.0), wrong[at[1]])


def fill_stages(rows: Floats, slope: Slope, z: Array, end: Array) -> None:
    """Fill rows 2 to 7 with the stages of a step from `z`, which row 0 holds too, to `end`."""
    precision, argument = rows.dtype.type, slope.argument
    flat, flat_argument = rows.reshape(8, -1), argument.reshape(-1)
    for stage, weights in enumerate(_STAGES, start=2):
        np.dot(weights[precision], flat[:stage], out=flat_argument)
        slope(argument, rows[stage])
    np.dot(_STEP[precision], flat[1:7], out=flat_argument)
    np.add(z, argument, out=end)
    argument[:] = end
    slope(argument, rows[7])


def size_of_error(rows: Floats, out: Floats) -> None:
    """Write the size of the difference to the step of order 4 into `out`."""
    np.dot(_ERROR[rows.dtype.type], rows[1:].reshape(7, -1), out=out.reshape(-1))
    np.abs(out, out=out)


def bend(rows: Floats) -> Floats:
    """Return by how much the curve within a step bends, beyond the cubic through its ends."""
    bends = np.dot(_BEND[rows.dtype.type], rows[1:].reshape(7, -1))
    return np.asarray(bends.reshape(rows.shape[1:]))


def one_column(values: Floats) -> Floats:
    """Return `values` with a single column where all agree, which spares the cache."""
    same = values.size > 0 and bool(np.all(values == values[..., :1]))
    return values[..., :1] if same else values


def columns(values: Floats, lanes: Indices) -> Floats:
    """Return the columns of some lanes, or the single one that all share."""
    return values if values.shape[-1] == 1 else np.ascontiguousarray(values[..., lanes])
