"""Whether gradient flow ever groks: what can be proved without integrating it, or on the way.

All statements are derived here, for the paper's penalty. G and M are the circuits that are right
and wrong, R and V their weights, and a cell generalises where R > max(V, 0). g_i = -L_i is the
growth of a circuit's log-scale coordinate.

Both growing and both shrinking are left for ever: if some g_i >= 0 at one time, then at all later
ones, because where the largest is zero S does not grow, and so p and every g_i do not fall. In the
same way if some g_i <= 0. Hence for kappa <= 2, two circuits and c_M <= c_G an upward crossing is
impossible once some circuit grows and rho_G <= rho_M, or some circuit shrinks and rho_G >= rho_M:
where w_G = w_M > 0, s_G g_G <= s_M g_M.

A right circuit and a wrong one that cost and start the same stay the same: they cancel in R - V.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import combinations
from typing import Self

import numpy as np
import xarray as xr

from theory.minimal import lyapunov
from theory.minimal.cells import ROUNDING, Cells, Indices, Mask, Verdicts, level, per_circuit
from theory.minimal.law import Array, pull
from theory.minimal.model import MinimalModel

#: What becomes of a cell, in the order of the verdicts from 1 on.
REASONS = (
    "groks",
    "generalises from the start",
    "never: no circuit generalises",
    "never: no weight decay",
    "never: memorising is at least as efficient",
    "never: trapped at zero",
    "never: weight decay too strong",
    "never: falls to zero",
    "never: a tie",
    "never: comes to rest before",
)
OPEN, GROKS, FROM_THE_START, NO_CIRCUIT, NO_DECAY, INEFFICIENT, TRAPPED, TOO_STRONG = range(8)
FALLS, TIE, AT_REST = range(8, 11)


@dataclass(frozen=True)
class Fates:
    """Cells, and what is known of each at the start.

    Attributes
    ----------
    cells
        The cells.
    right
        Which circuits are right at the threshold, shape (circuits, lanes).
    sign
        1 for those, -1 for the others, 0 for pairs that cancel, shape (circuits, lanes).
    verdict
        One of the verdicts below `REASONS`, shape (lanes,).
    certain
        Whether the limit of the flow lies beyond the crossing, shape (lanes,).
    narrowness
        Size of the lead at the limit over all weight there, 1 where that is not known, (lanes,).
    rest, radius
        The limit of the flow and the divergence from it that keeps the lead below zero, 0 where
        none does, shapes (circuits, lanes) and (lanes,): `theory.minimal.lyapunov`.
    """

    cells: Cells
    right: Mask
    sign: Array
    verdict: Verdicts
    certain: Mask
    narrowness: Array
    rest: Array
    radius: Array

    def take(self, lanes: Indices) -> Self:
        """Return some of the lanes."""
        rest = (getattr(self, field.name)[..., lanes] for field in fields(self)[1:])
        return type(self)(self.cells.take(lanes), *rest)

    def watch(self, lanes: Indices, weight: Array, growth: Array) -> Verdicts:
        """Return the verdicts that `weight` and `growth` prove about lanes, 0 for none."""
        c, right, sign = self.cells.take(lanes), self.right[:, lanes], self.sign[:, lanes]
        stuck = np.where(_stuck(c, right, sign, weight), _why_stuck(c, sign, FALLS), OPEN)
        dying = np.where(_dying(c, sign, weight), FALLS, stuck)
        settled = _inefficient(c, sign, weight, growth) | self._settled(lanes, c, weight)
        proved = np.where(settled, INEFFICIENT, dying)
        return np.where(_outgrown(c, sign, weight), NO_DECAY, proved)

    def _settled(self, lanes: Indices, c: Cells, weight: Array) -> Mask:
        """Return where the flow is so close to its limit that it stays on that side."""
        if not self.radius[lanes].any():
            return np.zeros(lanes.size, bool)
        away = lyapunov.divergence(c, self.rest[:, lanes], weight).sum(axis=0)
        return np.asarray(away < self.radius[lanes])


def at_the_door(c: Cells, right: Mask) -> Fates:
    """Return what is known of every cell at the start."""
    weight, sign = c.weight, signs(c, right)
    growth = -c.law.slope(weight)
    limit_lead = _limit_lead(c, sign)
    final_lead = _final_lead(c, sign, limit_lead)
    verdict = np.zeros(c.lanes, np.int64)
    for proved, reason in (
        (_leads(c, right, sign, weight, growth), FROM_THE_START),
        (_stuck(c, right, sign, weight), _why_stuck(c, sign, TRAPPED)),
        (_outgrown(c, sign, weight), NO_DECAY),
        (_inefficient(c, sign, weight, growth), INEFFICIENT),
    ):
        verdict = np.where((verdict == OPEN) & proved, reason, verdict)
    narrowness = np.where(np.isfinite(limit_lead), abs(limit_lead), 1.0)
    # Two circuits need no more than what the first lines of this file prove.
    rest = lyapunov.limit(c) if len(sign) > 2 else np.full(sign.shape, np.nan)
    radius = lyapunov.radius(c, sign, rest)
    return Fates(c, right, sign, verdict, final_lead, narrowness, rest, radius)


def sides(model: MinimalModel, grid: xr.DataArray, threshold: float) -> Mask:
    """Return which circuits are right at the threshold, shape (circuits, lanes)."""
    return np.asarray(per_circuit(model, "generalises", grid) >= threshold)


def signs(c: Cells, right: Mask) -> Array:
    """Return 1 for circuits that are right, -1 for others, and 0 for pairs that cancel."""
    sign = np.where(right, 1.0, -1.0)
    for i, j in combinations(range(len(sign)), 2):
        alike = (sign[i] * sign[j] < 0) & level(c.law.norm[i], c.law.norm[j])
        alike &= level(c.rho[i], c.rho[j]) & level(c.weight[i], c.weight[j])
        sign[i], sign[j] = np.where(alike, 0.0, sign[i]), np.where(alike, 0.0, sign[j])
    return sign


def lead(right: Mask, sign: Array, weight: Array) -> Array:
    """Return the lead that must be positive to generalise: R - max(V, 0), shape (lanes,).

    The labels that no circuit names have the logit zero.
    """
    return np.asarray(np.minimum((sign * weight).sum(axis=0), weight.sum(axis=0, where=right)))


def rise(right: Mask, sign: Array, weight: Array, change: Array) -> Array:
    """Return how fast the lead rises if the weights do by `change`, shape (lanes,)."""
    behind = (sign * weight).sum(axis=0) <= weight.sum(axis=0, where=right)
    rates = (sign * change).sum(axis=0), change.sum(axis=0, where=right)
    return np.asarray(np.where(behind, *rates))


def _penalised(c: Cells) -> Mask:
    return np.asarray(c.cost[0] > 0)


def _leads(c: Cells, right: Mask, sign: Array, weight: Array, growth: Array) -> Mask:
    """Return where the lead is positive at the start or directly after it."""
    change = c.speed(weight) * growth
    # From zero at the same rate, the cheaper of two circuits leads, for kappa < 2.
    cheaper = (sign * c.cost).sum(axis=0) < 0
    level_start = (len(weight) == 2) & (weight == 0).all(axis=0) & (c.r[0] > 0) & cheaper
    level_start &= change.max(axis=0) > 0

    def rises(part: Array) -> Mask:
        value, rate = (part * weight).sum(axis=0), (part * change).sum(axis=0)
        later = (rate > 0) | ((rate == 0) & level_start)
        return np.asarray((value > 0) | ((value == 0) & later))

    return rises(sign) & rises(right.astype(float))


def _unable(c: Cells, weight: Array) -> Mask:
    """Return the circuits that no data can lift from a weight of zero or less.

    Negative weights only rise and others stay so, so that the pull is largest with the negative
    ones alone.
    """
    largest = pull(np.minimum(weight, 0.0).sum(axis=0), c.log_rivals)
    return np.asarray(~c.free | (c.r < 0) | ((c.r == 0) & (c.cost >= largest)))


def _stuck(c: Cells, right: Mask, sign: Array, weight: Array) -> Mask:
    """Return where R cannot be positive, or R - V cannot since no wrong weight is negative."""
    below = _unable(c, weight) & (weight <= 0)
    behind = np.where(sign > 0, below, (sign == 0) | (weight >= 0))
    return np.asarray(behind.all(axis=0) | (below | ~right).all(axis=0))


def _why_stuck(c: Cells, sign: Array, by_trap: int) -> Verdicts:
    soft = ((sign > 0) & c.free & (c.r == 0)).any(axis=0)
    reason = np.where(soft, TOO_STRONG, by_trap)
    reason = np.where(((sign > 0) & c.free).any(axis=0), reason, TRAPPED)
    reason = np.where((sign < 0).all(axis=0), NO_CIRCUIT, reason)
    cancelled = (sign == 0).any(axis=0) & ~(sign > 0).any(axis=0)
    return np.where(cancelled, np.where((sign < 0).any(axis=0), INEFFICIENT, TIE), reason)


def _outgrown(c: Cells, sign: Array, weight: Array) -> Mask:
    r"""Return where R - V can never be positive again without weight decay.

    There it is e^(2 I) sum (a + b)^2 - e^(-2 I) sum (b - a)^2, with signs and over 4, which once
    it is not positive stays so if the first sum is not.
    """
    behind = (sign * weight).sum(axis=0) <= 0
    return np.asarray(~_penalised(c) & behind & (_late_lead(c, sign) <= 0))


def _late_lead(c: Cells, sign: Array) -> Array:
    """Return the sum of (a + b)^2 with signs, zero where that is rounding."""
    growing = (c.first + c.second) ** 2
    total = (sign * growing).sum(axis=0)
    return np.where(abs(total) > ROUNDING * growing.sum(axis=0), total, 0.0)


def _inefficient(c: Cells, sign: Array, weight: Array, growth: Array) -> Mask:
    """Return where two circuits can never cross since c_M <= c_G, as derived at the top."""
    if len(weight) != 2:
        return np.zeros(weight.shape[1:], bool)
    against = sign < 0
    rho = (sign * c.rho).sum(axis=0)
    region = ((rho <= 0) & (growth.max(axis=0) >= 0)) | ((rho >= 0) & (growth.min(axis=0) <= 0))
    dearer = ((sign * c.cost).sum(axis=0) >= 0) | level(c.cost[0], c.cost[1])
    return np.asarray(
        (sign.sum(axis=0) == 0)
        & _penalised(c)
        & (c.r[0] >= 0)
        & dearer
        & ((sign * weight).sum(axis=0) <= 0)
        & (weight >= 0).all(axis=0, where=against)
        & region
    )


def _limit_lead(c: Cells, sign: Array) -> Array:
    """Return the lead over all weight at the limit of the flow: shares by efficiency.

    NaN where that is not known: for kappa > 2 and without weight decay. Circuits that start at
    a_i = -b_i can never be positive and take no part.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_cost = np.where(c.free, np.log(c.cost), np.inf)
        excess = log_cost - log_cost.min(axis=0)
        excess = np.where(excess <= ROUNDING, 0.0, excess)
        power = np.where(c.r > 0, np.exp(-excess / c.r), excess == 0)
        power = np.where(c.free, power, 0.0)
        lead = (sign * power).sum(axis=0) / power.sum(axis=0)
    return np.asarray(np.where(_penalised(c) & (c.r[0] >= 0), lead, np.nan))


def _final_lead(c: Cells, sign: Array, limit_lead: Array) -> Mask:
    """Return where the limit of the flow leads, for kappa <= 2."""
    largest_pull = pull(0.0, c.log_rivals)
    affordable = c.cost.min(axis=0, where=c.free, initial=np.inf) < largest_pull
    # At kappa = 2 only the cheapest survive, if any.
    limit = np.where(c.r[0] > 0, limit_lead > 0, (limit_lead == 1) & affordable)
    return np.asarray(np.where(_penalised(c), limit, _late_lead(c, sign) > 0))


def _dying(c: Cells, sign: Array, weight: Array) -> Mask:
    """Return where, for kappa > 2, the weights for the crossing reach zero before the others can.

    A weight under the barrier, c w^r >= 2 p(0), falls to zero within the first time below. Another
    needs at least the second to fall from w to their sum.
    """
    order = 1 - c.r
    for_it, against = sign > 0, sign < 0
    with np.errstate(all="ignore"):
        under = c.cost * weight**c.r >= 2 * pull(0.0, c.log_rivals)
        size = weight**order / (order * c.cost)
        until_zero = np.minimum(2 * size / c.rho, weight ** (order - 1) / ((order - 1) * c.cost))
        target = weight.sum(axis=0, where=for_it)
        fall = size - target**order / (order * c.cost)
        at_least = fall / (c.rho + 2 * weight)
    doomed = (under | (weight == 0) | ~for_it).all(axis=0)
    longest = np.where(for_it & (weight > 0), until_zero, 0.0).max(axis=0)
    others = np.where(against, at_least, -np.inf).max(axis=0)
    proper = (c.r[0] < 0) & (weight >= 0).all(axis=0)
    return np.asarray(proper & doomed & (others > longest))
