r"""The time to grok from small starts, with its three constants (derived here).

While the growing circuit G is negligible, the resting circuit M moves as if alone, and gives the
pull p(t). Under it the size W = (a + b)^2 / 4 of G obeys a linear equation,

.. math:: \frac{d}{dt} W^{-r} = 2 r \, (c \varphi - p W^{-r}), \qquad
          \varphi = \mathrm{sgn}(w) \left|\frac{w}{W}\right|^r,

which brings G to the one trajectory that leaves the plateau of M. That one is integrated once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from scipy.integrate import solve_ivp

from theory.minimal.delays.alone import OneCircuit, each_cell, parameters
from theory.minimal.delays.plateau import plateau_growth, plateau_weight
from theory.minimal.dynamics.stop import Stop, limited
from theory.minimal.model import MinimalModel, closed_form

_NAMES = ("J", "s_x", "K", "T")
#: Error asked of a step.
_STEP = 1e-12
#: Share of the plateau's weight at which the unstable manifold is entered.
_ENTRY = 1e-12
#: Times 1/p_M within which M rests, and the manifold crosses, as far as numbers can tell.
_LONGEST = 1e7
#: How far beyond its way, in powers of e, a step may look.
_BEYOND = 0.1
#: Largest size of a small G, and how near M is at rest, as parts of min(1 logit, S_M).
_SMALL = 0.1
_NEAR = 0.01
#: How near log W_M comes to its rest before the remainder is linear.
_SETTLED = 1e-8
#: Share of W, squared, under which imbalance no longer matters.
_EVEN = 1e-12
#: Error allowed in the integral of K times W_0^r.
_NOISE = 1e-14
#: exp overflows above 709.
_LARGEST_EXPONENT = 700.0


@closed_form
def delay_constants(
    model: MinimalModel, growing: str = "generalising", resting: str = "memorising"
) -> xr.Dataset:
    r"""Return the three constants of the time to grok from a small start, and the time itself.

    For kappa < 2, with W_0 = (a_G + b_G)^2 / 4 and the growth rate g = 2 p_M,

    .. math:: T = s_\times - \frac1g \Bigl(\log W_0 + 2 J
                  - \tfrac1r \log\bigl(1 + c_G K W_0^r\bigr)\Bigr).

    Along M alone, with I the integral of p from 0 to t,

    .. math:: J = \int_0^\infty (p - p_M) \, dt, \qquad
              K = 2 r \int_0^\infty e^{2 r I} \Bigl(\varphi - \frac{p}{p_M}\Bigr) dt
                  - \frac{1}{p_M}.

    phi = sgn(w) \|w / W\|^r is 1 for a balanced G; else it is taken on the path of G under the
    pull of M alone, until W is no longer small. If both circuits are balanced,
    K = -1 / (c_M w_M(0)^r).
    s_x is the time of the crossing on the one trajectory that leaves the plateau, whose clock is
    set so that it begins as ``w_G^-r = c_G / p_M + e^(-r g s)``.

    At kappa = 2 the term with K is a part of the rate g = 2 (p_M - c_G): K is NaN, and s_x is
    counted from w_G = e^(g s). T is continuous there: as r -> 0 the logarithms of K and of s_x,
    each of the order 1/r, are taken as one.

    Parameters
    ----------
    model
        The model.
    growing, resting
        Names of G and M; other circuits take no part.

    Returns
    -------
    xarray.Dataset
        ``J`` (no unit), ``s_x``, ``K`` (logit^-r, to about 1e-14 / W_0^r) and ``T``, times in
        updates times learning rate, dims: the swept ones. All are NaN where the law does not
        hold: see `asymptotic_time_to_grok`.

    Raises
    ------
    ValueError
        If the model has no such circuits.
    ArithmeticError
        If an integration does not converge or overflows, as under an extreme penalty, or where
        the cost holds an imbalanced G next to zero until M has come down to its plateau.

    Notes
    -----
    Derived here.

    Examples
    --------
    >>> constants = delay_constants(MinimalModel.paper())
    >>> {name: round(value.item(), 3) for name, value in constants.items()}
    {'J': 1.504, 's_x': 12.265, 'K': -75.689, 'T': 50.058}
    """
    given = plateau_weight(model, resting), plateau_growth(model, growing, resting)
    circuits = (*parameters(model, growing), *parameters(model, resting))
    values = each_cell(_constants, *given, *circuits, outputs=len(_NAMES))
    return xr.Dataset(dict(zip(_NAMES, values, strict=True)))


@closed_form
def asymptotic_time_to_grok(
    model: MinimalModel, growing: str = "generalising", resting: str = "memorising"
) -> xr.DataArray:
    r"""Return the time to grok for a small start of the growing circuit, kappa <= 2.

    It is T of `delay_constants`. Its error is of the order W_0, uniformly as kappa -> 2, where
    M settles fast enough (observed): of the order W_0^min(1, m/g) for kappa < 2 and of the order
    W_0^min(2, m/g) at kappa = 2, with m the rate at which M settles, about g (S_M (1 - p_M) + r).

    The law asks G to be small, that is (a_G^2 + b_G^2) / 2 to be at most a tenth of
    min(1 logit, S_M), at the start and when w_M has come within a hundredth of that to S_M. At this
    bound the error is some percent of the time 1 / g in which G grows e-fold: 0.04 / g was the
    largest of 200 random models with r from 0 to 4, P_M / P_G from 1.05 to 3, q from 3 to 10^4 and
    alpha from 0.003 to 1 (observed). It falls in proportion to the size.

    Parameters
    ----------
    model
        The model.
    growing, resting
        Names of G and M; other circuits take no part.

    Returns
    -------
    xarray.DataArray
        T in updates times learning rate, dims: the swept ones. NaN where the law does not hold:

        - for kappa > 2, or without a plateau to start from;
        - where G is not the more efficient circuit;
        - where G leads from the start, w_G(0) > w_M(0), so that the time to grok is 0;
        - where G is not small, or no longer small when M has come to rest;
        - at kappa = 2, where the cost may hold an imbalanced G at zero: w_G(0) < 0, or a pull
          p <= c_G at the start.

    Raises
    ------
    ValueError
        If the model has no such circuits.
    ArithmeticError
        As `delay_constants`.

    Notes
    -----
    Derived here, but for the size of the error.

    Examples
    --------
    >>> print(f"{asymptotic_time_to_grok(MinimalModel.paper()).item():.3f}")
    50.058
    >>> asymptotic_time_to_grok(MinimalModel.paper(second_subweight=(0.5, 1.0))).item()
    nan
    """
    return delay_constants(model, growing, resting)["T"].rename("asymptotic_time_to_grok")


def _constants(rest: float, growth: float, *circuits: float) -> tuple[float, ...]:
    """Return J, s_x, K and T."""
    growing, resting = OneCircuit(*circuits[:5]), OneCircuit(*circuits[5:])
    nothing = (math.nan,) * len(_NAMES)
    if not _is_delayed(growing, resting, rest, growth):
        return nothing
    beside = _beside(growing, resting, rest)
    if beside is None:
        return nothing
    excess, bend = beside
    r, pull, entry = growing.r, resting.pull(rest), _ENTRY * rest
    gain = math.log(entry) - growing.size
    # 1 - c_G w^r / p_M at the entry, in logs: near kappa = 2 with equal costs it is nearly 0.
    left = -math.expm1(math.log(growing.cost / resting.cost) + r * math.log(_ENTRY))
    # The logarithms of K and of s_x are each of the order 1/r, that of their quotient is not.
    power, highest = math.exp(r * growing.size), max(growing.size, math.log(entry))
    steps = -math.expm1(-r * abs(gain)) / r if r else abs(gain)
    between = math.copysign(math.exp(r * highest) * steps, gain)
    quotient = growing.cost / pull * (between + bend) / left
    if r * quotient <= -1:
        return nothing
    late = math.log1p(r * quotient) / r if r else quotient
    leaving = _manifold_crossing(growing, resting, rest)
    time = leaving + (gain - 2 * excess + late) / (2 * pull)
    if time <= 0:
        return nothing
    if not r:
        return excess, leaving + math.log(entry) / growth, math.nan, time
    crossing = leaving + (math.log(entry) - math.log(left) / r) / growth
    curvature = (r * bend / power - 1) / pull if power else math.nan
    return excess, crossing, curvature, time


def _is_delayed(growing: OneCircuit, resting: OneCircuit, rest: float, growth: float) -> bool:
    """Return whether the more efficient circuit starts small, behind, and free to grow."""
    if not (growing.cost < resting.cost and growth > 0 and resting.reaches(rest, rest)):
        return False
    small, large = (each.first * each.second for each in (growing, resting))
    if growing.first == -growing.second or small > large:
        return False
    # At kappa = 2 too small a pull holds an imbalanced weight at zero, where it waits.
    held = small < 0 or resting.pull(large) <= growing.cost
    if growing.r == 0 and not growing.balanced and held:
        return False
    return growing.extent(growing.start) <= _SMALL * min(1.0, rest)


def _beside(growing: OneCircuit, resting: OneCircuit, rest: float) -> tuple[float, float] | None:
    """Return J and the integral of 2 W_0^r e^(2 r I) (phi p_M - p), None if G is not small."""
    pull, r = resting.pull(rest), growing.r
    scale, goal, unit = math.log(growing.scale), resting.position(rest), min(1.0, rest)
    # M stays between its start and its goal, and G never falls below zero: what a step tries
    # beyond must only not overflow.
    lowest, highest = min(resting.start, goal) - _BEYOND, max(resting.start, goal) + _BEYOND
    least = -math.inf if growing.balanced else min(growing.start, 0.0) - _BEYOND

    def power(log_size: float) -> float:
        """Return W^r, which a step that is tried and given up must not overflow."""
        return math.exp(min(r * log_size, _LARGEST_EXPONENT))

    def reach(time: float, excess: float) -> float:
        """Return (W_0 e^(2 I))^r."""
        return power(growing.size + 2 * (excess + pull * time))

    def held(state: np.ndarray) -> float:
        return resting.weight(min(max(state[0], lowest), highest))

    def velocity(time: float, state: np.ndarray) -> tuple[float, ...]:
        small, excess = max(state[1], least), state[2]
        weight, lack = held(state), growing.lack(small)
        now = resting.pull(weight)
        slopes = resting.slope(weight), growing.cost * (1 + lack) * power(small + scale)
        bend = reach(time, excess) * (lack * pull + (pull - now))
        return 2 * (now - slopes[0]), 2 * (now - slopes[1]), now - pull, 2 * bend

    def moving(_: float, state: np.ndarray) -> float:
        return float(abs(state[0] - goal) - _SETTLED)

    def far(_: float, state: np.ndarray) -> float:
        return abs(held(state) - rest) - _NEAR * unit

    def uneven(_: float, state: np.ndarray) -> float:
        return min(math.exp(-2 * state[1]) / _EVEN, _SMALL * unit / math.exp(state[1] + scale)) - 1

    # The last integral is as small as W_0^r; but the rounding of p near the plateau is no signal.
    atol = [_STEP] * 3 + [max(_STEP * reach(0.0, 0.0), _NOISE)]

    def until(end: Callable[..., float], time: float, state: np.ndarray) -> Any:
        events: list[Callable[..., float]] = [Stop(end), far]
        span = (time, time + _LONGEST / pull)
        field, error = limited(velocity), _STEP
        done = solve_ivp(field, span, state, "LSODA", events=events, rtol=error, atol=atol)
        if done.status != 1:
            raise ArithmeticError("found no rest of the resting circuit")
        return done

    time, state = 0.0, np.array([resting.start, growing.start, 0.0, 0.0])
    if moving(time, state) > 0:
        arrival = until(moving, time, state)
        if any(growing.extent(near[1]) > _SMALL * unit for near in arrival.y_events[1]):
            return None
        time, state = arrival.t[-1], arrival.y[:, -1]
        # What is left is linear in the distance from the plateau.
        ahead = state[0] - goal
        speed = math.hypot(2 * rest, 0.0 if resting.balanced else 4 * resting.scale)
        steep, own = speed * (1 - pull), r * speed / rest
        late = reach(time, state[2]) * ahead * steep / (steep + own - 2 * r)
        state += goal - state[0], 0.0, -ahead / 2 * steep / (steep + own), late
    if not growing.balanced and uneven(time, state) > 0:
        state = until(uneven, time, state).y[:, -1]
    return float(state[2]), float(state[3])


def _manifold_crossing(growing: OneCircuit, resting: OneCircuit, rest: float) -> float:
    """Return the time from the entry of the manifold, where G is balanced, to the crossing."""
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
        limited(velocity), (0, _LONGEST), start, "LSODA", events=Stop(lead), rtol=_STEP, atol=_STEP
    )
    if solution.status != 1:
        raise ArithmeticError("found no crossing on the unstable manifold")
    return float(solution.t[-1]) / pull
