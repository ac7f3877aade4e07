"""Momentum and Adam on the subweights of the model."""

import json

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from theory import MinimalModel, crossing_update, descend, minimal, networks

paper = MinimalModel.paper


def swept(name, values):
    return xr.DataArray(np.array(values, float), {name: values}, name)


def ratio(run):
    weight = run.weight.isel(step=-1)
    return weight.sel(circuit="generalising") / weight.sel(circuit="memorising")


# Training with any optimiser


@settings(max_examples=10)
@given(strategies.tame_models(kappa=strategies.KAPPA))
def test_without_momentum_it_is_plain_descent(model):
    plain = descend(model, steps=20, record_every=7)
    run = minimal.descend_with(model, 20, networks.GradientDescent(0.01), record_every=7)
    assert run.sizes == plain.sizes
    for name in plain.data_vars:
        np.testing.assert_allclose(run[name], plain[name], rtol=1e-9, atol=1e-12)


def test_momentum_is_the_heavy_ball_of_polyak():
    model, rate, beta = paper(), 0.05, 0.8
    run = minimal.descend_with(model, 50, networks.GradientDescent(rate, momentum=beta))
    slope = minimal.gradient(model, run.weight).values
    a, b = run.subweight_a.values, run.subweight_b.values
    for x, partner in ((a, b), (b, a)):
        moved = beta * (x[1:-1] - x[:-2]) - rate * (slope * partner)[1:-1]
        np.testing.assert_allclose(x[2:] - x[1:-1], moved, rtol=1e-9, atol=1e-13)


@settings(max_examples=8)
@given(strategies.tame_models())
def test_a_batch_is_its_cells_one_by_one(model):
    optimiser = networks.Adam(0.01)
    run = minimal.descend_with(model, 15, optimiser)
    for index, cell in strategies.cells(model):
        alone = minimal.descend_with(cell, 15, optimiser)
        np.testing.assert_allclose(run.weight.isel(index), alone.weight, rtol=1e-9, atol=1e-12)


def test_a_run_says_how_it_was_made():
    optimiser = networks.GradientDescent(0.01, momentum=0.5)
    run = minimal.descend_with(paper(), 5, optimiser, record_every=2)
    assert run.step.values.tolist() == [0, 2, 4, 5]
    assert json.loads(run.attrs["configuration"])["optimiser"] == repr(optimiser)


def test_bad_settings_are_refused():
    optimiser = networks.GradientDescent(0.1)
    with pytest.raises(ValueError, match="steps"):
        minimal.descend_with(paper(), 0, optimiser)
    with pytest.raises(ValueError, match="record_every"):
        minimal.descend_with(paper(), 1, optimiser, 0)


def test_an_overflow_is_an_error():
    with pytest.raises(ArithmeticError, match="overflowed"):
        minimal.descend_with(paper(0.5), 50, networks.GradientDescent(1e6, momentum=0.5))


def test_an_overflow_of_a_single_subweight_is_an_error():
    class Burst(networks.GradientDescent):
        def step(self, theta, gradient, state, updates):
            theta[0] = np.inf

    with pytest.raises(ArithmeticError, match="overflowed"):
        minimal.descend_with(paper(), 1, Burst(0.01))


# What Adam does to the model


@given(st.floats(1e-6, 1e6))
def test_the_first_update_has_the_size_of_the_rate_whatever_the_gradient(scale):
    theta, optimiser = np.zeros(2), networks.Adam(0.01, epsilon=1e-30)
    optimiser.step(theta, np.array([scale, -scale]), optimiser.start(theta), 0)
    np.testing.assert_allclose(theta, [-0.01, 0.01], rtol=1e-12)


def test_the_delay_does_not_depend_on_a_small_start():
    starts = swept("start", [1e-3, 1e-4, 1e-6, 1e-8])
    model = paper(second_subweight=(starts, 1.0))
    run = minimal.descend_with(model, 400, networks.Adam(0.01, epsilon=1e-30))
    found = crossing_update(run).values
    assert np.ptp(found) <= 1
    assert found[0] == 240
    assert minimal.updates_per_decade(paper()).item() > 1900  # of plain descent at this rate


def test_a_start_below_the_rate_is_worth_less_than_the_updates_that_cover_it():
    for rate, steps in ((0.01, 400), (0.003, 1000)):
        starts = swept("start", [0.1, 0.03, 0.01, 1e-6])
        model = paper(second_subweight=(starts, 1.0))
        found = crossing_update(minimal.descend_with(model, steps, networks.Adam(rate)))
        saved = (found.isel(start=-1) - found).values
        assert np.all(saved >= -1)
        assert np.all(saved <= starts.values / rate + 1)


def test_the_end_is_the_equilibrium_of_plain_descent():
    for rate in (0.01, 0.003):
        run = minimal.descend_with(paper(), 6000, networks.Adam(rate), record_every=6000)
        assert ratio(run).item() == pytest.approx(8, rel=1e-2)


def test_it_can_cross_without_decay_and_need_not():
    start = {"weight_decay": 0.0}
    run = minimal.descend_with(paper(**start), 3000, networks.Adam(0.01))
    assert crossing_update(run).item() == 1902
    slower = minimal.descend_with(paper(**start), 6000, networks.Adam(0.003))
    assert np.isnan(crossing_update(slower).item())


def test_without_decay_its_crossing_can_be_undone():
    run = minimal.descend_with(paper(weight_decay=0.0), 4000, networks.Adam(0.01))
    assert np.isfinite(crossing_update(run).item())
    assert ratio(run).item() < 1
