"""What is recorded comes back, batches follow the rule, and one point can be run again."""

import importlib.util
import inspect
import itertools
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from theory import runs
from theory.questions import QUESTIONS, Sampling, load, name_of, recheck, record, records
from theory.questions.records import TOLERANCE, points
from theory.statistics import Interval, student_interval

SOURCE = '''"""A question that takes no time."""

import xarray as xr

from theory import sweeps
from theory.questions.question import Sampling

PART = "costs"
POINTS = {"size": (1.0, 2.5), "kind": ("a", "b"), "seed": (3, 4, 5)}
LIVE = {**POINTS, "kind": ("b",)}
SAMPLING = Sampling(3, largest=3)
CALLS = []


def run(folder, points):
    return sweeps.sweep(again, points, folder)


def again(size, kind, seed):
    CALLS.append((size, kind, seed))
    return xr.Dataset({"test_accuracy": (size + seed) / 10, "parameter_norm": size * seed})
'''


@pytest.fixture
def question(tmp_path, monkeypatch):
    """A small question in a file of its own, with a workshop and a shelf beside it."""
    file = tmp_path / "question.py"
    file.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("rooms.question", file)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "rooms.question", module)
    spec.loader.exec_module(module)
    (tmp_path / "shelf").mkdir()
    return module


def places(tmp_path):
    """The rule, what has to be narrow, and where runs and files go."""
    return "a rule", lambda _: [], tmp_path / "workshop", tmp_path / "shelf"


def test_what_is_recorded_comes_back(question, tmp_path):
    file = record(question, *places(tmp_path))
    assert file == tmp_path / "shelf" / "question.nc"
    found = load(question, tmp_path / "shelf")
    expected = question.run(tmp_path / "other", question.POINTS)
    xr.testing.assert_equal(found, expected)
    assert found.attrs["rule"] == "a rule"
    assert json.loads(found.attrs["configuration"]) == {
        name: list(values) for name, values in question.POINTS.items()
    }
    assert json.loads(found.attrs["versions"])["numpy"] == np.__version__
    assert json.loads(found.attrs["machine"]).keys() == {"system", "features"}
    assert found.attrs["kind"] == "question"
    assert found.attrs["commit"] == records._commit()


def test_a_record_says_how_long_it_took(question, tmp_path, monkeypatch):
    clock = SimpleNamespace(perf_counter=iter([1000.0, 1007.4]).__next__)
    monkeypatch.setattr(records, "time", clock)
    file = record(question, *places(tmp_path))
    assert runs.read(file).attrs["seconds"] == 7


def test_a_point_is_run_once_while_the_rule_stays(question, tmp_path):
    rule, *others = places(tmp_path)
    first = runs.read(record(question, rule, *others))
    assert sorted(question.CALLS) == sorted(itertools.product(*question.POINTS.values()))
    xr.testing.assert_equal(runs.read(record(question, rule, *others)), first)
    assert len(question.CALLS) == 12
    record(question, "another rule", *others)
    assert len(question.CALLS) == 24
    assert len(list((tmp_path / "workshop" / "question").iterdir())) == 2


def test_a_question_is_of_a_part_of_the_book(question, tmp_path, monkeypatch):
    monkeypatch.setattr(question, "PART", "others")
    with pytest.raises(
        ValueError, match=r"PART of question must be one of \('costs', .*, got 'oth"
    ):
        record(question, *places(tmp_path))
    assert question.CALLS == []


@pytest.fixture
def reader(question):
    """A question that is asked of the runs of the other."""
    return SimpleNamespace(**{**vars(question), "__name__": "rooms.reader", "RUNS_OF": question})


def test_what_another_question_has_stored_is_read_and_not_run(question, reader, tmp_path):
    record(question, *places(tmp_path))
    shelf = tmp_path / "shelf"
    xr.testing.assert_identical(load(reader, shelf), load(question, shelf))
    done = len(question.CALLS)
    with pytest.raises(
        ValueError, match="question must have runs of its own, got reader with RUNS"
    ):
        record(reader, *places(tmp_path))
    assert len(question.CALLS) == done
    found = recheck(reader, load(reader, shelf), key="1")
    assert found.agrees
    assert [file.name for file in shelf.iterdir()] == ["question.nc"]


def test_nobody_passes_stored_runs_off_as_new_ones(question, tmp_path, monkeypatch):
    record(question, *places(tmp_path))
    stored = load(question, tmp_path / "shelf")
    monkeypatch.setattr(question, "__name__", "rooms.copied")
    monkeypatch.setattr(question, "run", lambda folder, points: stored)
    with pytest.raises(ValueError, match=r"run of copied must make runs, and RUNS_OF .* a rule$"):
        record(question, *places(tmp_path))
    assert [file.name for file in (tmp_path / "shelf").iterdir()] == ["question.nc"]


def test_a_question_needs_as_many_seeds_as_it_may_ask_for(question, tmp_path, monkeypatch):
    monkeypatch.setattr(question, "SAMPLING", Sampling(3, largest=4))
    with pytest.raises(ValueError, match="POINTS of question must have 4 seeds, got 3"):
        record(question, *places(tmp_path))
    assert question.CALLS == []


@pytest.fixture
def seeds(question, tmp_path, monkeypatch):
    """The number of seeds that are recorded for a rule of sampling and spreads."""
    for name in ("POINTS", "LIVE"):
        some = {"size": (1.0,), "kind": ("b",), "seed": tuple(range(20))}
        monkeypatch.setattr(question, name, some)

    def recorded(sampling, spread=0.0):
        monkeypatch.setattr(question, "SAMPLING", sampling)
        monkeypatch.setitem(question.POINTS, "seed", tuple(range(sampling.largest)))
        question.CALLS.clear()
        rule, _, *others = places(tmp_path)

        def paired(found):
            count = found.sizes["seed"]
            return [
                (Interval(0.0, -1e-9, 1e-9), 0.1),
                (student_interval(1 + spread * (-1.0) ** np.arange(count)), 0.1),
            ]

        record(question, rule, paired, *others)
        found = load(question, tmp_path / "shelf")["seed"].values.tolist()
        assert found == list(range(len(found)))
        return len(found)

    return recorded


def wide(spread, count):
    """Width of the interval of numbers that alternate."""
    low, high = student_interval(1 + spread * (-1.0) ** np.arange(count))[1:]
    return high - low


def test_batches_stop_with_the_first_that_is_narrow(seeds, question):
    rule = Sampling(least=4, batch=3, largest=20)
    assert seeds(rule) == 4
    spread = 0.032
    expected = next(n for n in (4, 7, 10, 13) if wide(spread, n) < 0.05)
    assert expected > 7
    assert seeds(rule, spread) == expected
    assert sorted(seed for *_, seed in question.CALLS) == list(range(4, expected))


@pytest.mark.parametrize(("largest", "count"), [(20, 20), (12, 12), (4, 4), (5, 5)])
def test_batches_stop_with_the_largest(seeds, largest, count):
    assert seeds(Sampling(least=4, batch=3, largest=largest), 0.5) == count


def test_only_seeds_that_were_needed_are_named_and_run_again(seeds, question, tmp_path):
    seeds(Sampling(least=4, batch=3, largest=20))
    stored = load(question, tmp_path / "shelf")
    assert json.loads(stored.attrs["configuration"])["seed"] == [0, 1, 2, 3]
    chosen = {recheck(question, stored, key=f"{key}").point["seed"] for key in range(30)}
    assert chosen == {0, 1, 2, 3}


def test_what_is_not_known_asks_for_more_seeds(seeds):
    assert seeds(Sampling(least=4, batch=3, largest=10), np.nan) == 10


def test_runs_without_a_rule_and_torn_files_are_refused(question, tmp_path):
    file = record(question, *places(tmp_path))
    whole = file.read_bytes()
    runs.write(runs.read(file).drop_attrs(), file)
    with pytest.raises(ValueError, match=r"question\.nc does not say under which rule it was made"):
        load(question, tmp_path / "shelf")
    file.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match=r"question\.nc is torn or altered"):
        load(question, tmp_path / "shelf")
    file.unlink()
    message = r"^shelf must be .*, where `make trial` puts question\.nc, got '.*shelf' in /"
    with pytest.raises(FileNotFoundError, match=message):
        load(question, tmp_path / "shelf")


def test_points_are_all_combinations_of_what_can_be_run_again(question):
    found = points(question)
    assert len(found) == 6
    assert found[0] == {"size": 1.0, "kind": "b", "seed": 3}
    assert found[-1] == {"size": 2.5, "kind": "b", "seed": 5}
    assert len({tuple(each.values()) for each in found}) == 6


def test_the_key_chooses_the_point_that_is_run_again(question, tmp_path, monkeypatch):
    stored = question.run(tmp_path, question.POINTS)
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
    stored = question.run(tmp_path, question.POINTS)
    off *= sign * TOLERANCE[name]
    other = stored[name] + off if name == "test_accuracy" else stored[name] / (1 + off)
    found = recheck(question, stored.assign({name: other}), key="any")
    (unchanged,) = {"test_accuracy", "parameter_norm"} - {name}
    assert found.differences[name] == pytest.approx(abs(off), nan_ok=True)
    assert found.differences[unchanged] == 0
    assert found.agrees == agrees


def test_a_recheck_says_what_was_found(question, tmp_path):
    stored = question.run(tmp_path, question.POINTS)
    good, bad = (recheck(question, each, key="1") for each in (stored, stored + 0.2))
    size, seed = good.point["size"], good.point["seed"]
    right, norm = (size + seed) / 10, size * seed
    assert str(good).splitlines() == [
        f"size {size}, kind b, seed {seed}",
        f"test_accuracy   stored {right:.4f}, now {right:.4f}",
        f"parameter_norm  stored {norm:.4f}, now {norm:.4f}",
        "agrees",
    ]
    assert str(bad).endswith("DOES NOT AGREE")
    assert f"stored {right + 0.2:.4f}, now {right:.4f}" in str(bad)


def test_questions_do_not_share_a_choice(question, tmp_path):
    stored = question.run(tmp_path, question.POINTS)
    other = [recheck(question, stored, key=f"{key}").point for key in range(5)]
    question.__name__ = "another"
    assert [recheck(question, stored, key=f"{key}").point for key in range(5)] != other


@pytest.mark.parametrize("question", QUESTIONS, ids=name_of)
def test_every_point_of_a_question_is_stored_and_can_be_asked_for(question):
    for point in points(question):
        inspect.signature(question.again).bind(**point)
        assert point.keys() == question.POINTS.keys()
        assert all(value in question.POINTS[name] for name, value in point.items())


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


@pytest.mark.parametrize("question", QUESTIONS, ids=name_of)
def test_questions_are_run_whole_unless_asked_otherwise(question):
    parameters = inspect.signature(question.run).parameters
    defaults = {name: each.default for name, each in parameters.items()}
    assert defaults["points"] is question.POINTS
    assert defaults.get("shorter", 1) == 1
