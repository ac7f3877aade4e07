"""Functions of plain values over grids."""

import sys

import numpy as np
import pytest
import xarray as xr
from threadpoolctl import threadpool_limits

from sweep_functions import blas_threads
from theory import MinimalModel, descend, fit_step, generalisation_step, networks, runs, sweep
from theory.runs import DivergedError
from theory.sweeps import SweepError


def trained(kappa, weight_decay):
    return descend(MinimalModel.paper(kappa, weight_decay), steps=50, record_every=10)


def test_a_sweep_is_what_the_model_sweeps_itself():
    kappa, decay = [1.0, 1.2, 1.5], [0.001, 0.1]
    found = sweep(trained, {"kappa": kappa, "weight_decay": decay})
    expected = trained(kappa, decay)
    assert found.train_loss.dims == ("kappa", "weight_decay", "step")
    for name in expected.data_vars:
        np.testing.assert_array_equal(found[name], expected[name].transpose(*found[name].dims))
    runs.validate(found)
    assert found.kappa.values.tolist() == kappa
    assert found.train_loss.units == "nat"


def test_measures_take_a_sweep():
    found = sweep(trained, {"kappa": [1.0, 1.2], "weight_decay": [0.01]})
    assert generalisation_step(found).dims == ("kappa", "weight_decay")


def test_every_combination_is_called_once_in_order_with_plain_values():
    calls = []

    def record(size, seed, name):
        calls.append((size, seed, name))
        return float(size)

    found = sweep(record, {"size": np.array([5, 6]), "seed": range(2), "name": ("b", "a")})
    assert calls == [(s, seed, n) for s in (5, 6) for seed in (0, 1) for n in ("b", "a")]
    assert all(type(size) is int for size, _, _ in calls)
    assert found.record.dims == ("size", "seed", "name")
    assert found.name.values.tolist() == ["b", "a"]
    assert found.record.sel(size=6, seed=1, name="a").item() == 6.0


def test_each_cell_is_at_its_labels():
    found = sweep(lambda x, y, z: 100 * x + 10 * y + z, {"x": [1, 2], "y": [3, 4, 5], "z": [6, 7]})
    (values,) = found.data_vars.values()
    for x in (1, 2):
        for y in (3, 4, 5):
            for z in (6, 7):
                assert values.sel(x=x, y=y, z=z).item() == 100 * x + 10 * y + z


def test_arrays_keep_their_dimensions():
    def line(slope):
        return xr.DataArray(slope * np.arange(3.0), {"x": [0, 1, 2]}, "x")

    found = sweep(line, {"slope": [1.0, 2.0]})
    assert found.line.dims == ("slope", "x")
    assert found.line.sel(slope=2.0).values.tolist() == [0, 2, 4]


def test_coordinates_that_differ_are_kept_apart():
    def measured(size):
        return xr.DataArray(1.0).assign_coords(censored=size > 1)

    found = sweep(measured, {"size": [1, 2]})
    assert found.censored.values.tolist() == [False, True]


def test_attributes_are_kept_where_all_agree():
    def made(seed):
        return xr.Dataset({"x": 1.0}, attrs={"kind": "log", "seed": seed})

    assert sweep(made, {"seed": [0, 1]}).attrs == {"kind": "log"}


def lengths(count):
    return xr.DataArray(np.zeros(count), {"x": np.arange(count)}, "x")


def identity(x):
    return x


@pytest.mark.parametrize(
    ("function", "grid", "message"),
    [
        (identity, {}, "grid must not be empty"),
        (identity, {"x": []}, "x must not be empty"),
        (identity, {"x": "text"}, "x must be several values, got 'text'"),
        (identity, {"x": 3}, "x must be several values, got 3"),
        (identity, {"x": [1, 1]}, "x must not hold a value twice"),
        (identity, {"x": [None]}, "x must hold numbers or texts, got None"),
        (identity, {"x": [[1, 2]]}, "x must hold numbers or texts"),
        (identity, {"diverged": [1]}, "grid must not use the name diverged"),
        (lengths, {"count": [1, 2]}, "results along count do not fit together"),
    ],
)
def test_bad_input_is_refused(function, grid, message):
    with pytest.raises(ValueError, match=message):
        sweep(function, grid)


@pytest.mark.parametrize("name", ["x", "diverged"])
def test_results_of_the_grids_names_are_refused(name):
    message = rf"^x=1: ValueError: results must not use the names of the grid, got \['{name}'\]"
    with pytest.raises(SweepError, match=message):
        sweep(lambda x: xr.DataArray([1.0], dims=name), {"x": [1]})


def recorded(*steps):
    return runs.from_columns(steps, train_loss=[float(step) for step in steps])


def test_runs_of_unequal_length_share_all_steps():
    found = sweep(lambda x: recorded(*range(0, 5 * x, x)), {"x": [1, 2]})
    assert found.step.values.tolist() == [0, 1, 2, 3, 4, 6, 8]
    for x in (1, 2):
        there = found.train_loss.sel(x=x).dropna("step")
        assert there.values.tolist() == there.step.values.tolist() == list(range(0, 5 * x, x))
    assert not found.diverged.any()
    assert found.train_loss.units == "nat"


def diverging(kappa, learning_rate):
    """Simulate, and say of a large rate that the run ended after its first record."""
    run = descend(MinimalModel.paper(kappa), 30, 0.1 * learning_rate, record_every=10)
    if learning_rate > 1:
        raise DivergedError("too fast", run.isel(step=[0]))
    return run


GRID = {"kappa": [1.0, 1.2], "learning_rate": [0.01, 2.0, 0.1]}


def test_a_diverging_run_is_marked_and_holds_what_it_recorded():
    found = sweep(diverging, GRID)
    assert found.diverged.dims == ("kappa", "learning_rate")
    assert found.diverged.values.tolist() == [[False, True, False]] * 2
    lost = found.train_loss.isnull()
    assert not lost.sel(step=0).any()
    assert lost.sel(learning_rate=2.0, step=slice(1, None)).all()
    assert not lost.sel(learning_rate=[0.01, 0.1]).any()


def test_measures_take_the_runs_that_did_not_diverge():
    found = sweep(diverging, GRID).stack(run=tuple(GRID))
    with pytest.raises(ValueError, match="train_loss must be finite"):
        fit_step(found)
    measured = fit_step(found.isel(run=~found.diverged.values)).unstack("run")
    expected = fit_step(sweep(diverging, GRID | {"learning_rate": [0.01, 0.1]}))
    for name in ("before", "after", "censored"):
        np.testing.assert_array_equal(measured[name], expected[name])
    np.testing.assert_array_equal(measured, expected)


def trained_network(learning_rate, seed):
    split = networks.modular_addition(5).split(train_size=20, rng=0)
    optimiser = networks.GradientDescent(learning_rate)
    return networks.train(networks.TwoLayer(8), split, optimiser, 20, seed, record_every=1)


def test_a_network_that_diverges_is_marked(tmp_path):
    grid = {"learning_rate": [0.01, 1e6], "seed": [0, 1]}
    found = sweep(trained_network, grid, tmp_path)
    assert found.diverged.values.tolist() == [[False, False], [True, True]]
    kept = found.train_loss.sel(learning_rate=1e6).notnull().sum("step")
    assert (kept >= 1).all()
    assert (kept < 21).all()
    xr.testing.assert_identical(sweep(trained_network, grid, tmp_path), found)


def test_a_model_that_overflows_is_marked():
    def simulated(learning_rate):
        return descend(MinimalModel.paper(1.0, 1.0), steps=40, learning_rate=learning_rate)

    found = sweep(simulated, {"learning_rate": [0.01, 1e9, 0.02]})
    assert found.diverged.values.tolist() == [False, True, False]
    assert found.train_loss.isel(learning_rate=1).isnull().all()


def test_a_sweep_of_which_nothing_is_left_says_so():
    def start(x):
        raise DivergedError("at once", None)

    found = sweep(start, {"x": [1, 2]})
    assert found.diverged.values.tolist() == [True, True]
    assert not found.data_vars


def test_calls_that_fail_are_named_and_stop_the_sweep():
    asked = []

    def broken(a, b):
        asked.append((a, b))
        return 1 / (a - b)

    message = r"^a=1, b=1: ZeroDivisionError: .*\nGive a store to keep finished runs\.$"
    with pytest.raises(SweepError, match=message):
        sweep(broken, {"a": [1, 2], "b": [3, 2, 1]})
    assert asked == [(1, 3), (1, 2), (1, 1)]


def test_linear_algebra_runs_on_one_thread():
    with threadpool_limits(2):
        assert blas_threads(0) == 2
        assert sweep(blas_threads, {"x": [0]}).blas_threads.item() == 1
        assert blas_threads(0) == 2


def test_progress_counts_the_runs_that_are_left(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    sweep(identity, {"x": [1, 2, 3]}, tmp_path)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    sweep(identity, {"x": [1, 2, 3, 4]}, tmp_path)
    assert "sweep:  75%|" in capsys.readouterr().err
