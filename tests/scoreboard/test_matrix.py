"""The matrix: every cell has a source, and nothing is said or scored where a theory is silent."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from made_up import SIZE, SLOPE, outcome
from theory.questions import QUESTIONS, Quantity, name_of
from theory.scoreboard import Matrix, board, findings, rows, state
from theory.scoreboard.disputes import DISPUTES
from theory.scoreboard.earlier import voices
from theory.scoreboard.findings import Finding
from theory.scoreboard.matrix import STATES, cell_id
from theory.scoreboard.row import OURS, Row
from theory.theories import THEORIES, Prediction, Theory
from theory.theories.accounts import ABSTRACT, ACCESS, ACCOUNTS, Account, says
from theory.trial import HOLDS, OPEN, REFUTED
from theory.trial.everything import by_part
from theory.trial.paper import IN_PART

DATA = Path(__file__).parents[2] / "book" / "data"
CHECK = Quantity("a_check", "A check.", "check", 0.1)


def found(*verdicts, quantity=SLOPE):
    return [Finding(outcome(quantity, each, question="width"), after=False) for each in verdicts]


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ([HOLDS], HOLDS),
        ([HOLDS, HOLDS], HOLDS),
        ([HOLDS, REFUTED], IN_PART),
        ([HOLDS, OPEN], IN_PART),
        ([REFUTED, OPEN], REFUTED),
        ([OPEN], OPEN),
    ],
)
def test_the_state_of_a_cell_is_that_of_its_verdicts(verdicts, told):
    assert state(found(*verdicts)) == told
    assert told in STATES


def test_checks_count_only_where_there_is_nothing_else():
    check = found(HOLDS, quantity=CHECK)
    assert state([*check, *found(REFUTED)]) == REFUTED
    assert state(check) == HOLDS


def test_every_theory_is_in_a_row_and_every_account_has_one():
    every = rows()
    assert {each.name for row in every for each in row.on_trial} == {x.name for x in THEORIES}
    assert [row.account for row in every if row.account] == sorted(
        ACCOUNTS, key=lambda each: each.published
    )
    assert len({row.name for row in every}) == len(every)


def test_no_row_is_without_a_source_and_a_place_where_it_could_be_read():
    for row in rows():
        assert all((row.name, row.claim, row.source, row.reading))
        assert row.access in (*ACCESS, OURS)


def test_a_theory_belongs_to_the_account_whose_paper_it_cites():
    account = Account(
        "an account",
        "it is so",
        "arXiv:2309.99999",
        "The abstract was read.",
        {},
        access=ABSTRACT,
        published="2023-09",
        papers=("2309.99999",),
    )
    later = Theory("a later theory", "so", "Somebody (arXiv:2309.99999)", "Read.", {})
    alone, theirs = rows([THEORIES[0], later], [account])
    assert alone.on_trial == (THEORIES[0],)
    assert theirs.on_trial == (later,)
    assert (theirs.access, theirs.published) == (ABSTRACT, "2023-09")


ROWS = (
    Row("<one> & two", "it is so", "a source", "read", ABSTRACT, "2023-01", (THEORIES[0],)),
    Row("silent", "it is so", "another source", "read", OURS, "", (THEORIES[1],), ACCOUNTS[0]),
)
TIMES, SIZES = replace(SLOPE, name="half_exponent"), replace(SIZE, name="half_way_wide")
DIGITS = replace(SLOPE, name="slope_digits")
BOARD = {
    "<one> & two": {
        "width": [
            Finding(outcome(TIMES, HOLDS, question="width"), after=False),
            Finding(outcome(SIZES, REFUTED, question="width"), after=True),
        ],
        "large_starts": [Finding(outcome(DIGITS, OPEN, question="large_starts"), after=False)],
    },
    "silent": {},
}
HTML = Matrix(ROWS, BOARD)._repr_html_()


def test_a_cell_opens_to_figure_source_and_number():
    cell = HTML.split(f'id="{cell_id("<one> & two", "width")}"')[1].split("</details>")[0]
    assert 'href="more_parameters.html#fig-width"' in cell
    assert "Source: a source." in cell
    assert "<li>half exponent: says 1.5; <b>holds" in cell
    assert "It says 1.5" in cell
    assert "The exponent in the width, from 64 to 256 units, of the size at which half" in cell
    assert '<a href="left_open.html#width-half-exponent-' in cell
    assert "Verdict</a>" in cell
    assert cell.count("Added after the runs.") == 1


def test_a_cell_says_what_it_is_before_it_is_opened():
    summaries = re.findall("<summary>(.*?)</summary>", HTML)
    assert any("width</b> holds in part †" in each for each in summaries)
    assert any("large starts</b> open" in each and "†" not in each for each in summaries)


def test_where_a_theory_is_silent_there_is_no_cell_and_no_score():
    silent = HTML.split("<h3>silent</h3>")[1]
    assert "silent on 2" in silent
    assert "says" not in silent.split("silent on")[0]
    body = re.search("<tbody>(.*?)</tbody>", HTML).group(1)
    assert "<td></td><td></td></tr>" in body


def test_names_are_written_as_text():
    assert "<h3>&lt;one&gt; &amp; two</h3>" in HTML
    assert "<one>" not in HTML


def test_the_picture_is_left_out_by_a_screen_reader_and_shows_every_cell():
    picture = re.search("<table.*?</table>", HTML).group(0)
    assert 'aria-hidden="true"' in picture
    assert picture.count("<i ") == 2
    assert 'data-state="holds-in-part"' in picture


def test_all_but_the_first_row_are_folded():
    before, folded = HTML.split('<details class="gv-others"><summary>The other 1, one by one')
    assert "<h3>&lt;one&gt; &amp; two</h3>" in before
    assert folded.count("<section") == 1


def test_the_questions_are_repeated_down_the_picture():
    many = [replace(ROWS[0], name=f"row {at}") for at in range(40)]
    html = Matrix(many, {row.name: BOARD["<one> & two"] for row in many})._repr_html_()
    assert html.count('<tr class="gv-head">') == 3


@pytest.mark.parametrize(
    ("access", "reading", "told"),
    [
        (OURS, "Ours.", "<b>another source</b>. Ours."),
        (ABSTRACT, "The abstract was read.", "<b>another source</b>. The abstract was read."),
        (ABSTRACT, "Section 2 was read.", "<b>another source</b>; abstract. Section 2 was read."),
    ],
)
def test_where_a_claim_was_read_is_said_once(access, reading, told):
    row = replace(ROWS[1], access=access, reading=reading)
    assert told in Matrix([row], {"silent": {}})._repr_html_()


def test_what_is_ours_is_not_second_hand():
    ours = [row for row in rows() if row.reading.startswith("Ours")]
    assert {row.access for row in ours} == {OURS}
    assert "carried over" in {row.name for row in ours}


def test_the_matrix_regenerates_from_stored_runs(monkeypatch):
    monkeypatch.setattr(findings, "by_part", lambda shelf: by_part(shelf, ("transplants",)))
    some = [each for each in QUESTIONS if name_of(each) == "transplants"]
    every = rows()
    made = board(every, DATA, some)
    again = Matrix(every, board(every, DATA, some))._repr_html_()
    assert Matrix(every, made)._repr_html_() == again
    assert state(made["kernel machines"]["transplants"]) == HOLDS
    assert all(each.after for each in made["kernel machines"]["transplants"])
    assert not any(each.after for each in made["Omnigrok"]["transplants"])
    assert made["fitted powers"] == {}
    assert {question for cells in made.values() for question in cells} == {"transplants"}
    assert 'id="score-kernel-machines-transplants"' in again


def test_predictions_that_were_added_are_not_counted_with_those_on_trial(monkeypatch):
    held = SimpleNamespace(calls=[])

    def counted(group):
        held.calls += group
        return []

    monkeypatch.setattr(findings, "counted", counted)
    monkeypatch.setattr(findings, "by_part", lambda shelf: {"a part": []})
    some = [each for each in QUESTIONS if name_of(each) == "transplants"]
    made = board(rows(), DATA, some)
    assert held.calls == []
    assert made["kernel machines"]["transplants"]


def test_what_is_said_on_trial_has_the_verdict_that_it_has_there(monkeypatch):
    account = ACCOUNTS[0]
    tried, late = outcome(verdict=OPEN), outcome(verdict=REFUTED, theory=account.name)
    other = replace(late, predicted=late.predicted + 1)
    monkeypatch.setattr(findings, "_on_trial", lambda shelf: [tried])
    monkeypatch.setattr(findings, "_added", lambda *_: [late, other])
    row = Row("one", "c", "s", "r", ABSTRACT, "2022-02", (), account)
    (cell,) = board([row])["one"].values()
    assert [each.outcome.judgement.verdict for each in cell] == [OPEN, REFUTED]


def test_who_says_what_decides_the_four_is_dated_and_agrees_or_not():
    paper = outcome(question="semi_grokking", quantity=Quantity("in_part", "", "primary", 0.2))
    said = {"theory": "minimal model", "predicted": 0.15}
    model = Finding(
        outcome(paper.quantity, question="semi_grokking", **said, prediction=MORE), after=False
    )
    never = Finding(
        outcome(
            paper.quantity,
            REFUTED,
            question="semi_grokking",
            theory="never",
            predicted=0.0,
            prediction=Prediction(0.0, "never"),
        ),
        after=True,
    )
    some = (
        Row("minimal model", "c", "s", "r", ABSTRACT, "", ()),
        Row("never", "c", "s", "r", ABSTRACT, "2022-05", ()),
        Row("later", "c", "s", "r", ABSTRACT, "2024-05", ()),
    )
    cells = {"semi_grokking": [model]}
    made = {"minimal model": cells, "never": {"semi_grokking": [never]}, "later": cells}
    one, other = voices(some, made)
    assert (one.when, other.when) == ("before", "after")
    assert (one.prediction, one.row, one.before, one.agrees) == ("P4", "never", True, False)
    assert (other.row, other.before, other.agrees) == ("later", False, True)


MORE = Prediction(0.15, "more", direction=1)


def test_what_may_not_have_been_said_at_its_date_carries_the_doubt():
    key = ("semi_grokking", "in_part")
    quantity = Quantity("in_part", "", "primary", 0.2)
    cells = {key[0]: [Finding(outcome(quantity, question=key[0]), after=True)]}
    account = replace(ACCOUNTS[0], predicts={key: says(0.0, "so")}, doubts={key: "ascribed"})
    row = Row("one", "c", "s", "r", ABSTRACT, "2022-02", (), account)
    (voice,) = voices([row], {"minimal model": cells, "one": cells})
    assert voice.when == "before (ascribed)"


@pytest.mark.parametrize("dispute", DISPUTES, ids=lambda each: f"{each.one}, {each.other}")
def test_a_dispute_is_between_rows_and_says_which_run_would_decide(dispute):
    names = {row.name for row in rows()}
    assert {dispute.one, dispute.other} <= names
    assert dispute.one != dispute.other
    assert dispute.about
    assert dispute.run


def test_a_prediction_that_is_added_does_not_touch_the_rules_of_questions():
    assert "accounts" not in (
        Path(__file__).parents[2] / "theory" / "theories" / "__init__.py"
    ).read_text(encoding="utf-8")
    assert says(0.0, "so it is")({}).value == 0.0
