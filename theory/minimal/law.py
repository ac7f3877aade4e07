r"""The law of the minimal model, on one page (Section 3 of Varma et al. 2023).

What training minimises is a loss of the data and a penalty on the weights,

.. math:: L(w) = \ell(S) + \alpha \, M(|w|), \qquad S = \sum_i w_i,
          \qquad \ell(S) = \log(1 + (q - 1) e^{-S}).

The data pull every weight up alike, by p = -l'. Each circuit resists by its marginal cost s_i, so
that the objective has the slope

.. math:: L_i = -p(S) + \mathrm{sgn}(w_i) \, s_i, \qquad s_i = \alpha \, dM/d|w_i|.

In the paper M is the squared norm of all parameters, ``sum_i P_i^2 |w_i|^(2/kappa)``. Another M is
another `Penalty`; all that follows by simulation follows from it. All else in this folder speaks
through this page, but for the two kernels of `theory.minimal.fast`, which tests hold against it.

Arrays have the circuits along their first axis; others broadcast.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Array = npt.NDArray[np.float64]


def loss(total: Any, log_rivals: Any) -> Any:
    """Return l(S) in nats at S = `total`, for log(q - 1) = `log_rivals`."""
    return np.logaddexp(0.0, log_rivals - total)


def pull(total: Any, log_rivals: Any) -> Any:
    """Return p(S) = -l'(S), the probability of all wrong labels, in [0, 1]."""
    return expit(log_rivals - total)


def pull_slope(wrong: Any) -> Any:
    """Return p'(S) from p."""
    return -wrong * (1 - wrong)


class Penalty(ABC):
    """What the weights cost: M and its derivatives, from their sizes, the P_i and kappa.

    A penalty of your own defines the first three methods, as functions of NumPy arrays; the sizes
    ``|w_i|`` are at least 0. At zero `marginal` is the limit from above: 0, a number, or infinity.
    It decides whether zero lets a weight go, may hold it, or is a trap. Circuits may share in M.
    """

    @abstractmethod
    def measure(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return M, shape of `size` without its first axis."""

    @abstractmethod
    def marginal(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return the slope of M in each size, shape of `size`."""

    @abstractmethod
    def curvature(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return the second derivatives of M, with one more axis of circuits in front."""

    def circuit_norm(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return the parameter norm of each circuit, ``P_i |w_i|^(1/kappa)``."""
        return np.asarray(norm * size ** (1 / kappa))

    def parameter_norm(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return the norm of all parameters, if each circuit has its own."""
        return np.asarray((self.circuit_norm(size, norm, kappa) ** 2).sum(axis=0) ** 0.5)


@dataclass(frozen=True)
class SquaredNorm(Penalty):
    """The paper's: ``M = sum_i P_i^2 |w_i|^(2/kappa)``, the squared norm of all parameters."""

    def measure(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return M."""
        return np.asarray((self.circuit_norm(size, norm, kappa) ** 2).sum(axis=0))

    def marginal(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return ``(2/kappa) P_i^2 |w_i|^r``."""
        return np.asarray(2 / kappa * norm**2 * size ** power(kappa))

    def curvature(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return ``(2 r/kappa) P_i^2 |w_i|^(r - 1)`` on the diagonal."""
        r = power(kappa)
        return on_diagonal(2 * r / kappa * norm**2 * size ** (r - 1))


@dataclass(frozen=True)
class OwnKappa(SquaredNorm):
    """The paper's penalty with a kappa for each circuit: `factor` times the model's.

    Parameters
    ----------
    factor
        One number above 0 for each circuit, in order.

    Raises
    ------
    ValueError
        If a number is not above 0, or in use if there is not one for each circuit.

    Examples
    --------
    >>> OwnKappa((1.0, 1.5)).marginal(np.ones(2), np.ones(2), np.array(1.0)).round(6)
    array([2.      , 1.333333])
    """

    factor: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", tuple(float(value) for value in self.factor))
        if not all(0 < value < np.inf for value in self.factor):
            raise ValueError(f"factor must be numbers above 0, got {self.factor}")

    def circuit_norm(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return ``P_i |w_i|^(1/kappa_i)``."""
        return super().circuit_norm(size, norm, self._own(size, kappa))

    def marginal(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return ``(2/kappa_i) P_i^2 |w_i|^r_i``."""
        return super().marginal(size, norm, self._own(size, kappa))

    def curvature(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return ``(2 r_i/kappa_i) P_i^2 |w_i|^(r_i - 1)`` on the diagonal."""
        return super().curvature(size, norm, self._own(size, kappa))

    def _own(self, size: Array, kappa: Array) -> Array:
        if len(self.factor) != len(size):
            raise ValueError(
                f"factor must be one number for each of {len(size)} circuits, got {self.factor}"
            )
        return np.reshape(self.factor, (-1, *[1] * (size.ndim - 1))) * kappa


#: What Section 3 has.
PAPER = SquaredNorm()


def power(kappa: Any) -> Any:
    """Return r = 2/kappa - 1, exact to rounding also near kappa = 2."""
    return (2 - kappa) / kappa


def on_diagonal(values: Array) -> Array:
    """Return square matrices over the first two axes, with `values` on the diagonal."""
    count = len(values)
    square = np.zeros((count, *values.shape))
    square[np.arange(count), np.arange(count)] = values
    return square


@dataclass(frozen=True)
class Law:
    """The law with its numbers: P_i along the circuits, the rest without that axis."""

    penalty: Penalty
    norm: Array
    kappa: Array
    alpha: Array
    log_rivals: Array

    def take(self, lanes: Any) -> Self:
        """Return the law of some of the cells along the last axis."""
        rest = (part[..., lanes] for part in (self.norm, self.kappa, self.alpha, self.log_rivals))
        return type(self)(self.penalty, *rest)

    def pull(self, weight: Array) -> Array:
        """Return p(S)."""
        return np.asarray(pull(np.add.reduce(weight), self.log_rivals))

    def penalised(self, weight: Array) -> Array:
        """Return alpha M in nats; without weight decay it is 0, however large the weights."""
        with np.errstate(over="ignore", invalid="ignore"):
            cost = self.alpha * self.penalty.measure(abs(weight), self.norm, self.kappa)
        return np.where(self.alpha > 0, cost, 0.0)

    def circuit_norm(self, weight: Array) -> Array:
        """Return the parameter norm of each circuit."""
        with np.errstate(over="ignore"):
            return self.penalty.circuit_norm(abs(weight), self.norm, self.kappa)

    def parameter_norm(self, weight: Array) -> Array:
        """Return the norm of all parameters."""
        with np.errstate(over="ignore"):
            return self.penalty.parameter_norm(abs(weight), self.norm, self.kappa)

    def marginal(self, size: Array) -> Array:
        """Return s_i, the marginal cost at |w_i| = `size`, infinite where zero is a trap.

        Sizes of zero may divide by zero: call it within `numpy.errstate`.
        """
        cost = self.alpha * self.penalty.marginal(size, self.norm, self.kappa)
        return cost if self._penalises_all else np.where(self.alpha > 0, cost, 0.0)

    def curvature(self, size: Array) -> Array:
        """Return ds_i/d|w_j|, as `marginal`."""
        bend = self.alpha * self.penalty.curvature(size, self.norm, self.kappa)
        return bend if self._penalises_all else np.where(self.alpha > 0, bend, 0.0)

    def slope(self, weight: Array) -> Array:
        """Return L_i; at w_i = 0 the subgradient of least norm, -max(p - s_i, 0)."""
        with np.errstate(all="ignore"):
            wrong, cost = self.pull(weight), self.marginal(abs(weight))
            at_zero = -np.maximum(wrong - cost, 0.0)
            return np.where(weight == 0, at_zero, np.where(weight < 0, -cost, cost) - wrong)

    @cached_property
    def _penalises_all(self) -> bool:
        return bool(np.all(self.alpha > 0))

    @cached_property
    def r(self) -> Array:
        """R for each circuit, and 0 where nothing is penalised, so that c |w|^r is 0 there."""
        self._require_the_paper_s()
        return np.where(self.cost > 0, power(self.kappa), 0.0)

    @cached_property
    def cost(self) -> Array:
        """c_i = (2 alpha/kappa) P_i^2 of the paper's penalty: s_i = c_i |w_i|^r."""
        self._require_the_paper_s()
        return np.asarray(self.norm**2 * (2 * self.alpha / self.kappa))

    def _require_the_paper_s(self) -> None:
        if not is_the_paper_s(self.penalty):
            raise ValueError(f"penalty must be the paper's SquaredNorm(), got {self.penalty!r}")


def is_the_paper_s(penalty: Penalty) -> bool:
    """Return whether a penalty is that of Section 3, on which all closed forms rest."""
    return type(penalty) is SquaredNorm
