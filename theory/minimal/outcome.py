r"""Which circuit is left in the end: by exact rules, and by integration where none decides.

For kappa > 2, with R = 1 - 2/kappa (derived here): let the other weights add up to E. A circuit
grows where log p(w + E) + R log w, which rises to one peak and then falls, exceeds log c_i.

- If it exceeds it at some w <= w_i for an E that the others never exceed, w_i stays above that w.
- If it does not for any w <= w_i and an E that the others never fall below, w_i falls to zero.
- Among balanced circuits (rho = 0) the order of w_i^R / c_i never changes, so that only the first
  can survive, and no ratio of another weight to its weight ever grows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.integrate import BDF, LSODA
from scipy.special import expit, log_expit, wrightomega

from theory.minimal.dynamics.coordinates import Array, Coordinates
from theory.minimal.model import MinimalModel

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

#: What a verdict says besides the number of a circuit; negative numbers count names from the end.
_NONE, _TIE, _OPEN = -1, -2, -3
#: Logs that differ by less, relative to their size, are equal but for rounding.
_ROUNDING = 1e-14
#: Growth, in powers of e, after which rounding has upset any balance that is not exact.
_LONGEST = 200.0
#: Time from which on LSODA of SciPy 1.17 may come to a standstill without an error.
_LONG = 1e4
#: The least weight, in logits, that is not counted as zero.
_LEAST = 1e-300


def winner(model: MinimalModel) -> xr.DataArray:
    r"""Return the circuit that survives gradient flow from the model's start.

    Where several do, it is the one with the largest weight in the limit. A circuit that starts
    with a + b = 0 never gets a positive weight and takes no part.

    - kappa < 2: the least norm, whatever the start.
    - kappa = 2: the least norm, if alpha P_i^2 < (q-1)/q, and otherwise none.
    - kappa > 2: it depends on the start. A weight that is not positive stays so. Among balanced
      circuits (a = b) only the one with the largest w_i / P_i^(2/R), R = 1 - 2/kappa, can survive;
      whether it does is decided exactly except in a narrow range of small starts.
    - alpha = 0: the largest (a_i + b_i)^2, since all of these grow by the same factor.

    Parameters
    ----------
    model
        The model, with its start.

    Returns
    -------
    xarray.DataArray
        The circuit's name, "none" (every weight vanishes) or "tie" (circuits are equal, but for
        rounding, in what decides), dims: the swept ones. The coordinate ``rule`` says "exact rule"
        or "integration".

    Raises
    ------
    ValueError
        If a circuit is called "none" or "tie", or if subweights are too small to square.

    Notes
    -----
    kappa = 2 and the ratio for kappa < 2 are the paper's (Section 3); the rest is derived here.

    Examples
    --------
    >>> winner(MinimalModel.paper(kappa=[1.2, 3.0])).values.tolist()
    ['generalising', 'none']
    """
    if taken := {"none", "tie"} & set(model.names):
        raise ValueError(f"a circuit must not have the name {taken.pop()}: winner gives it")
    c = Coordinates.of(model)
    verdict = _decide(c, c.first * c.second)
    rule = np.where(verdict == _OPEN, "integration", "exact rule")
    still = np.flatnonzero(verdict == _OPEN)
    verdict[still] = _integrate(c.take(still))
    names, swept = np.array([*model.names, "tie", "none"]), model.swept
    return xr.DataArray(
        names[verdict].reshape(swept.shape),
        {**swept.coords, "rule": (swept.dims, rule.reshape(swept.shape))},
        swept.dims,
        name="winner",
        attrs={"long_name": "surviving circuit"},
    )


def _decide(c: Coordinates, weight: Array) -> Indices:
    """Return what the exact rules say of every lane at `weight`, shape (lanes,)."""
    with np.errstate(divide="ignore"):
        efficiency, reach = -np.log(c.cost), 2 * np.log(abs(c.first + c.second))
    best = _first(np.where(c.cost[0] > 0, efficiency, reach), c.free)
    worth = efficiency.max(axis=0, where=c.free, initial=-np.inf) > -log_expit(c.log_rivals)
    best = np.where((c.r[0] == 0) & ~worth, _NONE, best)
    return np.where(c.r[0] < 0, _above_two(c, weight), best)


def _first(score: Array, taking: Mask) -> Indices:
    """Return which circuit has the highest score of those `taking` part."""
    score = np.where(taking, score, -np.inf)
    highest = score.max(axis=0)
    level = taking & (score >= highest - _ROUNDING * (1 + abs(highest)))
    only = np.where(level.sum(axis=0) > 1, _TIE, score.argmax(axis=0))
    return np.where(taking.any(axis=0), only, _NONE)


def _above_two(c: Coordinates, weight: Array) -> Indices:
    """Return what the rules for kappa > 2 say of every lane."""
    held, positive = np.maximum(weight, 0.0), weight > 0
    cost = np.where(c.cost > 0, c.cost, 1.0)
    hopeful = positive & _grows(c, held, np.minimum(weight, 0.0).sum(axis=0), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        order = -c.r * np.log(held) - np.log(cost)
    balanced = (c.balance != 0).all(axis=0, where=positive)
    best = np.where(balanced, np.where(positive, order, -np.inf), hopeful).argmax(axis=0)

    total = held.sum(axis=0)
    alone = (hopeful.sum(axis=0) == 1) & _grows(c, held, total - held, 1.0)
    leading = balanced & _grows(c, held, 0.0, total / np.where(positive, held, 1.0))
    safe = _of(best, alone | leading)
    survivor = np.where(balanced, _first(order, positive), best)
    return np.where(_of(best, hopeful), np.where(safe, survivor, _OPEN), _NONE)


def _grows(c: Coordinates, weight: Array, others: Array | float, ratio: Array | float) -> Mask:
    """Return where p(ratio w + others) w^R exceeds c_i at some w up to `weight`."""
    size = -c.r
    with np.errstate(divide="ignore", invalid="ignore"):
        peak = size + wrightomega(np.log(size) + c.log_rivals - others - size)
        w = np.minimum(weight, peak / ratio)
        pull = log_expit(c.log_rivals - ratio * w - others)
        return np.asarray(pull + size * np.log(w) > np.log(c.cost))


def _of(circuit: Indices, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the values of one circuit a lane."""
    return np.asarray(np.take_along_axis(values, circuit[np.newaxis], axis=0)[0])


def _integrate(c: Coordinates) -> Indices:
    """Return the verdict on every lane, following the flow until a rule decides."""
    lanes = (c.take(np.array([lane])) for lane in range(c.lanes))
    verdict = np.fromiter((_follow(lane) for lane in lanes), np.intp, c.lanes)
    return np.where(_twinned(c, verdict), _TIE, verdict)


def _follow(c: Coordinates) -> int:
    """Return the verdict on a single lane with kappa > 2."""
    weight, growth, span = (c.first * c.second)[:, 0], 0.0, 1.0
    while growth < _LONGEST:
        weight, elapsed = _advance(c, weight, span)
        (verdict,) = _decide(c, weight[:, np.newaxis])
        if verdict != _OPEN:
            return int(verdict)
        growth -= 2 * c.r[0, 0] * elapsed * float(expit(c.log_rivals[0] - weight.sum()))
        span *= 1.5
    return _TIE


def _advance(c: Coordinates, weight: Array, span: float) -> tuple[Array, float]:
    r"""Return the weights after the time `span`, or once the first one has died, and the time.

    A weight reaches zero in finite time with a steep end, and stays. Its power v = |w|^(1 + R), or
    |w|^R where it is balanced, goes through zero instead:

    .. math:: \dot v = g \, (\pm p |w|^R - c), \qquad g = (1 + R) s \text{ or } 2 R.

    Just above kappa = 2 the power |w|^R is 1 down to where numbers end, and then 0. No step can
    pass that, so it is left at its last value beyond.
    """
    size, balanced, sign = -c.r[:, 0], c.balance[:, 0] != 0, np.sign(weight)
    power, rho, cost = np.where(balanced, size, 1 + size), c.rho[:, 0], c.cost[:, 0]
    least = np.where(sign == 0, 0.0, _LEAST**power)

    def rates(time: float, v: Array) -> Array:
        held = np.maximum(v, least) ** (1 / power)
        wrong = expit(c.log_rivals[0] - (sign * held).sum())
        pace = np.where(balanced, 2 * size, power * np.hypot(rho, 2 * held))
        return np.asarray(pace * (sign * wrong * held**size - cost))

    start = abs(weight) ** power
    allowed = 1e-13 * np.where(start > 0, start, 1.0)
    method = LSODA if span < _LONG else BDF
    solver = method(rates, 0.0, start, span, rtol=1e-11, atol=allowed)
    while solver.status == "running" and np.all((solver.y > least) | (sign == 0)):
        solver.step()
    if solver.status == "failed":
        raise ArithmeticError("the winner is undecided: the flow cannot be integrated")
    v = np.where(solver.y > least, solver.y, 0.0)
    return np.asarray(sign * v ** (1 / power)), float(solver.t)


def _twinned(c: Coordinates, verdict: Indices) -> Mask:
    """Return where the survivor has a twin, from which only rounding can have told it apart."""
    alike = np.ones(c.start.shape, bool)
    for values in (c.cost, c.first * c.second, abs(c.first + c.second)):
        alike &= values == _of(np.maximum(verdict, 0), values)
    return np.asarray((verdict >= 0) & (alike.sum(axis=0) > 1))
