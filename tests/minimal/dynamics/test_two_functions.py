"""Any number of balanced circuits follow two functions."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from theory.minimal import Circuit, MinimalModel, equilibrium, flow, two_functions, winner
from theory.minimal.dynamics import integrate

STARTS = ((1.0, 1.0), (1.3, 1.3), (1.6, 0.9), (0.8, 0.6))


def balanced(kappa, starts=STARTS, **settings):
    circuits = tuple(Circuit(f"c{i}", norm, True, a, a) for i, (norm, a) in enumerate(starts))
    return MinimalModel(circuits, kappa, **{"weight_decay": 0.02, "num_labels": 20, **settings})


@pytest.mark.parametrize("kappa", [0.05, 0.7, 1.2, 1.9, 1.999999, 2.0000001, 2.1, 3.0, 5.0])
def test_the_weights_are_those_of_the_flow(kappa):
    times = [0.0, 0.1, 1.0, 5.0, 20.0]
    run = two_functions(balanced(kappa), times)
    assert run.weight.dims == ("time", "circuit")
    np.testing.assert_allclose(run.weight, flow(balanced(kappa), times).weight, rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.weight[0], [start**2 for _, start in STARTS], rtol=1e-14)


@pytest.mark.parametrize("kappa", [1.2, 3.0])
def test_the_functions_do_not_know_the_circuits(kappa):
    """From the weights of any two circuits follow the same A and B, and their own equations."""
    model, step = balanced(kappa), 1e-4
    run = two_functions(model, [4.0 - step, 4.0, 4.0 + step])
    r, cost = model.r, model.cost.values
    z, start = run.weight.values**-r, np.array([a**2 for _, a in STARTS]) ** -r
    for i, j in ((0, 1), (2, 3)):
        matrix = [[start[i], cost[i]], [start[j], cost[j]]]
        solved = np.linalg.solve(matrix, z[:, [i, j]].T)
        np.testing.assert_allclose(solved, [run.A, run.B], rtol=1e-9)
    wrong = expit(np.log(19) - run.weight.sum("circuit").values[1])
    speed_a, speed_b = ((f.values[2] - f.values[0]) / (2 * step) for f in (run.A, run.B))
    assert speed_a == pytest.approx(-2 * r * wrong * run.A.values[1], rel=1e-6)
    assert speed_b == pytest.approx(2 * r * (1 - wrong * run.B.values[1]), rel=1e-6)


def test_a_dying_weight_ends_at_zero():
    run = two_functions(balanced(3.0, ((1.0, 1.5), (1.5, 0.1))), [0.0, 40.0])
    assert run.weight.values[-1, 1] == 0.0
    assert run.weight.values[-1, 0] > 1


@given(
    st.floats(0.05, 1.99) | st.floats(-7, -2).map(lambda x: 2 - 10**x),
    st.lists(st.tuples(st.floats(0.3, 3.0), st.floats(1e-3, 2.0)), min_size=1, max_size=4),
    st.floats(-6, -0.5).map(lambda x: 10**x) | st.just(0.0),
    st.floats(0, 5).map(lambda x: 10**x),
    st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_at_any_time_the_flow_agrees(kappa, starts, decay, time, above):
    """Also long after one circuit has won, and just beside kappa = 2."""
    model = balanced(4 / kappa if above else kappa, tuple(starts), weight_decay=decay)
    times = [0.1 * time, time]
    run = two_functions(model, times)
    np.testing.assert_allclose(run.weight, flow(model, times).weight, rtol=0, atol=1e-8)


@pytest.mark.parametrize("decay", [1e-12, 10.0])
@pytest.mark.parametrize("kappa", [0.05, 1.999999, 2.000001, 50.0])
@pytest.mark.parametrize("roots", [(1e-8, 1.0), (2.0, 5.0)])
def test_extreme_models_agree_with_the_flow(kappa, decay, roots):
    """A large r makes the penalty a wall: weights fall to it at once, or grow until they hit it."""
    starts = zip((1.0, 1 + 1e-9), roots, strict=True)
    model = balanced(kappa, tuple(starts), weight_decay=decay, num_labels=10**6)
    run = two_functions(model, [1.0, 1000.0])
    np.testing.assert_allclose(run.weight, flow(model, [1.0, 1000.0]).weight, rtol=0, atol=1e-8)


@pytest.mark.parametrize("kappa", [0.05, 1.2, 1.9])
def test_both_functions_make_up_every_weight(kappa):
    """Below two both terms are positive, and their sum is right to the last digits."""
    model = balanced(kappa)
    run = two_functions(model, [0.5, 30.0, 4000.0])
    start = xr.DataArray([a**2 for _, a in STARTS], {"circuit": run["circuit"]})
    z = run.A * start**-model.r + model.cost * run.B
    np.testing.assert_allclose(z ** (-1 / model.r), run.weight, rtol=1e-9)


def test_above_two_the_winner_outlasts_both_functions():
    model = balanced(3.0)
    run = two_functions(model, [1e6])
    best = winner(model).item()
    (rest,) = (
        point.weight.sel(circuit=best).item()
        for _, point in equilibrium(model).groupby("point")
        if point.kind.item() == "minimum" and point.weight.sel(circuit=best).item() > 1
    )
    assert run.weight.sel(circuit=best).item() == pytest.approx(rest, rel=1e-11)
    assert (run.weight > 0).sum() == 1
    assert run.A.item() == -run.B.item() == np.inf


def test_above_two_all_may_die():
    run = two_functions(balanced(3.0, weight_decay=5.0), [0.01, 1e4])
    assert (run.weight[0] > 0).any()
    assert (run.weight[1] == 0).all()


def test_without_weight_decay_all_grow_by_the_same_factor():
    run = two_functions(balanced(3.0, weight_decay=0.0), [1.0, 1e5])
    ratio = run.weight / xr.DataArray([a**2 for _, a in STARTS], dims="circuit")
    np.testing.assert_allclose(ratio, ratio[:, [0]].values * np.ones(4), rtol=1e-13)
    assert ratio[1, 0] > ratio[0, 0] > 1


def test_a_cell_that_cannot_be_integrated_is_an_error(monkeypatch):
    monkeypatch.setattr(integrate, "_METHODS", tuple((m, 5) for m, _ in integrate._METHODS))
    with pytest.raises(ArithmeticError, match=r"kappa = 1\.2: no end after 5"):
        two_functions(balanced(1.2), [1.0])


def test_below_two_all_tend_to_the_equilibrium():
    model = balanced(1.2)
    run = two_functions(model, [3000.0])
    np.testing.assert_allclose(run.weight[0], equilibrium(model).weight[0], rtol=1e-9)


def test_a_sweep_equals_its_cells():
    times = [1.0, 7.0]
    swept = two_functions(balanced([0.9, 3.0], weight_decay=[0.01, 0.02]), times)
    assert swept.weight.dims == ("time", "circuit", "kappa", "weight_decay")
    for kappa in (0.9, 3.0):
        for decay in (0.01, 0.02):
            one = two_functions(balanced(kappa, weight_decay=decay), times)
            here = swept.sel(kappa=kappa, weight_decay=decay)
            for name in ("A", "B", "weight"):
                np.testing.assert_array_equal(here[name], one[name])


def test_what_it_cannot_do_it_refuses():
    with pytest.raises(ValueError, match="kappa must not be 2"):
        two_functions(balanced([1.2, 2.0]), [1.0])
    for first, second in ((0.5, 0.6), (0.5, -0.5), (0.0, 0.0)):
        model = MinimalModel((Circuit("c", 1.0, True, first, second),), 1.2, 0.02, 20)
        with pytest.raises(ValueError, match="must start balanced"):
            two_functions(model, [1.0])
    for times in ([], [-1.0, 1.0], [1.0, 1.0], [np.nan], 1.0):
        with pytest.raises(ValueError, match="times must"):
            two_functions(balanced(1.2), times)
