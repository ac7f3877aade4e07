r"""Memory beside waves in a network of n units at rest on D examples: a mean field (derived here).

Waves are taken as they are, all scaled to a right logit A over the whole table. Everything else is
memory: small, different for each row of a table of parameters, and made by the forces of the
examples that use that row. Nothing is fitted.

**One row.** The parameters of token a in slot 1, one for each unit, see d examples. With the
derivatives :math:`J` of the logits in them, forces f and :math:`\lambda = \gamma D`, rest is
:math:`\lambda\,\theta_a = \sum_i J_i^\top f_i`. Its mean over examples keeps up the waves. What
deviates is memory, of covariance and response

.. math:: S = (1 - \rho)\, K C K, \qquad K = (\lambda + d \langle J^\top H J \rangle)^{-1},
          \qquad C = d\, \mathrm{cov}(J^\top f),

where :math:`\rho = d/m` is the part of a row that is seen, and :math:`1 - \rho` is due to sampling
without replacement. H is the stiffness of an example that may answer by all its other parameters:
on logits up to a constant, :math:`H^{-1} = (\mathrm{diag}\,p - p p^\top)^{-1} + \chi`. Rows of the
other slot and of the labels alike.

**One example.** Its own force moves its logits by :math:`\chi f`, with :math:`\chi_c` the sum over
its three rows of :math:`J_c K J_c^\top`, and further, since rows move together, to second order in
f. So on what is trained on logits are :math:`o = \xi + \chi f(o)` about those, :math:`\xi`, of the
same example in a network that has not seen it, and :math:`w_M = \chi_y f_y`. All rows of :math:`J`
carry memory themselves, which adds S of the others to :math:`J J^\top`.

**What is not seen.** Memory has no part in the mean over the table, which is that of the waves. So
what is not seen loses what is gained: :math:`\xi_y` is :math:`A - \rho\, w_M` on average, with the
variance :math:`J S J^\top`.

**The amplitude.** By Euler's identity :math:`\gamma |\theta|^2 = 3 \langle f \cdot o \rangle`, with
the memory's part in the norm :math:`\mathrm{tr}\, S`. A state is an A that obeys this; it is stable
where the right side falls behind as A grows.

What is heuristic: rows are typical ones, with d examples each; a response is the same for all
examples, and one for all wrong labels; forces that bend waves, rather than scale them, are left
out. So where memory is no longer small, it says too little.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from theory import checks
from theory.circuits.own_force import Answers, answered
from theory.circuits.table_waves import Waves

#: Tokens of a slot whose rows stand for all; labels up to twice as many.
_TOKENS = 5
#: Steps of the fixed point, how far each goes, and when it is found (parts).
_MOST, _STEP, _FOUND = 200, 0.5, 2e-3
#: From which of them on the amplitude moves, and with which power of the balance.
_PATIENCE, _RISE = 4, 0.15


@dataclass(frozen=True)
class State:
    r"""A network with memory beside its waves.

    Attributes
    ----------
    wave_logit
        A over the whole table, that of the waves alone.
    test_logit, train_logit
        The right logit less the mean of all, on what is not seen, :math:`w_G`, and on what is.
    memory_share
        :math:`f = w_M/(w_G + w_M)`.
    squared_norm, memory_norm
        :math:`|\theta|^2`, and the part of it that is memory.
    test_accuracy
        On what is not seen.
    balance
        Pull of the data over that of the penalty: 1 at rest.
    settled
        Whether the fixed point was found; if not, the numbers are those of the last step.
    """

    wave_logit: float
    test_logit: float
    train_logit: float
    memory_share: float
    squared_norm: float
    memory_norm: float
    test_accuracy: float
    balance: float
    settled: bool


class _Order(NamedTuple):
    """What is solved for: responses, their second order, variances, the memory's norm, its S."""

    right: float
    wrong: float
    bend: float
    right_variance: float
    wrong_variance: float
    norm: float
    first: np.ndarray
    second: np.ndarray
    outputs: np.ndarray

    def towards(self, other: _Order) -> _Order:
        """Return what is a step nearer to the other."""
        pairs: Iterable[tuple[Any, Any]] = zip(self, other, strict=True)
        return _Order(*(here + _STEP * (there - here) for here, there in pairs))

    def near(self, other: _Order) -> bool:
        """Whether all numbers are alike."""
        return all(
            abs(a - b) <= _FOUND * (abs(b) + 1e-3) for a, b in zip(self[:6], other[:6], strict=True)
        )


class _Scene(NamedTuple):
    """Waves of one amplitude as the chosen examples meet them, shapes (examples, units).

    What is read of both slots, what units pass on, its derivatives in either, and what they write,
    shape (labels, units).
    """

    first: np.ndarray
    second: np.ndarray
    hidden: np.ndarray
    by_first: np.ndarray
    by_second: np.ndarray
    written: np.ndarray


class MeanField:
    r"""The mean field of waves on d examples a label.

    Parameters
    ----------
    units
        The waves, modulo 9 at least.
    l2
        gamma > 0.
    per_label
        d, in (0, m).
    seed
        Of the noise over which means are taken.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> from theory.circuits import product_waves
    >>> field = MeanField(product_waves(23, [1, 4, 6, 9]), 1e-4, per_label=15.0)
    >>> round(field.rest(10.0).memory_share, 2)
    0.13
    """

    def __init__(self, units: Waves, l2: float, per_label: float, seed: int = 0) -> None:
        self.units, self.l2 = units, checks.number("l2", l2, above=0)
        self.modulus, self.size = units.first.shape
        checks.integer("modulus", self.modulus, at_least=2 * _TOKENS - 1)
        self.per_label = checks.number("per_label", per_label, above=0, below=self.modulus)
        self.seen = self.per_label / self.modulus
        self._sample(np.random.default_rng(seed))

    def _sample(self, rng: np.random.Generator) -> None:
        """Choose examples: those of some rows of the first slot, of the second, and of labels."""
        m, tokens, labels = self.modulus, np.arange(_TOKENS), np.arange(2 * _TOKENS - 1)
        row, column = (each.ravel() for each in np.meshgrid(tokens, np.arange(m), indexing="ij"))
        label, other = (each.ravel() for each in np.meshgrid(labels, np.arange(m), indexing="ij"))
        self.a = np.concatenate([row, column, other])
        self.b = np.concatenate([column, row, (label - other) % m])
        ends = np.cumsum([0, row.size, row.size, label.size])
        self.rows, self.columns, self.labels = (slice(*pair) for pair in pairwise(ends))
        # Labels are taken by how far they are ahead of the right one, which comes first.
        self.ahead = ((self.a + self.b)[:, None] + np.arange(m)) % m
        self.back = np.argsort(self.ahead, axis=1)
        self.noise = rng.normal(size=self.ahead.shape)
        #: Of these all three rows are among the chosen ones.
        self.whole = np.flatnonzero(column < _TOKENS)

    def rest(self, wave_logit: float) -> State:
        """Return the state of rest that is reached from a wave logit > 0."""
        return self._settled(checks.number("wave_logit", wave_logit, above=0), free=True)

    def at(self, wave_logit: float) -> State:
        """Return the state in which waves are held at a logit > 0: not at rest, as a rule."""
        return self._settled(checks.number("wave_logit", wave_logit, above=0), free=False)

    def _settled(self, logit: float, free: bool) -> State:
        nothing = np.zeros((self.size, self.size))
        order, gained, settled = _Order(20, 20, 0, 0, 0, 0, nothing, nothing, nothing), 0.0, False
        for step in range(_MOST):
            new, state = self._once(logit, order, gained)
            if not np.isfinite(state.balance):
                break
            settled = order.near(new) and (not free or abs(state.balance - 1) < _FOUND)
            if settled:
                break
            order = order.towards(new)
            gained += _STEP * (state.train_logit - state.test_logit - gained)
            if free and step >= _PATIENCE:
                logit *= float(np.clip(state.balance, 0.5, 2) ** _RISE)
        return replace(state, settled=settled)

    def _once(self, logit: float, order: _Order, gained: float) -> tuple[_Order, State]:
        """Return what the order parameters make of themselves, and the state that they describe."""
        scene = self._scene(logit)
        unseen = self._unseen(scene, order, gained)
        response = np.full(self.modulus, order.wrong)
        response[0] = order.right
        answers = answered(unseen, response, order.bend)
        about_first, about_second = self._about_reads(order)
        rows = (
            self._reading_rows(self.rows, scene, scene.by_first, about_first, answers, order),
            self._reading_rows(self.columns, scene, scene.by_second, about_second, answers, order),
            self._label_rows(scene, answers, order),
        )
        kept, memory = zip(*rows, strict=True)
        memory = tuple((1 - self.seen) * each for each in memory)
        right, wrong = self._through(kept, scene, order, 1.0)
        # What two rows carry together counts for each in a response, but once in the variance.
        variances = self._through(memory, scene, order, 0.5)
        norm = self.modulus * sum(np.trace(each, axis1=1, axis2=2).mean() for each in memory)
        means = [each.mean(axis=0) for each in memory]
        new = _Order(right, wrong, self._bend(kept, scene), *variances, norm, *means)
        return new, self._state(logit, order.norm, unseen, answers)

    def _scene(self, logit: float) -> _Scene:
        first, second, written = (
            logit ** (1 / 3) * table
            for table in (self.units.first, self.units.second, self.units.outputs)
        )
        one, two = first[self.a], second[self.b]
        hidden, by_first, by_second = self.units.reads(one, two)
        return _Scene(one, two, hidden, by_first, by_second, written)

    def _unseen(self, scene: _Scene, order: _Order, gained: float) -> np.ndarray:
        """Return the logits of networks that have not seen an example, the right one first."""
        logits = np.take_along_axis(scene.hidden @ scene.written.T, self.ahead, axis=1)
        logits = logits - logits.mean(axis=1, keepdims=True)
        spread = np.full(self.modulus, np.sqrt(order.wrong_variance))
        spread[0] = np.sqrt(order.right_variance)
        logits = logits + spread * self.noise
        logits[:, 0] -= self.seen * gained
        return np.asarray(logits)

    def _about_reads(self, order: _Order) -> tuple[np.ndarray, np.ndarray]:
        """Return the covariance, between units, of the derivatives in what is read of each slot."""
        if self.units.product:
            return order.second, order.first
        both = np.asarray(4 * (order.first + order.second))
        return both, both

    def _about_hidden(self, places: slice | np.ndarray, scene: _Scene, order: _Order) -> np.ndarray:
        """Return the covariance of what units pass on, of each example."""
        if self.units.product:
            apart = _outer(scene.first[places]) * order.second
            apart = apart + _outer(scene.second[places]) * order.first
            return np.asarray(apart + order.first * order.second)
        both = order.first + order.second
        return np.asarray(4 * _outer((scene.first + scene.second)[places]) * both + 2 * both**2)

    def _reading_rows(
        self,
        places: slice,
        scene: _Scene,
        by: np.ndarray,
        about: np.ndarray,
        answers: Answers,
        order: _Order,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return K and S of the chosen rows of one slot, shapes (rows, units, units)."""
        force, stiff, off = (
            np.take_along_axis(each[places], self.back[places], axis=1) for each in answers[1:]
        )
        written, by = scene.written, by[places]
        pairs = _outer(written).reshape(self.modulus, -1)
        both, pushed = _outer(by), force @ written
        loose = (stiff - off**2).sum(axis=1)[:, None, None]
        square = (force**2).sum(axis=1)[:, None, None] * order.outputs
        core = (stiff @ pairs).reshape(both.shape) - _outer(off @ written) + loose * order.outputs
        more = both * square + about * (_outer(pushed) + square)
        return self._row(core * (both + about), by * pushed, more)

    def _label_rows(
        self, scene: _Scene, answers: Answers, order: _Order
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return K and S of the chosen labels, which all other examples push down a little."""
        at = self.labels
        hidden, about = scene.hidden[at], self._about_hidden(at, scene, order)
        noisy = _outer(hidden) + about
        stiff = (answers.stiff - answers.off**2)[at, :, None, None]
        square = (answers.force**2)[at, :, None, None]
        core = stiff[:, 0] * noisy + np.mean(stiff[:, 1:].sum(axis=1) * noisy, axis=0)
        more = square[:, 0] * about + np.mean(square[:, 1:].sum(axis=1) * noisy, axis=0)
        return self._row(core, answers.force[at, :1] * hidden, more)

    def _row(
        self, core: np.ndarray, pull: np.ndarray, more: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return K and S of some rows, from what their examples, all m of each, add to them."""
        shape = (-1, self.modulus, self.size)
        deviates = pull.reshape(shape)
        deviates = deviates - deviates.mean(axis=1, keepdims=True)
        covariance = np.einsum("tbh,tbk->thk", deviates, deviates) / self.modulus
        covariance = covariance + more.reshape(*shape, self.size).mean(axis=1)
        decay = self.l2 * self.modulus * np.eye(self.size)
        kept = np.linalg.inv(core.reshape(*shape, self.size).mean(axis=1) + decay) / self.per_label
        return kept, self.per_label * kept @ covariance @ kept

    def _through(
        self, tables: tuple[np.ndarray, ...], scene: _Scene, order: _Order, often: float
    ) -> tuple[float, float]:
        r"""Return :math:`J T J^\top` for right and wrong labels, means over examples.

        `often` is how much of what goes through the memory of the others counts.
        """
        here = self.whole
        first, second, outputs = tables
        seen = np.zeros((here.size, self.modulus))
        for by, table in (
            (scene.by_first, first[self.a[here]]),
            (scene.by_second, second[self.b[here]]),
        ):
            slopes = by[here][:, None, :] * scene.written[self.ahead[here]]
            seen = seen + np.sum(slopes @ table * slopes, axis=2)
        hidden = scene.hidden[here]
        last = np.einsum("eh,thk,ek->et", hidden, outputs, hidden, optimize=True)
        right = seen[:, 0] + last[np.arange(here.size), self.a[here] + self.b[here]]
        more = often * self._through_memory(tables, scene, order)
        return float(right.mean()) + more, float(seen[:, 1:].mean() + last.mean()) + more

    def _through_memory(
        self, tables: tuple[np.ndarray, ...], scene: _Scene, order: _Order
    ) -> float:
        here = self.whole
        first, second, outputs = (each.mean(axis=0) for each in tables)
        written = _mean_outer(scene.written) + order.outputs
        if self.units.product:
            seen = first * (
                _mean_outer(scene.second[here]) * order.outputs + order.second * written
            )
            seen += second * (
                _mean_outer(scene.first[here]) * order.outputs + order.first * written
            )
        else:
            both = _mean_outer((scene.first + scene.second)[here])
            of_both = order.first + order.second
            seen = 4 * (first + second) * (both * order.outputs + of_both * written)
        hidden = self._about_hidden(here, scene, order).mean(axis=0)
        return float(seen.sum() + (outputs * hidden).sum())

    def _bend(self, kept: tuple[np.ndarray, ...], scene: _Scene) -> float:
        r"""Return k of :math:`o_y = \xi_y + \chi f + k f^2`: rows that move together do more.

        To second order :math:`\theta` moves by :math:`\delta + K \nabla^2 o\, \delta f` with
        :math:`\delta = K J f`, so o by half of :math:`\delta\, \nabla^2 o\, \delta` three times.
        """
        here = self.whole
        label = self.a[here] + self.b[here]
        written, first, second = scene.written[label], scene.first[here], scene.second[here]
        one, two, three = (
            np.einsum("ehk,ek->eh", table, slope)
            for table, slope in (
                (kept[0][self.a[here]], scene.by_first[here] * written),
                (kept[1][self.b[here]], scene.by_second[here] * written),
                (kept[2][label], scene.hidden[here]),
            )
        )
        if self.units.product:
            half = one * two * written + one * second * three + first * two * three
        else:
            half = (one + two) ** 2 * written + 2 * (first + second) * (one + two) * three
        return float(3 * half.sum(axis=1).mean())

    def _state(self, logit: float, memory: float, unseen: np.ndarray, answers: Answers) -> State:
        test, train = (
            float(np.mean(each[:, 0] - each.mean(axis=1))) for each in (unseen, answers.logits)
        )
        squared = self.units.squared_norm * logit ** (2 / 3) + memory
        pull = 3 * float(np.mean((answers.force * answers.logits).sum(axis=1)))
        return State(
            wave_logit=float(logit),
            test_logit=test,
            train_logit=train,
            memory_share=1 - test / train,
            squared_norm=float(squared),
            memory_norm=float(memory),
            test_accuracy=float(np.mean(unseen.argmax(axis=1) == 0)),
            balance=pull / (self.l2 * float(squared)),
            settled=False,
        )


def _outer(rows: np.ndarray) -> np.ndarray:
    """Return products of all pairs of columns, row by row."""
    products: np.ndarray = rows[:, :, None] * rows[:, None, :]
    return products


def _mean_outer(rows: np.ndarray) -> np.ndarray:
    mean: np.ndarray = rows.T @ rows / len(rows)
    return mean
