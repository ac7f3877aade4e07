"""Every verdict of the first trial stands beside that of today."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from theory.questions import QUESTIONS, load, name_of
from theory.questions.question import CHECK, SECONDARY
from theory.theories import THEORIES
from theory.trial import first_trial, outcomes
from theory.trial.first_trial import MOVED

BOOK = Path(__file__).parents[2] / "book"
PLACE = BOOK / first_trial.PLACE

OF_THAT_TIME = [question for question in QUESTIONS if name_of(question) in MOVED]
questions = pytest.mark.parametrize("question", OF_THAT_TIME, ids=name_of)


@questions
def test_every_prediction_of_the_first_trial_is_found_again(question):
    old = first_trial.then(PLACE)[name_of(question)]["findings"]
    judged = {each["prediction"] for each in old if each["verdict"] != "silent"}
    assert judged == {each["prediction"] for each in old if each["band"] is not None}
    assert MOVED[name_of(question)].keys() == judged


@questions
def test_what_says_it_now_is_there(question):
    quantities = {each.name: each for each in question.QUANTITIES}
    theories = {each.name: each for each in THEORIES}
    for quantity, theory, difference in MOVED[name_of(question)].values():
        assert quantities[quantity].margin is not None
        assert (name_of(question), quantity) in theories[theory].predicts
        assert difference


def test_the_first_trial_was_of_these_questions():
    names = {name_of(each) for each in OF_THAT_TIME}
    assert first_trial.then(PLACE).keys() == MOVED.keys() == names


@questions
def test_verdicts_of_the_first_trial_follow_from_its_bands(question):
    """As it was: confirmed inside, refuted outside, and what is not known in neither."""
    for each in first_trial.then(PLACE)[name_of(question)]["findings"]:
        if each["band"] is None:
            assert each["verdict"] == "silent"
            continue
        _, low, high = each["interval"]
        least, most = each["band"]
        if low is None or high is None:
            assert each["verdict"] == "underpowered"
            continue
        inside = (least is None or least <= low) and (most is None or high <= most)
        outside = (least is not None and high < least) or (most is not None and low > most)
        expected = "confirmed" if inside else "refuted" if outside else "underpowered"
        assert each["verdict"] == expected, each


@questions
def test_both_verdicts_are_told(question):
    found = outcomes(question, THEORIES, question.measure(load(question, BOOK / "data")))
    table = first_trial.then_and_now(name_of(question), found, PLACE)
    moved = MOVED[name_of(question)]
    assert list(table.index) == [name.replace("_", " ") for name in moved]
    for (name, (quantity, theory, difference)), (_, row) in zip(
        moved.items(), table.iterrows(), strict=True
    ):
        (now,) = (
            each.judgement.verdict
            for each in found
            if (each.theory, each.quantity.name, dict(each.place)) == (theory, quantity, {})
        )
        assert re.split("[:,]", row["now"])[0] == now, name
        assert row["what is different"] == difference


def test_what_does_not_count_or_could_not_fail_says_so():
    for question in OF_THAT_TIME:
        roles = {each.name: each.role for each in question.QUANTITIES}
        for quantity, _, difference in MOVED[name_of(question)].values():
            assert (roles[quantity] == SECONDARY) == ("not primary" in difference), quantity
            assert roles[quantity] != CHECK or "a check" in difference, quantity


def test_what_is_counted_is_told_as_it_is_counted():
    """The corrected outcome comes first; another question may use the same name."""
    name = "efficiency"
    question = next(each for each in QUESTIONS if name_of(each) == name)
    found = outcomes(question, THEORIES, question.measure(load(question, BOOK / "data")))
    first = next(each for each in found if each.theory == "minimal model")
    unclear = replace(first.judgement, verdict="open", reason="not clear enough")
    opened = replace(first, judgement=unclear)
    elsewhere = replace(first, question="another")
    told = first_trial.then_and_now(name, [elsewhere, opened, *found], PLACE)
    assert told["now"]["memorising rises"].split() == ["open:", "not", "clear", "enough"]
    assert told["judged now as"]["memorising rises"] == "memorising exponent, minimal model"
    plain = first_trial.then_and_now(name, found, PLACE)
    assert told["now"].drop("memorising rises").equals(plain["now"].drop("memorising rises"))


def test_several_old_verdicts_are_counted_and_one_is_not(tmp_path):
    name = "efficiency"
    old = {"prediction": "memorising_rises", "band": [0, None]}
    verdicts = ["confirmed", "refuted", "confirmed"]
    several = [{**old, "verdict": verdict} for verdict in verdicts]
    rest = MOVED[name].keys() - {"memorising_rises"}
    others = [{"prediction": each, "verdict": "refuted"} for each in rest]
    (tmp_path / "verdicts.json").write_text(json.dumps({name: {"findings": several + others}}))
    question = next(each for each in QUESTIONS if name_of(each) == name)
    found = outcomes(question, THEORIES, question.measure(load(question, BOOK / "data")))
    then = first_trial.then_and_now(name, found, tmp_path)["then"]
    assert then["memorising rises"] == "2 confirmed, 1 refuted"
    assert set(then.drop("memorising rises")) == {"refuted"}
