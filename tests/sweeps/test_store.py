"""What is stored under which name, and when it is found again."""

import importlib.util
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import joblib
import pytest
import xarray as xr

from sweep_functions import calls, marked, run_of
from theory import runs, sweep
from theory.sweeps.store import Store

GRID = {"x": [0, 1, 2, 3]}


def files(store):
    return sorted(store.glob("*"))


@pytest.fixture
def work(tmp_path):
    """The function, with its constants, that leaves marks in this test's folder."""
    return partial(marked, folder=str(tmp_path))


def test_a_stored_sweep_is_the_same_as_one_in_memory(tmp_path, work):
    store = tmp_path / "deep" / "store"
    expected = sweep(run_of, GRID)
    xr.testing.assert_identical(sweep(work, GRID, store), expected)
    xr.testing.assert_identical(sweep(work, GRID, str(store)), expected)
    assert calls(tmp_path) == [0, 1, 2, 3]
    assert len(files(store)) == 4


def test_a_sweep_on_processes_is_the_same_as_one_here(tmp_path, work):
    expected = sweep(run_of, GRID)
    with joblib.parallel_config(n_jobs=2):
        xr.testing.assert_identical(sweep(run_of, GRID), expected)
        xr.testing.assert_identical(sweep(work, GRID, tmp_path / "store"), expected)
    xr.testing.assert_identical(sweep(work, GRID, tmp_path / "store"), expected)
    assert calls(tmp_path) == [0, 1, 2, 3]


def test_a_larger_grid_runs_what_is_new(tmp_path, work):
    sweep(work, {"x": [1, 2]}, tmp_path / "store")
    found = sweep(work, {"x": [3, 2, 1, 0]}, tmp_path / "store")
    assert calls(tmp_path) == [0, 1, 2, 3]
    xr.testing.assert_identical(found, sweep(run_of, {"x": [3, 2, 1, 0]}))


def count_files(x, folder):
    return len(list(Path(folder).glob("*.nc")))


def test_every_run_is_written_before_the_next_begins(tmp_path):
    found = sweep(partial(count_files, folder=str(tmp_path)), GRID, tmp_path)
    assert found.count_files.values.tolist() == [0, 1, 2, 3]


def moving(x, folder):
    os.chdir(folder)
    return x


def test_a_relative_store_stays_where_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    sweep(partial(moving, folder=str(tmp_path / "elsewhere")), {"x": [0, 1]}, "store")
    assert len(files(tmp_path / "store")) == 2


def of_two(a, b):
    return a + b


@pytest.fixture
def path(tmp_path):
    """Return where the run of a cell is stored."""
    return lambda cell, function=of_two: Store.of(tmp_path, function).path(cell)


def test_the_order_of_arguments_does_not_count(path):
    assert path({"a": 1, "b": 2}) == path({"b": 2, "a": 1})


def test_whatever_matters_gives_another_name(path, monkeypatch):
    names = [
        path({"a": 1, "b": 2}),
        path({"a": 2, "b": 1}),
        path({"a": 1.0, "b": 2}),
        path({"a": "1", "b": 2}),
        path({"a": 1, "b": 2}, partial(of_two, 3)),
        path({"a": 1, "b": 2}, partial(of_two, c=3)),
        path({"a": 1, "b": 2}, run_of),
    ]
    monkeypatch.setattr("theory.sweeps.store.__version__", "99.0")
    names.append(path({"a": 1, "b": 2}))
    assert len(set(names)) == len(names)


def test_code_counts_but_not_comments_and_layout(path, tmp_path):
    def path_of(body):
        file = tmp_path / f"module_{abs(hash(body))}.py"
        file.write_text(f"def f(x):\n{body}\n")
        spec = importlib.util.spec_from_file_location("module", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return path({"x": 1}, module.f)

    assert path_of("    return x+1") == path_of("    # why\n    return x + 1  # so")
    assert path_of("    return x+1") != path_of("    return x+2")


def test_a_file_under_a_wrong_name_is_not_taken(tmp_path, work):
    store = Store.of(tmp_path, work)
    sweep(work, GRID, tmp_path)
    store.path({"x": 1}).write_bytes(store.path({"x": 2}).read_bytes())
    with pytest.warns(RuntimeWarning, match=r"holds another run than its name says; it is run"):
        found = sweep(work, GRID, tmp_path)
    xr.testing.assert_identical(found, sweep(run_of, GRID))
    assert calls(tmp_path) == [0, 1, 1, 2, 3]


def test_two_sweeps_at_once_do_not_spoil_each_other(tmp_path, work):
    grids = [{"x": list(range(12))}, {"x": list(range(12))}, {"x": list(range(11, 3, -1))}]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda grid: sweep(work, grid, tmp_path / "store"), grids))
    for grid, each in zip(grids, found, strict=True):
        xr.testing.assert_identical(each, sweep(run_of, grid))
    assert len(files(tmp_path / "store")) == 12
    for file in files(tmp_path / "store"):
        runs.validate(runs.read(file))


def around(constant):
    def inside(x):
        return x + constant

    return inside


def typed():
    """A function as one types it into Python, of which the code cannot be read again."""
    namespace = {}
    exec("def typed(x): return x", namespace)
    return namespace["typed"]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x, "must have a name"),
        (around(1), "use no variables of another"),
        (abs, "must have a name"),
        (partial(run_of, steps={3}), "constants of a stored sweep must be plain values"),
        (typed(), "from a file or a notebook"),
    ],
)
def test_functions_that_cannot_be_told_apart_are_refused(tmp_path, function, message):
    with pytest.raises(ValueError, match=message):
        sweep(function, GRID, tmp_path / "store")
    assert not (tmp_path / "store").exists()
