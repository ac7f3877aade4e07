"""The trial is held from the command line, of all questions or some."""

import runpy
import sys
from types import SimpleNamespace

import joblib
import pytest
import xarray as xr

from theory import runs
from theory.questions import Quantity
from theory.theories import Prediction, Theory
from theory.trial import __main__, ledger

SLOPE = Quantity("slope", "A slope.", "primary", 0.2)


def question(name, **more):
    return SimpleNamespace(
        __name__=f"theory.questions.{name}",
        QUANTITIES=(SLOPE,),
        measure=lambda found: {"slope": found["slope"]},
        **more,
    )


def theory(value):
    said = Prediction(value, "so it is")
    predicts = {(name, "slope"): lambda _: said for name in ("one", "two", "six")}
    return Theory("a theory", "", "", "", predicts)


@pytest.fixture
def court(tmp_path, monkeypatch):
    """Two questions whose runs take no time; what is done is noted."""
    done = []

    def record(asked, rule, paired, workshop, shelf):
        name = asked.__name__.rsplit(".", maxsplit=1)[-1]
        done.append((name, rule, workshop, shelf, joblib.Parallel().n_jobs))
        slope = xr.DataArray([0.1, 0.11], {"seed": [0, 1]}, "seed")
        found = xr.Dataset({"slope": slope}, attrs={"rule": rule})
        runs.write(found, shelf / f"{name}.nc")

    monkeypatch.setattr(__main__, "QUESTIONS", (question("one"), question("two")))
    monkeypatch.setattr(__main__, "THEORIES", (theory(0.1),))
    monkeypatch.setattr(__main__, "record", record)
    monkeypatch.setattr(__main__, "SHELF", tmp_path)
    monkeypatch.setattr(ledger, "rule_of", lambda asked: f"code of {asked.__name__[-3:]}")
    return done


def test_all_questions_are_run_judged_and_entered(court, tmp_path, capsys):
    __main__.main([])
    assert court == [
        (name, f"code of {name}", __main__.WORKSHOP, tmp_path, -1) for name in ("one", "two")
    ]
    assert capsys.readouterr().out.splitlines() == [
        "one: as before the runs",
        "two: as before the runs",
    ]
    entries = ledger.read(tmp_path / "trial.json")
    assert entries.keys() == {"one", "two"}
    (row,) = entries["one"].rows
    assert (row["quantity"], row["predicted"], row["verdict"]) == ("slope", 0.1, "holds")


def test_stored_runs_are_not_done_again_unless_they_are_named(court, monkeypatch):
    __main__.main(["two"])
    __main__.main([])
    assert [name for name, *_ in court] == ["two", "one"]
    monkeypatch.setattr(ledger, "rule_of", lambda _: "another theory")
    __main__.main([])
    assert [name for name, *_ in court] == ["two", "one"]
    __main__.main(["one"])
    assert [name for name, *_ in court] == ["two", "one", "one"]


def test_runs_of_another_question_are_judged_as_seen_before(court, monkeypatch, tmp_path, capsys):
    one = question("one")
    both = one, question("six", RUNS_OF=one)
    monkeypatch.setattr(__main__, "QUESTIONS", both)
    __main__.main([])
    __main__.main(["six"])
    assert [name for name, *_ in court] == ["one"]
    assert capsys.readouterr().out.splitlines() == [
        "one: as before the runs",
        "six: changed after the runs",
        "six: changed after the runs",
    ]
    entry = ledger.read(tmp_path / "trial.json")["six"]
    assert (entry.rule, entry.checksum) == ("code of one", "code of six")


def test_it_is_said_from_where_to_call(court, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(__main__, "SHELF", tmp_path / "none")
    with pytest.raises(SystemExit):
        __main__.main([])
    assert court == []
    assert "call it from the repository, where " in capsys.readouterr().err


def test_some_questions_leave_the_entries_of_others(court, tmp_path):
    __main__.main([])
    before = ledger.read(tmp_path / "trial.json")
    __main__.main(["two"])
    assert [name for name, *_ in court] == ["one", "two", "two"]
    assert ledger.read(tmp_path / "trial.json") == before


def test_stored_runs_are_judged_again_without_a_run(court, tmp_path, monkeypatch, capsys):
    __main__.main([])
    court.clear()
    monkeypatch.setattr(ledger, "rule_of", lambda _: "rebuilt")
    __main__.main(["--judge", "one"])
    monkeypatch.setattr(__main__, "THEORIES", (theory(5.0),))
    monkeypatch.setattr(ledger, "rule_of", lambda _: "other")
    __main__.main(["--judge", "one"])
    assert court == []
    assert capsys.readouterr().out.splitlines()[2:] == [
        "one: rebuilt, nothing changed",
        "one: changed after the runs",
    ]
    steps = ledger.read(tmp_path / "trial.json")["one"].steps
    assert [(step.after, step.changed) for step in steps] == [
        ("rebuilt", ()),
        ("other", ("a theory: slope",)),
    ]


def test_other_verdicts_by_the_same_code_are_refused(court, monkeypatch, tmp_path):
    __main__.main([])
    before = (tmp_path / "trial.json").read_bytes()
    monkeypatch.setattr(__main__, "THEORIES", (theory(5.0),))
    with pytest.raises(ValueError, match="verdicts must follow from code and runs"):
        __main__.main(["--judge"])
    assert (tmp_path / "trial.json").read_bytes() == before


def test_an_unknown_name_is_refused_before_anything_is_run(court, capsys):
    with pytest.raises(SystemExit):
        __main__.main(["some", "one", "other"])
    assert court == []
    assert "questions are one, two, got other, some" in capsys.readouterr().err


def test_the_command_line_is_read(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["theory.trial", "another"])
    with pytest.raises(SystemExit):
        runpy.run_path(__main__.__file__, run_name="__main__")
    assert "questions are efficiency, " in capsys.readouterr().err


def test_the_runs_and_the_ledger_lie_where_the_book_reads_them():
    assert (__main__.SHELF / ledger.PLACE.name).as_posix() == f"book/{ledger.PLACE.as_posix()}"
