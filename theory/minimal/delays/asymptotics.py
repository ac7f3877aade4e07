r"""The time to grok from small starts, and the time a circuit takes alone, by quadrature.

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
from scipy.integrate import quad, solve_ivp
from scipy.special import expit

from theory.checks import labelled
from theory.minimal.delays.plateau import of_circuit, plateau_growth, plateau_weight
from theory.minimal.dynamics.stop import Stop
from theory.minimal.model import MinimalModel, closed_form

#: Error asked of an integral, and of a step along the unstable manifold.
_INTEGRAL = 1e-11
_STEP = 1e-12
#: Share of the plateau's weight at which the unstable manifold is entered.
_ENTRY = 1e-12
#: Times the manifold's time scale within which it crosses, as far as numbers can tell.
_LONGEST = 1e7
#: How far above the plateau, in powers of e, a step on the manifold may look.
_BEYOND = 0.1
#: Above this |z|, 2 |sinh z| is e^|z| to the last digit.
_LARGE = 300.0


@dataclass(frozen=True)
class _Circuit:
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
        return abs(self.first) == abs(self.second)

    @property
    def size(self) -> float:
        """Log W at time 0, of a + b that is not zero."""
        return 2 * math.log(abs(self.first + self.second) / 2)

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

    def alone(self, part: Callable[[float], float], end: float) -> float:
        """Return the integral over time of part(p), from the start to the weight `end`."""

        def integrand(position: float) -> float:
            weight = self.weight(position)
            pull = self.pull(weight)
            net = pull - self.slope(weight)
            # Next to the plateau rounding makes it 0/0 within a range that does not matter.
            return part(pull) / net / 2 if net else 0.0

        start = self.size - math.log(self.scale)
        goal = self.position(end)
        return float(quad(integrand, start, goal, epsabs=_INTEGRAL, epsrel=_INTEGRAL, limit=500)[0])

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
        one = _Circuit(*circuit)
        passes = end != rest and one.reaches(end, rest)  # the plateau itself is never reached
        return one.alone(lambda _: 1.0, end) if passes else math.inf

    return _each_cell(duration, rest, end, *_parameters(model, resting)).rename("time_alone")


@closed_form
def asymptotic_time_to_grok(
    model: MinimalModel, growing: str = "generalising", resting: str = "memorising"
) -> xr.DataArray:
    r"""Return the time to grok for a small start of the growing circuit, kappa <= 2.

    .. math:: T = \frac{-\log W_G(0) - 2 J}{g} + s_x, \qquad
              J = \int_0^\infty (p - p_M) \, dt,

    with W_G(0) = (a_G + b_G)^2 / 4, which is rho_G / 4 for a_G = 0, the growth rate g of
    `plateau_growth`, and J along the flow of the resting circuit alone. s_x is the time of the
    crossing on the one trajectory that leaves the plateau, counted so that w_G e^{-g s} -> 1 at
    its beginning. The error is o(1). It is observed, not proved, to vanish as rho_G^min(r, 1) for
    kappa < 2, and for kappa = 2 as rho_G^min(2, m / g), with m the rate at which the resting
    circuit settles, about 2 S_M p_M (1 - p_M).

    Parameters
    ----------
    model
        The model.
    growing, resting
        Names of the circuits; others take no part.

    Returns
    -------
    xarray.DataArray
        T in updates times learning rate, dims: the swept ones. NaN where there is no such delay:
        for kappa > 2, without a plateau to start from, where the growing circuit is not the more
        efficient one, where at kappa = 2 it starts imbalanced beside so large a weight that its
        cost exceeds the pull, or where the start is so large that the law gives no time above 0.

    Raises
    ------
    ValueError
        If the model has no such circuits.
    ArithmeticError
        If an integral does not converge or overflows, as under an extreme penalty.

    Notes
    -----
    Derived here, but for the order of the error. As kappa -> 2 from below starts must be ever
    smaller for it to hold, since rho_G^r must be small.

    Examples
    --------
    >>> print(f"{asymptotic_time_to_grok(MinimalModel.paper()).item():.3f}")
    50.059
    """
    given = plateau_weight(model, resting), plateau_growth(model, growing, resting)
    circuits = (*_parameters(model, growing), *_parameters(model, resting))
    return _each_cell(_asymptote, *given, *circuits).rename("asymptotic_time_to_grok")


def _asymptote(rest: float, growth: float, *circuits: float) -> float:
    growing, resting = _Circuit(*circuits[:5]), _Circuit(*circuits[5:])
    delayed = growing.cost < resting.cost and growth > 0 and growing.first != -growing.second
    # At kappa = 2 too small a pull holds an imbalanced weight at zero, where it waits.
    pull = resting.pull(resting.first * resting.second)
    held = growing.r == 0 and not growing.balanced and pull <= growing.cost
    if not delayed or held or not resting.reaches(rest, rest):
        return math.nan
    on_plateau = resting.pull(rest)
    excess = resting.alone(lambda pull: pull - on_plateau, rest)
    time = (-growing.size - 2 * excess) / growth + _manifold_crossing(growing, resting, rest)
    return time if time > 0 else math.nan


def _manifold_crossing(growing: _Circuit, resting: _Circuit, rest: float) -> float:
    """Return s_x. On the manifold the growing circuit has no imbalance that matters: w = W."""
    pull, entry = resting.pull(rest), _ENTRY * rest
    start = (math.log(entry), resting.position(rest))
    # Both weights cross below the plateau: what a step tries beyond it must only not overflow.
    highest = (math.log(rest) + _BEYOND, start[1] + _BEYOND)
    lowest = -math.inf if resting.balanced else 0.0

    def weights(positions: np.ndarray) -> tuple[float, float]:
        held = min(max(positions[1], lowest), highest[1])
        return math.exp(min(positions[0], highest[0])), resting.weight(held)

    def velocity(_: float, positions: np.ndarray) -> tuple[float, float]:
        small, large = weights(positions)
        wrong = growing.pull(small + large)
        speeds = wrong - growing.slope(small), wrong - resting.slope(large)
        return 2 * speeds[0] / pull, 2 * speeds[1] / pull

    def lead(_: float, positions: np.ndarray) -> float:
        return float(positions[0] - math.log(max(weights(positions)[1], entry)))

    # LSODA turns implicit where the resting circuit follows the growing one closely.
    solution = solve_ivp(
        velocity, (0, _LONGEST), start, "LSODA", events=Stop(lead), rtol=_STEP, atol=_STEP
    )
    if solution.status != 1:
        raise ArithmeticError("found no crossing on the unstable manifold")
    return float(solution.t[-1]) / pull + _entry_time(growing, pull, entry)


def _entry_time(growing: _Circuit, pull: float, weight: float) -> float:
    """Return s at a small weight: with p constant, w^-r - c/p decays exactly at the rate 2 r p."""
    r, rate = growing.r, growing.cost / pull
    if r == 0:
        return math.log(weight) / (2 * pull * (1 - rate))
    return (math.log(weight) - math.log1p(-rate * weight**r) / r) / (2 * pull)


def _parameters(model: MinimalModel, name: str) -> tuple[xr.DataArray, ...]:
    """Return what a `_Circuit` is made of."""
    own = (model.cost, model.stack("first_subweight"), model.stack("second_subweight"))
    cost, first, second = (of_circuit(model, values, name) for values in own)
    log_rivals = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    return cost, xr.DataArray(model.r), log_rivals, first, second


def _each_cell(function: Callable[..., float], *parameters: xr.DataArray) -> xr.DataArray:
    """Return a function of numbers over every cell of the parameters."""

    def checked(*numbers: float) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                return function(*numbers)
            except UserWarning as problem:
                raise ArithmeticError(f"the integral did not converge: {problem}") from None
            except (OverflowError, RuntimeWarning) as problem:
                raise ArithmeticError(f"the integral overflowed: {problem}") from None

    values: xr.DataArray = xr.apply_ufunc(
        checked, *parameters, vectorize=True, output_dtypes=[float]
    )
    return values
