r"""The flow of the minimal model by plain SciPy, piece by piece, for the reference.

It follows one number a circuit, z with w = (|rho| / 2) sinh z, or w = w(0) e^(+-z) where rho = 0:

    dz_i/dt = 2 (p - g_i),   g_i = c_i sgn(w_i) |w_i|^r,   p = (q - 1) / (e^S + q - 1).

The clock of the integration is s with ds = (p + sum |g_i|) dt, and time is one more unknown, as
log(1 + t). By this clock no z is faster than 2: neither the end of a weight that dies (|g_i| is
infinite there) nor the 1e300 units of time of a tiny penalty needs special steps.

The path is cut into pieces wherever a weight passes zero, is held there, is released or dies.
Circuits with the same norm and start are one unknown with a multiplicity, so that exact ties stay
exact.
"""

import itertools
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.integrate import DOP853, OdeSolver, Radau
from scipy.optimize import brentq

from minimal.circuits import Cell

Array = npt.NDArray[np.float64]

#: |z| under which an unbalanced weight counts as zero where zero holds it.
_ZERO = 1e-17
#: Steps at the edge of stability after which the implicit method takes over.
_STIFF_STEPS = 120
#: Steps after which a path counts as undecided.
_MOST_STEPS = 5000


@dataclass(frozen=True)
class Part:
    """What each kin does during a piece: its side of zero (1 or -1), or 0 where it does not move.

    `dead` are those that never move again.
    """

    side: tuple[int, ...]
    dead: tuple[bool, ...]

    def put(self, kin, side, dead):
        """Return the part with one kin changed."""
        sides, gone = list(self.side), list(self.dead)
        sides[kin], gone[kin] = side, dead
        return Part(tuple(sides), tuple(gone))


@dataclass(frozen=True)
class Law:
    """The equation of a piece, for y = (z_1, ..., z_n, log(1 + t)), by the clock s."""

    cell: Cell
    part: Part

    def weights(self, y):
        """Return the weight of each kin."""
        return [
            kin.weight(z) if side else 0.0
            for kin, z, side in zip(self.cell.kins, y, self.part.side, strict=False)
        ]

    def total(self, weights):
        """Return S."""
        return math.fsum(kin.count * w for kin, w in zip(self.cell.kins, weights, strict=True))

    def pull(self, kin, z):
        """Return |g|."""
        if kin.cost == 0:
            return 0.0
        return math.exp(min(kin.log_cost + self.cell.exponent * kin.log_size(z), 690.0))

    @cached_property
    def _rows(self):
        """What `rates` needs of each kin, at hand."""
        return [
            (side, kin.count, kin.sigma, kin.scale, kin.log_scale if side else 0.0, kin.cost, kin)
            for kin, side in zip(self.cell.kins, self.part.side, strict=True)
        ]

    def rates(self, clock, y):
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
                weight = sigma * math.exp(max(min(log_scale + sigma * at, 700.0), -745.0))
            else:
                weight = scale * math.sinh(max(min(at, 700.0), -700.0))  # a stage may be far off
            total += count * weight
            near = 1e-200 < weight < 1e20 or 1e-200 < -weight < 1e20
            pulls.append(cost * abs(weight) ** r if near else self.pull(kin, at))
        wrong = 1 / (1 + math.exp(min(total - spare, 709.0)))
        pace = wrong + sum(pulls)
        rates = [
            2 * (wrong - row[0] * g) / pace if row[0] else 0.0
            for g, row in zip(pulls, self._rows, strict=True)
        ]
        rates.append(math.exp(-max(log_time, 0.0)) / pace)
        return np.array(rates)

    def jacobian(self, clock, y):
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

    def at(self, clock):
        """Return y within the step, by steps of its own: dense output is less precise."""
        if clock <= self.begin:
            return self.first
        solver = _solver(self.law, self.method, self.begin, self.first, clock)
        while solver.status == "running":
            _advance(solver)
        return np.asarray(solver.y)

    def where(self, event):
        """Return the first place in the step where `event`, not positive at first, turns positive.

        Infinity where it does not.
        """
        places = np.linspace(self.begin, self.end, 6)
        values = [event(self.inside(place)) for place in places[1:-1]]
        for low, high, value in zip(places, places[1:], [*values, event(self.last)], strict=False):
            if value > 0:
                return self._root(event, low, high)
        return math.inf

    def _root(self, event, low, high):
        if low == self.begin or event(self.at(low)) >= 0:
            low = self.begin
        if event(self.first) >= 0:
            return self.begin
        if event(self.at(high)) <= 0:
            high = self.end
        if event(self.at(high)) <= 0:
            return high  # zero to rounding
        width = max(abs(high) * 1e-16, 1e-300)
        return float(brentq(lambda s: event(self.at(s)), low, high, xtol=width, rtol=1e-15))


def _solver(law, method, begin, y, end=math.inf):
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


def _absolute(kin, tiny):
    """Return the error of z that is allowed near 0: relative to where z begins there."""
    if kin.sigma:
        return 1e-14
    return 1e-16 * min(1.0, abs(kin.start)) if kin.start else tiny


def _tiny(cell):
    """Return what counts as nothing right after a start from zero.

    The penalty makes itself felt at once where it grows with |z|^r and r is small: circuits that
    start next to level can cross at a time of 1e-100.
    """
    return 1e-140 if 0 < cell.exponent < 0.3 else 1e-40


def _advance(solver):
    """Make a step. What overflows in a stage that is rejected is no concern, nor is Newton's."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solver.step()
    if solver.status == "failed":
        raise ArithmeticError("a step cannot be made")


def time(y):
    """Return t of a point of a path."""
    return math.expm1(y[-1])


class Path:
    """The flow of one cell from its start, piece by piece."""

    def __init__(self, cell):
        self.cell, self.steps = cell, 0
        self.method: type[OdeSolver] = DOP853
        self.y = np.array([*(kin.start for kin in cell.kins), 0.0])
        self.part = self._opening()

    def _opening(self):
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

    def _sticks(self, kin, wrong):
        """Whether a weight that has come to zero stays so close to it that it counts as zero."""
        r = self.cell.exponent
        if kin.cost == 0 or r < 0:
            return False
        if r == 0:
            return wrong <= kin.cost
        return self._log_rest(kin, wrong) < math.log(_ZERO) - 1

    def _log_rest(self, kin, wrong):
        """Return log of the z at which p and the penalty of a small weight are level, r > 0."""
        return (math.log(wrong) - kin.log_cost) / self.cell.exponent - kin.log_scale

    @property
    def law(self):
        """The equation of the present piece."""
        return Law(self.cell, self.part)

    def weights(self):
        """Return the weights of the kins here."""
        return self.law.weights(self.y)

    def walk(self):
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
                if self._fell(last):
                    raise ArithmeticError("a weight fell through zero, which it cannot")
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

    def _fell(self, y):
        """Whether a positive weight is negative below kappa = 2, where steps may fail to see."""
        return self.cell.exponent > 0 and any(
            side > 0 and not kin.sigma and z < -1e-9
            for kin, side, z in zip(self.cell.kins, self.part.side, y, strict=False)
        )

    def _nears_zero(self, step):
        """Whether a weight will be at zero so soon that a clock set to zero is needed to see it."""
        for kin, side, before, z in zip(
            self.cell.kins, self.part.side, step.first, step.last, strict=False
        ):
            fall = (abs(before) - abs(z)) / (step.end - step.begin)
            if side and not kin.sigma and abs(z) < 1e-5 * step.end * fall:
                return True
        return False

    def _ends(self, step):
        """Return what ends the piece within a step: where, of which kin, and what happens."""
        found = []
        for i in range(len(self.cell.kins)):
            for name, event in self._events(i):
                if event(step.last) > 0 or (name == "zero" and self._dips(step, event)):
                    found.append((step.where(event), i, name))
        return [end for end in found if math.isfinite(end[0])]

    def _dips(self, step, event):
        """Whether a falling weight touches zero within a step only."""
        return -event(step.last) < 0.1 and event(step.inside((step.begin + step.end) / 2)) > 0

    def _events(self, i):
        cell, kin, side, r = self.cell, self.cell.kins[i], self.part.side[i], self.cell.exponent
        if kin.cost == 0 or self.part.dead[i]:
            return
        law = self.law
        if side == 0:

            def freed(y):
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

            def caught(y):
                wrong = cell.wrong(law.total(law.weights(y)))
                return min(_ZERO - y[i], math.log(_ZERO) - 1 - self._log_rest(kin, wrong))

            yield "zero", caught

    def _near(self, kin):
        """Whether a penalty at its strongest could hold the weight next to zero, r > 0."""
        return self._log_rest(kin, 1e-3 * self.cell.chance) < math.log(_ZERO)

    def _cut(self, step, ends):
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

    def __init__(self, solver):
        self.solver, self.end, self.made = solver, solver.t, None

    def __call__(self, clock):
        if self.made is None:
            if self.solver.t != self.end:
                raise RuntimeError("the solver has gone on")
            self.made = self.solver.dense_output()
        return np.asarray(self.made(clock))


def trajectory(cell, times):
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


def _spread(cell, weights):
    """Return the weights of the circuits from those of the kins."""
    out = [0.0] * len(cell.norm)
    for kin, weight in zip(cell.kins, weights, strict=True):
        for i in kin.members:
            out[i] = weight
    return out
