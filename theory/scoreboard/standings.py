"""How well the laws of all rows foretell each curve, and which of two does better."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from theory.scoreboard.likelihood import Score, decided, ratio, score
from theory.scoreboard.row import Row
from theory.scoreboard.tables import Table
from theory.statistics import Interval
from theory.theories.laws import Law

#: The guess without a theory that others are set against.
GUESS = "any power"


@dataclass(frozen=True)
class Standing:
    """A law, whoever states it, and how it foretells a curve.

    Attributes
    ----------
    names
        Rows that state it, or a guess.
    law, score
        What it is, and how well it foretells.
    guess
        Whether it is a guess without a theory.
    """

    names: tuple[str, ...]
    law: Law
    score: Score
    guess: bool = False


def standings(
    table: Table,
    rows: Sequence[Row],
    own: Mapping[str, Mapping[str, Law]],
    guesses: Mapping[str, Mapping[str, Law]],
) -> list[Standing]:
    """Return the laws of a curve, the likeliest first; one that several state is there once.

    A row or guess without a law of this curve is silent, and has no score.
    """
    stated = [(row.name, law, False) for row in rows if (law := row.laws(own).get(table.name))]
    stated += [(name, law, True) for name, laws in guesses.items() if (law := laws.get(table.name))]
    found: list[Standing] = []
    for name, law, guess in stated:
        scored = score(table, law)
        same = [i for i, each in enumerate(found) if np.array_equal(each.score.nats, scored.nats)]
        if same and not guess:
            old = found[same[0]]
            found[same[0]] = Standing((*old.names, name), old.law, old.score)
        else:
            found.append(Standing((name,), law, scored, guess))
    return sorted(found, key=lambda each: -each.score.nats.sum())


def against(table: Table, found: Sequence[Standing], one: Standing) -> Interval:
    """Return by how many nats a law foretells a curve better than the guess of any power.

    The interval is corrected for `comparisons`.
    """
    (guess,) = (each for each in found if each.names == (GUESS,))
    return ratio(table, one.score, guess.score, comparisons(found))


def comparisons(found: Sequence[Standing]) -> int:
    """Return how many pairs of a curve are looked at: what is stated, and all against the guess."""
    return math.comb(sum(not each.guess for each in found), 2) + len(found) - 1


def duels(
    table: Table, found: Sequence[Standing]
) -> list[tuple[Standing, Standing, Interval, str]]:
    """Return every pair of laws that theories state, with the ratio and what it decides.

    Intervals are corrected for `comparisons`.
    """
    stated = [each for each in found if not each.guess]
    pairs = itertools.combinations(stated, 2)
    ratios = (
        (one, other, ratio(table, one.score, other.score, comparisons(found)))
        for one, other in pairs
    )
    return [(one, other, each, decided(each)) for one, other, each in ratios]
