"""Every account says where it is from, and speaks of what is measured."""

import json
import re
from pathlib import Path

import pytest

from theory.questions import QUESTIONS, name_of
from theory.scoreboard import rows
from theory.theories import THEORIES, Prediction
from theory.theories.accounts import ABSTRACT, ACCESS, ACCOUNTS, Account, says
from theory.theories.laws import TABLES, power_of

BOOK = Path(__file__).parents[2] / "book"
QUANTITIES = {
    (name_of(question), each.name): each for question in QUESTIONS for each in question.QUANTITIES
}
each_account = pytest.mark.parametrize("account", ACCOUNTS, ids=lambda each: each.name)


@each_account
def test_what_an_account_predicts_is_measured_and_has_a_margin(account):
    assert account.predicts.keys() <= QUANTITIES.keys()
    assert all(QUANTITIES[each].margin is not None for each in account.predicts)


@each_account
def test_an_account_says_where_it_could_be_read_and_what_is_our_reading(account):
    assert account.access in ACCESS
    assert re.search("read|second hand", account.reading)
    assert account.silent


@each_account
def test_an_account_gives_reasons_for_silence_only_where_it_is_silent(account):
    (row,) = (each for each in rows() if each.name == account.name)
    spoken = {question for each in (*row.on_trial, account) for question, _ in each.predicts}
    assert account.silent.keys() <= {name_of(each) for each in QUESTIONS}
    assert not spoken & account.silent.keys()


@each_account
def test_an_account_predicts_what_its_theories_on_trial_do_not(account):
    (row,) = (each for each in rows() if each.name == account.name)
    assert not account.predicts.keys() & {about for each in row.on_trial for about in each.predicts}


@each_account
def test_an_account_says_something(account):
    (row,) = (each for each in rows() if each.name == account.name)
    assert account.predicts or account.laws or row.on_trial


@each_account
def test_a_paper_of_an_account_is_in_its_source_and_among_the_references(account):
    references = (BOOK / "references.bib").read_text(encoding="utf-8")
    for paper in account.papers:
        assert f"arXiv:{paper}" in account.source
        assert f"{{{paper}}}" in references


def test_accounts_are_no_theories_on_trial():
    assert not set(map(id, ACCOUNTS)) & set(map(id, THEORIES))
    assert len({each.name for each in ACCOUNTS}) == len(ACCOUNTS)


#: What has to be on the scoreboard, by a word of its source.
NAMED = (
    "Varma et al. 2023, sections 3 and 4",
    "2402.15175",
    "2210.01117",
    "2205.10343",
    "2310.06110",
    "2311.18817",
    "2301.05217",
    "2206.04817",
    "2303.11873",
    "2303.06173",
    "2501.04697",
    "2601.19791",
    "2605.20441",
    "2603.13331",
    "2606.18465",
    "2310.03789",
    "2606.17120",
    "2401.10463",
    "2605.09724",
    "2407.20199",
    "2301.02679",
    "2509.21519",
    "Gradient descent prefers general circuits",
    "R. Shah",
)


@pytest.mark.parametrize("source", NAMED)
def test_every_theory_that_was_named_is_there(source):
    assert any(source in row.source for row in rows())


def computed(row):
    """The questions of which a row computes a number, of quantities that are no checks."""
    entries = json.loads((BOOK / "data" / "trial.json").read_text())
    names = {each.name for each in row.on_trial}
    found = {
        question
        for question, entry in entries.items()
        for each in entry["rows"]
        if each["theory"] in names and each["direction"] == 0 and each["role"] != "check"
    }
    if row.account:
        found |= {
            question
            for (question, name), function in row.account.predicts.items()
            if QUANTITIES[question, name].role != "check" and is_number(function)
        }
    return found


def is_number(function):
    try:
        return function({}).direction == 0
    except ValueError:  # it is computed from what was measured
        return True


def test_ten_theories_compute_numbers_for_three_questions_each():
    deep = [row.name for row in rows() if len(computed(row)) >= 3]
    assert len(deep) >= 10
    assert len([name for name in deep if name in {each.name for each in ACCOUNTS}]) >= 6


GIVEN = {
    "name": "an account",
    "claim": "it is so",
    "source": "arXiv:2309.02390",
    "reading": "The abstract was read.",
    "predicts": {("width", "half_exponent"): says(0.0, "so it is")},
    "access": ABSTRACT,
    "published": "2023-09",
    "papers": ("2309.02390",),
    "laws": {TABLES[0]: power_of("decay", -1.0)},
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "name of an account must say something"),
        ({"claim": ""}, "claim of an account must say something"),
        ({"source": ""}, "source of an account must say something"),
        ({"reading": ""}, "reading of an account must say something"),
        ({"access": "hearsay"}, "access must be one of .*'hearsay'"),
        ({"published": "2023"}, "published must be a year and a month, got '2023'"),
        ({"published": "2023-13"}, "published must be a year and a month, got '2023-13'"),
        ({"papers": ("2309.2390",)}, "papers must be arXiv numbers, got '2309.2390'"),
        ({"laws": {"weather": power_of("decay", -1.0)}}, "laws must be of .* got 'weather'"),
        ({"doubts": {("width", "weather"): "heard"}}, "doubts must be of .*'weather'"),
        ({"predicts": {"width": len}}, "predicts must map"),
    ],
)
def test_an_account_that_does_not_fit_is_refused(change, message):
    Account(**GIVEN)
    with pytest.raises(ValueError, match=f"^{message}"):
        Account(**GIVEN | change)


def test_a_prediction_that_needs_no_measurement():
    found = says(1.0, "so it is", error=0.1, direction=-1)({})
    assert found == Prediction(1.0, "so it is", 0.1, -1)
