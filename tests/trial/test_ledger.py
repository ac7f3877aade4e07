"""The ledger says what was decided by which code, and what changed since."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import xarray as xr

from theory.questions import Quantity, efficiency, load
from theory.statistics import Bounds, Interval
from theory.theories import THEORIES, Prediction
from theory.trial import Claim, Outcome, judge, ledger, outcomes
from theory.trial.checksum import PACKAGE
from theory.trial.ledger import Entry, Step, entered

DATA = Path(__file__).parents[2] / "book" / "data"

ROW = {
    "theory": "a theory",
    "quantity": "size",
    "place": {"modulus": 47},
    "role": "primary",
    "margin": 0.1,
    "null": None,
    "direction": 0,
    "error": 0.0,
    "predicted": 12.25,
    "off": [0.005, None, 0.07],
    "verdict": "holds",
}
OTHER = {**ROW, "quantity": "slope", "place": {}, "predicted": 0.0}
FIRST = Entry("a", "a", (0, 1), (ROW, OTHER))


def test_code_that_was_there_before_is_as_before():
    found = entered(None, "a", "a", (0, 1), (ROW, OTHER))
    assert found == FIRST
    assert found.standing == "as before the runs"


def test_code_that_came_after_the_runs_has_changed_everything():
    found = entered(None, "a", "b", (0, 1), (ROW, {**ROW, "place": {}}, OTHER))
    assert found.steps == (Step("a", "b", ("a theory: size", "a theory: slope")),)
    assert found.standing == "changed after the runs"


def test_what_came_after_the_runs_came_after_them_without_a_prediction_too():
    found = entered(None, "a", "b", (0, 1), ())
    assert found.steps == (Step("a", "b", ("all of it",)),)
    assert found.standing == "changed after the runs"
    again = entered(entered(None, "a", "a", (0, 1), ()), "b", "b", (0, 1), ())
    assert again.standing == "changed after the runs; try 2"
    assert entered(None, "a", "a", (0, 1), ()).standing == "as before the runs"


def test_code_that_decides_the_same_is_rebuilt():
    once = entered(FIRST, "a", "b", (0, 1), (ROW, OTHER))
    twice = entered(once, "a", "c", (0, 1), (OTHER, ROW))
    assert twice.steps == (Step("a", "b", ()), Step("b", "c", ()))
    assert (twice.rule, twice.checksum) == ("a", "c")
    assert once.standing == twice.standing == "rebuilt, nothing changed"


@pytest.mark.parametrize(
    "change",
    [
        {"predicted": 12.26},
        {"off": [0.006, None, 0.07]},
        {"off": [0.005, 0.0, 0.07]},
        {"off": [0.005, None, 0.08]},
        {"off": [None, None, 0.08]},
        {"off": [None, 0.0, 0.07]},
        {"role": "check"},
        {"null": 12.0},
        {"direction": 1},
        {"error": 0.01},
        {"margin": 0.2},
        {"verdict": "open"},
        {"theory": "another"},
        {"quantity": "length"},
        {"place": {"modulus": 61}},
        {"place": {}},
    ],
)
def test_whatever_else_comes_out_is_told(change):
    found = entered(FIRST, "a", "b", (0, 1), ({**ROW, **change}, OTHER))
    (step,) = found.steps
    now = {**ROW, **change}
    assert set(step.changed) == {"a theory: size", f"{now['theory']}: {now['quantity']}"}
    assert found.standing == "changed after the runs"
    assert entered(found, "a", "c", (0, 1), (ROW, OTHER)).standing == "changed after the runs"


def test_an_open_interval_may_withdraw_its_estimate():
    rows = ({**ROW, "off": [None, None, 0.07]}, OTHER)
    assert entered(FIRST, "a", "b", (0, 1), rows).standing == "rebuilt, nothing changed"


@pytest.mark.parametrize(
    ("rows", "name"),
    [((ROW,), "slope"), ((ROW, OTHER, {**ROW, "quantity": "more"}), "more")],
)
def test_what_is_new_or_gone_is_told(rows, name):
    assert entered(FIRST, "a", "b", (0, 1), rows).steps[-1].changed == (f"a theory: {name}",)


@pytest.mark.parametrize(("off", "changed"), [(1e-8, False), (1e-4, True)])
def test_the_last_digits_may_change(off, changed):
    rows = ({**ROW, "predicted": 12.25 * (1 + off)}, {**OTHER, "predicted": off})
    assert bool(entered(FIRST, "a", "b", (0, 1), rows).steps[-1].changed) == changed


def test_other_verdicts_by_the_same_code_are_refused():
    with pytest.raises(
        ValueError, match=r"^verdicts must follow from code and runs, .*a theory: size"
    ):
        entered(FIRST, "a", "a", (0, 1), ({**ROW, "verdict": "open"}, OTHER))
    assert entered(FIRST, "a", "a", (0, 1), (ROW, OTHER)) is FIRST


def test_runs_of_new_seeds_start_anew():
    old = entered(FIRST, "a", "b", (0, 1), (ROW, OTHER))
    found = entered(old, "b", "b", (2, 3), (OTHER,))
    assert found == Entry("b", "b", (0, 1, 2, 3), (OTHER,), tries=2)
    assert found.standing == "as before the runs; try 2"
    third = entered(entered(found, "b", "c", (2, 3), (OTHER,)), "d", "d", (4, 5), (OTHER,))
    assert third.standing == "as before the runs; try 3"


def test_the_same_seeds_again_under_another_rule_are_no_new_runs():
    """Who saw them may have changed the rule."""
    for seeds in ((0, 1), (1, 2)):
        found = entered(FIRST, "b", "b", seeds, (ROW, OTHER))
        assert found.steps == (Step("a", "b", ("a theory: size", "a theory: slope")),)
        assert found.standing == "changed after the runs; try 2"
        assert found.seeds == tuple(sorted({0, 1, *seeds}))


def test_what_is_written_is_read(tmp_path):
    entries = {
        "one": FIRST,
        "two": entered(FIRST, "a", "b", (0, 1), ({**ROW, "verdict": "open"}, OTHER)),
    }
    ledger.write(entries, tmp_path / "trial.json")
    assert ledger.read(tmp_path / "trial.json") == entries
    assert [file.name for file in tmp_path.iterdir()] == ["trial.json"]
    assert ledger.read(tmp_path / "none.json") == {}


@pytest.fixture
def commit(tmp_path):
    """Commit all that is in a new repository of git."""
    named = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]

    def committed():
        for command in (["init", "-q"], ["add", "."], [*named, "commit", "-qm", "."]):
            subprocess.run(["git", *command], cwd=tmp_path, check=True)

    return committed


def test_steps_that_were_never_committed_are_left_out(tmp_path, commit):
    file = tmp_path / "trial.json"
    ledger.write({"one": FIRST}, file)
    commit()
    for code, changed in (("b", {"verdict": "open"}), ("c", {"predicted": 1.0}), ("d", {})):
        found = entered(ledger.last(file)["one"], "a", code, (0, 1), ({**ROW, **changed}, OTHER))
        ledger.write({"one": found}, file)
    assert ledger.read(file)["one"].steps == (Step("a", "d", ()),)
    assert ledger.read(file)["one"].standing == "rebuilt, nothing changed"
    commit()
    found = entered(ledger.last(file)["one"], "a", "e", (0, 1), (ROW, OTHER))
    assert found.steps == (Step("a", "d", ()), Step("d", "e", ()))
    back = entered(ledger.last(file)["one"], "a", "d", (0, 1), (ROW, OTHER))
    assert back.steps == (Step("a", "d", ()),)


def test_runs_that_were_seen_and_never_committed_stay_seen(tmp_path, commit):
    """Or whoever has seen them could change the rule, and nobody would know."""
    file = tmp_path / "trial.json"
    new = Entry("b", "b", (7, 8), (ROW,))
    ledger.write({"one": FIRST}, file)
    commit()
    ledger.write({"one": replace(new, seeds=(0, 1, 7, 8)), "two": new}, file)
    assert ledger.last(file) == ledger.read(file)
    for name in ("one", "two"):
        found = entered(ledger.last(file)[name], "c", "c", (7, 8), (ROW,))
        assert found.standing == "changed after the runs; try 2"
    ledger.write({"one": replace(FIRST, seeds=(0, 1, 2))}, file)
    assert ledger.last(file)["one"].seeds == (0, 1, 2)


@pytest.mark.parametrize("there", ["no repository", "no git"])
def test_without_git_every_step_stays(tmp_path, monkeypatch, there):
    if there == "no git":
        monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    file = tmp_path / "trial.json"
    ledger.write({"one": FIRST}, file)
    assert ledger.last(file) == {"one": FIRST}


def test_a_ledger_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "trial.json"
    ledger.write({"one": FIRST}, file)
    with pytest.raises(TypeError):
        ledger.write({"one": replace(FIRST, rows=({"verdict": object()},))}, file)
    assert ledger.read(file) == {"one": FIRST}

    def torn(path, text, **_):
        path.write_bytes(text.encode()[:20])
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "write_text", torn)
    with pytest.raises(OSError, match="full"):
        ledger.write({"two": FIRST}, file)
    assert ledger.read(file) == {"one": FIRST}


def test_rows_say_what_was_predicted_and_decided():
    size = Quantity("size", "A size.", "primary", 0.1, relative=True)
    known = Bounds.of(xr.DataArray([0.0, 0.01], dims="seed"))
    outcome = Outcome(
        "a theory",
        "a question",
        size,
        Prediction(12.0, "so it is"),
        {"modulus": 47},
        12.0 + 1 / 3e7,
        Interval(12.0, 11.0, 13.0),
        judge(known, Claim(0.1)),
    )
    (row,) = ledger.rows([outcome])
    interval = [float(f"{each:.7g}") for each in outcome.judgement.interval]
    found = {"predicted": 12.0, "off": interval, "verdict": outcome.judgement.verdict}
    assert row == {**ROW, **found}
    assert json.loads(json.dumps(row)) == row


#: Prints rows and rule of one question, as the package that is imported has them.
ASK = f"""
import json
from theory.questions import efficiency, load
from theory.theories import THEORIES
from theory.trial import ledger, outcomes
found = outcomes(efficiency, THEORIES, efficiency.measure(load(efficiency, {str(DATA)!r})))
print(json.dumps([ledger.rows(found), ledger.rule_of(efficiency)]))
"""


def test_a_rebuilding_of_the_real_code_changes_nothing(tmp_path):
    """A private function of the court gets another name, in a copy of the package."""
    folder = tmp_path / "theory"
    shutil.copytree(PACKAGE, folder, ignore=lambda *_: {"__pycache__", "static"})
    file = folder / "trial" / "verdict.py"
    text = file.read_text(encoding="utf-8")
    assert text.count("_below(") > 2
    file.write_text(text.replace("_below(", "_short_of("), encoding="utf-8")
    there = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(tmp_path)}}
    told = {"capture_output": True, "text": True, "check": True}
    asked = subprocess.run([sys.executable, "-c", ASK], **there, **told)
    rows, rule = json.loads(asked.stdout)
    found = outcomes(efficiency, THEORIES, efficiency.measure(load(efficiency, DATA)))
    code = ledger.rule_of(efficiency)
    before = entered(None, code, code, (0, 1), ledger.rows(found))
    assert rule != code
    assert entered(before, code, rule, (0, 1), tuple(rows)).standing == "rebuilt, nothing changed"
