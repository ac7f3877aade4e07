"""What counts as a run, and that anything else is refused with the reason."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

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


def test_the_edge_of_a_range_may_be_missed_by_rounding():
    over = np.nextafter(np.float32(1), np.float32(2))
    runs.from_columns([0, 1], test_accuracy=np.array([0, over]), train_loss=[1.0, -1e-7])
    with pytest.raises(ValueError, match=r"^test_accuracy must lie in \[0, 1\], got 1\.000002"):
        runs.from_columns([0, 1], test_accuracy=[0.0, 1.000002])
    with pytest.raises(ValueError, match=r"^test_accuracy must lie in .* got 1\.00000[0-9]+$"):
        runs.from_columns([0, 1], test_accuracy=[0.0, 1.00000123456])


SQUARED = {"train_loss": [0.0102, 0.001], "train_accuracy": [0.009, 0.99]}


def test_a_loss_that_its_accuracy_refutes_as_nats_needs_a_unit():
    for part in ("train", "test"):
        columns = {name.replace("train", part): each for name, each in SQUARED.items()}
        message = rf"^loss_units must be given: {part}_loss 0.0102 at step 0 .* 0.985 .* got 0.009"
        with pytest.raises(ValueError, match=message):
            runs.from_columns([0, 10], **columns)


@pytest.mark.parametrize("unit", ["1", "bit", "nat"])
def test_a_log_carries_the_unit_that_it_is_given(unit):
    run = runs.from_columns([0, 10], loss_units=unit, test_loss=[1.0, 0.5], **SQUARED)
    assert runs.units(run, "train_loss") == runs.units(run, "test_loss") == unit
    assert runs.units(run, "train_accuracy") == "1"


def test_a_loss_in_nats_may_be_as_wrong_as_it_can_be():
    half_right = [np.log(2) / 2, 0.0]
    runs.from_columns([0, 10], train_loss=half_right, train_accuracy=[0.5, 1.0])
    runs.from_columns([0, 10], train_loss=[5.0, 3.0], train_accuracy=[0.0, 0.0])


def test_a_quantity_without_a_unit_has_that_of_its_kind():
    assert runs.units(dataset(), "train_loss") == "nat"
    with pytest.raises(ValueError, match=r"^run must hold test_loss"):
        runs.units(dataset(), "test_loss")


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


WRITTEN = runs.from_columns([0, 10], train_loss=[2.0, 0.5])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Hold `WRITTEN`, and nothing beside it in its folder."""
    path = tmp_path_factory.mktemp("runs") / "run.nc"
    runs.write(WRITTEN, path)
    return path


def test_a_written_run_comes_back(file):
    xr.testing.assert_identical(runs.read(file), WRITTEN)
    xr.testing.assert_identical(runs.read(str(file)), WRITTEN)
    assert list(file.parent.iterdir()) == [file]


def test_whatever_netcdf_holds_comes_back(tmp_path):
    other = xr.Dataset(
        {"winner": ("x", ["M", "G"]), "fits": True, "count": ("x", [1, 2]), "delay": np.nan},
        attrs={"seed": 3, "rate": 0.1},
    )
    runs.write(other, tmp_path / "other.nc")
    found = runs.read(tmp_path / "other.nc")
    xr.testing.assert_identical(found, other)
    assert {name: each.dtype for name, each in found.items()} == {
        name: each.dtype for name, each in other.items()
    }


def test_any_netcdf_reader_opens_a_written_run(file):
    with xr.open_dataset(file, engine="h5netcdf") as found:
        xr.testing.assert_identical(found.load(), WRITTEN)


@given(st.data())
def test_a_flipped_bit_anywhere_is_noticed(file, data):
    content = bytearray(file.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    altered = file.with_name("altered.nc")
    altered.write_bytes(content)
    try:
        with pytest.raises(ValueError, match=r"altered\.nc is torn or altered: its checksum"):
            runs.read(altered)
    finally:
        altered.unlink()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_torn_file_is_noticed(file, tmp_path, share):
    content = file.read_bytes()
    torn = tmp_path / "torn.nc"
    torn.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"torn\.nc is torn or altered"):
        runs.read(torn)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.nc"):
        runs.read(tmp_path / "missing.nc")


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("code", "kind"), [(errno.ENOSPC, OSError), (errno.EACCES, PermissionError)]
)
def test_what_cannot_be_written_changes_nothing(tmp_path, monkeypatch, failing, code, kind):
    path = tmp_path / "run.nc"
    runs.write(WRITTEN, path)

    def fail(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[failing], fail)
    with pytest.raises(kind, match=rf"run\.nc cannot be written: {os.strerror(code)}"):
        runs.write(runs.from_columns([0], train_loss=[1.0]), path)
    xr.testing.assert_identical(runs.read(path), WRITTEN)
    assert list(tmp_path.iterdir()) == [path]
