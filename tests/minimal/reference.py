"""An independent solution of the minimal model: plain SciPy on plain numbers, no theory imported.

The path of the weights is in `paths`; here is what to ask about it: the time to grok and the
circuit that survives. "Never" is said only where it is proved, and what rounding could decide is
called undecided.
"""

import itertools
import math
import operator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from minimal.circuits import Cell
from minimal.paths import Path, time, trajectory

__all__ = ["Answer", "Cell", "lead", "limit", "survivor", "time_to_grok", "trajectory"]

#: Later than this nothing is looked for.
_LATEST = 1e306
#: Relative size of a lead that rounding could make.
_LEVEL = 1e-13
#: Relative difference of costs, or of a limit's lead, below which rounding could decide.
_CLOSE = 1e-11


@dataclass(frozen=True)
class Answer:
    """A time to grok, NaN for never; or undecided. `steps` tells what it took."""

    time: float
    decided: bool = True
    steps: int = 0


UNDECIDED = Answer(math.nan, decided=False)


def time_to_grok(cell):
    """Return inf{t >= 0: R > max(V, 0)}."""
    if not any(kin.pro and kin.able for kin in cell.kins):
        return Answer(math.nan)
    opening = _exact_lead(cell)
    if opening > 0:
        return Answer(0.0)
    size = math.fsum(abs(a * b) for a, b in zip(cell.first, cell.second, strict=True))
    if opening < 0 and opening > -1e-14 * size:
        return UNDECIDED
    if cell.alpha == 0:
        return _without_decay(cell)
    if _beyond(cell):
        return UNDECIDED
    path = Path(cell)
    try:
        return _first_lead(path, level=opening == 0)
    except ArithmeticError:
        return Answer(math.nan, decided=False, steps=path.steps)


def _beyond(cell):
    """Whether, below kappa = 2, a cost meets the pull at a weight that the steps cannot resolve."""
    if not 0 < cell.exponent < 1:
        return False
    log_pull = math.log(cell.wrong(0.0))
    near_two = cell.exponent < 1e-6 and not any(kin.start for kin in cell.kins if not kin.sigma)
    return near_two or any(
        kin.cost > 0
        and kin.log_cost > log_pull
        and (log_pull - kin.log_cost) / cell.exponent < kin.log_scale - 30
        for kin in cell.kins
        if not kin.sigma and kin.scale > 0
    )


def _exact_lead(cell):
    """Return min(R - V, R) at the start, without rounding."""
    products = [Fraction(a) * Fraction(b) for a, b in zip(cell.first, cell.second, strict=True)]
    right = sum((w for w, side in zip(products, cell.side, strict=True) if side), Fraction(0))
    return min(2 * right - sum(products, Fraction(0)), right)


def lead(cell, weights):
    """Return min(R - V, R), which is positive where R > max(V, 0)."""
    right = math.fsum(kin.pro * w for kin, w in zip(cell.kins, weights, strict=True))
    return min(math.fsum(kin.vote * w for kin, w in zip(cell.kins, weights, strict=True)), right)


def _first_lead(path, level):
    cell, guard = path.cell, Guard.of(path.cell)
    if guard.never(path):
        return Answer(math.nan)
    for number, step in enumerate(path.walk()):

        def ahead(y, law=step.law):
            return lead(cell, law.weights(y))

        if level:
            weights = step.law.weights(step.last)
            value = lead(cell, weights)
            level = abs(value) <= _LEVEL * math.fsum(map(abs, weights))
            if not level and value > 0:
                return Answer(0.0, steps=path.steps)
        elif ahead(step.last) > 0 or _may_touch(step, ahead):
            clock = step.where(ahead)
            if math.isfinite(clock):
                return Answer(time(step.at(clock)), steps=path.steps)
        if _micro_lead(path) > 0:
            return Answer(time(path.y), steps=path.steps)
        if (number % 4 == 0 or step.law.part != path.part) and guard.never(path):
            return Answer(math.nan, steps=path.steps)
        if path.y[-1] > math.log(_LATEST):
            raise ArithmeticError("too late")
    if guard.never(path):
        return Answer(math.nan, steps=path.steps)
    return Answer(math.nan, decided=False, steps=path.steps)


def _may_touch(step, ahead):
    """Whether the lead is so close to zero that it may pass it twice in a step."""
    begin, end = ahead(step.first), ahead(step.last)
    return max(begin, end) > -3 * abs(begin - end)


def _micro_lead(path):
    """Return the sign of the lead where all weights are held next to zero for 0 < r, else 0."""
    cell, part = path.cell, path.part
    if cell.exponent <= 0 or any(part.side) or all(part.dead):
        return 0.0
    held = [kin for kin, gone in zip(cell.kins, part.dead, strict=True) if not gone]
    logs = [-kin.log_cost / cell.exponent for kin in held]
    sizes = [math.exp(value - max(logs)) for value in logs]
    return math.fsum(kin.vote * size for kin, size in zip(held, sizes, strict=True))


@dataclass(frozen=True)
class Guard:
    """What proves that a cell never groks any more.

    For kappa <= 2 the flow tends to a minimum w*, and the divergence from it never rises, because
    the objective is convex: d/dt of the sum of half the integrals of (w* - w) dz is the sum of
    L_i (w* - w_i) <= L(w*) - L(w). To lead, some weight must be off by the n-th part of the
    limit's lag: `radius` is the least divergence of that.
    """

    cell: Cell
    rest: tuple[float, ...] | None
    radius: float

    @classmethod
    def of(cls, cell):
        """Look at a cell."""
        return cls.around(cell, limit(cell))

    @classmethod
    def around(cls, cell, rest):
        """Take a minimum to which the flow may tend; where there are several, any will do."""
        if rest is None:
            return cls(cell, None, 0.0)
        lag = -math.fsum(kin.vote * w for kin, w in zip(cell.kins, rest, strict=True))
        if lag <= _CLOSE * math.fsum(rest):
            return cls(cell, None, 0.0)
        voting = [(kin, w) for kin, w in zip(cell.kins, rest, strict=True) if kin.vote]
        radius = math.inf
        for kin, weight in voting:
            other = weight + math.copysign(lag / (len(voting) * abs(kin.vote)), kin.vote)
            if not _possible(kin, other):
                continue
            radius = min(radius, kin.divergence(kin.at(other), weight))
        return cls(cell, rest, radius)

    def never(self, path):
        """Whether a lead is impossible from here on."""
        weights = path.weights()
        if self._outvoted(path, weights) or self._passed(path, weights):
            return True
        if self.rest is None and self.cell.kappa == 2:
            nearest = Guard.around(self.cell, _nearest_rest(self.cell, weights))
            return nearest._settled(path)
        return self._settled(path) or self._doomed(path, weights)

    def _settled(self, path):
        if self.rest is None:
            return False
        away = 0.0
        for kin, z, side, rest in zip(
            self.cell.kins, path.y, path.part.side, self.rest, strict=False
        ):
            if not (kin.sigma and side == 0):
                away += kin.count * kin.divergence(z, rest)
        return away < self.radius

    def _outvoted(self, path, weights):
        """Whether no weight is negative, and every one that is or will be positive is outvoted."""
        cell, part = path.cell, path.part
        if min(weights) < 0:
            return False
        for kin, side, gone in zip(cell.kins, part.side, part.dead, strict=True):
            stays = gone or (side == 0 and cell.exponent == 0 and kin.cost >= cell.chance)
            if not stays and kin.vote > 0:
                return False
        return True

    def _passed(self, path, weights):
        """Whether two circuits that cost the same, or the one for more, can change no more.

        Growth of the faster circuit, once not negative, stays so: where it is zero, S does not
        grow, and p does not fall. Likewise decay of the slower one. With equal weights w, the
        growth of the one for, p - c_G w^r, is not above the other's, and the speeds of both are in
        the order of rho. So a growing pair cannot be passed by the one with less rho, nor a
        shrinking one by that with more.
        """
        kins = self.cell.kins
        if self.cell.kappa > 2 or len(kins) != 2 or min(weights) <= 0 or not all(path.part.side):
            return False
        good, bad = (0, 1) if kins[0].vote > 0 else (1, 0)
        votes = (kins[good].pro, kins[good].con, kins[bad].pro, kins[bad].con)
        if votes != (1, 0, 0, 1) or kins[good].cost < kins[bad].cost:
            return False
        if weights[good] > weights[bad] or self.cell.alpha == 0:
            return False
        wrong = self.cell.wrong(sum(weights))
        growth = [wrong - path.law.pull(kin, z) for kin, z in zip(kins, path.y, strict=False)]
        rho = [0.0 if kin.sigma else kin.scale for kin in kins]
        up = rho[good] <= rho[bad] and max(growth) >= 0
        down = rho[good] >= rho[bad] and min(growth) <= 0
        return up or down

    def _doomed(self, path, weights):
        """Whether, for kappa > 2, one against stays larger than all those that must die."""
        found = survivor_here(path, weights)
        if found is None or min(weights) < 0:
            return False
        kin, least = found
        if kin < 0 or self.cell.kins[kin].vote >= 0:
            return False
        others = (k.vote * w for k, w in zip(self.cell.kins, weights, strict=True) if k.vote > 0)
        return math.fsum(others) < least


def _nearest_rest(cell, weights):
    """Return the minimum for kappa = 2 with the shares of these weights among the cheapest."""
    able = [kin for kin in cell.kins if kin.able and kin.scale > 0]
    least = min((kin.cost for kin in able), default=math.inf)
    if min(weights) < 0 or least >= cell.chance * (1 - _CLOSE):
        return None
    total = cell.spare + math.log1p(-least) - math.log(least)
    part = [
        w if kin in able and kin.cost == least else 0.0
        for kin, w in zip(cell.kins, weights, strict=True)
    ]
    shared = math.fsum(kin.count * w for kin, w in zip(cell.kins, part, strict=True))
    return tuple(w * total / shared for w in part) if shared > 0 else None


def _possible(kin, weight):
    return kin.scale > 0 and (not kin.sigma or kin.sigma * weight > 0)


def limit(cell):
    """Return the weights that the flow tends to for kappa <= 2, None where they depend on more."""
    able = [kin for kin in cell.kins if kin.able and kin.scale > 0]
    if cell.kappa > 2 or cell.alpha == 0 or not able:
        return None
    r = cell.exponent
    if r == 0:
        least = min(kin.cost for kin in able)
        cheapest = [kin for kin in able if kin.cost <= least * (1 + _CLOSE)]
        if len(cheapest) > 1 or least >= cell.chance * (1 - _CLOSE):
            return None
        # p(S) = c
        total = cell.spare + math.log1p(-least) - math.log(least)
        return tuple(total / kin.count if kin is cheapest[0] else 0.0 for kin in cell.kins)
    least = min(kin.log_cost for kin in able)

    def level(log_wrong):
        return [
            math.exp(min((log_wrong - kin.log_cost) / r, 700.0)) if kin in able else 0.0
            for kin in cell.kins
        ]

    def excess(log_wrong):
        total = math.fsum(kin.count * w for kin, w in zip(cell.kins, level(log_wrong), strict=True))
        return (
            log_wrong
            + math.log1p(math.exp(-abs(total - cell.spare)))
            + max(total - cell.spare, 0.0)
        )

    return tuple(level(brentq(excess, -800.0, 0.0, xtol=1e-14, rtol=1e-15)))


def survivor_here(path, weights):
    """Return, for kappa > 2, which kin survives (-1: none) and a weight below which it never falls.

    None where that is open. Those under the barrier, c w^-R >= p, must die; one that could rest
    beside the others at a smaller weight stays above that.
    """
    cell, part = path.cell, path.part
    if cell.kappa <= 2 or cell.alpha == 0:
        return None
    highest = cell.wrong(
        math.fsum(k.count * min(w, 0.0) for k, w in zip(cell.kins, weights, strict=True))
    )
    open_ = []
    for i, (kin, side) in enumerate(zip(cell.kins, part.side, strict=True)):
        if side > 0 and path.law.pull(kin, path.y[i]) < highest:
            open_.append(i)
    if not open_:
        return -1, 0.0
    if len(open_) > 1:
        return None
    (only,) = open_
    kin = cell.kins[only]
    others = math.fsum(
        k.count * max(w, 0.0)
        for j, (k, w) in enumerate(zip(cell.kins, weights, strict=True))
        if j != only
    )
    for part_of_it in np.linspace(1.0, 0.02, 50):
        w = weights[only] * float(part_of_it)
        pull = math.exp(min(kin.log_cost + cell.exponent * math.log(w), 690.0))
        if cell.wrong(kin.count * w + others) > pull * (1 + 1e-12):
            return only, w
    return None


def _without_decay(cell):
    """Return T without a penalty, where all circuits share x: w_i = A_i e^x - B_i e^-x."""
    pairs = [(Fraction(a), Fraction(b)) for a, b in zip(cell.first, cell.second, strict=True)]
    grow = [(a + b) ** 2 / 4 for a, b in pairs]
    fall = [(a - b) ** 2 / 4 for a, b in pairs]
    low, high = 0.0, math.inf
    for votes in ([1 if side else -1 for side in cell.side], [int(side) for side in cell.side]):
        up, down = (sum(map(operator.mul, votes, sizes)) for sizes in (grow, fall))
        # up e^x > down e^-x, in exact numbers up to here
        if up > 0 and down > 0:
            low = max(low, math.log(down / up) / 2)
        elif up < 0 and down < 0:
            high = min(high, math.log(down / up) / 2)
        elif up <= 0 <= down:
            high = -1.0
    if low != 0 and abs(low - high) < 1e-9:
        return UNDECIDED
    if low >= high:
        return Answer(math.nan)

    def pace(x):
        weight = math.fsum(
            float(g) * math.exp(x) - float(f) * math.exp(-x)
            for g, f in zip(grow, fall, strict=True)
        )
        return (math.exp(weight - cell.spare) + 1) / 2

    try:
        edges = np.linspace(0.0, low, 51).tolist()
        pieces = (
            quad(pace, *ends, epsabs=0, epsrel=1e-12)[0] for ends in itertools.pairwise(edges)
        )
        total = math.fsum(pieces)
    except OverflowError:
        return UNDECIDED
    return Answer(total) if total < _LATEST else UNDECIDED


def survivor(cell):
    """Return the number of the circuit that survives, "none", "tie" or "undecided"."""
    able = [i for i in range(len(cell.norm)) if cell.first[i] != -cell.second[i]]
    if not able:
        return "none"
    if cell.alpha == 0:
        reach = {i: abs(cell.first[i] + cell.second[i]) for i in able}
        return _foremost({i: -value for i, value in reach.items()})
    if cell.kappa <= 2:
        least = min(cell.cost(i) for i in able)
        if cell.kappa == 2 and abs(least / cell.chance - 1) < _CLOSE:
            return "undecided"
        if cell.kappa == 2 and least > cell.chance:
            return "none"
        return _foremost({i: cell.norm[i] for i in able})
    path = Path(cell)
    try:
        found = survivor_here(path, path.weights())
        walk = path.walk()
        while found is None:
            if next(walk, None) is None:
                return "none"
            found = survivor_here(path, path.weights())
    except ArithmeticError:
        return "undecided"
    if found[0] < 0:
        return "none"
    kin = cell.kins[found[0]]
    return "tie" if kin.count > 1 else str(kin.members[0])


def _foremost(order):
    """Return the one with the least value, a tie or, where rounding could decide, undecided."""
    least = min(order.values())
    level = [i for i, value in order.items() if value == least]
    close = [i for i, value in order.items() if abs(value - least) <= _CLOSE * abs(least)]
    if len(close) > len(level):
        return "undecided"
    return "tie" if len(level) > 1 else str(level[0])
