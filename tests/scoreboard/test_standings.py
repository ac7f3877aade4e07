"""Laws beside each other: each once, none where a theory is silent."""

import numpy as np
import pytest

from theory.scoreboard.row import OURS, Row
from theory.scoreboard.standings import GUESS, against, comparisons, duels, standings
from theory.scoreboard.tables import Table
from theory.theories import Theory
from theory.theories.laws import DELAY_BY_DECAY, constant, power_of

NAME = DELAY_BY_DECAY["descent"]
DECAY = np.tile(np.geomspace(0.03, 1.0, 6), 3)
VALUES = -np.log(DECAY) + 0.05 * np.random.default_rng(0).standard_normal(DECAY.size)
SEEDS = np.full(DECAY.size, 1e-4)
TABLE = Table(NAME, "q", VALUES, SEEDS, {"decay": DECAY}, np.repeat([0, 1, 2], 6), DECAY)
OWN = {
    "inverse": {NAME: power_of("decay", -1.0)},
    "the same": {NAME: power_of("decay", -1.0)},
    "root": {NAME: power_of("decay", -0.5)},
    "silent": {},
}
ROWS = [Row(name, "c", "s", "r", OURS, "", (Theory(name, "c", "s", "r", {}),)) for name in OWN]
GUESSES = {GUESS: {NAME: power_of("decay", None)}, "no change": {NAME: constant()}}
FOUND = standings(TABLE, ROWS, OWN, GUESSES)


def test_the_likeliest_comes_first_and_a_law_that_two_state_is_there_once():
    assert FOUND[0].names == ("inverse", "the same")
    assert [each.names for each in FOUND if each.guess] == [(GUESS,), ("no change",)]
    totals = [each.score.nats.sum() for each in FOUND]
    assert totals == sorted(totals, reverse=True)


def test_who_is_silent_has_no_score():
    assert not any("silent" in each.names for each in FOUND)


def test_laws_are_set_against_the_guess_of_any_power():
    by_name = {each.names[0]: against(TABLE, FOUND, each) for each in FOUND}
    assert by_name[GUESS].estimate == 0
    assert by_name["root"].high < 0
    assert by_name["inverse"].estimate == pytest.approx(
        FOUND[0].score.nats.sum() - next(x for x in FOUND if x.names == (GUESS,)).score.nats.sum()
    )


def test_guesses_take_no_part_in_duels():
    ((one, other, found, word),) = duels(TABLE, FOUND)
    assert (one.names[0], other.names[0], word) == ("inverse", "root", "first")
    assert found.low > 0


def test_all_pairs_of_a_curve_are_counted_once():
    # Two laws are stated; both, and no change, stand against the guess.
    assert comparisons(FOUND) == 1 + 3
