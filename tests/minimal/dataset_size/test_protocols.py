"""Protocols that go on from a run: more updates, other sizes, larger rates."""

import numpy as np
import pytest
import xarray as xr

from theory import MinimalModel, crossing_update, descend, flow, generalisation_step, runs
from theory.minimal import (
    at_size,
    continued,
    descend_in_stages,
    equilibrium,
    ungrok,
    weight_ratio,
)

SIZES = [200.0, 350.0, 450.0, 800.0]


def model_of(**settings):
    return MinimalModel.paper(**{"param_norm": (1.0, 0.05), **settings})


def ratio(run):
    end = run.weight.isel(step=-1)
    return end.sel(circuit="generalising") / end.sel(circuit="memorising")


def test_two_halves_are_the_whole():
    model = MinimalModel.paper(weight_decay=[0.001, 0.01])
    first = descend(model, 300)
    second = descend(continued(model, first), 200)
    whole = descend(model, 500)
    np.testing.assert_array_equal(second.weight.values, whole.weight.values[300:])


def test_numbers_stay_numbers():
    model = MinimalModel.paper()
    for circuit in continued(model, descend(model, 3)).circuits:
        assert isinstance(circuit.first_subweight, float)
        assert isinstance(circuit.second_subweight, float)


def test_a_run_crosses_with_another_sweep():
    run = flow(at_size(model_of(), SIZES), [0.0, 5.0])
    model = continued(MinimalModel.paper(kappa=[1.0, 1.2, 1.4]), run)
    assert model.sizes == {"kappa": 3, "size": 4}


@pytest.mark.parametrize("weight_decay", [0.002, 0.02])
@pytest.mark.parametrize("start_size", [100.0, 1600.0])
def test_below_two_all_ends_on_one_curve(weight_decay, start_size):
    run = ungrok(model_of(weight_decay=weight_decay), start_size, SIZES, [0.0, 10 / weight_decay])
    np.testing.assert_allclose(ratio(run), weight_ratio(SIZES, 400, 1.2), rtol=1e-4)


def test_ungrokking_starts_from_the_grokked_rest():
    run = ungrok(model_of(), 1600.0, SIZES, [0.0, 2000.0])
    grokked = equilibrium(at_size(model_of(), 1600.0)).weight[0]
    for size in SIZES:
        np.testing.assert_allclose(run.weight[0].sel(size=size), grokked, rtol=1e-6)
    assert run.test_accuracy[0].values.tolist() == [1, 1, 1, 1]
    assert run.test_accuracy[-1].values.tolist() == [0, 0, 1, 1]


def test_stopped_early_the_end_depends_on_alpha_and_on_the_start():
    model = model_of(weight_decay=[0.002, 0.005])
    grokked = flow(at_size(model, 1600.0), [0.0, 5000.0])
    run = flow(continued(at_size(model, 300.0), grokked), [0.0, 40.0])
    slow, fast = ratio(run).values
    assert slow > 1.1 * fast > 1.1 * float(weight_ratio(300, 400, 1.2))


def test_above_two_nothing_is_forgotten_without_a_floor():
    circuits = MinimalModel.paper(
        kappa=3, param_norm=(1.0, 0.05), second_subweight=(3.0, 3.0)
    ).circuits
    model = MinimalModel(circuits, 3.0, 0.005, 113)
    started = continued(model, at_rest(model))
    run = ungrok(started, 1600.0, [10.0, 200.0], [0.0, 3000.0])
    assert run.test_accuracy[-1].values.tolist() == [1, 1]
    assert abs(run.weight[-1].sel(circuit="memorising")).max() < 1e-9


def at_rest(model):
    """Return a run that ends with G strong and M weak, both balanced."""
    subweight = xr.DataArray(
        [[2.0, 0.3]], {"step": [0], "circuit": list(model.names)}, ("step", "circuit")
    )
    variables = {"subweight_a": subweight, "subweight_b": subweight}
    return runs.build(variables, subweight.coords)


def test_stages_of_one_rate_are_plain_descent():
    model = MinimalModel.paper()
    staged = descend_in_stages(model, ((200, 1), (300, 1)), learning_rate=0.02)
    plain = descend(model, 500, 0.02)
    np.testing.assert_array_equal(staged.step, plain.step)
    xr.testing.assert_identical(staged.weight, plain.weight)
    xr.testing.assert_identical(staged.generalises, plain.generalises)


def test_stages_cross_when_descent_does():
    staged = float(generalisation_step(descend_in_stages(MinimalModel.paper())))
    plain = int(crossing_update(descend(MinimalModel.paper(), 5100)))
    assert 0.99 < staged / plain < 1.01


def test_stages_count_time_in_the_first_rate():
    run = descend_in_stages(MinimalModel.paper(), ((800, 1), (1200, 7)))
    step = run.step.values
    assert step[0] == 0
    assert step[-1] == 800 + 7 * 1200
    assert set(np.diff(step)) == {2, 21}
    assert '"stages": [[800, 1], [1200, 7]]' in run.configuration


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: continued(
                MinimalModel.paper(), runs.from_columns([0, 1], train_loss=[1.0, 0.5])
            ),
            "run must be one of a model with the circuits",
        ),
        (lambda: descend_in_stages(MinimalModel.paper(), ()), "stages must not be empty"),
        (lambda: descend_in_stages(MinimalModel.paper(), ((0, 1),)), "steps must be an integer"),
        (lambda: descend_in_stages(MinimalModel.paper(), ((5, 0),)), "factor must be an integer"),
        (lambda: descend_in_stages(MinimalModel.paper(), ((5, 1),), 0), "learning_rate must be"),
        (lambda: ungrok(model_of(), 0.0, SIZES, [0.0, 1.0]), "size must be above 0"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
