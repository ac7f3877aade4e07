"""What counts as a run, and that anything else is refused with the reason."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from theory import runs

GOOD = {"step": [0, 10, 20], "train_loss": [2.0, 1.0, 0.5]}


def dataset(**changes):
    columns = GOOD | changes
    step = columns.pop("step")
    return xr.Dataset({name: ("step", values) for name, values in columns.items()}, {"step": step})


def test_a_valid_run_is_returned_unchanged():
    run = dataset()
    assert runs.validate(run) is run


@pytest.mark.parametrize("step", [[0, 10, 20], [5, 6, 1000], [0.0, 1.0, 1e20]])
def test_steps_may_start_late_skip_and_be_floats(step):
    runs.validate(dataset(step=step))


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float32])
def test_steps_may_be_of_any_type(dtype):
    runs.validate(dataset(step=np.array([0, 10, 20], dtype)))


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float32])
def test_steps_that_fall_back_are_refused_in_any_type(dtype):
    with pytest.raises(ValueError, match=r"^step must start at 0 or later and strictly increase"):
        runs.validate(dataset(step=np.array([0, 20, 10], dtype)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"step": [0, 10, 10]}, r"step must .*strictly increase, got \[ 0 10 10\]"),
        ({"step": [-1, 0, 1]}, r"step must start at 0 or later.*got \[-1  0  1\]"),
        ({"step": [0, 0.5, 1]}, "step must hold whole numbers, got"),
        ({"step": [0, np.nan, 1]}, "step must hold whole numbers, got"),
        ({"step": ["a", "b", "c"]}, "step must hold whole numbers, got"),
        ({"train_loss": [2.0, np.nan, 1.0]}, "train_loss must be finite, got nan"),
        ({"train_loss": [2.0, np.inf, 1.0]}, "train_loss must be finite, got inf"),
        ({"train_loss": [2.0, -0.5, 1.0]}, r"train_loss must lie in \[0, inf\], got -0.5"),
        ({"train_loss": ["a", "b", "c"]}, "train_loss must hold numbers, got dtype"),
        ({"test_accuracy": [0, 95, 100]}, r"test_accuracy must lie in \[0, 1\], got 95"),
    ],
)
def test_bad_columns_are_refused_by_name_and_value(changes, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        runs.validate(dataset(**changes))


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ({"train_loss": [1.0]}, "run must be an xarray.Dataset, got dict"),
        (dataset().drop_vars("step"), "run must have a coordinate step"),
        (dataset().isel(step=[]), "run must have a coordinate step .*not empty"),
        (dataset().isel(step=0), "run must have a coordinate step along a dimension step"),
        (dataset().drop_vars("train_loss"), r"run must hold one of train_loss, .*, got \[\]"),
        (dataset().assign(test_loss=1.0), r"test_loss must have the dimension step, got \(\)"),
    ],
)
def test_what_is_no_run_is_refused(run, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        runs.validate(run)


def test_a_log_becomes_a_run_with_units():
    run = runs.from_columns([0, 10], test_loss=[2.0, 1.0], test_accuracy=[0.1, 0.9])
    assert run.attrs["kind"] == "log"
    assert {name: run[name].attrs["units"] for name in run.variables} == {
        "step": "1",
        "test_loss": "nat",
        "test_accuracy": "1",
    }
    assert run["test_loss"].values.tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"accuracy": [0.1, 0.9]}, "accuracy is not a known quantity; known are train_loss, "),
        ({"train_loss": [1.0]}, r"train_loss must have shape \(2,\) like step, got \(1,\)"),
        ({"train_loss": [[1.0], [2.0]]}, r"train_loss must have shape \(2,\).*got \(2, 1\)"),
        ({"train_loss": 1.0}, r"train_loss must have shape \(2,\) like step, got \(\)"),
        ({"train_loss": [1.0, np.nan]}, "train_loss must be finite, got nan"),
        ({}, "run must hold one of"),
    ],
)
def test_a_bad_log_is_refused_by_name_and_value(columns, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        runs.from_columns([0, 10], **columns)


def test_building_describes_every_known_quantity_and_keeps_others():
    columns = {name: ("step", [0.5, 0.5]) for name in [*runs.QUANTITIES, "mine"]}
    run = runs.build(columns, {"step": [0, 1]}, {"kind": "network"})
    for name, quantity in runs.QUANTITIES.items():
        assert run[name].attrs == {"long_name": quantity.long_name, "units": quantity.units}
    assert run["mine"].attrs == {}
    assert run["step"].attrs["units"] == "1"
    assert run.attrs == {"kind": "network"}


def test_building_validates():
    with pytest.raises(ValueError, match=r"^test_accuracy must lie in"):
        runs.build({"test_accuracy": ("step", [2.0])}, {"step": [0]})
    with pytest.raises(ValueError, match=r"^run must have a coordinate step"):
        runs.build({"test_accuracy": ("step", [0.5])}, {})


def test_provenance_is_json_that_parses():
    sweep = xr.DataArray([[1.0], [2.0]], dims=("x", "y"))
    attrs = runs.provenance("minimal model", {"nested": {"kappa": sweep, "steps": 3}})
    assert attrs["kind"] == "minimal model"
    assert json.loads(attrs["configuration"]) == {
        "nested": {"kappa": {"dims": ["x", "y"], "values": [[1.0], [2.0]]}, "steps": 3}
    }
    assert json.loads(attrs["versions"])["numpy"] == np.__version__


def test_provenance_refuses_what_json_cannot_hold():
    with pytest.raises(TypeError, match="configuration must hold plain values"):
        runs.provenance("network", {"optimiser": object()})
