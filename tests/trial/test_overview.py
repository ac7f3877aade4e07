"""The paper's predictions as cards, other topics as lines, and small charts."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from theory import questions
from theory.statistics import Interval
from theory.theories import THEORIES, Prediction
from theory.trial import Judgement, Outcome, counted, paper
from theory.trial.charts import CHARTS
from theory.trial.everything import DECISIVE, all_counted, by_part
from theory.trial.overview import NOT_TRIED, cards, in_short, lines
from theory.trial.paper import PAPER_PREDICTIONS, TOPICS, Topic, decided, verdict_of
from theory.trial.sketch import HEIGHT, WIDTH, Axis, Series, sketch

BOOK = Path(__file__).parents[2] / "book"
BY_NAME = {questions.name_of(each): each for each in questions.QUESTIONS}


def outcome(question, name, verdict="holds", found=(0.3, 0.2, 0.4)):
    (quantity,) = (each for each in BY_NAME[question].QUANTITIES if each.name == name)
    judgement = Judgement(verdict, "", Interval(0.0, -0.1, 0.1), 0.01, 8, 0, 0)
    return Outcome(
        paper.THEORY,
        question,
        quantity,
        Prediction(0.0, "so"),
        {},
        0.0,
        Interval(*found),
        judgement,
    )


def all_hold():
    return [outcome(*name) for each in PAPER_PREDICTIONS for *name, _ in each.decided_by]


CHART = dict.fromkeys((each.name for each in PAPER_PREDICTIONS), "<svg></svg>")


@pytest.mark.parametrize("prediction", PAPER_PREDICTIONS, ids=lambda each: each.name)
def test_what_decides_is_asked_and_the_minimal_model_speaks_of_it(prediction):
    (model,) = (each for each in THEORIES if each.name == paper.THEORY)
    for question, name, _ in prediction.decided_by:
        assert name in {each.name for each in BY_NAME[question].QUANTITIES}
        assert (question, name) in model.predicts


def test_every_part_of_the_trial_is_in_a_card_or_a_line():
    in_cards = {BY_NAME[name].PART for each in PAPER_PREDICTIONS for name, _, _ in each.decided_by}
    in_lines = {part for each in TOPICS for part in each.parts}
    first_trial = {"costs", "four predictions"}
    assert set(questions.PARTS) - in_cards - in_lines - first_trial == {"inside a mixture"}


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (["holds", "holds"], "holds"),
        (["holds", "open"], "in part"),
        (["holds", "refuted"], "in part"),
        (["open", "refuted"], "refuted"),
        (["open"], "open"),
    ],
)
def test_a_verdict_of_several(verdicts, told):
    some = [outcome("decay_again", "slope_grokked", verdict) for verdict in verdicts]
    assert verdict_of(some) == told


def test_no_outcome_has_no_verdict():
    with pytest.raises(ValueError, match="found must have an outcome"):
        verdict_of([])


def test_a_card_says_what_was_found_beside_each_verdict():
    found = all_hold()
    names = [(each.question, each.quantity.name) for each in found]
    found[names.index(("optimisers", "rest_slope"))] = outcome(
        "optimisers", "rest_slope", "refuted", (-0.154, -0.163, -0.144)
    )
    html = cards(found, CHART)
    third = html.split("<article")[3]
    assert third.startswith(' class="prediction"><h3>P3 Weight decay<span class="verdict" ')
    assert re.findall(r'data-verdict="([\w-]+)"', third) == ["in-part", "holds", "holds", "refuted"]
    assert "AdamW, at rest: half-way goes with the decay to the power -0.15 [-0.16, -0.14]" in third
    assert 'href="results.html#optimisers-rest-slope-minimal-model"' in third
    assert html.count("<svg>") == 4


def test_all_four_in_short():
    found = [outcome("optimisers", "rest_slope", "refuted"), *all_hold()]
    assert in_short(all_hold()) == "4 hold"
    assert in_short(found[::-1]) == "3 hold, 1 holds in part"


def test_what_does_not_decide_does_not_matter():
    other = replace(outcome("decay_again", "slope_grokked", "refuted"), theory="another")
    at_one = replace(outcome("decay_again", "slope_grokked", "refuted"), place={"l2": 1e-4})
    third = PAPER_PREDICTIONS[2]
    assert verdict_of(decided(third, [other, at_one, *all_hold()])) == "holds"


def test_a_card_needs_what_decides():
    with pytest.raises(ValueError, match=r"found must have \[\('efficiency_again'"):
        cards([], CHART)


def test_what_has_not_been_asked_is_said_to_be_not_tried():
    html = lines([outcome("optimisers", "rest_slope", "refuted")], questions.QUESTIONS)
    rows = dict(re.findall(r'html(?:#[^"]*)?">([^<]*)</a>(.*?)</li>', html))
    first = [each.title for each in TOPICS if each.left_open]
    assert list(rows) == [*first, *(each.title for each in TOPICS if not each.left_open)]
    assert "1 refuted" in rows["AdamW"]
    assert NOT_TRIED in rows["Infinite data"]


def test_a_question_that_comes_later_appears_by_itself():
    later = SimpleNamespace(__name__="theory.questions.later", PART="infinite data")
    found = [replace(outcome("decay_again", "slope_grokked"), question="later")]
    html = lines(found, [later])
    assert "1 holds" in html
    assert html.count(NOT_TRIED) == len(TOPICS) - 1


def test_a_topic_knows_its_parts():
    with pytest.raises(ValueError, match=r"parts must be of .* got weather"):
        Topic("Rain", "Will it?", ("weather",), "rain")


def numbers(path):
    return [tuple(map(float, each.split(","))) for each in path.split()]


def test_a_sketch_draws_values_where_they_are():
    x = Axis("x", 1.0, 100.0, (1, 10, 100), logarithmic=True)
    y = Axis("y", 0.0, 2.0, (0, 1, 2))
    svg = sketch([Series([1, 10, 100, 1000], [0, 1, 2, 3], "test", "a < b")], x, y, "so")
    (path,) = re.findall(r'<path d="M([^"]*)"', svg)
    (x0, y0), (x1, y1), (x2, y2) = numbers(path)  # what is off the axis is left out
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.11)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.11)
    assert 0 < x0 < x2 < WIDTH
    assert 0 < y2 < y0 < HEIGHT
    assert "a &lt; b" in svg


@pytest.mark.parametrize("axis", [(1, 1, (), False), (2, 1, (), False), (0, 1, (), True)])
def test_an_axis_runs_from_low_to_high(axis):
    with pytest.raises(ValueError, match="low and high must be in order"):
        Axis("x", *axis)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_drawn_within_its_frame(name, monkeypatch):
    monkeypatch.chdir(BOOK)
    svg = CHARTS[name]()
    places = [each for path in re.findall(r'<path d="M([^"]*)"', svg) for each in numbers(path)]
    places += [(float(x), float(y)) for x, y in re.findall(r'cx="([^"]*)" cy="([^"]*)"', svg)]
    assert len(places) >= 8
    assert all(0 <= x <= WIDTH and 20 <= y <= HEIGHT - 30 for x, y in places)
    assert not re.search("nan|inf", svg)


def test_the_readme_says_what_came_of_the_four():
    found = all_counted(BOOK / "data")
    readme = (BOOK.parent / "README.md").read_text(encoding="utf-8")
    for each in PAPER_PREDICTIONS:
        verdict = verdict_of(decided(each, found))
        assert f"| {each.name} | {each.claim} | {verdict} |" in readme


def test_the_lines_count_what_the_page_of_all_verdicts_counts():
    found = all_counted(BOOK / "data")
    parts = by_part(BOOK / "data")
    (row,) = re.findall(r'critical_size.html">(.*?)</li>', lines(found, questions.QUESTIONS))
    (topic,) = (each for each in TOPICS if each.page == "critical_size")
    group = [each for part in topic.parts for each in counted(parts[part])]
    for verdict in ("holds", "refuted", "open"):
        many = sum(each.judgement.verdict == verdict for each in group)
        assert f"{many} {verdict}</span>" in row
    # Without the correction there would be more that hold.
    bare = [each for part in topic.parts for each in parts[part] if each.quantity.role == "primary"]
    holds = sum(each.judgement.verdict == "holds" for each in bare if not each.place)
    assert f"{holds} holds</span>" not in row


def test_what_decides_the_four_can_be_judged_without_the_rest():
    found, everything = all_counted(BOOK / "data", DECISIVE), all_counted(BOOK / "data")
    assert 0 < len(found) < len(everything)
    for each in PAPER_PREDICTIONS:
        some, same = (
            [(one.quantity.name, one.judgement) for one in decided(each, of)]
            for of in (found, everything)
        )
        assert some == same


def test_parts_that_are_judged_are_parts():
    with pytest.raises(ValueError, match=r"parts must be of .*, got \['coasts'\]"):
        by_part(BOOK / "data", ["costs", "coasts"])
