r"""Circuits that sit in the same units, and not side by side (derived here).

In Section 3 the circuits of a model add their squared norms, as if each had units of its own. In a
network the same units carry both, and what they need together is a gauge of the weights,

.. math:: M = \rho^2, \qquad \sum_i t_i = 1, \qquad
          t_i = \Bigl(\frac{P_i^\kappa |w_i|}{\rho^\kappa}\Bigr)^{b_i} .

A circuit alone has :math:`\rho = P_i |w_i|^{1/\kappa}`, for any :math:`b_i`. If all of them are
:math:`2/\kappa` this is the paper's penalty. With :math:`b_i \ge 1`, and 1 for at most one of
them, the region that a norm pays for is strictly convex, whatever kappa is: of all weights with one
sum S a single mixture is cheapest, and there is at most one minimum besides the origin. The origin
is a trap for kappa > 2, and no point of rest below.

At kappa = 2 the slopes at the origin depend on the direction; those that are returned are along
each circuit alone, so that a start at exactly zero may be held where a tiny one is not.

**One-sided mixing.** With 1 for what generalises and b > 1 for what memorises, a little memory is
free and a little generalising is not. At rest both marginal costs agree, which is the same for any
loss and any strength of the penalty,

.. math:: y = \frac{P_M^\kappa w_M}{\rho^\kappa} = u^{-1/(b - 1)}, \qquad
          u = b \Bigl(\frac{P_M}{P_G}\Bigr)^\kappa, \qquad
          \frac{w_G}{w_M} = \frac{u^{b/(b - 1)} - 1}{b} ,

for u > 1; below it generalising is zero. Both together cost what one circuit does with

.. math:: P_*^{-\kappa} = (1 - y^b)\, P_G^{-\kappa} + y\, P_M^{-\kappa} .
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import xarray as xr

from theory.minimal.delays.plateau import plateau_weight
from theory.minimal.law import PAPER, Array, Penalty, power
from theory.minimal.model import Circuit, MinimalModel

#: Newton's method for the norm takes about six steps.
_MOST_STEPS = 60


@dataclass(frozen=True)
class SharedUnits(Penalty):
    r"""The squared norm of circuits in the same units (see `theory.minimal.shared_units`).

    .. math:: M = \rho^2, \qquad
              \sum_i \bigl(P_i^\kappa |w_i| / \rho^\kappa\bigr)^{b_i} = 1

    Parameters
    ----------
    mixing
        b_i, one number of at least 1 for each circuit, in order: 1 for what has to be paid from the
        first logit on, more for what a little of is free.

    Raises
    ------
    ValueError
        If a number is below 1 or not finite, or in use if there is not one for each circuit.

    Examples
    --------
    >>> both, norms = np.array([1.0, 1.0]), np.array([1.0, 2.0])
    >>> SharedUnits((1.0, 1.75)).measure(both, norms, np.array(3.0)).round(3)
    np.float64(4.193)
    >>> (norms**2).sum()  # of the paper's
    np.float64(5.0)
    """

    mixing: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "mixing", tuple(float(value) for value in self.mixing))
        if not all(1 <= value < np.inf for value in self.mixing):
            raise ValueError(f"mixing must be numbers of at least 1, got {self.mixing}")

    def measure(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return M, the square of `parameter_norm`."""
        return np.asarray(self.parameter_norm(size, norm, kappa) ** 2)

    def parameter_norm(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return the norm of all circuits together; that of one alone is its `circuit_norm`."""
        return np.exp(self._shared(size, norm, kappa).log_measure / 2)

    def marginal(self, size: Array, norm: Array, kappa: Array) -> Array:
        """Return the slopes of M."""
        at = self._shared(size, norm, kappa)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            alone = 2 / kappa * norm**2 * size ** power(kappa)
            slope = np.exp(at.log_measure + at.log_slope)
        return np.where(np.isneginf(at.log_measure), alone, slope)

    def curvature(self, size: Array, norm: Array, kappa: Array) -> Array:
        r"""Return the second derivatives of M.

        With :math:`h_i` the slopes of log M, :math:`B = \sum_k b_k t_k` and
        :math:`C = \sum_k b_k^2 t_k / B`,

        .. math:: M_{ij} = M\, h_i h_j \bigl(1 + \tfrac\kappa2 (C - b_i - b_j)\bigr)
                           + \delta_{ij}\, (b_i - 1)\, M h_i / w_i .
        """
        at, b = self._shared(size, norm, kappa), self._of_each(size)
        mean = (b**2 * at.part).sum(axis=0) / (b * at.part).sum(axis=0)
        across = 1 + kappa / 2 * (mean - b[:, None] - b[None, :])
        both = at.log_measure + at.log_slope[:, None] + at.log_slope[None, :]
        diagonal = np.arange(len(size))
        with np.errstate(over="ignore", invalid="ignore"):
            found = np.exp(both) * across
            own = (b - 1) * np.exp(at.log_measure + at.log_slope_over_size)
            found[diagonal, diagonal] += np.where(b == 1, 0.0, own)
        return np.asarray(found)

    def _shared(self, size: Array, norm: Array, kappa: Array) -> _Shared:
        b = self._of_each(size)
        with np.errstate(divide="ignore"):
            log_size = np.log(size)
        log_price = kappa * np.log(norm) + np.zeros_like(log_size)
        log_gauge = _log_gauge(log_price + log_size, b)
        with np.errstate(invalid="ignore"):
            part = np.exp(b * (log_price + log_size - log_gauge))
            rest = b * (log_price - log_gauge) + np.log(2 / kappa * b)
            rest = rest - np.log((b * part).sum(axis=0))
            return _Shared(
                2 / kappa * log_gauge,
                part,
                rest + _times(b - 1, log_size),
                rest + _times(b - 2, log_size),
            )

    def _of_each(self, size: Array) -> Array:
        if len(self.mixing) != len(size):
            raise ValueError(
                f"mixing must be one number for each of {len(size)} circuits, got {self.mixing}"
            )
        return np.reshape(self.mixing, (-1, *[1] * (size.ndim - 1)))


class _Shared(NamedTuple):
    """log M, the t_i, and the logarithms of the slopes h_i of log M in |w_i|, and of h_i / |w_i|.

    All are right at weights of zero, too, if not all are zero.
    """

    log_measure: Array
    part: Array
    log_slope: Array
    log_slope_over_size: Array


def _times(power: Array, log_size: Array) -> Array:
    """Return the logarithm of a power of a size, which for the power 0 is 0 at zero, too."""
    return np.where(power == 0, 0.0, power * log_size)


def _log_gauge(log_alone: Array, b: Array) -> Array:
    """Return the root g of sum_i exp(b_i (l_i - g)) = 1; -inf where all l_i are.

    The logarithm of the sum is convex and falls, so Newton's method from the left never passes it.
    """
    start = log_alone.max(axis=0)
    found = np.where(np.isneginf(start), 0.0, start)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(_MOST_STEPS):
            part = np.exp(b * (log_alone - found))
            total = part.sum(axis=0)
            step = np.log(total) * total / (b * part).sum(axis=0)
            before, found = found, found + np.where(step > 0, step, 0.0)
            if (before == found).all():
                break
    return np.where(np.isneginf(start), -np.inf, found)


def mixed_equilibrium(model: MinimalModel) -> xr.Dataset:
    r"""Return where a model of two circuits with one-sided mixing may come to rest.

    It does from every start that does not fall to the origin, which for kappa > 2 is a trap.

    Parameters
    ----------
    model
        Two circuits, what generalises first, and the penalty ``SharedUnits((1, b))`` with b > 1.

    Returns
    -------
    xarray.Dataset
        ``weight`` (logits, along ``circuit``), at the larger root where there are two, 0 where all
        that is left is the origin, infinite without weight decay; ``effective_norm``, :math:`P_*`;
        and ``pressure``, u. Dims: the swept ones.

    Raises
    ------
    ValueError
        If the model has another number of circuits or another penalty.

    Notes
    -----
    Derived here.

    Examples
    --------
    >>> from dataclasses import replace
    >>> model = MinimalModel.paper(3.0, 1e-4, param_norm=(9.0, 10.0))
    >>> model = replace(model, penalty=SharedUnits((1.0, 1.75)))
    >>> mixed_equilibrium(model).weight.values.round(2)
    array([8.56, 2.23])
    """
    penalty = model.penalty
    if not isinstance(penalty, SharedUnits) or len(model.circuits) != 2:
        raise ValueError(
            f"model must have two circuits and the penalty SharedUnits, got {model.names} and "
            f"{penalty!r}"
        )
    one, b = penalty.mixing
    if one != 1 or b == 1:
        raise ValueError(f"mixing must be 1 and a number above 1, got {penalty.mixing}")
    norm = model.stack("param_norm")
    cheap, dear = (norm.isel(circuit=place, drop=True) for place in (0, 1))
    kappa = xr.DataArray(model.kappa)
    over = (dear / cheap) ** kappa
    pressure = b * over
    log_memory = -np.log(pressure.clip(min=1.0)) / (b - 1)
    # Of S over rho^kappa, in units of what generalising alone gives.
    parts = [
        xr.DataArray(-np.expm1(b * log_memory)),
        xr.DataArray(np.exp(log_memory) / over),
    ]
    whole = parts[0] + parts[1]
    effective = cheap * whole ** (-1 / kappa)
    # Together they are one circuit, which rests as the paper's does.
    together = replace(model, circuits=(Circuit("both", effective, True),), penalty=PAPER)
    total = plateau_weight(together, "both")
    share = xr.concat([part / whole for part in parts], norm["circuit"], coords="minimal")
    return xr.Dataset({"weight": total * share, "effective_norm": effective, "pressure": pressure})
