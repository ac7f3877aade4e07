"""What a page says of questions, predictions and outcomes."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from made_up import MORE, SIZE, SLOPE, outcome
from theory.questions import Quantity
from theory.statistics import Bounds, Interval
from theory.theories import Prediction
from theory.trial import HOLDS, OPEN, REFUTED, tables


def test_a_question_says_what_is_asked():
    table = tables.asked(SimpleNamespace(QUANTITIES=(SLOPE, SIZE, MORE)))
    assert list(table.index) == ["a slope", "a size"]
    assert list(table["what is measured"]) == ["A slope.", "A size."]
    assert list(table["margin"]) == ["0.25", "10%"]
    assert list(table["guess without a theory"]) == ["the same, or none", "12.5: as before"]
    assert list(table["counts as"]) == ["primary", "secondary"]


@pytest.mark.parametrize(
    ("prediction", "says"),
    [
        (Prediction(1.5, ""), "1.5"),
        (Prediction(1.5, "", direction=1), "more than 1.5"),
        (Prediction(1.5, "", direction=-1), "less than 1.5"),
        (Prediction(1.5, "", error=0.058), "1.5 ± 0.058"),
    ],
)
def test_a_prediction_says_what_it_says(prediction, says):
    table = tables.predicted([outcome(prediction=prediction), outcome(place={"modulus": 47})])
    assert list(table["says"]) == [says]
    assert list(table["theory"]) == ["a theory"]


def test_the_error_of_what_is_compared_by_ratios_is_a_part_of_it():
    ratio = Quantity("ratio", "A ratio.", "primary", 0.1, relative=True)
    table = tables.predicted([outcome(ratio, prediction=Prediction(1.5, "", error=0.058))])
    assert list(table["says"]) == ["1.5 ± 6%"]


def test_rounding_errors_are_not_shown():
    table = tables.predicted([outcome(predicted=8.9e-16), outcome(predicted=-1e-15)])
    assert list(table["says"]) == ["0", "0"]


@pytest.mark.parametrize(
    ("verdict", "changes", "words"),
    [
        (HOLDS, {}, "holds"),
        (REFUTED, {}, "refuted"),
        (OPEN, {"needed": 12}, "open:~about~12 seeds~would decide"),
        (OPEN, {"reason": "no nearer than the guess"}, "open:~no~nearer than~the~guess"),
        (OPEN, {"reason": "too much to tell"}, "open:~too~much to~tell"),
    ],
)
def test_what_is_open_says_how_many_seeds_may_decide_or_why_none(verdict, changes, words):
    """In lines of at most 16 characters, whose spaces (here ~) do not break."""
    one = outcome(verdict=verdict, judgement=changes)
    for table in (tables.judged([one]), tables.brief([one])):
        assert list(table["verdict"]) == [words.replace("~", "\N{NO-BREAK SPACE}")]


def test_what_holds_and_is_not_what_was_predicted_says_so():
    off = Interval(0.1, 0.05, 0.15)
    more = Prediction(1.5, "", direction=1)
    for said, words in ((Prediction(1.5, ""), "holds, not exactly"), (more, "holds")):
        assert list(tables.brief([outcome(interval=off, prediction=said)])["verdict"]) == [words]


def test_places_are_told_together_and_apart():
    found = [
        outcome(judgement={"censored": 2}),
        outcome(verdict=REFUTED, place={"modulus": 47, "per_label": 8.5}),
        outcome(verdict=HOLDS, place={"modulus": 61, "per_label": 8.5}),
        outcome(verdict=HOLDS, place={"modulus": 67, "optimiser": "l2"}),
        outcome(SIZE, OPEN),
        outcome(verdict=OPEN, theory="another"),
    ]
    table = tables.judged(found)
    assert list(table.index) == ["a slope", "a size", "a slope"]
    assert list(table["places"]) == ["2 holds, 1 refuted", "one", "one"]
    assert list(table["seeds"]) == ["5, 2 bounded", "5", "5"]
    assert list(table["margin"]) == ["0.25", "10%", "0.25"]
    assert list(table["theory"]) == ["a theory", "a theory", "another"]
    apart = tables.by_place(found)
    assert list(apart["where"]) == [
        "modulus 47, per label 8.5",
        "modulus 61, per label 8.5",
        "modulus 67, optimiser l2",
    ]
    assert list(apart["verdict"]) == ["refuted", "holds", "holds"]
    assert list(tables.brief(found).columns) == [
        "verdict",
        "theory",
        "says",
        "off by",
        "margin",
    ]
    assert list(tables.brief(found).index) == list(table.index)
    counts = tables.by_theory(found)
    assert counts.loc["a theory"].to_dict() == {"holds": 1, "refuted": 0, "open": 1}
    assert counts.loc["another", "open"] == 1


def test_it_is_told_where_theories_disagree():
    one, other = outcome(), outcome(theory="another", predicted=1.8)
    assert list(tables.judged([one, other])["contested"]) == ["yes", "yes"]
    near = replace(other, predicted=1.7)
    assert list(tables.judged([one, near])["contested"]) == ["no", "no"]


def test_what_no_theory_speaks_of_is_told_with_its_interval():
    values = xr.DataArray([1.0, 2.0, 3.0], dims="seed")
    unknown = Quantity("unknown", "Not known.")
    measured = {
        "more_of_it": values,
        "unknown": Bounds(values, values.where(values < 3, np.inf)),
        "a_slope": values,
    }
    table = tables.measured_besides(SimpleNamespace(QUANTITIES=(MORE, SLOPE, unknown)), measured)
    assert list(table.index) == ["more of it", "unknown"]
    assert list(table["found"]) == ["2", "not known"]
    assert list(table["95% interval"]) == ["-0.484 to 4.48", "-0.484 to inf"]
    nothing = {**measured, "unknown": values.where(values > 3)}
    table = tables.measured_besides(SimpleNamespace(QUANTITIES=(unknown,)), nothing)
    assert table.loc["unknown"].tolist() == ["Not known.", "not known", ""]
