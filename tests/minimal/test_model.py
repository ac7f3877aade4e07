"""The model's parameters: what they accept, how they cross, that they cannot change."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings

import strategies
from theory import Circuit, MinimalModel, descend, measures, minimal, runs

G = Circuit("G", 1.0, True)
M = Circuit("M", 2.0, False)


def build(**changes):
    """Return the paper's model with some of its own arguments changed."""
    return replace(MinimalModel.paper(), **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kappa": 0.0}, "kappa must be above 0, got 0"),
        ({"kappa": -1.2}, "kappa must be above 0, got -1.2"),
        ({"kappa": np.nan}, "kappa must be finite, got nan"),
        ({"kappa": [1.0, np.inf]}, "kappa must be finite, got inf"),
        ({"kappa": np.ones((2, 2))}, r"kappa must .* got a bare array of shape \(2, 2\)"),
        ({"weight_decay": -0.005}, "weight_decay must be at least 0, got -0.005"),
        ({"weight_decay": np.nan}, "weight_decay must be finite, got nan"),
        ({"num_labels": 2}, "num_labels must be at least 3, got 2"),
        ({"num_labels": 3.5}, r"num_labels must be whole, got 3\.5"),
        ({"num_labels": [3, 7.25]}, r"num_labels must be whole, got 7\.25"),
        ({"num_labels": np.inf}, "num_labels must be finite, got inf"),
        ({"circuits": ()}, r"circuits must be one or more theory.Circuit, got \(\)"),
        ({"circuits": G}, r"circuits must be one or more theory.Circuit, got Circuit\("),
        ({"circuits": None}, "circuits must be one or more theory.Circuit, got None"),
        ({"circuits": (G, "M")}, r"circuits must be one or more theory.Circuit, got \("),
        ({"circuits": (G, M, G)}, r"circuits must have different names, got \['G', 'M', 'G'\]"),
        ({"half_decay": 0.5}, "half_decay must be True or False, got 0.5"),
    ],
)
def test_a_bad_model_is_refused_by_name_and_value(changes, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        build(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "name must be a non-empty string, got ''"),
        ({"name": 3}, "name must be a non-empty string, got 3"),
        ({"param_norm": 0.0}, "param_norm must be above 0, got 0"),
        ({"param_norm": -1.0}, "param_norm must be above 0, got -1"),
        ({"generalises": 1.5}, "generalises must be at most 1, got 1.5"),
        ({"generalises": -0.1}, "generalises must be at least 0, got -0.1"),
        ({"generalises": [0.5, 2.0]}, "generalises must be at most 1, got 2"),
        ({"first_subweight": np.nan}, "first_subweight must be finite, got nan"),
        ({"second_subweight": -np.inf}, "second_subweight must be finite, got -inf"),
        ({"second_subweight": np.ones((1, 2))}, "second_subweight must .* got a bare array"),
    ],
)
def test_a_bad_circuit_is_refused_by_name_and_value(changes, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        replace(G, **changes)


@pytest.mark.parametrize("pair", ["param_norm", "second_subweight"])
@pytest.mark.parametrize("value", [1.0, (1.0,), (1.0, 2.0, 3.0)])
def test_the_paper_needs_pairs(pair, value):
    with pytest.raises(ValueError, match=f"^{pair} must be a pair .* got "):
        MinimalModel.paper(**{pair: value})


@pytest.mark.parametrize("other", [[1.0, 1.5], [1.0, 1.2, 1.4]])
def test_parameters_on_different_grids_are_refused(other):
    along_kappa = xr.DataArray(np.full(len(other), 0.005), {"kappa": other}, "kappa")
    with pytest.raises(ValueError, match=r"must have the same coordinates along it.*'kappa'"):
        MinimalModel.paper(kappa=[1.0, 1.2], weight_decay=along_kappa)


def test_two_bare_sweeps_of_the_same_parameter_must_agree():
    with pytest.raises(ValueError, match=r"must have the same coordinates along it.*'param_norm'"):
        MinimalModel.paper(param_norm=([1.0, 2.0], [3.0, 4.0]))


#: What equilibrium, relaxation_rates, winner, time_to_grok, two_functions and loop_ends name.
NAMED = (
    *("point", "kind", "index", "loss", "support", "root", "mode", "rule", "reason"),
    *("A", "B", "time", "up", "down", "up_by", "down_by"),
)


@pytest.mark.parametrize("taken", ["circuit", "step", "generalises", *NAMED, *runs.QUANTITIES])
def test_a_sweep_cannot_take_the_name_of_what_a_result_holds(taken):
    sweep = xr.DataArray([1.0, 1.2], dims=taken)
    with pytest.raises(ValueError, match=f"^kappa must not have a dimension .* {taken}, got"):
        MinimalModel.paper(kappa=sweep)


def test_other_parameters_cross_with_the_model_s_or_are_refused():
    model = MinimalModel.paper(xr.DataArray([1.0, 1.2], {"x": [0, 1]}, "x"))
    grid = model.crossed(rate=xr.DataArray([0.1, 0.2, 0.3], dims="y"), other=3.0)
    assert dict(grid.sizes) == {"x": 2, "y": 3}
    assert not grid.any()
    with pytest.raises(ValueError, match=r"same coordinates along it.*'x'"):
        model.crossed(rate=xr.DataArray([0.1, 0.2], {"x": [1, 2]}, "x"))
    with pytest.raises(ValueError, match=r"^rate must not have a dimension .* kind, got"):
        model.crossed(rate=xr.DataArray([0.1], dims="kind"))


def along_x(first, values):
    """Return values along x, whose coordinates start at `first`."""
    return xr.DataArray(values, {"x": first + np.arange(len(values))}, "x")


BASE = along_x(0, [1.0, 1.2])
MODEL = MinimalModel.paper(BASE)
SWEPT = MinimalModel((Circuit("c", 1.0, True, BASE, BASE),), BASE, BASE, 113)
LOOPED = MinimalModel.paper(along_x(0, [3.0, 4.0]), param_norm=(1.0, 0.05))
OTHER = along_x(1, [0.5, 0.6])
OTHER_RUN = descend(MinimalModel.paper(along_x(1, [1.0, 1.2])), 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: descend(MODEL, 2, OTHER),
        lambda: minimal.updates_per_decade(MODEL, OTHER),
        lambda: minimal.updates_per_decade(MinimalModel.paper(), along_x(0, [0.1, 0.2]), OTHER),
        lambda: minimal.time_alone(MODEL, OTHER),
        lambda: minimal.without_temperature(SWEPT, OTHER),
        lambda: measures.loss_recovery_step(OTHER_RUN, along_x(0, [3, 4])),
        lambda: minimal.objective_bound(MODEL, OTHER),
        lambda: minimal.at_size(MinimalModel.paper(param_norm=(1.0, BASE)), OTHER),
        lambda: minimal.loop_ends(LOOPED, OTHER),
        lambda: minimal.loop_ends(LOOPED, 0.1, OTHER),
        lambda: minimal.slow_sweep(LOOPED, [100.0], OTHER),
        lambda: minimal.with_spread(MODEL, OTHER_RUN, 0.3),
        lambda: minimal.with_spread(MODEL, descend(MODEL, 2), OTHER),
        lambda: minimal.sampled_accuracy(along_x(0, [0.1, 0.2]), OTHER),
    ],
)
def test_no_sweep_beside_the_model_s_is_cut_to_what_both_have(call):
    with pytest.raises(ValueError, match=r"same coordinates along it.*'x'"):
        call()


def test_the_paper_s_preset():
    model = MinimalModel.paper()
    generalising = Circuit("generalising", 1.0, True, 0.0, 0.005)
    memorising = Circuit("memorising", 2.0, False, 0.0, 1.0)
    assert model == MinimalModel((generalising, memorising), 1.2, 0.005, 113)
    assert not model.half_decay


def test_parameters_cross_by_dimension_name():
    shared = xr.DataArray([1.0, 2.0, 3.0], dims="seed")
    model = MinimalModel.paper(
        kappa=[1.0, 1.2], weight_decay=[0.0, 0.1, 0.2], param_norm=(shared, shared)
    )
    assert model.sizes == {"kappa": 2, "weight_decay": 3, "seed": 3}
    assert set(model.cost.dims) == {"circuit", "kappa", "weight_decay", "seed"}


@settings(max_examples=20)
@given(strategies.models())
def test_cost_and_exponent_are_those_of_the_equations(model):
    for index, cell in strategies.cells(model):
        alpha = cell.weight_decay / 2 if cell.half_decay else cell.weight_decay
        cost = [2 * alpha / cell.kappa * circuit.param_norm**2 for circuit in cell.circuits]
        here = model.cost.isel(index, missing_dims="ignore").transpose("circuit")
        np.testing.assert_allclose(here, cost, rtol=1e-12)
        exponent = xr.DataArray(model.r).isel(index, missing_dims="ignore")
        np.testing.assert_allclose(exponent, 2 / cell.kappa - 1, rtol=1e-12, atol=1e-15)


@settings(max_examples=20)
@given(strategies.models())
def test_a_copy_by_value_is_equal(model):
    twin = replace(model, circuits=[replace(circuit) for circuit in model.circuits])
    assert twin == model
    assert model != replace(model, half_decay=not model.half_decay)
    assert model != replace(model, kappa=model.kappa * 2)
    assert model != replace(model, circuits=(replace(model.circuits[0], name="Z"),))


def test_equality_looks_at_values_and_at_labels():
    sweep = xr.DataArray([1.0, 1.2], {"x": [0, 1]}, "x")
    model = MinimalModel.paper(kappa=sweep)
    assert model == MinimalModel.paper(kappa=sweep.copy())
    assert model != MinimalModel.paper(kappa=sweep.assign_coords(x=[0, 2]))
    assert model != MinimalModel.paper(kappa=sweep.rename(x="y"))
    assert model != MinimalModel.paper(kappa=1.0)
    assert model != "model"
    assert replace(G, param_norm=sweep) != replace(G, param_norm=sweep + 1)


def test_models_and_circuits_are_unhashable():
    for value in (MinimalModel.paper(), G):
        with pytest.raises(TypeError, match="unhashable"):
            hash(value)


def test_parameters_cannot_be_set():
    with pytest.raises(FrozenInstanceError):
        MinimalModel.paper().kappa = 3.0
    with pytest.raises(FrozenInstanceError):
        G.param_norm = 3.0


def test_stored_arrays_are_read_only_and_private():
    kappa, norm = np.array([1.0, 1.2]), xr.DataArray([1.0, 2.0], dims="x")
    model = MinimalModel.paper(kappa=kappa, param_norm=(norm, 2.0))
    twin = MinimalModel.paper(kappa=kappa.copy(), param_norm=(norm.copy(), 2.0))
    kappa[0], norm[0] = 9.0, 9.0
    assert model == twin
    for stored in (model.kappa, model.circuits[0].param_norm):
        with pytest.raises(ValueError, match="read-only"):
            stored[0] = 9.0


def test_configuration_names_every_parameter():
    configuration = MinimalModel.paper().configuration()
    assert configuration.keys() == {
        "circuits", "kappa", "weight_decay", "num_labels", "half_decay", "penalty"
    }  # fmt: skip
    assert configuration["circuits"][1] == {
        "name": "memorising",
        "param_norm": 2.0,
        "generalises": 0.0,
        "first_subweight": 0.0,
        "second_subweight": 1.0,
    }


def test_some_of_the_cells_are_those_of_every_parameter():
    norm = xr.DataArray([2.0, 3.0, 4.0], dims="norm")
    model = MinimalModel.paper([1.0, 1.2], 0.005, 113, param_norm=(1.0, norm))
    part = model.isel({"kappa": slice(1, 2), "norm": slice(0, 2)})
    assert part == MinimalModel.paper([1.2], 0.005, 113, param_norm=(1.0, norm[:2]))
    with pytest.raises(ValueError, match=r"index must name swept dimensions, .*got {'seed'}"):
        model.isel({"seed": slice(1)})
