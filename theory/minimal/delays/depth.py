r"""Circuits of more than two subweights in a row: the logarithm of the delay becomes a power.

A weight that is the product of N equal subweights, w = a^N, follows

.. math:: \dot w = -N \, w^{2 - 2/N} L_i,

since each of the N subweights moves at -L_i a^(N-1) (derived here). The penalty is left as it is,
|w|^(2/kappa): at kappa = N it is plain weight decay on the subweights, a^2 in the sum of N.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr
from scipy.integrate import solve_ivp

from theory.checks import labelled
from theory.minimal.delays.alone import OneCircuit, each_cell, parameters
from theory.minimal.delays.plateau import of_circuit, plateau_growth
from theory.minimal.dynamics.stop import Stop, limited
from theory.minimal.model import MinimalModel, closed_form

_STEP = 1e-11
#: Times the time that a weight takes to grow within which two weights cross if they ever do.
_LONGEST = 1e9
#: Weight beyond log(q - 1) at which nothing is left to fit, and how far beyond, in powers of e, a
#: step may look.
_FITTED, _BEYOND = 100.0, 0.5


@closed_form
def depth_delay(
    model: MinimalModel,
    depth: Any,
    growing: str = "generalising",
    resting: str = "memorising",
) -> xr.DataArray:
    r"""Return the time in which a small weight of N balanced subweights grows beside a plateau.

    .. math:: T \sim \frac{w_G(0)^{-(N-2)/N}}{(N - 2) \, g / 2}, \qquad
              \frac g2 = \begin{cases} p_M & \kappa < 2 \\ p_M - c_G & \kappa = 2 \end{cases}

    with g of `plateau_growth`, and w_G(0) = a_G b_G whatever its factors. The time to grok is this
    and a remainder. At kappa = 2 it is -w_M(0)^-(1 - 2/N) / ((N - 2) g / 2); for r > 1 - 2/N it
    tends to a constant; for a smaller r > 0 it grows as w_G(0)^(r - 1 + 2/N), slower than T.

    Parameters
    ----------
    model
        The model.
    depth
        N > 2, the number of subweights; sweeps like a parameter of the model.
    growing, resting
        Names of the circuits; others take no part.

    Returns
    -------
    xarray.DataArray
        In updates times learning rate, dims: the swept ones; NaN for kappa > 2, where a small
        weight does not grow, and where w_G(0) <= 0 or G is not the more efficient circuit.

    Raises
    ------
    ValueError
        If `depth` is not above 2, sweeps do not cross to one grid, or the model has no such
        circuits.

    Notes
    -----
    Derived here. At N = 2 it is a logarithm: `theory.minimal.asymptotic_time_to_grok`.

    Examples
    --------
    >>> from theory import Circuit
    >>> start = xr.DataArray([1e-3, 1e-4], dims="start")
    >>> small = Circuit("generalising", 1.0, True, start, start)
    >>> model = MinimalModel((small, Circuit("memorising", 2.0, False)), 1.2, 0.005, 113)
    >>> depth_delay(model, depth=3).values.round(2)
    array([ 842.2 , 3909.14])
    """
    levels = labelled("depth", depth, above=2)
    model.crossed(depth=levels)
    first, second = (
        of_circuit(model, model.stack(f"{which}_subweight"), growing)
        for which in ("first", "second")
    )
    costs = [of_circuit(model, model.cost, name) for name in (growing, resting)]
    start, push = first * second, plateau_growth(model, growing, resting) / 2
    grows = (start > 0) & (push > 0) & (costs[0] < costs[1])
    power = start.where(grows) ** (2 / levels - 1)
    time: xr.DataArray = power / ((levels - 2) * push)
    return time.rename("depth_delay")


@closed_form
def depth_time_to_grok(
    model: MinimalModel,
    depth: Any,
    growing: str = "generalising",
    resting: str = "memorising",
) -> xr.DataArray:
    r"""Return the first time with w_G > w_M if each circuit is N balanced subweights in a row.

    .. math:: \dot w_i = -N \, w_i^{2 - 2/N} L_i, \qquad w_i(0) = a_i b_i

    Parameters
    ----------
    model
        The model, kappa <= 2.
    depth
        N >= 2; sweeps like a parameter of the model. At N = 2 it is the flow of balanced circuits.
    growing, resting
        Names of the circuits; others take no part.

    Returns
    -------
    xarray.DataArray
        T in updates times learning rate, dims: the swept ones. 0 where G leads from the start, and
        infinite where it is not the more efficient circuit, which then never overtakes.

    Raises
    ------
    ValueError
        If `depth` is less than 2, kappa above 2, a weight not above 0, or as `depth_delay`.
    ArithmeticError
        If no crossing is found, as from starts so small that T is beyond 1e14 or so.

    Examples
    --------
    >>> from theory import Circuit
    >>> small = Circuit("generalising", 1.0, True, 0.01, 0.01)
    >>> large = Circuit("memorising", 2.0, False, 1.0, 1.0)
    >>> model = MinimalModel((small, large), 1.2, 0.005, 113)
    >>> depth_time_to_grok(model, depth=[2, 3]).values.round(3)
    array([ 43.627, 175.945])
    """
    levels = labelled("depth", depth, at_least=2)
    model.crossed(depth=levels)
    labelled("kappa", model.kappa, at_most=2)
    circuits = (*parameters(model, growing), *parameters(model, resting))
    for name in (growing, resting):
        product = of_circuit(
            model, model.stack("first_subweight") * model.stack("second_subweight"), name
        )
        labelled(f"the weight of {name}", product, above=0)
    times: xr.DataArray = each_cell(_deep_crossing, xr.DataArray(levels), *circuits)
    return times.rename("depth_time_to_grok")


def _deep_crossing(depth: float, *circuits: float) -> float:
    pair = OneCircuit(*circuits[:5]), OneCircuit(*circuits[5:])
    start = [math.log(each.first * each.second) for each in pair]
    if start[0] > start[1]:
        return 0.0
    if pair[0].cost >= pair[1].cost:
        return math.inf
    highest = max(*start, math.log(pair[0].log_rivals + _FITTED)) + _BEYOND

    def velocity(_: float, logs: np.ndarray) -> tuple[float, float]:
        weights = [math.exp(min(log, highest)) for log in logs]
        pull = pair[0].pull(sum(weights))
        first, second = (
            depth * weight ** (1 - 2 / depth) * (pull - each.slope(weight))
            for weight, each in zip(weights, pair, strict=True)
        )
        return first, second

    def behind(_: float, logs: np.ndarray) -> float:
        return float(logs[1] - logs[0])

    span = (0, _LONGEST * math.exp(start[0] * (2 / depth - 1)) / pair[1].cost)
    field, end = limited(velocity), Stop(behind)
    try:
        found = solve_ivp(field, span, start, "LSODA", events=end, rtol=_STEP, atol=_STEP)
    except ValueError as error:
        # SciPy's search for the event, where the time is too long for numbers to hold what follows.
        raise ArithmeticError("found no crossing that can be told from its time") from error
    if found.status != 1:
        raise ArithmeticError("found no crossing")
    return float(found.t[-1])
