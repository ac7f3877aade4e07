"""The worked example of how to add an account does what CONTRIBUTING says."""

import re
from pathlib import Path

import numpy as np
import pytest

from theory.questions import QUESTIONS, name_of
from theory.scoreboard import rows, score
from theory.scoreboard.tables import Table
from theory.theories import THEORIES
from theory.theories.accounts import ACCOUNTS, Account
from theory.theories.laws import HALF_BY_WIDTH

GUIDE = Path(__file__).parents[2] / "CONTRIBUTING.md"


@pytest.fixture(scope="module")
def example():
    (code,) = re.findall("```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    found = {}
    exec(compile(code, str(GUIDE), "exec"), found)
    (account,) = (each for each in found.values() if isinstance(each, Account))
    return account


def test_the_example_is_an_account_of_what_is_measured(example):
    quantities = {(name_of(each), x.name) for each in QUESTIONS for x in each.QUANTITIES}
    assert example.predicts.keys() <= quantities
    assert example.silent.keys() <= set(map(name_of, QUESTIONS))
    for function in example.predicts.values():
        assert function({}).because


def test_the_scoreboard_finds_the_example(example):
    row = rows(THEORIES, (*ACCOUNTS, example))[-1]
    assert row.account is example
    assert row.on_trial == ()
    assert row.laws({}) == example.laws


def test_the_law_of_the_example_is_scored(example):
    width = np.tile(np.geomspace(16, 256, 5), 3)
    places = {"width": width}
    group, seeds = np.repeat([0, 1, 2], 5), np.full(15, 1e-4)
    table = Table(HALF_BY_WIDTH, "width", -np.log(width) / 2, seeds, places, group, width)
    np.testing.assert_allclose(score(table, example.laws[HALF_BY_WIDTH]).off, 0, atol=1e-9)
