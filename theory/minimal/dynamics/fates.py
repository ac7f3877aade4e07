"""Whether gradient flow ever groks: what can be proved without integrating it, or on the way.

All statements are derived here. G and M are the circuits for and against the crossing, and
g_i = -L_i is the growth of a circuit's log-scale coordinate.

Both growing and both shrinking are left for ever: if some g_i >= 0 at one time, then at all later
ones, because where the largest is zero S does not grow, and so p and every g_i do not fall. In the
same way if some g_i <= 0. Hence for kappa <= 2, two circuits and c_M <= c_G an upward crossing is
impossible once some circuit grows and rho_G <= rho_M, or some circuit shrinks and rho_G >= rho_M:
where w_G = w_M > 0, s_G g_G <= s_M g_M.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import xarray as xr

from theory.minimal.dynamics import lyapunov
from theory.minimal.dynamics.coordinates import Array, Coordinates, Indices, Mask, Verdicts
from theory.minimal.lanes import per_circuit
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
)
OPEN, GROKS, FROM_THE_START, NO_CIRCUIT, NO_DECAY, INEFFICIENT, TRAPPED, TOO_STRONG, FALLS = range(
    9
)


@dataclass(frozen=True)
class Fates:
    """Cells, and what is known of each at the start.

    Attributes
    ----------
    coordinates
        The cells.
    sign
        1 for circuits whose weight counts for the crossing, -1 for others, (circuits, lanes).
    verdict
        One of the verdicts below `REASONS`, shape (lanes,).
    certain
        Whether the limit of the flow lies beyond the crossing, shape (lanes,).
    narrowness
        Size of the lead at the limit over all weight there, 1 where that is not known, (lanes,).
    rest, radius
        The limit of the flow and the divergence from it that keeps the lead below zero, 0 where
        none does, shapes (circuits, lanes) and (lanes,): `lyapunov`.
    """

    coordinates: Coordinates
    sign: Array
    verdict: Verdicts
    certain: Mask
    narrowness: Array
    rest: Array
    radius: Array

    def take(self, lanes: Indices) -> Self:
        """Return some of the lanes."""
        rest = (getattr(self, field.name)[..., lanes] for field in fields(self)[1:])
        return type(self)(self.coordinates.take(lanes), *rest)

    def lead(self, weight: Array) -> Array:
        """Return the weight for the crossing less the weight against it, shape (lanes,)."""
        return np.asarray((self.sign * weight).sum(axis=0))

    def watch(self, cells: Indices, weight: Array, growth: Array) -> Verdicts:
        """Return the verdicts that `weight` and `growth` prove about `cells`, 0 for none."""
        c, sign = self.coordinates.take(cells), self.sign[:, cells]
        stuck = np.where(_stuck(c, sign, weight), _why_stuck(c, sign, FALLS), OPEN)
        dying = np.where(_dying(c, sign, weight), FALLS, stuck)
        settled = _inefficient(c, sign, weight, growth) | self._settled(cells, c, weight)
        return np.where(settled, INEFFICIENT, dying)

    def _settled(self, cells: Indices, c: Coordinates, weight: Array) -> Mask:
        """Return where the flow is so close to its limit that it stays on that side."""
        if not self.radius[cells].any():
            return np.zeros(cells.size, bool)
        away = lyapunov.divergence(c, self.rest[:, cells], weight).sum(axis=0)
        return np.asarray(away < self.radius[cells])


def at_the_door(c: Coordinates, sign: Array) -> Fates:
    """Return what is known of every cell at the start."""
    weight = c.weight(c.start)
    growth = c.growth(weight)
    limit_lead = _limit_lead(c, sign)
    final_lead = _final_lead(c, sign, limit_lead)
    verdict = np.zeros(c.lanes, np.int64)
    for proved, reason in (
        (_leads(c, sign, weight, growth), FROM_THE_START),
        (_stuck(c, sign, weight), _why_stuck(c, sign, TRAPPED)),
        (~_penalised(c) & ~final_lead, NO_DECAY),
        (_inefficient(c, sign, weight, growth), INEFFICIENT),
    ):
        verdict = np.where((verdict == OPEN) & proved, reason, verdict)
    narrowness = np.where(np.isfinite(limit_lead), abs(limit_lead), 1.0)
    # Two circuits need no more than what the first lines of this file prove.
    rest = lyapunov.limit(c) if len(sign) > 2 else np.full(sign.shape, np.nan)
    radius = lyapunov.radius(c, sign, rest)
    return Fates(c, sign, verdict, final_lead, narrowness, rest, radius)


def sides(model: MinimalModel, grid: xr.DataArray, threshold: float) -> Array:
    """Return 1 for circuits that are right at the threshold, else -1, shape (circuits, lanes)."""
    return np.where(per_circuit(model, "generalises", grid) >= threshold, 1.0, -1.0)


def slowest_first(cost: Array, sign: Array) -> Indices:
    """Return the cells in the order in which to start them, so that none is left over at the end.

    What drives the crossing is how much less the circuits for it cost.
    """
    return np.argsort(np.abs((sign * cost).sum(axis=0)), kind="stable")


def _penalised(c: Coordinates) -> Mask:
    return np.asarray(c.cost[0] > 0)


def _leads(c: Coordinates, sign: Array, weight: Array, growth: Array) -> Mask:
    """Return where the lead is positive at the start or directly after it."""
    lead = (sign * weight).sum(axis=0)
    change = c.speed(weight) * growth
    rate = (sign * change).sum(axis=0)
    # From zero at the same rate, the cheaper of two circuits leads, for kappa < 2.
    cheaper = (sign * c.cost).sum(axis=0) < 0
    level = (len(weight) == 2) & (weight == 0).all(axis=0) & (c.r[0] > 0) & cheaper
    growing = change.max(axis=0) > 0
    return np.asarray((lead > 0) | ((lead == 0) & ((rate > 0) | ((rate == 0) & level & growing))))


def _unable(c: Coordinates) -> Mask:
    """Return the circuits that no data can lift from a weight of zero or less."""
    largest_pull = 1 / (1 + np.exp(-c.log_rivals))
    return np.asarray(~c.free | (c.r < 0) | ((c.r == 0) & (c.cost >= largest_pull)))


def _stuck(c: Coordinates, sign: Array, weight: Array) -> Mask:
    """Return where no weight for the crossing can be positive and none against it negative.

    For kappa = 2 the pull on a weight of zero is bounded only if no other weight is negative.
    """
    below = _unable(c) & (weight <= 0)
    several = ((sign > 0) & (weight < 0)).sum(axis=0) > 1
    bounded = ~(several & (c.r[0] == 0))
    return np.asarray(np.where(sign > 0, below, weight >= 0).all(axis=0) & bounded)


def _why_stuck(c: Coordinates, sign: Array, by_trap: int) -> Verdicts:
    soft = ((sign > 0) & c.free & (c.r == 0)).any(axis=0)
    reason = np.where(soft, TOO_STRONG, by_trap)
    reason = np.where(((sign > 0) & c.free).any(axis=0), reason, TRAPPED)
    return np.where((sign < 0).all(axis=0), NO_CIRCUIT, reason)


def _inefficient(c: Coordinates, sign: Array, weight: Array, growth: Array) -> Mask:
    """Return where two circuits can never cross since c_M <= c_G, as derived at the top."""
    if len(weight) != 2:
        return np.zeros(c.lanes, bool)
    against = sign < 0
    rho = (sign * c.rho).sum(axis=0)
    region = ((rho <= 0) & (growth.max(axis=0) >= 0)) | ((rho >= 0) & (growth.min(axis=0) <= 0))
    return np.asarray(
        (sign.sum(axis=0) == 0)
        & _penalised(c)
        & (c.r[0] >= 0)
        & ((sign * c.cost).sum(axis=0) >= 0)
        & ((sign * weight).sum(axis=0) <= 0)
        & (weight >= 0).all(axis=0, where=against)
        & region
    )


def _limit_lead(c: Coordinates, sign: Array) -> Array:
    """Return the lead over all weight at the limit of the flow: shares by efficiency.

    NaN where that is not known: for kappa > 2 and without weight decay. Circuits that start at
    a_i = -b_i can never be positive and take no part.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_cost = np.where(c.free, np.log(c.cost), np.inf)
        excess = log_cost - log_cost.min(axis=0)
        power = np.where(c.r > 0, np.exp(-excess / c.r), excess == 0)
        power = np.where(c.free, power, 0.0)
        lead = (sign * power).sum(axis=0) / power.sum(axis=0)
    return np.asarray(np.where(_penalised(c) & (c.r[0] >= 0), lead, np.nan))


def _final_lead(c: Coordinates, sign: Array, limit_lead: Array) -> Mask:
    """Return where the limit of the flow leads, for kappa <= 2."""
    largest_pull = 1 / (1 + np.exp(-c.log_rivals))
    affordable = c.cost.min(axis=0, where=c.free, initial=np.inf) < largest_pull
    unpenalised = (sign * (c.first + c.second) ** 2).sum(axis=0) > 0
    # At kappa = 2 only the cheapest survive, if any.
    limit = np.where(c.r[0] > 0, limit_lead > 0, (limit_lead == 1) & affordable)
    return np.asarray(np.where(_penalised(c), limit, unpenalised))


def _dying(c: Coordinates, sign: Array, weight: Array) -> Mask:
    """Return where, for kappa > 2, the weights for the crossing reach zero before the others can.

    A weight under the barrier, c w^r >= 2 p(0), falls to zero within the first time below. Another
    needs at least the second to fall from w to their sum.
    """
    order = 1 - c.r
    for_it = sign > 0
    with np.errstate(all="ignore"):
        under = c.cost * weight**c.r >= 2 / (1 + np.exp(-c.log_rivals))
        size = weight**order / (order * c.cost)
        until_zero = np.minimum(2 * size / c.rho, weight ** (order - 1) / ((order - 1) * c.cost))
        target = weight.sum(axis=0, where=for_it)
        fall = size - target**order / (order * c.cost)
        at_least = fall / (c.rho + 2 * weight)
    doomed = (under | (weight == 0) | ~for_it).all(axis=0)
    longest = np.where(for_it & (weight > 0), until_zero, 0.0).max(axis=0)
    others = np.where(for_it, -np.inf, at_least).max(axis=0)
    proper = (c.r[0] < 0) & (weight >= 0).all(axis=0)
    return np.asarray(proper & doomed & (others > longest))
