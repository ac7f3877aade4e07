r"""Single predictions scored by likelihood, quantity by quantity: numbers and signs apart.

A *number* is taken as a normal law about what was predicted, with the variance

.. math:: \sigma^2 = M^2 + e^2 + s^2 ,

M the margin of the question, which is the same for every theory, e the theory's own error and s the
standard error of the runs. So what is vague is paid for. A *sign* is taken as a probability of
19/20 that the runs lie on its side, and scored against a coin; where their interval reaches over
the border, nothing is scored. Two theories are compared on one quantity, of one kind, and never in
sum.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from theory.scoreboard.findings import Board, Finding
from theory.scoreboard.likelihood import TENFOLD
from theory.statistics import LEVEL
from theory.trial.outcomes import Outcome, contested

#: With what probability a sign is taken to be right: two opposite ones are more than tenfold apart.
SURE = 0.95


def nats(outcome: Outcome) -> float:
    """Return the log-likelihood of what was found; NaN where only bounds are known.

    Of a sign, over that of a coin.
    """
    if outcome.prediction.direction:
        return _sign(outcome)
    found = outcome.judgement.interval
    freedom = max(outcome.judgement.seeds - 1, 1)
    error = (found.high - found.low) / 2 / float(stats.t.ppf((1 + LEVEL) / 2, freedom))
    own = outcome.prediction.error
    own = math.log1p(own) if outcome.quantity.relative else own
    spread = math.hypot(outcome.quantity.tolerance, own, error)
    if not math.isfinite(spread):
        return math.nan
    return float(stats.norm.logpdf(found.estimate, scale=spread))


def _sign(outcome: Outcome) -> float:
    found, side = outcome.judgement.interval, outcome.prediction.direction
    ends = side * found.low, side * found.high
    if min(ends) > 0:
        return math.log(SURE / 0.5)
    return math.log((1 - SURE) / 0.5) if max(ends) < 0 else 0.0


@dataclass(frozen=True)
class Pair:
    """Two theories that say something else of one quantity.

    Attributes
    ----------
    one, other
        The rows that say it, the one that is likelier first.
    first, second
        What became of each.
    nats
        By how much the first is likelier, 0 or more; NaN where only bounds are known.
    """

    one: str
    other: str
    first: Finding
    second: Finding
    nats: float

    @property
    def open(self) -> bool:
        """Whether the runs leave it open: less than tenfold, or not known."""
        return not self.nats >= TENFOLD


@dataclass(frozen=True)
class _Voice:
    """A theory on one quantity: it speaks once, whatever the number of rows that it belongs to."""

    rows: tuple[str, ...]
    finding: Finding

    @property
    def name(self) -> str:
        return ", ".join(self.rows)


def pairs(board: Board) -> list[Pair]:
    """Return all pairs that say something else of one quantity, both by numbers or by signs.

    Theories of one row are not set against each other.
    """
    spoken: dict[tuple[str, str, bool], dict[str, _Voice]] = {}
    for row, cells in board.items():
        for each in itertools.chain.from_iterable(cells.values()):
            outcome = each.outcome
            sign = bool(outcome.prediction.direction)
            said = spoken.setdefault((outcome.question, outcome.quantity.name, sign), {})
            before = said[outcome.theory].rows if outcome.theory in said else ()
            said[outcome.theory] = _Voice((*before, row), each)
    return [pair for said in spoken.values() for pair in _of_quantity(list(said.values()))]


def _of_quantity(said: Sequence[_Voice]) -> list[Pair]:
    found = []
    for one, other in itertools.combinations(said, 2):
        outcomes = one.finding.outcome, other.finding.outcome
        if set(one.rows).isdisjoint(other.rows) and contested(outcomes[0], [outcomes[1]]):
            apart = nats(outcomes[0]) - nats(outcomes[1])
            ends = (other, one) if apart < 0 else (one, other)
            findings = [each.finding for each in ends]
            found.append(Pair(ends[0].name, ends[1].name, findings[0], findings[1], abs(apart)))
    return found
