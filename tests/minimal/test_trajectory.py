"""The run of a model has the documented form, whatever the model."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from theory import Circuit, MinimalModel, descend, generalisation_step, minimal, runs

PER_CIRCUIT = {"weight", "subweight_a", "subweight_b"}
PER_MODEL = {
    "train_loss": minimal.train_loss,
    "test_loss": minimal.test_loss,
    "train_accuracy": minimal.train_accuracy,
    "test_accuracy": minimal.test_accuracy,
    "parameter_norm": minimal.parameter_norm,
}


@settings(max_examples=12)
@given(strategies.tame_models(kappa=strategies.KAPPA))
def test_every_model_makes_a_valid_run_of_one_form(model):
    run = runs.validate(descend(model, steps=7, record_every=3))
    assert run.data_vars.keys() == PER_CIRCUIT | PER_MODEL.keys()
    assert run["step"].values.tolist() == [0, 3, 6, 7]
    assert run["circuit"].values.tolist() == list(model.names)
    for name in PER_CIRCUIT:
        assert run[name].dims[:2] == ("step", "circuit")
        assert set(run[name].dims[2:]) == model.sizes.keys()
    for name in PER_MODEL:
        assert run[name].dims[0] == "step"
        assert set(run[name].dims[1:]) <= model.sizes.keys()
    for name, values in run.data_vars.items():
        assert values.attrs["units"] == runs.QUANTITIES[name].units


@settings(max_examples=12)
@given(strategies.tame_models(), st.sampled_from(sorted(PER_MODEL)))
def test_what_follows_from_the_weights_does(model, name):
    run = descend(model, steps=4)
    assert np.all(run["weight"] == run["subweight_a"] * run["subweight_b"])
    expected = PER_MODEL[name](model, run["weight"]).transpose(*run[name].dims)
    np.testing.assert_array_equal(run[name], expected)


def test_the_configuration_tells_how_the_run_was_made():
    model = MinimalModel.paper(kappa=[1.0, 1.2], weight_decay=0.01)
    run = descend(model, steps=9, learning_rate=0.02, record_every=4)
    configuration = json.loads(run.attrs["configuration"])
    assert run.attrs["kind"] == "minimal model"
    assert {key: configuration[key] for key in ("steps", "record_every", "learning_rate")} == {
        "steps": 9,
        "record_every": 4,
        "learning_rate": 0.02,
    }
    assert configuration["model"]["kappa"] == {"dims": ["kappa"], "values": [1.0, 1.2]}
    assert configuration["model"]["circuits"][0]["second_subweight"] == 0.005
    assert json.loads(run.attrs["versions"]).keys() >= {"python", "numpy", "xarray"}


@pytest.mark.parametrize("parameter", ["param_norm", "first_subweight", "second_subweight"])
def test_a_bare_sweep_of_a_circuit_s_parameter_keeps_every_recorded_variable(parameter):
    circuit = replace(Circuit("G", 1.0, True), **{parameter: [0.5, 0.7, 0.9]})
    model = MinimalModel((circuit, Circuit("M", 2.0, False)), 1.2, 0.005, 113)
    run = descend(model, steps=3)
    assert run.data_vars.keys() == PER_CIRCUIT | PER_MODEL.keys()
    assert run[parameter].values.tolist() == [0.5, 0.7, 0.9]


def test_swept_coverage_is_measured_cell_by_cell():
    coverage = xr.DataArray([0.0, 0.5, 1.0], dims="case")
    model = MinimalModel((Circuit("G", 1.0, coverage, 0.1),), 1.2, 0.005, 5)
    run = descend(model, steps=3)
    assert run["generalises"].dims == ("circuit", "case")
    assert run["test_accuracy"].isel(step=-1).values.tolist() == [0.0, 0.5, 1.0]
    assert generalisation_step(run)["censored"].values.tolist() == [True, True, False]
    assert generalisation_step(run, 0.4)["censored"].values.tolist() == [True, False, False]


def test_coordinates_that_parameters_carry_stay_with_the_run():
    kappa = xr.DataArray([1.0, 1.2], {"kappa": [1.0, 1.2], "label": ("kappa", ["x", "y"])}, "kappa")
    run = descend(MinimalModel.paper(kappa=kappa), steps=2)
    assert run["label"].values.tolist() == ["x", "y"]
    single = descend(MinimalModel.paper(kappa=kappa.isel(kappa=1)), steps=2)
    assert single["kappa"] == 1.2
