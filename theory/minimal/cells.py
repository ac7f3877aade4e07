r"""A model on flat arrays: a row a circuit, a column ("lane") a swept cell, and a law for all.

The sum and the difference of a circuit's subweights grow and shrink at one rate,

.. math:: a + b = (a_0 + b_0) e^{v}, \qquad a - b = (a_0 - b_0) e^{-v}, \qquad \dot v = -L_i,

so that rho = b^2 - a^2 is conserved and one number a circuit is enough. With z_i = 2 v_i but for
a constant,

.. math:: w_i = \tfrac{|\rho_i|}{2} \sinh z_i, \qquad \dot z_i = -2 L_i,

and where rho_i = 0, with sigma_i the sign of the weight,
``w_i = sigma_i |w_i(0)| e^(sigma_i z_i)`` (derived here).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import xarray as xr

from theory.checks import Parameter
from theory.minimal.law import Array, Law
from theory.minimal.model import MinimalModel

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Verdicts = npt.NDArray[np.int64]

#: Above this |z|, cosh z and |sinh z| are e^|z| / 2 to the last digit, which log space can hold.
_LARGE = 300.0
#: Numbers that differ by less, relative to their size, are equal but for rounding.
ROUNDING = 1e-14


@dataclass(frozen=True)
class Cells:
    """Swept cells: where the subweights start, and the law.

    Attributes
    ----------
    first, second
        a_i and b_i at time 0, in sqrt(logit), shape (circuits, lanes).
    law
        The law, its numbers of shapes (circuits, lanes) and (lanes,).
    """

    first: Array
    second: Array
    law: Law

    @classmethod
    def of(cls, model: MinimalModel, grid: xr.DataArray | None = None) -> Self:
        """Lay out `model` over `grid`, which is zero everywhere; by default over its own sweeps."""
        grid = model.swept if grid is None else grid
        law = Law(
            model.penalty,
            per_circuit(model, "param_norm", grid),
            per_lane(model.kappa, grid),
            per_lane(model.alpha, grid),
            np.log(per_lane(model.num_labels, grid) - 1),
        )
        first, second = (
            per_circuit(model, f"{which}_subweight", grid) for which in ("first", "second")
        )
        return cls(first, second, law)

    def take(self, lanes: Any) -> Self:
        """Return some of the lanes; an index instead of many drops the axis."""
        first, second = (np.ascontiguousarray(x[..., lanes]) for x in (self.first, self.second))
        return type(self)(first, second, self.law.take(lanes))

    @property
    def lanes(self) -> int:
        """Number of lanes."""
        return self.log_rivals.size

    @property
    def log_rivals(self) -> Array:
        """log(q - 1), shape (lanes,)."""
        return self.law.log_rivals

    @property
    def cost(self) -> Array:
        """c_i of the paper's penalty."""
        return self.law.cost

    @property
    def r(self) -> Array:
        """R of the paper's penalty, for each circuit; 0 where nothing is penalised."""
        return self.law.r

    @cached_property
    def weight(self) -> Array:
        """w_i at time 0, in logits."""
        return self.first * self.second

    @cached_property
    def rho(self) -> Array:
        """|rho_i|, in logits.

        Raises
        ------
        ValueError
            If subweights are so small that b^2 - a^2 is lost.
        """
        rho = abs((self.second - self.first) * (self.second + self.first))
        if np.any((rho < np.finfo(float).tiny) & (abs(self.first) != abs(self.second))):
            raise ValueError("subweights of a circuit must be above 1e-154 or of equal size")
        return np.asarray(rho)

    @cached_property
    def balance(self) -> Array:
        """0 where rho differs from 0; else the sign of the weight, 1 if it is zero for ever."""
        return np.where(self.rho == 0, np.where(self.weight < 0, -1.0, 1.0), 0.0)

    @cached_property
    def scale(self) -> Array:
        """|rho_i| / 2, or the first weight's size where rho_i = 0, in logits."""
        return np.where(self.rho == 0, abs(self.weight), self.rho / 2)

    @cached_property
    def start(self) -> Array:
        """z_i at time 0."""
        return np.where(self.rho == 0, 0.0, _asinh_of_ratio(self.weight, self.scale))

    @cached_property
    def free(self) -> Mask:
        """Whether the weight can ever be positive while the penalty is flat at zero."""
        return np.asarray(self.first != -self.second)

    def weight_at(self, z: Array) -> Array:
        """Return w_i at `z`, shape (circuits, ...)."""
        return weight_at(z, self.scale, self.balance)

    def weight_slope(self, z: Array) -> Array:
        """Return dw_i/dz_i at `z`."""
        with np.errstate(over="ignore"):
            flat = self.scale * np.cosh(z)
        return np.where(self.rho == 0, abs(self.weight_at(z)), flat)

    def at(self, weight: Array) -> Array:
        """Return z_i at `weight`, NaN at weights that a balanced circuit cannot have."""
        with np.errstate(divide="ignore", invalid="ignore"):
            far = self.balance * (np.log(self.balance * weight) - np.log(self.scale))
            return np.where(self.rho == 0, far, _asinh_of_ratio(weight, self.scale))

    def speed(self, weight: Array) -> Array:
        """Return sqrt(rho_i^2 + 4 w_i^2), the rate at which a weight follows -L_i."""
        return np.hypot(self.rho, 2 * weight)

    def subweights(self, z: Array) -> tuple[Array, Array]:
        """Return a_i and b_i at `z`, without losing the smaller of the two."""
        balanced = self.rho == 0
        swapped = abs(self.first) > abs(self.second)
        root, half = np.sqrt(self.rho), np.where(balanced, 0.0, z / 2)
        larger = np.copysign(root * np.cosh(half), np.where(swapped, self.first, self.second))
        smaller = np.copysign(root, larger) * np.sinh(half)
        factor = np.exp(self.balance * z / 2)
        a = np.where(balanced, self.first * factor, np.where(swapped, larger, smaller))
        b = np.where(balanced, self.second * factor, np.where(swapped, smaller, larger))
        return a, b


def weight_at(z: Array, scale: Array, balance: Array) -> Array:
    """Return w_i at `z`, also where its sinh overflows."""
    if not balance.any() and np.all(abs(z) < _LARGE):
        return np.asarray(scale * np.sinh(z))
    with np.errstate(over="ignore", divide="ignore"):
        if balance.all():
            return np.asarray(balance * np.exp(balance * z + np.log(scale)))
        unbalanced = balance == 0
        direction = np.where(unbalanced, np.sign(z), balance)
        size = np.where(unbalanced, abs(z) - np.log(2), balance * z)
        large = direction * np.exp(size + np.log(scale))
        near = unbalanced & (abs(z) < _LARGE)
        return np.where(near, scale * np.sinh(np.where(near, z, 0.0)), large)


def per_lane(value: Parameter, grid: xr.DataArray) -> Array:
    """Return one value a cell of `grid`, which is zero everywhere, shape (lanes,)."""
    if isinstance(value, float):
        return np.full(grid.size, value)
    return np.array((grid + value).values, dtype=np.float64).reshape(grid.size)


def per_circuit(model: MinimalModel, parameter: str, grid: xr.DataArray) -> Array:
    """Return one parameter of all circuits, shape (circuits, lanes)."""
    return np.stack([per_lane(getattr(circuit, parameter), grid) for circuit in model.circuits])


def level(one: Array, other: Array) -> Mask:
    """Return where numbers are equal but for rounding."""
    return np.asarray(abs(one - other) <= ROUNDING * np.maximum(abs(one), abs(other)))


def _asinh_of_ratio(value: Array, scale: Array) -> Array:
    """Return asinh(value / scale) also where the ratio overflows."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        ratio = value / scale
        far = np.copysign(np.log(2 * abs(value)) - np.log(scale), value)
        return np.where(abs(ratio) > np.exp(_LARGE), far, np.arcsinh(ratio))
