"""What is recorded comes back, under its own rule only, and one point can be run again."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import json
import runpy
import subprocess
import sys
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
import xarray as xr

from theory import runs
from theory.questions import EXPERIMENTS, __main__, load, recheck, record, records
from theory.questions.records import TOLERANCE, name_of, points, rule_of
from theory.questions.rule import digest

SOURCE = '''"""A question that takes no time."""

import xarray as xr

from theory import sweeps
from theory.questions.rule import Prediction, findings

POINTS = {"size": (1.0, 2.5), "kind": ("a", "b"), "seed": (3, 4, 5)}
LIVE = {**POINTS, "kind": ("b",)}
CALLS = []


def prediction():
    return (Prediction("ratio", "It is 1.", "paper", (0.9, 1.1)),)


def run(folder):
    return sweeps.sweep(again, POINTS, folder)


def again(size, kind, seed):
    CALLS.append((size, kind, seed))
    return xr.Dataset({"test_accuracy": (size + seed) / 10, "parameter_norm": size * seed})


def judge(predictions, runs):
    return findings(predictions, {"ratio": runs.test_accuracy})
'''


@pytest.fixture
def question(tmp_path, monkeypatch):
    """A small experiment in a file of its own, with a workshop and a shelf beside it."""
    file = tmp_path / "question.py"
    file.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("rooms.question", file)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "rooms.question", module)
    spec.loader.exec_module(module)
    (tmp_path / "shelf").mkdir()
    return module


def test_what_is_recorded_comes_back(question, tmp_path):
    file = record(question, tmp_path / "workshop", tmp_path / "shelf")
    assert file == tmp_path / "shelf" / "question.nc"
    found = load(question, tmp_path / "shelf")
    expected = question.run(tmp_path / "other")
    xr.testing.assert_equal(found, expected)
    assert found.attrs["rule"] == rule_of(question) == digest(SOURCE)
    assert json.loads(found.attrs["configuration"]) == {
        name: list(values) for name, values in question.POINTS.items()
    }
    assert json.loads(found.attrs["versions"])["numpy"] == np.__version__
    assert json.loads(found.attrs["machine"]).keys() == {"system", "features"}
    assert found.attrs["kind"] == "experiment"
    assert found.attrs["commit"] == records._commit()


def test_a_record_says_how_long_it_took(question, tmp_path, monkeypatch):
    clock = SimpleNamespace(perf_counter=iter([1000.0, 1007.4]).__next__)
    monkeypatch.setattr(records, "time", clock)
    file = record(question, tmp_path / "workshop", tmp_path / "shelf")
    assert runs.read(file).attrs["seconds"] == 7


def test_a_point_is_run_once_while_the_code_stays(question, tmp_path, monkeypatch):
    places = tmp_path / "workshop", tmp_path / "shelf"
    first = runs.read(record(question, *places))
    assert sorted(question.CALLS) == sorted(itertools.product(*question.POINTS.values()))
    xr.testing.assert_equal(runs.read(record(question, *places)), first)
    assert len(question.CALLS) == 12
    monkeypatch.setattr(records, "_code", lambda: "another state")
    record(question, *places)
    assert len(question.CALLS) == 24
    assert len(list((tmp_path / "workshop" / "question").iterdir())) == 2


def test_runs_under_another_rule_are_refused(question, tmp_path):
    record(question, tmp_path / "workshop", tmp_path / "shelf")
    (tmp_path / "question.py").write_text(SOURCE.replace("0.9", "0.8"))
    message = r"question\.nc was made under another rule than that of question"
    with pytest.raises(ValueError, match=message):
        load(question, tmp_path / "shelf")
    (tmp_path / "question.py").write_text(SOURCE.replace("\n\nCALLS", "  # a note\nCALLS"))
    load(question, tmp_path / "shelf")


def test_runs_without_a_rule_and_torn_files_are_refused(question, tmp_path):
    file = record(question, tmp_path / "workshop", tmp_path / "shelf")
    whole = file.read_bytes()
    runs.write(runs.read(file).drop_attrs(), file)
    with pytest.raises(ValueError, match="was made under another rule"):
        load(question, tmp_path / "shelf")
    file.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match=r"question\.nc is torn or altered"):
        load(question, tmp_path / "shelf")
    file.unlink()
    with pytest.raises(FileNotFoundError, match=r"question\.nc"):
        load(question, tmp_path / "shelf")


def test_points_are_all_combinations_of_what_can_be_run_again(question):
    found = points(question)
    assert len(found) == 6
    assert found[0] == {"size": 1.0, "kind": "b", "seed": 3}
    assert found[-1] == {"size": 2.5, "kind": "b", "seed": 5}
    assert len({tuple(each.values()) for each in found}) == 6


def test_the_key_chooses_the_point_that_is_run_again(question, tmp_path, monkeypatch):
    stored = question.run(tmp_path)
    first, again = ([recheck(question, stored, key=f"{key}") for key in range(40)] for _ in "ab")
    assert [each.point for each in first] == [each.point for each in again]
    assert {tuple(each.point.values()) for each in first} == {
        (size, "b", seed) for size in (1.0, 2.5) for seed in (3, 4, 5)
    }
    for each in first:
        assert each.agrees
        right = (each.point["size"] + each.point["seed"]) / 10
        assert each.stored.test_accuracy.item() == each.found.test_accuracy.item() == right
    monkeypatch.setattr(records, "_commit", lambda: "17")
    assert recheck(question, stored).point == first[17].point


@pytest.mark.parametrize(("off", "agrees"), [(0.9, True), (1.1, False), (np.nan, False)])
@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("name", ["test_accuracy", "parameter_norm"])
def test_a_point_agrees_within_the_tolerance(question, tmp_path, name, off, sign, agrees):
    stored = question.run(tmp_path)
    off *= sign * TOLERANCE
    other = stored[name] + off if name == "test_accuracy" else stored[name] / (1 + off)
    found = recheck(question, stored.assign({name: other}), key="any")
    (unchanged,) = {"test_accuracy", "parameter_norm"} - {name}
    assert found.differences[name] == pytest.approx(abs(off), nan_ok=True)
    assert found.differences[unchanged] == 0
    assert found.agrees == agrees


def test_a_recheck_says_what_was_found(question, tmp_path):
    stored = question.run(tmp_path)
    good, bad = (recheck(question, each, key="1") for each in (stored, stored + 0.04))
    size, seed = good.point["size"], good.point["seed"]
    right, norm = (size + seed) / 10, size * seed
    assert str(good).splitlines() == [
        f"size {size}, kind b, seed {seed}",
        f"test_accuracy   stored {right:.4f}, now {right:.4f}",
        f"parameter_norm  stored {norm:.4f}, now {norm:.4f}",
        "agrees",
    ]
    assert str(bad).endswith("DOES NOT AGREE")
    assert f"stored {right + 0.04:.4f}, now {right:.4f}" in str(bad)


def test_experiments_do_not_share_a_choice(question, tmp_path):
    stored = question.run(tmp_path)
    other = [recheck(question, stored, key=f"{key}").point for key in range(5)]
    question.__name__ = "another"
    assert [recheck(question, stored, key=f"{key}").point for key in range(5)] != other


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_point_of_an_experiment_is_stored_and_can_be_asked_for(experiment):
    for point in points(experiment):
        inspect.signature(experiment.again).bind(**point)
        assert point.keys() == experiment.POINTS.keys()
        assert all(value in experiment.POINTS[name] for name, value in point.items())


def test_the_commit_is_unknown_without_git(monkeypatch):
    def run(*_, **__):
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", run)
    assert records._commit() == "unknown"


def test_the_commit_is_unknown_where_the_package_is_in_no_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setattr(records, "__file__", str(tmp_path / "records.py"))
    assert records._commit() == "unknown"


def test_the_commit_is_that_of_the_package_wherever_one_stands(tmp_path, monkeypatch):
    here = records._commit()
    monkeypatch.chdir(tmp_path)
    assert records._commit() == here


def test_the_code_is_told_apart_by_what_runs_depend_on(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "__file__", str(tmp_path / "runs.py"))
    codes = [records._code()]
    for room in ("experiments", "networks", "networks/tasks"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "one.py").write_text(f"x = '{room}'\n")
        codes.append(records._code())
    (tmp_path / "networks" / "one.py").write_text("x = 2\n")
    codes.append(records._code())
    (tmp_path / "other.py").write_text("x = 2\n")
    assert len(set(codes)) == 5
    assert records._code() == codes[-1]


def test_all_or_some_experiments_are_done_from_the_command_line(monkeypatch, capsys):
    done = []

    def kept(experiment, *places):
        done.append((name_of(experiment), *places, joblib.Parallel().n_jobs))
        return name_of(experiment)

    monkeypatch.setattr(__main__, "record", kept)
    every = ["efficiency", "ungrokking", "weight_decay", "critical_size"]
    __main__.main([])
    assert done == [(name, "experiments", "book/data", -1) for name in every]
    assert capsys.readouterr().out.split() == every
    done.clear()
    __main__.main(["weight_decay"])
    assert [name for name, *_ in done] == ["weight_decay"]
    with pytest.raises(SystemExit, match=r"^experiments are efficiency, .*, got other, some"):
        __main__.main(["some", "efficiency", "other"])
    assert len(done) == 1


def test_the_command_line_is_read(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["theory.questions", "another"])
    with pytest.raises(SystemExit, match=r"^experiments are .*, got another$"):
        runpy.run_path(__main__.__file__, run_name="__main__")


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_experiments_are_run_whole_unless_asked_otherwise(experiment):
    parameters = inspect.signature(experiment.run).parameters
    defaults = {name: each.default for name, each in parameters.items()}
    assert defaults["points"] is experiment.POINTS
    assert defaults.get("shorter", 1) == 1
