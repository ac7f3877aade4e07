"""Functions of plain values over grids."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from theory import MinimalModel, descend, generalisation_step, runs, sweep


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
        (lengths, {"count": [1, 2]}, "results along count do not fit together"),
        (
            lambda x: xr.DataArray([1.0], dims="x"),
            {"x": [1]},
            r"results must not use the names of the grid, got \['x'\]",
        ),
    ],
)
def test_bad_input_is_refused(function, grid, message):
    with pytest.raises(ValueError, match=message):
        sweep(function, grid)
