r"""An independent solution of the minimal model: plain SciPy on plain numbers, no theory imported.

It follows one number a circuit, z with w = (|rho| / 2) sinh z, or w = w(0) e^(+-z) where rho = 0:

    dz_i/dt = 2 (p - g_i),   g_i = c_i sgn(w_i) |w_i|^r,   p = (q - 1) / (e^S + q - 1).

The clock of the integration is s with ds = (p + sum |g_i|) dt, and time is one more unknown, as
log(1 + t). By this clock no z is faster than 2: neither the end of a weight that dies (|g_i| is
infinite there) nor the 1e300 units of time of a tiny penalty needs special steps.

The path is cut into pieces wherever a weight passes zero, is held there, is released or dies.
Circuits with the same norm and start are one unknown with a multiplicity, so that exact ties stay
exact. "Never" is said only where it is proved; what is not decided is called undecided.
"""

from __future__ import annotations

import itertools
import math
import operator
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.integrate import DOP853, OdeSolver, Radau, quad
from scipy.optimize import brentq

Array = npt.NDArray[np.float64]

#: |z| under which an unbalanced weight counts as zero where zero holds it.
_ZERO = 1e-17
#: Steps at the edge of stability after which the implicit method takes over.
_STIFF_STEPS = 120
#: Steps after which a path counts as undecided.
_MOST_STEPS = 5000
#: Later than this nothing is looked for.
_LATEST = 1e306
#: Relative size of a lead that rounding could make.
_LEVEL = 1e-13
#: Relative difference of costs, or of a limit's lead, below which rounding could decide.
_CLOSE = 1e-11


@dataclass(frozen=True)
class Cell:
    """One cell: the penalty as it acts (alpha / 2 under half decay), and who counts as "for"."""

    kappa: float
    alpha: float
    labels: int
    norm: tuple[float, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    side: tuple[bool, ...]

    @property
    def exponent(self) -> float:
        """r."""
        return (2 - self.kappa) / self.kappa

    @property
    def spare(self) -> float:
        """log(q - 1)."""
        return math.log(self.labels - 1)

    @property
    def chance(self) -> float:
        """p(0)."""
        return (self.labels - 1) / self.labels

    def cost(self, circuit: int) -> float:
        """c_i."""
        return 2 * self.alpha / self.kappa * self.norm[circuit] ** 2

    def wrong(self, total: float) -> float:
        """p(S)."""
        return 1 / (1 + math.exp(min(total - self.spare, 709.0)))

    @cached_property
    def kins(self) -> tuple[Kin, ...]:
        """Circuits that move alike, together."""
        groups: dict[tuple[float, ...], list[int]] = {}
        for i, (norm, a, b) in enumerate(zip(self.norm, self.first, self.second, strict=True)):
            small, large = sorted((abs(a), abs(b)))
            groups.setdefault((norm, small, large, math.copysign(1, a * b)), []).append(i)
        return tuple(Kin.of(self, members) for members in groups.values())


@dataclass(frozen=True)
class Kin:
    """Circuits with one norm and one start.

    `sigma` is 0 where rho is not, else the sign of the weight; `pro` and `con` count the members
    for and against; `able` says whether the weight can be positive at all (a + b is not 0).
    """

    members: tuple[int, ...]
    pro: int
    con: int
    scale: float
    sigma: int
    start: float
    cost: float
    able: bool

    @classmethod
    def of(cls, cell: Cell, members: Sequence[int]) -> Kin:
        """Lay out circuits of a cell."""
        a, b = cell.first[members[0]], cell.second[members[0]]
        weight, half_rho = a * b, abs((b - a) * (b + a)) / 2
        balanced = abs(a) == abs(b)
        pro = sum(cell.side[i] for i in members)
        return cls(
            tuple(members),
            pro,
            len(members) - pro,
            abs(weight) if balanced else half_rho,
            int(math.copysign(1, weight)) if balanced else 0,
            0.0 if balanced else math.asinh(weight / half_rho),
            cell.cost(members[0]),
            a != -b,
        )

    @property
    def count(self) -> int:
        """Number of members."""
        return len(self.members)

    @property
    def vote(self) -> int:
        """Members for less members against."""
        return self.pro - self.con

    @cached_property
    def log_scale(self) -> float:
        """log(scale)."""
        return math.log(self.scale)

    @cached_property
    def log_cost(self) -> float:
        """log(c)."""
        return math.log(self.cost) if self.cost > 0 else -math.inf

    def weight(self, z: float) -> float:
        """Return w at z."""
        if self.sigma:
            return self.sigma * math.exp(max(self.log_scale + self.sigma * z, -745.0))
        return self.scale * math.sinh(z)

    def slope(self, z: float) -> float:
        """Return dw/dz."""
        return abs(self.weight(z)) if self.sigma else self.scale * math.cosh(z)

    def log_size(self, z: float) -> float:
        """Return log|w|."""
        if self.sigma:
            return self.log_scale + self.sigma * z
        return self.log_scale + math.log(max(abs(math.sinh(z)), 1e-300))

    def at(self, weight: float) -> float:
        """Return z at a weight that the circuit can have."""
        if self.sigma:
            return self.sigma * (math.log(abs(weight)) - self.log_scale)
        return math.asinh(weight / self.scale)

    def divergence(self, z: float, rest: float) -> float:
        """Return half the integral of (w* - w) dz from z to the rest w* >= 0."""
        weight = self.weight(z)
        if self.sigma:
            if rest == 0:
                return abs(weight) / 2
            return (rest * (math.log(rest) - self.log_size(z)) - rest + weight) / 2
        end = self.at(rest)
        halves = math.sinh((end - z) / 2) * math.sinh((end + z) / 2)
        return (rest * (end - z) - 2 * self.scale * halves) / 2


@dataclass(frozen=True)
class Part:
    """What each kin does during a piece: its side of zero (1 or -1), or 0 where it does not move.

    `dead` are those that never move again.
    """

    side: tuple[int, ...]
    dead: tuple[bool, ...]

    def put(self, kin: int, side: int, dead: bool) -> Part:
        """Return the part with one kin changed."""
        sides, gone = list(self.side), list(self.dead)
        sides[kin], gone[kin] = side, dead
        return Part(tuple(sides), tuple(gone))


@dataclass(frozen=True)
class Law:
    """The equation of a piece, for y = (z_1, ..., z_n, log(1 + t)), by the clock s."""

    cell: Cell
    part: Part

    def weights(self, y: Array) -> list[float]:
        """Return the weight of each kin."""
        return [
            kin.weight(z) if side else 0.0
            for kin, z, side in zip(self.cell.kins, y, self.part.side, strict=False)
        ]

    def total(self, weights: Sequence[float]) -> float:
        """Return S."""
        return math.fsum(kin.count * w for kin, w in zip(self.cell.kins, weights, strict=True))

    def pull(self, kin: Kin, z: float) -> float:
        """Return |g|."""
        if kin.cost == 0:
            return 0.0
        return math.exp(min(kin.log_cost + self.cell.exponent * kin.log_size(z), 690.0))

    @cached_property
    def _rows(self) -> list[tuple[int, int, int, float, float, float, Kin]]:
        """What `rates` needs of each kin, at hand."""
        return [
            (side, kin.count, kin.sigma, kin.scale, kin.log_scale if side else 0.0, kin.cost, kin)
            for kin, side in zip(self.cell.kins, self.part.side, strict=True)
        ]

    def rates(self, clock: float, y: Array) -> Array:
        """Return dy/ds. Most of the time is spent here: plain loops are the fastest."""
        *z, log_time = y.tolist()
        total, pulls, r, spare = 0.0, [], self.cell.exponent, self.cell.spare
        for at, (side, count, sigma, scale, log_scale, cost, kin) in zip(
            z, self._rows, strict=True
        ):
            if not side:
                pulls.append(0.0)
                continue
            if sigma:
                weight = sigma * math.exp(max(log_scale + sigma * at, -745.0))
            else:
                weight = scale * math.sinh(at)
            total += count * weight
            near = 1e-200 < weight < 1e20 or 1e-200 < -weight < 1e20
            pulls.append(cost * abs(weight) ** r if near else self.pull(kin, at))
        wrong = 1 / (1 + math.exp(min(total - spare, 709.0)))
        pace = wrong + sum(pulls)
        rates = [
            2 * (wrong - row[0] * g) / pace if row[0] else 0.0
            for g, row in zip(pulls, self._rows, strict=True)
        ]
        rates.append(math.exp(-log_time) / pace)
        return np.array(rates)

    def jacobian(self, clock: float, y: Array) -> Array:
        """Return the derivative of `rates`."""
        side, kins, r = self.part.side, self.cell.kins, self.cell.exponent
        n = len(kins)
        wrong = self.cell.wrong(self.total(self.weights(y)))
        pulls = [self.pull(k, z) if s else 0.0 for k, z, s in zip(kins, y, side, strict=False)]
        pace = wrong + sum(pulls)
        out = np.zeros((n + 1, n + 1))
        for j, (kin, s) in enumerate(zip(kins, side, strict=True)):
            if not s:
                continue
            slope = kin.slope(y[j])
            fall = -wrong * (1 - wrong) * kin.count * slope
            # sgn(z) is s but for a stage that looks across zero.
            sign = kin.sigma or math.copysign(1, y[j])
            steep = sign * r * pulls[j] * math.exp(min(math.log(slope) - kin.log_size(y[j]), 600))
            for i in range(n):
                if side[i]:
                    gap = wrong - side[i] * pulls[i]
                    own = s * steep if i == j else 0.0
                    out[i, j] = 2 * (fall - own - gap * (fall + steep) / pace) / pace
            out[n, j] = -(fall + steep) / pace * (math.exp(-y[-1]) / pace)
        out[n, n] = -math.exp(-y[-1]) / pace
        return out


@dataclass(frozen=True)
class Step:
    """A step that a solver has made within a piece, and what can be asked about its inside."""

    law: Law
    method: type[OdeSolver]
    begin: float
    end: float
    first: Array
    last: Array
    inside: Callable[[float], Array]

    def at(self, clock: float) -> Array:
        """Return y within the step, by steps of its own: dense output is less precise."""
        if clock <= self.begin:
            return self.first
        solver = _solver(self.law, self.method, self.begin, self.first, clock)
        while solver.status == "running":
            _advance(solver)
        return np.asarray(solver.y)

    def where(self, event: Callable[[Array], float]) -> float:
        """Return the first place in the step where `event`, not positive at first, turns positive.

        Infinity where it does not.
        """
        places = np.linspace(self.begin, self.end, 6)
        values = [event(self.inside(place)) for place in places[1:-1]]
        for low, high, value in zip(places, places[1:], [*values, event(self.last)], strict=False):
            if value > 0:
                return self._root(event, low, high)
        return math.inf

    def _root(self, event: Callable[[Array], float], low: float, high: float) -> float:
        if low == self.begin or event(self.at(low)) >= 0:
            low = self.begin
        if event(self.first) >= 0:
            return self.begin
        if event(self.at(high)) <= 0:
            high = self.end
        width = max(abs(high) * 1e-16, 1e-300)
        return float(brentq(lambda s: event(self.at(s)), low, high, xtol=width, rtol=1e-15))


def _solver(
    law: Law, method: type[OdeSolver], begin: float, y: Array, end: float = math.inf
) -> OdeSolver:
    first = 1e-9 if math.isinf(end) else end - begin
    tiny = _tiny(law.cell)
    tolerance = [*(_absolute(kin, tiny) for kin in law.cell.kins), tiny]
    if method is Radau:
        # Late enough that weights count by their size: none is exact beyond the largest's digits.
        largest = max(map(abs, law.weights(y)))
        for i, kin in enumerate(law.cell.kins):
            if not kin.sigma:
                tolerance[i] = max(tolerance[i], 1e-13 * largest / kin.scale)
        return Radau(
            law.rates, begin, y, end, rtol=3e-12, atol=tolerance, jac=law.jacobian, first_step=first
        )
    return DOP853(law.rates, begin, y, end, rtol=1e-12, atol=tolerance, first_step=first)


def _absolute(kin: Kin, tiny: float) -> float:
    """Return the error of z that is allowed near 0: relative to where z begins there."""
    if kin.sigma:
        return 1e-14
    return 1e-16 * min(1.0, abs(kin.start)) if kin.start else tiny


def _tiny(cell: Cell) -> float:
    """Return what counts as nothing right after a start from zero.

    The penalty makes itself felt at once where it grows with |z|^r and r is small: circuits that
    start next to level can cross at a time of 1e-100.
    """
    return 1e-140 if 0 < cell.exponent < 0.3 else 1e-40


def _advance(solver: OdeSolver) -> None:
    """Make a step. What overflows in a stage that is rejected is no concern, nor is Newton's."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solver.step()
    if solver.status == "failed":
        raise ArithmeticError("a step cannot be made")


def time(y: Array) -> float:
    """Return t of a point of a path."""
    return math.expm1(y[-1])


class Path:
    """The flow of one cell from its start, piece by piece."""

    def __init__(self, cell: Cell) -> None:
        self.cell, self.steps = cell, 0
        self.method: type[OdeSolver] = DOP853
        self.y = np.array([*(kin.start for kin in cell.kins), 0.0])
        self.part = self._opening()

    def _opening(self) -> Part:
        cell, sides, dead = self.cell, [], []
        total = math.fsum(self.cell.first[i] * self.cell.second[i] for i in range(len(cell.norm)))
        wrong = cell.wrong(total)
        for kin in cell.kins:
            if kin.sigma:
                side = kin.sigma if kin.scale > 0 else 0
                gone = kin.scale == 0
            else:
                side = int(math.copysign(1, kin.start)) if kin.start else 1
                gone = False
                if kin.start == 0 and kin.cost > 0 and cell.kappa > 2:
                    side, gone = 0, True
                if kin.start == 0 and self._sticks(kin, wrong):
                    side = 0
            sides.append(side)
            dead.append(gone)
        return Part(tuple(sides), tuple(dead))

    def _sticks(self, kin: Kin, wrong: float) -> bool:
        """Whether a weight that has come to zero stays so close to it that it counts as zero."""
        r = self.cell.exponent
        if kin.cost == 0 or r < 0:
            return False
        if r == 0:
            return wrong <= kin.cost
        return self._log_rest(kin, wrong) < math.log(_ZERO) - 1

    def _log_rest(self, kin: Kin, wrong: float) -> float:
        """Return log of the z at which p and the penalty of a small weight are level, r > 0."""
        return (math.log(wrong) - kin.log_cost) / self.cell.exponent - kin.log_scale

    @property
    def law(self) -> Law:
        """The equation of the present piece."""
        return Law(self.cell, self.part)

    def weights(self) -> list[float]:
        """Return the weights of the kins here."""
        return self.law.weights(self.y)

    def walk(self) -> Iterator[Step]:
        """Yield step after step, cut where a piece ends; the path is at the end of each."""
        while True:
            solver, law = _solver(self.law, self.method, 0.0, self.y), self.law
            if not any(self.part.side):
                return
            stiff = 0
            for number in itertools.count():
                _advance(solver)
                self.steps += 1
                if self.steps > _MOST_STEPS:
                    raise ArithmeticError("too many steps")
                last = np.asarray(solver.y)
                step = Step(
                    law,
                    self.method,
                    solver.t_old,
                    solver.t,
                    self.y,
                    last,
                    _Lazy(solver),
                )
                ends = self._ends(step)
                if ends:
                    yield self._cut(step, ends)
                    break
                self.y = last
                yield step
                if self._nears_zero(step):
                    break
                if self.method is DOP853 and number > 30 and number % 4 == 0:
                    size = abs(np.linalg.eigvals(law.jacobian(0.0, last)[:-1, :-1])).max()
                    stiff += 4 * int(size * (solver.t - solver.t_old) > 2.5)
                    if stiff > _STIFF_STEPS or number > 1500:
                        self.method = Radau
                        break

    def _nears_zero(self, step: Step) -> bool:
        """Whether a weight will be at zero so soon that a clock set to zero is needed to see it."""
        for kin, side, before, z in zip(
            self.cell.kins, self.part.side, step.first, step.last, strict=False
        ):
            fall = (abs(before) - abs(z)) / (step.end - step.begin)
            if side and not kin.sigma and abs(z) < 1e-5 * step.end * fall:
                return True
        return False

    def _ends(self, step: Step) -> list[tuple[float, int, str]]:
        """Return what ends the piece within a step: where, of which kin, and what happens."""
        found = []
        for i in range(len(self.cell.kins)):
            for name, event in self._events(i):
                if event(step.last) > 0 or (name == "zero" and self._dips(step, event)):
                    found.append((step.where(event), i, name))
        return [end for end in found if math.isfinite(end[0])]

    def _dips(self, step: Step, event: Callable[[Array], float]) -> bool:
        """Whether a falling weight touches zero within a step only."""
        return -event(step.last) < 0.1 and event(step.inside((step.begin + step.end) / 2)) > 0

    def _events(self, i: int) -> Iterator[tuple[str, Callable[[Array], float]]]:
        cell, kin, side, r = self.cell, self.cell.kins[i], self.part.side[i], self.cell.exponent
        if kin.cost == 0 or self.part.dead[i]:
            return
        law = self.law
        if side == 0:

            def freed(y: Array) -> float:
                wrong = cell.wrong(law.total(law.weights(y)))
                if r == 0:
                    return wrong - kin.cost
                return self._log_rest(kin, wrong) - math.log(_ZERO)

            yield "freed", freed
        elif kin.sigma:
            if r < 0:
                # What is left of its life is no part of time that counts.
                yield "zero", lambda y: -2 * r * law.pull(kin, y[i]) * time(y) - 1e14
        elif side < 0:
            yield "zero", lambda y: y[i] if r >= 0 else y[i] + _ZERO * min(1.0, abs(kin.start))
        elif r == 0:
            yield "zero", lambda y: -y[i]
        elif r < 0:
            yield "zero", lambda y: _ZERO * min(1.0, abs(kin.start) or 1.0) - y[i]
        elif self._near(kin):

            def caught(y: Array) -> float:
                wrong = cell.wrong(law.total(law.weights(y)))
                return min(_ZERO - y[i], math.log(_ZERO) - 1 - self._log_rest(kin, wrong))

            yield "zero", caught

    def _near(self, kin: Kin) -> bool:
        """Whether a penalty at its strongest could hold the weight next to zero, r > 0."""
        return self._log_rest(kin, 1e-3 * self.cell.chance) < math.log(_ZERO)

    def _cut(self, step: Step, ends: list[tuple[float, int, str]]) -> Step:
        """Go to the first end, make its change, and return the step up to there."""
        clock = min(end[0] for end in ends)
        y = np.array(step.at(clock))
        last = y.copy()
        now = [(i, name) for place, i, name in ends if place <= clock]
        wrong = self.cell.wrong(step.law.total(step.law.weights(y)))
        for i, name in now:
            kin = self.cell.kins[i]
            if name == "zero" and not kin.sigma:
                last[i] = 0.0  # not a rounding error beyond
            if name == "freed":
                y[i] = 0.0 if self.cell.exponent == 0 else math.exp(self._log_rest(kin, wrong))
                self.part = self.part.put(i, 1, False)
                if self.cell.exponent > 0:
                    self.method = Radau
            elif self.cell.exponent < 0:
                y[i] = 0.0
                self.part = self.part.put(i, 0, True)
            else:
                y[i] = 0.0
                side = 0 if self._sticks(kin, wrong) else 1
                self.part = self.part.put(i, side, False)
        self.y = y
        return Step(step.law, step.method, step.begin, clock, step.first, last, step.inside)


class _Lazy:
    """Dense output of a solver's last step, made only where it is asked for."""

    def __init__(self, solver: OdeSolver) -> None:
        self.solver, self.end, self.made = solver, solver.t, None

    def __call__(self, clock: float) -> Array:
        if self.made is None:
            if self.solver.t != self.end:
                raise RuntimeError("the solver has gone on")
            self.made = self.solver.dense_output()
        return np.asarray(self.made(clock))


def trajectory(cell: Cell, times: Sequence[float]) -> Array:
    """Return the weights at increasing times, shape (times, circuits)."""
    path, rows = Path(cell), []
    waiting = list(times)
    while waiting and waiting[0] == 0:
        rows.append(_spread(cell, path.weights()))
        waiting.pop(0)
    for step in path.walk() if waiting else ():
        while waiting and time(step.last) >= waiting[0]:
            moment = waiting.pop(0)
            clock = step.where(lambda y, moment=moment: time(y) - moment)
            y = step.last if math.isinf(clock) else step.at(clock)
            rows.append(_spread(cell, step.law.weights(y)))
        if not waiting:
            break
    rows += [_spread(cell, path.weights())] * len(waiting)
    return np.array(rows)


def _spread(cell: Cell, weights: Sequence[float]) -> list[float]:
    """Return the weights of the circuits from those of the kins."""
    out = [0.0] * len(cell.norm)
    for kin, weight in zip(cell.kins, weights, strict=True):
        for i in kin.members:
            out[i] = weight
    return out


@dataclass(frozen=True)
class Answer:
    """A time to grok, NaN for never; or undecided. `steps` tells what it took."""

    time: float
    decided: bool = True
    steps: int = 0


UNDECIDED = Answer(math.nan, decided=False)


def time_to_grok(cell: Cell) -> Answer:
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
    path = Path(cell)
    try:
        return _first_lead(path, level=opening == 0)
    except ArithmeticError:
        return Answer(math.nan, decided=False, steps=path.steps)


def _exact_lead(cell: Cell) -> Fraction:
    """Return min(R - V, R) at the start, without rounding."""
    products = [Fraction(a) * Fraction(b) for a, b in zip(cell.first, cell.second, strict=True)]
    right = sum((w for w, side in zip(products, cell.side, strict=True) if side), Fraction(0))
    return min(2 * right - sum(products, Fraction(0)), right)


def lead(cell: Cell, weights: Sequence[float]) -> float:
    """Return min(R - V, R), which is positive where R > max(V, 0)."""
    right = math.fsum(kin.pro * w for kin, w in zip(cell.kins, weights, strict=True))
    return min(math.fsum(kin.vote * w for kin, w in zip(cell.kins, weights, strict=True)), right)


def _first_lead(path: Path, level: bool) -> Answer:
    cell, guard = path.cell, Guard.of(path.cell)
    if guard.never(path):
        return Answer(math.nan)
    for number, step in enumerate(path.walk()):

        def ahead(y: Array, law: Law = step.law) -> float:
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


def _may_touch(step: Step, ahead: Callable[[Array], float]) -> bool:
    """Whether the lead is so close to zero that it may pass it twice in a step."""
    begin, end = ahead(step.first), ahead(step.last)
    return max(begin, end) > -3 * abs(begin - end)


def _micro_lead(path: Path) -> float:
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
    def of(cls, cell: Cell) -> Guard:
        """Look at a cell."""
        return cls.around(cell, limit(cell))

    @classmethod
    def around(cls, cell: Cell, rest: tuple[float, ...] | None) -> Guard:
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

    def never(self, path: Path) -> bool:
        """Whether a lead is impossible from here on."""
        weights = path.weights()
        if self._outvoted(path, weights) or self._passed(path, weights):
            return True
        if self.rest is None and self.cell.kappa == 2:
            nearest = Guard.around(self.cell, _nearest_rest(self.cell, weights))
            return nearest._settled(path)
        return self._settled(path) or self._doomed(path, weights)

    def _settled(self, path: Path) -> bool:
        if self.rest is None:
            return False
        away = 0.0
        for kin, z, side, rest in zip(
            self.cell.kins, path.y, path.part.side, self.rest, strict=False
        ):
            if not (kin.sigma and side == 0):
                away += kin.count * kin.divergence(z, rest)
        return away < self.radius

    def _outvoted(self, path: Path, weights: list[float]) -> bool:
        """Whether no weight is negative, and every one that is or will be positive is outvoted."""
        cell, part = path.cell, path.part
        if min(weights) < 0:
            return False
        for kin, side, gone in zip(cell.kins, part.side, part.dead, strict=True):
            stays = gone or (side == 0 and cell.exponent == 0 and kin.cost >= cell.chance)
            if not stays and kin.vote > 0:
                return False
        return True

    def _passed(self, path: Path, weights: list[float]) -> bool:
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

    def _doomed(self, path: Path, weights: list[float]) -> bool:
        """Whether, for kappa > 2, one against stays larger than all those that must die."""
        found = survivor_here(path, weights)
        if found is None or min(weights) < 0:
            return False
        kin, least = found
        if kin < 0 or self.cell.kins[kin].vote >= 0:
            return False
        others = (k.vote * w for k, w in zip(self.cell.kins, weights, strict=True) if k.vote > 0)
        return math.fsum(others) < least


def _nearest_rest(cell: Cell, weights: Sequence[float]) -> tuple[float, ...] | None:
    """Return the minimum for kappa = 2 with the shares of these weights among the cheapest."""
    able = [kin for kin in cell.kins if kin.able and kin.scale > 0]
    least = min(kin.cost for kin in able)
    if min(weights) < 0 or least >= cell.chance * (1 - _CLOSE):
        return None
    total = cell.spare + math.log1p(-least) - math.log(least)
    part = [
        w if kin in able and kin.cost == least else 0.0
        for kin, w in zip(cell.kins, weights, strict=True)
    ]
    shared = math.fsum(kin.count * w for kin, w in zip(cell.kins, part, strict=True))
    return tuple(w * total / shared for w in part) if shared > 0 else None


def _possible(kin: Kin, weight: float) -> bool:
    return kin.scale > 0 and (not kin.sigma or kin.sigma * weight > 0)


def limit(cell: Cell) -> tuple[float, ...] | None:
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

    def level(log_wrong: float) -> list[float]:
        return [
            math.exp(min((log_wrong - kin.log_cost) / r, 700.0)) if kin in able else 0.0
            for kin in cell.kins
        ]

    def excess(log_wrong: float) -> float:
        total = math.fsum(kin.count * w for kin, w in zip(cell.kins, level(log_wrong), strict=True))
        return (
            log_wrong
            + math.log1p(math.exp(-abs(total - cell.spare)))
            + max(total - cell.spare, 0.0)
        )

    return tuple(level(brentq(excess, -800.0, 0.0, xtol=1e-14, rtol=1e-15)))


def survivor_here(path: Path, weights: list[float]) -> tuple[int, float] | None:
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


def _without_decay(cell: Cell) -> Answer:
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

    def pace(x: float) -> float:
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


def survivor(cell: Cell) -> str:
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


def _foremost(order: dict[int, float]) -> str:
    """Return the one with the least value, a tie or, where rounding could decide, undecided."""
    least = min(order.values())
    level = [i for i, value in order.items() if value == least]
    close = [i for i, value in order.items() if abs(value - least) <= _CLOSE * abs(least)]
    if len(close) > len(level):
        return "undecided"
    return "tie" if len(level) > 1 else str(level[0])
