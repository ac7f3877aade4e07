r"""The coordinates in which gradient flow is smooth, on flat arrays (derived here).

The sum and the difference of a circuit's subweights grow and shrink at one rate,

.. math:: a + b = (a_0 + b_0) e^{v}, \qquad a - b = (a_0 - b_0) e^{-v}, \qquad \dot v = -L_i,

so that rho = b^2 - a^2 is conserved and one number a circuit is enough. With z_i = 2 u_i,

.. math:: w_i = \tfrac{|\rho_i|}{2} \sinh z_i, \qquad \dot z_i = -2 L_i,

and where rho_i = 0, with sigma_i the sign of the weight,
``w_i = sigma_i |w_i(0)| e^(sigma_i z_i)``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from theory.minimal.lanes import Lanes
from theory.minimal.model import MinimalModel

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Verdicts = npt.NDArray[np.int64]

#: Above this |z|, cosh z and |sinh z| are e^|z| / 2 to the last digit, which log space can hold.
_LARGE = 300.0


@dataclass(frozen=True)
class Coordinates:
    """Flat arrays: a row a circuit, a column ("lane") a swept cell.

    Attributes
    ----------
    first, second
        a_i and b_i at time 0, in sqrt(logit), shape (circuits, lanes) like all but `log_rivals`.
    scale
        |rho_i| / 2, or the first weight's size where rho_i = 0, in logits.
    balance
        0 where rho_i differs from 0; elsewhere the sign of the weight, or 1 for a weight that is
        zero for ever.
    free
        Whether the weight can ever be positive while the penalty is flat at zero.
    start
        z_i at time 0.
    cost, r
        c_i and r, as `theory.minimal.gradient` has them; r = 0 where nothing is penalised.
    log_rivals
        log(q - 1), shape (lanes,).
    """

    first: Array
    second: Array
    scale: Array
    balance: Array
    free: Mask
    start: Array
    cost: Array
    r: Array
    log_rivals: Array

    @classmethod
    def of(cls, model: MinimalModel) -> Self:
        """Lay out `model`.

        Raises
        ------
        ValueError
            If subweights are so small that b^2 - a^2 is lost.
        """
        lanes = Lanes.of(model, 1.0, model.swept)
        a, b = lanes.first, lanes.second
        weight, rho = a * b, abs((b - a) * (b + a))
        balanced = abs(a) == abs(b)
        if np.any((rho < np.finfo(float).tiny) & ~balanced):
            raise ValueError("subweights of a circuit must be above 1e-154 or of equal size")
        return cls(
            first=a,
            second=b,
            scale=np.where(balanced, abs(weight), rho / 2),
            balance=np.where(balanced, np.where(weight < 0, -1.0, 1.0), 0.0),
            free=a != -b,
            start=np.where(balanced, 0.0, _asinh_of_ratio(weight, rho / 2)),
            cost=lanes.cost,
            r=lanes.r,
            log_rivals=lanes.log_rivals,
        )

    def take(self, lanes: Indices) -> Self:
        """Return some of the lanes."""
        parts = (getattr(self, field.name)[..., lanes] for field in fields(self))
        return type(self)(*(np.ascontiguousarray(part) for part in parts))

    @property
    def lanes(self) -> int:
        """Number of lanes."""
        return self.log_rivals.size

    @property
    def rho(self) -> Array:
        """|rho_i|, in logits."""
        return np.where(self.balance == 0, 2 * self.scale, 0.0)

    def weight(self, z: Array, lanes: Indices | slice = slice(None)) -> Array:
        """Return w_i at `z`, which may hold some of the lanes only."""
        scale, balance = self.scale[:, lanes], self.balance[:, lanes]
        if not balance.any() and np.all(abs(z) < _LARGE):
            return np.asarray(scale * np.sinh(z))
        with np.errstate(over="ignore", divide="ignore"):
            unbalanced = balance == 0
            direction = np.where(unbalanced, np.sign(z), balance)
            size = np.where(unbalanced, abs(z) - np.log(2), balance * z)
            large = direction * np.exp(size + np.log(scale))
            near = unbalanced & (abs(z) < _LARGE)
            return np.where(near, scale * np.sinh(np.where(near, z, 0.0)), large)

    def at(self, weight: Array) -> Array:
        """Return z_i at `weight`, NaN at weights that a balanced circuit cannot have."""
        with np.errstate(divide="ignore", invalid="ignore"):
            far = self.balance * (np.log(self.balance * weight) - np.log(self.scale))
            return np.where(self.balance == 0, _asinh_of_ratio(weight, self.scale), far)

    def wrong(self, weight: Array) -> Array:
        """Return p(S) at `weight`, shape (..., lanes)."""
        with np.errstate(over="ignore"):
            return np.asarray(1 / (1 + np.exp(weight.sum(axis=-2) - self.log_rivals)))

    def growth(self, weight: Array) -> Array:
        """Return -L_i at `weight`, with the rule of `theory.minimal.gradient` at zero."""
        wrong = self.wrong(weight)[..., None, :]
        with np.errstate(divide="ignore", over="ignore"):
            slope = np.where(self.cost > 0, self.cost * abs(weight) ** self.r, 0.0)
        held = np.maximum(wrong - slope, 0.0)
        return np.where(weight == 0, held, wrong - np.copysign(slope, weight))

    def subweights(self, z: Array) -> tuple[Array, Array]:
        """Return a_i and b_i at `z`, without losing the smaller of the two."""
        balanced = self.balance != 0
        swapped = abs(self.first) > abs(self.second)
        root, half = np.sqrt(self.rho), np.where(balanced, 0.0, z / 2)
        larger = np.copysign(root * np.cosh(half), np.where(swapped, self.first, self.second))
        smaller = np.copysign(root, larger) * np.sinh(half)
        factor = np.exp(self.balance * z / 2)
        a = np.where(balanced, self.first * factor, np.where(swapped, larger, smaller))
        b = np.where(balanced, self.second * factor, np.where(swapped, smaller, larger))
        return a, b

    def speed(self, weight: Array, lanes: Indices | slice = slice(None)) -> Array:
        """Return s_i = sqrt(rho_i^2 + 4 w_i^2), the rate at which a weight follows -L_i."""
        rho = np.where(self.balance[:, lanes] == 0, 2 * self.scale[:, lanes], 0.0)
        return np.hypot(rho, 2 * weight)


def row_values(values: Array) -> Array:
    """Return one value a row where all lanes agree, which spares the cache, else `values`."""
    same = values.size > 0 and bool(np.all(values == values[..., :1]))
    return values[..., 0] if same else values


def _asinh_of_ratio(value: Array, scale: Array) -> Array:
    """Return asinh(value / scale) also where the ratio overflows."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        ratio = value / scale
        far = np.copysign(np.log(2 * abs(value)) - np.log(scale), value)
        return np.where(abs(ratio) > np.exp(_LARGE), far, np.arcsinh(ratio))
