r"""Balanced circuits (a = b), however many, follow two functions of time (derived here).

With z_i = w_i^-r the flow is linear but for p, which all circuits share:

.. math:: \dot z_i = 2 r (c_i - p z_i), \qquad z_i = A z_i(0) + c_i B, \qquad
          \dot A = -2 r p A, \quad \dot B = 2 r (1 - p B), \quad A(0) = 1, \ B(0) = 0.

So A = exp(-2 r I) with the time integral I of p. For kappa < 2 both terms of z_i are positive. For
kappa > 2 they are not, and grow without end, so that their sum would lose its digits.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import xarray as xr

from theory.minimal.cells import Cells
from theory.minimal.dynamics.flow import checked_times
from theory.minimal.dynamics.integrate import at_times, integrate
from theory.minimal.law import Array, pull
from theory.minimal.model import MinimalModel, closed_form

#: exp overflows above 709; nothing changes beyond this.
_LARGEST = 700.0


@closed_form
def two_functions(model: MinimalModel, times: Any) -> xr.Dataset:
    r"""Solve the flow of balanced circuits by the two functions A and B.

    .. math:: w_i(t) = \bigl(A(t) w_i(0)^{-r} + c_i B(t)\bigr)^{-1/r}

    Derived here.

    Parameters
    ----------
    model
        The model: kappa other than 2, and a = b other than 0 for every circuit.
    times
        Times to record, shape (rows,), in updates times learning rate: not negative, increasing.

    Returns
    -------
    xarray.Dataset
        ``A`` and ``B``, dims (time, ...), and ``weight`` in logits, dims (time, circuit, ...). For
        kappa > 2 a weight that has fallen to zero is 0, and A and B may grow to infinity.

    Raises
    ------
    ValueError
        If `times` is out of range, kappa is 2, or a circuit is not balanced or has no weight.
    ArithmeticError
        If a cell cannot be integrated.

    Examples
    --------
    >>> from theory.minimal import Circuit
    >>> circuits = tuple(Circuit(n, p, True, 0.1, 0.1) for n, p in zip("xyz", (1.0, 1.5, 2.0)))
    >>> run = two_functions(MinimalModel(circuits, 1.2, 0.005, 113), times=[0.0, 10.0, 2000.0])
    >>> run.weight.values[-1].round(6)
    array([5.841129, 1.730705, 0.730141])
    """
    c, swept, moments = Cells.of(model), model.swept, checked_times(times)
    if np.any(c.first != c.second) or np.any(c.first == 0):
        raise ValueError("every circuit must start balanced, with a = b other than 0")
    if np.any(np.equal(model.kappa, 2)):
        raise ValueError("kappa must not be 2: there z = w^-r says nothing")
    r = np.broadcast_to((swept + model.r).values.ravel(), c.log_rivals.shape)
    lanes = zip(2 * np.log(abs(c.first.T)), c.cost.T, r, c.log_rivals, strict=True)
    solved = np.stack([_solve(*lane, moments) for lane in lanes], axis=-1)
    values, dims = solved.reshape(*solved.shape[:2], *swept.shape), ("time", "circuit", *swept.dims)
    return xr.Dataset(
        {
            "A": (("time", *swept.dims), values[:, 0]),
            "B": (("time", *swept.dims), values[:, 1]),
            "weight": (dims, values[:, 2:], {"units": "logit"}),
        },
        {"time": moments, "circuit": list(model.names), **swept.coords},
    )


def _solve(start: Array, cost: Array, r: float, log_rivals: float, times: Array) -> Array:
    """Return A, B and every weight at `times`, shape (rows, 2 + circuits)."""
    reduced: _Reduction = (_BelowTwo if r > 0 else _AboveTwo)(start, cost, r)

    def slope(state: Array) -> Array:
        return reduced.slope(state, float(pull(reduced.weights(state).sum(), log_rivals)))

    states = [np.zeros(3)] if times[0] == 0 else []
    try:
        states += at_times(integrate(slope, np.zeros(3)), times[len(states) :])
    except ArithmeticError as error:
        kappa = 2 / (1 + r)
        raise ArithmeticError(f"integration failed at kappa = {kappa:.6g}: {error}") from error
    return np.array([[*reduced.functions(state), *reduced.weights(state)] for state in states])


class _Reduction(ABC):
    r"""The state of all circuits: what the one that is ahead has gained, I, and B in some form.

    With k_i = c_i w_i(0)^r, and the index * for the circuit of the least k_i, whose weight is
    integrated by itself and keeps all its digits,

    .. math:: \Bigl(\frac{w_i}{w_i(0)}\Bigr)^{-r} = A + k_i B = v + (k_i - k_*) B, \qquad
              v = \Bigl(\frac{w_*}{w_*(0)}\Bigr)^{-r} .
    """

    def __init__(self, start: Array, cost: Array, r: float) -> None:
        self.start, self.r = start, r
        with np.errstate(divide="ignore"):
            level = np.log(cost) + r * start
        #: The logarithms of k_* and of all k_i - k_*; without a cost no circuit lags behind.
        self.burden, self.lag = float(level.min()), np.full_like(start, -np.inf)
        if np.isfinite(self.burden):
            with np.errstate(divide="ignore"):
                self.lag = level + np.log(-np.expm1(self.burden - level))

    @abstractmethod
    def slope(self, state: Array, wrong: float) -> Array:
        """Return the change of `state` in a unit of time, with p = `wrong`."""

    @abstractmethod
    def functions(self, state: Array) -> tuple[float, float]:
        """Return A and B."""

    @abstractmethod
    def weights(self, state: Array) -> Array:
        """Return w_i."""


class _BelowTwo(_Reduction):
    r"""The state is log w_*/w_*(0), I, and B/r, which have limits as r tends to 0."""

    def slope(self, state: Array, wrong: float) -> Array:
        gain, _, part = state
        # It never rises above p or its start, but a step on trial may be far beyond both.
        highest = max(self.burden, 0.0) + 10
        pull = _exp(min(self.burden + self.r * gain, highest))
        return np.array([2 * (wrong - pull), wrong, 2 * (1 - self.r * wrong * part)])

    def functions(self, state: Array) -> tuple[float, float]:
        return math.exp(-2 * self.r * state[1]), self.r * state[2]

    def weights(self, state: Array) -> Array:
        gain, _, part = state
        with np.errstate(divide="ignore", over="ignore"):
            log_ratio = np.log(self.r * max(part, 0.0)) + self.r * gain
            lost = np.logaddexp(0.0, self.lag + log_ratio) / self.r
            return np.asarray(np.exp(self.start + gain - lost))


class _AboveTwo(_Reduction):
    r"""The state is (v - 1)/R with R = -r, I, and -B/(R A), since A and B grow without end.

    .. math:: \dot v = 2 R (p v - k_*)
    """

    def slope(self, state: Array, wrong: float) -> Array:
        # Once v has passed zero all weights are zero, and it only must not come back.
        v = max(1 - self.r * state[0], 0.0)
        rises = 2 * (wrong * v - _exp(self.burden))
        return np.array([rises, wrong, 2 * math.exp(2 * self.r * state[1])])

    def functions(self, state: Array) -> tuple[float, float]:
        with np.errstate(over="ignore"):
            first = float(np.exp(-2 * self.r * state[1]))
        return first, self.r * first * state[2]

    def weights(self, state: Array) -> Array:
        size = -self.r
        if size * state[0] <= -1:
            return np.zeros_like(self.start)
        gain = math.log1p(size * state[0]) / size
        with np.errstate(divide="ignore"):
            log_ratio = np.log(size * max(state[2], 0.0)) + size * (2 * state[1] - gain)
            left = np.log1p(-np.exp(np.minimum(self.lag + log_ratio, 0.0)))
        return np.asarray(np.exp(self.start + gain + left / size))


def _exp(r: float) -> float:
    return math.exp(min(r, _LARGEST))
