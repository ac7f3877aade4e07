r"""One cell of gradient flow, followed step by step: the plain way, for every law.

In the coordinates of `theory.minimal.cells`, dz_i/dt = -2 L_i. A weight that comes to zero ends
the integration there, and its marginal cost s_i at zero says what becomes of it:

- infinite: zero is a trap, and the weight is dead;
- at least the pull p: it is held at zero, until p exceeds s_i;
- less: it goes on, on the other side.

A weight of less than numbers hold is zero, so that a kink so steep holds it, too.

Between these events every weight stays on its side, on which its cost is smooth (derived here).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from theory.minimal.cells import Cells, Mask
from theory.minimal.dynamics.integrate import Step, integrate, turning
from theory.minimal.law import Array, on_diagonal, pull_slope

#: Part of the time until then that the rest of the way into a trap may take, and |z| from which on
#: it takes none.
_REST_OF_TIME, _TRAPPED = 1e-12, 1e-12
#: Part of a weight's scale within which a cost that vanishes at zero has its kink rounded off.
_ROUNDED = 1e-13
#: z of a balanced weight that is dead, times its sign; not infinite, to compute with. The least
#: weight, in logits, that is not zero.
_DEAD, _LEAST = -1e300, 1e-300
#: |z| at which a weight is small, and halvings of the range of its logarithm that find it.
_SMALL, _HALVINGS = 1e-6, 40
#: Slope beyond which a kink is a wall all the same, and products would overflow.
_STEEPEST = 1e100
#: |z| up to which a plain sinh will do.
_LARGE = 300.0
#: How far, relatively, the pull must exceed the cost that has held a weight.
_MARGIN = 1e-13
#: Events in the life of a cell; no weight comes to zero or leaves it again and again.
_MOST_EVENTS = 1000
#: What the weights may still change by, relatively, in as much time again, of a cell at rest.
_STILL = 1e-9


def follow(cell: Cells, earliest: float = 1.0, tell_tiny: bool = False) -> Iterator[Step]:
    """Yield the flow of one cell step after step from time 0 on; the states are all z_i.

    Weights that are dead or held are exactly zero in `Cells.weight_at`. States are precise on the
    scale of what they are at the `earliest` time that matters, at most 1. With `tell_tiny` so are
    weights that a cost holds next to zero, which takes longer.

    Raises
    ------
    ArithmeticError
        If the cell cannot be followed further within a limited number of evaluations.
    """
    modes = _Modes.at_start(cell)
    begun, z = 0.0, np.where(modes.dead & (cell.rho == 0), _DEAD * cell.balance, cell.start)
    for _ in range(_MOST_EVENTS):
        modes = modes.settled(cell, z)
        part = _Part(cell, z, modes, earliest, tell_tiny)
        if not modes.moving.any():
            yield Step(begun, np.inf, z, _still(z))
            return
        for step in part.steps(begun):
            event = part.event(step, begun)
            if event is None:
                yield step
                continue
            time, circuit, dies = event
            z = step.inside(time) if time < step.ended else step.state
            z[circuit] = _DEAD * cell.balance[circuit] if cell.rho[circuit] == 0 else 0.0
            modes = modes.after(circuit, dies)
            yield Step(step.begun, time, z, step.inside)
            begun = time
            break
        else:
            return
    raise ArithmeticError(f"weights came to zero or left it more than {_MOST_EVENTS} times")


def at_rest(cell: Cells, step: Step) -> bool:
    """Return whether the weights will hardly change any more, as far as a step can tell.

    Weights that matter no longer change, and those too small to matter do not grow.
    """
    if np.isinf(step.ended):
        return True
    weight = cell.weight_at(step.state)
    # At first no time has passed; that of the data is one.
    growth = -2 * cell.law.slope(weight) * max(step.ended, 1.0)
    negligible = abs(weight) <= _STILL * abs(weight).sum()
    return bool(np.all(np.where(negligible, growth, abs(growth)) <= _STILL))


@dataclass(frozen=True)
class _Modes:
    """Of each circuit: its side of zero, whether it is held there, is dead, or just let go."""

    side: Array
    held: Mask
    dead: Mask
    let_go: Mask

    @classmethod
    def at_start(cls, cell: Cells) -> _Modes:
        """Return the modes before anything is decided; a scale of zero is zero for ever."""
        none = np.zeros(len(cell.start), bool)
        side = np.where(cell.rho == 0, cell.balance, np.sign(cell.start))
        return cls(side, none, cell.scale == 0, none)

    @property
    def moving(self) -> Mask:
        """Which weights change."""
        return ~(self.held | self.dead)

    def settled(self, cell: Cells, z: Array) -> _Modes:
        """Return the modes of weights that are at zero now, and lie on no side yet."""
        weight = cell.weight_at(z)
        wrong = cell.law.pull(weight)
        at_zero = (cell.rho > 0) & (z == 0) & ~self.dead
        dead = self.dead | (at_zero & np.isposinf(_cost_at(cell, weight, 0.0)))
        holding = _cost_at(cell, weight, _LEAST) * (1 + _MARGIN)
        held = at_zero & ~dead & ~self.let_go & (holding > 0) & (wrong <= holding)
        side = np.where(at_zero, 1.0, self.side)
        return _Modes(side, held, dead, np.zeros_like(held))

    def after(self, circuit: int, dies: bool) -> _Modes:
        """Return the modes after an event of one circuit at zero."""
        this = np.arange(len(self.side)) == circuit
        let_go = this & self.held
        return _Modes(self.side, self.held & ~this, self.dead | (this & dies), let_go)


class _Part:
    """The flow between two events: the circuits that move, and the field that moves them."""

    def __init__(
        self, cell: Cells, z: Array, modes: _Modes, earliest: float, tell_tiny: bool
    ) -> None:
        self.cell, self.law, self.z, self.modes = cell, cell.law, z, modes
        self.moving = modes.moving
        weight = cell.weight_at(z)
        # What moves is zero for no more than a moment, and circuits that share units notice.
        cost_at_zero = _cost_at(cell, np.where(self.moving & (weight == 0), _LEAST, weight), 0.0)
        self.unbalanced = cell.rho > 0
        self.soft = self.unbalanced & (cost_at_zero == 0)
        self.trapping = np.isposinf(cost_at_zero) & self.moving
        #: Whether no case needs to be told from another: all circuits move past soft kinks.
        self.plain = bool(np.all(self.soft & self.moving))
        self.hard = not self.soft.any()
        self.uneventful = self.plain and bool(np.all(modes.side >= 0))
        self.grain = self._grain(weight, tell_tiny) * earliest
        self.rounded = _ROUNDED * self.grain
        self.floor = np.where(self.unbalanced, self.rounded * cell.scale, _LEAST)

    def _grain(self, weight: Array, tell_tiny: bool) -> Array:
        """Return the |z| of each circuit that must be told from zero, at most 1.

        Next to a trap that is its own. Where a cost vanishes at zero but soon exceeds the pull, it
        is where the two meet, at which such a weight is held.
        """
        with np.errstate(all="ignore"):
            hard = self.unbalanced & ~self.soft & (self.z != 0)
            grain = np.where(hard, np.minimum(abs(self.z), 1.0), 1.0)
            small = self.law.marginal(_SMALL * self.cell.scale)
            held = self.soft & (small > self.law.pull(weight)) & tell_tiny
            if held.any():
                met = np.maximum(_met(self.cell, weight), _LEAST) / self.cell.scale
                grain = np.where(held, np.minimum(np.maximum(met, abs(self.z)), 1.0), grain)
        return grain

    def steps(self, begun: float) -> Iterator[Step]:
        """Yield the steps of all z_i, in the time of the cell."""
        grain = self.grain[self.moving]
        for step in integrate(self.field, self.z[self.moving], self.jacobian, grain):
            yield Step(
                begun + step.begun,
                begun + step.ended,
                self.full(step.state),
                self._full_inside(step, begun),
            )

    def _full_inside(self, step: Step, begun: float) -> Callable[[float], Array]:
        return lambda time: self.full(step.inside(time - begun))

    def full(self, moving: Array) -> Array:
        """Return all z_i from those that move."""
        if self.plain:
            return moving
        z = self.z.copy()
        z[self.moving] = moving
        return z

    def field(self, moving: Array) -> Array:
        """Return dz/dt of those that move."""
        weight, size, direction = self._seen(self.full(moving))
        growth = 2 * (self.law.pull(weight) - direction * self.law.marginal(size))
        return np.asarray(growth if self.plain else growth[self.moving])

    def jacobian(self, moving: Array) -> Array:
        """Return the derivative of each dz_i/dt in z_j, a row for each i."""
        z = self.full(moving)
        weight, size, direction = self._seen(z)
        slope = self.cell.weight_slope(z)
        # Size and direction are rounded where there is a kink: their derivatives, but for w'.
        root = size / self.cell.scale
        turn = np.where(self.soft, self.rounded**2 / root**3 * slope / self.cell.scale, 0.0)
        rise = np.where(self.soft, direction, self.modes.side) * slope
        own = direction[:, None] * self.law.curvature(size) * rise
        own += on_diagonal(turn * self.law.marginal(size))
        whole = 2 * (pull_slope(self.law.pull(weight)) * slope - own)
        part = np.nan_to_num(whole[np.ix_(self.moving, self.moving)])
        return np.asarray(np.clip(part, -_STEEPEST, _STEEPEST))

    def event(self, step: Step, begun: float) -> tuple[float, int, bool] | None:
        """Return the first event of a step: its time, its circuit, and whether that dies of it."""
        if self.uneventful:
            return None
        with np.errstate(all="ignore"):
            found = [*self._deaths(step, begun), *self._passings(step), *self._releases(step)]
        return min(found, default=None)

    def _passings(self, step: Step) -> Iterator[tuple[float, int, bool]]:
        """Yield the circuits that come to zero, but for those that only seem to by rounding."""
        passing = self.unbalanced & self.moving & (self.modes.side * step.state <= 0)
        passing &= ~(self.soft & (self.modes.side > 0))
        for i in np.flatnonzero(passing).tolist():
            yield turning(step, partial(self._beyond, i)), i, bool(self.trapping[i])

    def _releases(self, step: Step) -> Iterator[tuple[float, int, bool]]:
        """Yield the circuits that are held at zero no longer."""
        for i in np.flatnonzero(self.modes.held).tolist():
            if self._excess(i, step.state) > 0:
                yield turning(step, partial(self._excess, i)), i, False

    def _beyond(self, circuit: int, z: Array) -> float:
        """Return how far a weight is beyond zero."""
        return float(-self.modes.side[circuit] * z[circuit])

    def _excess(self, circuit: int, z: Array) -> float:
        """Return by how much the pull exceeds what holds a weight at zero."""
        weight = self.cell.weight_at(z)
        cost = _cost_at(self.cell, weight, _LEAST)[circuit]
        return float(self.law.pull(weight) - cost * (1 + _MARGIN))

    def _deaths(self, step: Step, begun: float) -> Iterator[tuple[float, int, bool]]:
        """Yield the circuits in a trap that no time is left for at the end of a step.

        An imbalanced one falls on ever faster, so that |z| over its speed is more than is left. A
        balanced one has 1/(2 R s) left, with R = -dlog s/dlog w.
        """
        if not self.trapping.any():
            return
        weight = self.cell.weight_at(step.state)
        size = np.maximum(abs(weight), _LEAST)
        cost = self.law.marginal(size)
        speed = 2 * (cost - self.modes.side * self.law.pull(weight))
        steepness = -size * np.einsum("ii->i", self.law.curvature(size))
        left = np.where(self.unbalanced, abs(step.state) / speed, 1 / (2 * steepness))
        near = np.where(
            self.unbalanced, abs(step.state) <= _TRAPPED * self.grain, abs(weight) <= _LEAST
        )
        over = near | (left <= _REST_OF_TIME * (step.ended - begun))
        dying = np.flatnonzero(self.trapping & (speed > 0) & over)
        if dying.size:
            # One after the other: while the first is at zero, the next one may still lead.
            yield step.ended, int(dying[np.argmin(left[dying])]), True

    def _seen(self, z: Array) -> tuple[Array, Array, Array]:
        """Return the weights, and their sizes and signs as the costs see them.

        A weight keeps its side and is never less than a trace. Where its cost vanishes at zero, the
        kink there is rounded off instead.
        """
        if self.plain and abs(z).max() < _LARGE:
            x = np.sinh(z)
            root = np.hypot(x, self.rounded)
            return self.cell.scale * x, self.cell.scale * root, x / root
        weight = self.cell.weight_at(z)
        kept = np.maximum(self.modes.side * weight, self.floor)
        if self.hard:
            return weight, np.where(self.moving, kept, abs(weight)), self.modes.side
        rounded = np.hypot(weight, self.floor)
        size = np.where(self.soft, rounded, np.where(self.moving, kept, abs(weight)))
        return weight, size, np.where(self.soft, weight / rounded, self.modes.side)


def _met(cell: Cells, weight: Array) -> Array:
    """Return the weights at which each marginal cost meets the pull there is now, by bisection."""
    low, high = np.full(len(weight), np.log(_LEAST)), np.zeros(len(weight))
    wrong = cell.law.pull(weight)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = cell.law.marginal(np.exp(middle)) > wrong
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(np.exp(low))


def _still(z: Array) -> Callable[[float], Array]:
    return lambda _: z


def _cost_at(cell: Cells, weight: Array, size: float) -> Array:
    """Return the marginal cost that each circuit has at a size, beside the others as they are."""
    sizes = np.where(np.eye(len(weight), dtype=bool), size, abs(weight))
    with np.errstate(all="ignore"):
        return np.array([cell.law.marginal(each)[i] for i, each in enumerate(sizes)])
