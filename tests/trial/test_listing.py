"""The list of all verdicts."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from made_up import SIZE, SLOPE, outcome
from theory.questions import QUESTIONS, Quantity, load, name_of
from theory.questions.records import file_of
from theory.statistics import Interval
from theory.theories import THEORIES, Prediction
from theory.trial import HOLDS, OPEN, REFUTED, listing, outcomes
from theory.trial.chapters import FIGURES
from theory.trial.listing import Verdicts, anchor

CHECK = Quantity("a_check", "A check.", "check", 0.1)
FOUND = [
    outcome(question="efficiency"),
    outcome(question="efficiency", verdict=REFUTED, theory="<another> & one", predicted=1.9),
    outcome(question="efficiency", verdict=HOLDS, place={"modulus": 47}),
    outcome(question="efficiency", verdict=OPEN, place={"modulus": 61}, judgement={"needed": 9}),
    outcome(SIZE, OPEN, question="efficiency", judgement={"reason": "no nearer than the guess"}),
    outcome(CHECK, question="efficiency"),
]


def html(parts):
    return Verdicts(parts)._repr_html_()


class Rows(HTMLParser):
    """The attributes and the words of every row, and of the folds around it."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.depth, self.inside, self.folds = [], 0, None, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "details":
            self.folds.append(given.get("class"))
        if given.get("class") == "gv-row":
            self.inside, self.depth = {**given, "text": "", "folds": list(self.folds)}, 0
            self.rows.append(self.inside)
        self.depth += tag == "div"

    def handle_endtag(self, tag):
        if tag == "details":
            self.folds.pop()
        self.depth -= tag == "div"
        if self.depth <= 0:
            self.inside = None

    def handle_data(self, data):
        if self.inside is not None:
            self.inside["text"] += data


def test_every_prediction_is_a_row_that_filters_can_read():
    rows = Rows(html({"costs": FOUND})).rows
    assert [(each["data-theory"], each["data-verdict"]) for each in rows] == [
        ("a theory", HOLDS),
        ("<another> & one", REFUTED),
        ("a theory", OPEN),
        ("a theory", HOLDS),
    ]
    assert [each["folds"] for each in rows] == [
        ["gv-part"],
        ["gv-part"],
        ["gv-part", "gv-fold"],
        ["gv-part", "gv-fold"],
    ]
    for row in rows:
        assert row["text"].startswith(row["data-verdict"])
        assert f"{row['data-theory']} says 1." in row["text"]


def test_filters_offer_every_theory_once_and_every_verdict():
    text = html({"costs": FOUND, "other tasks": FOUND})
    options = [unescape(each) for each in re.findall("<option>(.*?)</option>", text)]
    assert options == ["a theory", "<another> & one"]
    assert re.findall('data-choice="(.*?)"', text) == ["", HOLDS, REFUTED, OPEN]
    assert '<form class="gv-filters" aria-label="Choose predictions" hidden>' in text


def test_a_row_has_sentence_effect_reason_places_and_figure():
    row = Rows(html({"costs": FOUND})).rows[0]
    for words in (
        "says 1.5 (±0.25 counts as right); the runs: 1.6 [1.5, 1.7], 5 seeds",
        "+0.12 [-0.25, +0.5]",
        "Since: so it is.",
        "Another theory says something else.",
        "modulus 61: open: about 9 seeds would decide, +0.12 [-0.25, +0.5]",
    ):
        assert words in row["text"]
    assert f'<a href="{FIGURES["efficiency"]}">Figure</a>' in html({"costs": FOUND})
    assert 'aria-label="Places: 1 holds, 1 open"' in html({"costs": FOUND})


def test_a_part_has_the_rerun_of_each_of_its_questions_once():
    text = html({"costs": [*FOUND, outcome(question="relu_cost")]})
    again = re.findall(r"<code>questions.recheck\(questions.(\w+), (.*?)\)</code>", text)
    names = ("efficiency", "relu_cost")
    assert again == [(name, f"questions.load(questions.{name})") for name in names]


def test_a_row_leads_to_a_section_where_there_is_no_figure_and_nowhere_without_a_page():
    text = html({"costs": [outcome(question="relu_cost"), outcome(question="not asked")]})
    links = re.findall('<a href="([^#]*)#[^"]*">(.*?)</a>', text)
    assert links == [("other_circuits.html", "Section"), ("", "Link"), ("", "Link")]


def test_a_part_is_a_line_that_can_be_linked_to_and_counts_what_counts():
    text = html({"costs": FOUND, "four predictions": [outcome()]})
    assert '<details class="gv-part" id="part-four-predictions"><summary><h3>Four' in text
    first = text.split("<summary>")[1].split("</summary>")[0]
    told = "Costs, first trial 1 holds 1 refuted"
    assert re.sub("<.*?>", " ", first).split() == told.split()


def test_a_row_says_why_it_is_open_and_what_the_guess_was():
    row = Rows(html({"costs": FOUND})).rows[2]
    assert "5 seeds – no nearer than the guess." in row["text"]
    assert "The guess without a theory is 12.5: as before." in row["text"]


def test_a_row_says_that_it_holds_but_not_exactly():
    one = outcome(interval=Interval(0.1, 0.05, 0.15))
    assert "5 seeds – not exactly." in Rows(html({"costs": [one]})).rows[0]["text"]


def test_words_are_no_markup():
    odd = replace(SLOPE, meaning="A slope < 1 & <b>.")
    text = html({"costs": [outcome(odd, theory="<i>", prediction=Prediction(1.5, "a < b"))]})
    assert "A slope &lt; 1 &amp; &lt;b&gt;." in text
    assert "<b>&lt;i&gt;</b>" in text
    assert "a &lt; b" in text


def test_what_counts_is_corrected_for_the_number_of_predictions():
    judged = outcome(verdict=REFUTED)
    shaky = replace(judged, judgement=replace(judged.judgement, chance=0.02))
    several = [replace(shaky, theory=f"theory {each}") for each in range(3)]
    rows = Rows(html({"costs": several})).rows
    assert {each["data-verdict"] for each in rows} == {OPEN}
    assert all("not clear enough among so many predictions" in each["text"] for each in rows)
    folded = [replace(each, quantity=SIZE) for each in several]  # not counted, so as it stands
    assert {each["data-verdict"] for each in Rows(html({"costs": folded})).rows} == {REFUTED}


def test_a_part_with_nothing_is_left_out():
    assert "<h3>" not in html({"costs": []})


def test_a_meaning_comes_after_those_that_it_refers_to():
    names = ["A first size.", "A size.", "The same from scratch.", "The exponent of that ratio."]
    quantities = [Quantity(f"q{i}", each, "primary", 0.1) for i, each in enumerate(names)]
    text = html({"costs": [outcome(each) for each in quantities]})
    assert "<h4>A size.</h4>" in text
    before = '<span class="gv-before">A size.</span> The same from scratch.'
    assert before in text
    before = '<span class="gv-before">A size. The same from scratch.</span> The exponent of that'
    assert before in text


def test_every_stored_prediction_has_a_row_of_its_own():
    parts = {}
    stored = [each for each in QUESTIONS if file_of(each, "book/data").exists()]
    for each in stored:
        found = outcomes(each, THEORIES, each.measure(load(each, "book/data")))
        parts[each.PART] = [*parts.get(each.PART, []), *found]
    whole = [one for found in parts.values() for one in found if not one.place]
    rows = Rows(html(parts)).rows
    assert sorted(each["id"] for each in rows) == sorted(anchor(each) for each in whole)
    assert len({each["id"] for each in rows}) == len(rows)
    spoken_of = {question for theory in THEORIES for question, _ in theory.predicts}
    assert {name_of(each) for each in stored} & spoken_of == {each.question for each in whole}


def test_a_quantity_that_was_not_found_is_refused():
    with pytest.raises(ValueError, match="meanings must have a_slope, got"):
        listing._title("efficiency", "a_slope", [])
