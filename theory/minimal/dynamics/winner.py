r"""Which circuit is left in the end: by exact rules, and by integration where none decides.

For kappa > 2, with R = 1 - 2/kappa (derived here): let the other weights add up to E. A circuit
grows where log p(w + E) + R log w, which rises to one peak and then falls, exceeds log c_i.

- If it exceeds it at some w <= w_i for an E that the others never exceed, w_i stays above that w.
- If it does not for any w <= w_i and an E that the others never fall below, w_i falls to zero.
- Among balanced circuits (rho = 0) the order of w_i^R / c_i never changes, so that only the first
  can survive, and no ratio of another weight to its weight ever grows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.special import log_expit, wrightomega

from theory.minimal.cells import ROUNDING, Cells, Indices, Mask
from theory.minimal.dynamics.follow import at_rest, follow
from theory.minimal.law import Array, is_the_paper_s
from theory.minimal.model import MinimalModel

#: What a verdict says besides the number of a circuit; negative numbers count names from the end.
_NONE, _TIE, _OPEN = -1, -2, -3
#: Steps between two looks whether a rule decides.
_EVERY = 8
#: Growth, in powers of e, after which rounding has upset any balance that is not exact.
_LONGEST = 200.0


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
    - Under another penalty than the paper's the flow is followed until it rests.

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
    c = Cells.of(model)
    exact = is_the_paper_s(model.penalty)
    verdict = _decide(c, c.weight) if exact else _without_decay(c)
    rule = np.where(verdict == _OPEN, "integration", "exact rule")
    still = np.flatnonzero(verdict == _OPEN)
    verdict[still] = _integrate(c.take(still), _follow if exact else _follow_to_rest)
    names, swept = np.array([*model.names, "tie", "none"]), model.swept
    return xr.DataArray(
        names[verdict].reshape(swept.shape),
        {**swept.coords, "rule": (swept.dims, rule.reshape(swept.shape))},
        swept.dims,
        name="winner",
        attrs={"long_name": "surviving circuit"},
    )


def _decide(c: Cells, weight: Array) -> Indices:
    """Return what the exact rules say of every lane at `weight`, shape (lanes,)."""
    with np.errstate(divide="ignore"):
        efficiency = -np.log(c.cost)
    best = _first(np.where(c.cost[0] > 0, efficiency, _reach(c)), c.free)
    worth = efficiency.max(axis=0, where=c.free, initial=-np.inf) > -log_expit(c.log_rivals)
    best = np.where((c.r[0] == 0) & (c.cost[0] > 0) & ~worth, _NONE, best)
    return np.where(c.r[0] < 0, _above_two(c, weight), best)


def _without_decay(c: Cells) -> Indices:
    """Return the verdict where nothing is penalised, whatever the penalty."""
    return np.where(c.law.alpha > 0, _OPEN, _first(_reach(c), c.free))


def _reach(c: Cells) -> Array:
    """Return log (a + b)^2."""
    with np.errstate(divide="ignore"):
        return np.asarray(2 * np.log(abs(c.first + c.second)))


def _first(score: Array, taking: Mask) -> Indices:
    """Return which circuit has the highest score of those `taking` part."""
    score = np.where(taking, score, -np.inf)
    highest = score.max(axis=0)
    level = taking & (score >= highest - ROUNDING * (1 + abs(highest)))
    only = np.where(level.sum(axis=0) > 1, _TIE, score.argmax(axis=0))
    return np.where(taking.any(axis=0), only, _NONE)


def _above_two(c: Cells, weight: Array) -> Indices:
    """Return what the rules for kappa > 2 say of every lane."""
    held, positive = np.maximum(weight, 0.0), weight > 0
    cost = np.where(c.cost > 0, c.cost, 1.0)
    hopeful = positive & _grows(c, held, np.minimum(weight, 0.0).sum(axis=0), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        order = -c.r * np.log(held) - np.log(cost)
    balanced = (c.rho == 0).all(axis=0, where=positive)
    best = np.where(balanced, np.where(positive, order, -np.inf), hopeful).argmax(axis=0)

    total = held.sum(axis=0)
    alone = (hopeful.sum(axis=0) == 1) & _grows(c, held, total - held, 1.0)
    leading = balanced & _grows(c, held, 0.0, total / np.where(positive, held, 1.0))
    safe = _of(best, alone | leading)
    survivor = np.where(balanced, _first(order, positive), best)
    return np.where(_of(best, hopeful), np.where(safe, survivor, _OPEN), _NONE)


def _grows(c: Cells, weight: Array, others: Array | float, ratio: Array | float) -> Mask:
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


def _integrate(c: Cells, follow_one: Callable[[Cells], int]) -> Indices:
    """Return the verdict on every lane, following the flow until it is decided."""
    verdict = np.fromiter((follow_one(c.take([lane])) for lane in range(c.lanes)), np.intp, c.lanes)
    return np.where(_twinned(c, verdict), _TIE, verdict)


def _follow(one: Cells) -> int:
    """Return the verdict on a single lane with kappa > 2, as soon as a rule decides."""
    cell, growth = one.take(0), 0.0
    for number, step in enumerate(follow(cell)):
        weight = cell.weight_at(step.state)
        if number % _EVERY == 0 or np.isinf(step.ended):
            (verdict,) = _decide(one, weight[:, np.newaxis])
            if verdict != _OPEN:
                return int(verdict)
        elapsed = step.ended - step.begun
        growth -= 2 * float(one.r[0, 0]) * elapsed * float(cell.law.pull(weight))
        if growth > _LONGEST:
            return _TIE
    raise ArithmeticError("the winner is undecided: no time that numbers reach is late enough")


def _follow_to_rest(one: Cells) -> int:
    """Return which weight of a single lane is the largest once none changes."""
    cell = one.take(0)
    for step in follow(cell):
        if at_rest(cell, step):
            weight = cell.weight_at(step.state)
            return int(_first(weight, weight > 0))
    raise ArithmeticError("the winner is undecided: no time that numbers reach is late enough")


def _twinned(c: Cells, verdict: Indices) -> Mask:
    """Return where the survivor has a twin, from which only rounding can have told it apart."""
    alike = np.ones(c.start.shape, bool)
    for values in (c.law.norm, c.weight, abs(c.first + c.second)):
        alike &= values == _of(np.maximum(verdict, 0), values)
    return np.asarray((verdict >= 0) & (alike.sum(axis=0) > 1))
