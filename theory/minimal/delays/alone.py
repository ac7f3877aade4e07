r"""One circuit beside a given pull, and the time that it takes alone, by quadrature.

With W = (a + b)^2 / 4 the weight is ``w = W - rho^2 / (16 W)``, or (\|rho\| / 2) sinh z for
W = (\|rho\| / 4) e^z, and along gradient flow

.. math:: \frac{d \log W}{dt} = \dot z = 2 \bigl(p(S) - c \, \mathrm{sgn}(w) |w|^r\bigr),

so that a circuit alone takes one integral over log W (derived here).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.integrate import quad
from scipy.special import expit

from theory.checks import labelled
from theory.minimal.delays.plateau import of_circuit, plateau_weight
from theory.minimal.model import MinimalModel, closed_form

#: Error asked of an integral.
_INTEGRAL = 1e-11
#: Above this |z|, 2 |sinh z| is e^|z| to the last digit.
_LARGE = 300.0


@dataclass(frozen=True)
class OneCircuit:
    """One circuit in one cell: its cost, the loss that it feels, and where it starts."""

    cost: float
    r: float
    log_rivals: float
    first: float
    second: float

    @property
    def scale(self) -> float:
        """|rho| / 4, or 1 without imbalance."""
        return abs((self.second - self.first) * (self.second + self.first)) / 4 or 1.0

    @property
    def balanced(self) -> bool:
        """Whether there is no imbalance."""
        return abs(self.first) == abs(self.second)

    @property
    def size(self) -> float:
        """Log W at time 0, of a + b that is not zero."""
        return 2 * math.log(abs(self.first + self.second) / 2)

    @property
    def start(self) -> float:
        """Position z at time 0."""
        return self.size - math.log(self.scale)

    def position(self, weight: float) -> float:
        """Return z = log(W / scale) at a positive weight."""
        return math.log(weight) if self.balanced else math.asinh(weight / self.scale / 2)

    def weight(self, position: float) -> float:
        """Return w at z, scale (e^z - e^-z), which stays exact where a and b nearly cancel."""
        if self.balanced:
            return math.exp(position)
        if abs(position) < _LARGE:
            return 2 * self.scale * math.sinh(position)
        return math.copysign(math.exp(abs(position) + math.log(self.scale)), position)

    def slope(self, weight: float) -> float:
        """Return the marginal cost c sgn(w) |w|^r."""
        if weight == 0 and self.r < 0:
            return math.inf
        return math.copysign(self.cost * abs(weight) ** self.r, weight)

    def pull(self, total: float) -> float:
        """Return p at S = `total`."""
        return float(expit(self.log_rivals - total))

    def lack(self, position: float) -> float:
        """Return phi - 1 at z, phi = sgn(w) |w / W|^r: what imbalance takes off the cost c W^r."""
        if self.balanced:
            return 0.0
        if position > 1:  # next to 1, where the difference is all
            return math.expm1(self.r * math.log1p(-math.exp(-2 * position)))
        # At kappa = 2, where w = 0 stands for a weight that is just about to grow, 0^r is 1.
        share = float(abs(math.expm1(-2 * position)) ** self.r)
        return -1 - share if position < 0 else share - 1

    def extent(self, position: float) -> float:
        """Return (a^2 + b^2) / 2 at z, which is small only if both subweights are."""
        if self.balanced:
            return math.exp(position)
        return self.scale * (math.exp(position) + math.exp(-position))

    def alone(self, end: float) -> float:
        """Return the time from the start to the weight `end`."""

        def integrand(position: float) -> float:
            weight = self.weight(position)
            net = self.pull(weight) - self.slope(weight)
            # Next to the plateau rounding makes it 1/0 within a range that does not matter.
            return 1 / net / 2 if net else 0.0

        goal = self.position(end)
        error = _INTEGRAL
        found = quad(integrand, self.start, goal, epsabs=error, epsrel=error, limit=500)
        return float(found[0])

    def reaches(self, end: float, rest: float) -> bool:
        """Return whether `end` lies on the way from the start to `rest`, the plateau."""
        weight = self.first * self.second
        if self.first == -self.second or not 0 < end < math.inf:
            return False
        if self.r < 0 and weight <= 0:
            return False
        net = self.pull(weight) - self.slope(weight)
        rises, falls = weight <= end <= rest, rest <= end <= weight
        return weight == end or (rises and net > 0) or (falls and net < 0)


@closed_form
def time_alone(model: MinimalModel, level: Any, resting: str = "memorising") -> xr.DataArray:
    r"""Return when gradient flow of one circuit alone reaches a part of its plateau.

    .. math:: t = \frac12 \int \frac{d \log W}{p(w) - c \, \mathrm{sgn}(w) |w|^r}

    from the start to w = level S_M. From large balanced starts, w_0 >> S_M, it is

    .. math:: t = \frac{S_M^{-r} - w_0^{-r}}{2 r c_M} + K \quad (\kappa \ne 2), \qquad
              t = \frac{\log(w_0 / S_M)}{2 c_M} + K \quad (\kappa = 2),

    with a K that depends on the level but not on w_0, up to terms in e^{-w_0}.

    Parameters
    ----------
    model
        The model.
    level
        w / S_M > 0; sweeps like a parameter of the model.
    resting
        Name of the circuit; others take no part.

    Returns
    -------
    xarray.DataArray
        t in updates times learning rate, dims: the swept ones; infinite where the circuit does
        not come by, or has no plateau.

    Raises
    ------
    ValueError
        If `level` is not above 0, sweeps do not cross to one grid, or the model has no such
        circuit.
    ArithmeticError
        If the integral does not converge, as next to the plateau, or overflows.

    Notes
    -----
    Derived here.

    Examples
    --------
    >>> round(time_alone(MinimalModel.paper(), level=0.9).item(), 6)
    2.290416
    """
    rest, part = plateau_weight(model, resting), labelled("level", level, above=0)
    model.crossed(level=part)
    with np.errstate(over="ignore"):
        end = part * rest

    def duration(rest: float, end: float, *circuit: float) -> float:
        one = OneCircuit(*circuit)
        passes = end != rest and one.reaches(end, rest)  # the plateau itself is never reached
        return one.alone(end) if passes else math.inf

    times: xr.DataArray = each_cell(duration, rest, end, *parameters(model, resting))
    return times.rename("time_alone")


def parameters(model: MinimalModel, name: str) -> tuple[xr.DataArray, ...]:
    """Return what a `OneCircuit` is made of."""
    own = (model.cost, model.stack("first_subweight"), model.stack("second_subweight"))
    cost, first, second = (of_circuit(model, values, name) for values in own)
    log_rivals = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    return cost, xr.DataArray(model.r), log_rivals, first, second


def each_cell(function: Callable[..., Any], *parameters: xr.DataArray, outputs: int = 1) -> Any:
    """Return a function of numbers over every cell: an array, or a tuple of `outputs` arrays."""

    def checked(*numbers: float) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                return function(*numbers)
            except UserWarning as problem:
                raise ArithmeticError(f"the integral did not converge: {problem}") from None
            except (OverflowError, RuntimeWarning) as problem:
                raise ArithmeticError(f"the integral overflowed: {problem}") from None

    return xr.apply_ufunc(
        checked,
        *parameters,
        vectorize=True,
        output_core_dims=[[]] * outputs,
        output_dtypes=[float] * outputs,
    )
