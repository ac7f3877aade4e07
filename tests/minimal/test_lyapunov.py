"""The divergence from the limit of the flow, and the bound on the objective that it gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

import strategies
from theory import MinimalModel, flow
from theory.minimal import objective, objective_bound

TIMES = np.geomspace(1e-2, 1e3, 12)


@given(
    strategies.models(
        kappa=st.floats(0.8, 1.95) | st.just(2.0),
        weight_decay=st.floats(1e-3, 0.5),
        param_norm=st.floats(0.3, 2.0),
        swept=False,
    )
)
@settings(max_examples=20)
def test_the_objective_stays_below_the_bound(model):
    reached = objective(model, flow(model, TIMES).weight).values
    bound = objective_bound(model, TIMES).values
    assert np.all(reached <= bound * (1 + 1e-9))


@pytest.mark.parametrize("kappa", [1.2, 2.0])
def test_the_bound_is_the_integral_over_each_circuit(kappa):
    model = MinimalModel.paper(kappa, second_subweight=(0.2, 1.0))
    rest = flow(model, [1e5]).weight.isel(step=0)
    away = sum(
        quad(lambda x, w=w, rho=rho: (w - x) / np.hypot(rho, 2 * x), 0, w, limit=200)[0]
        for w, rho in zip(rest.values, (0.04, 1.0), strict=True)
    )
    least, bound = objective_bound(model, [1e15, 2.0]).values
    assert least == pytest.approx(objective(model, rest).item(), rel=1e-9)
    assert bound - least == pytest.approx(away / 2, rel=1e-6)


def test_where_no_weight_is_worth_its_cost_the_flow_tends_to_zero():
    model = MinimalModel.paper(2.0, weight_decay=1.5)
    assert objective_bound(model, 1.0).item() == pytest.approx(np.log(113))


def test_it_sweeps_by_name():
    model = MinimalModel.paper([1.0, 1.5, 2.0])
    bound = objective_bound(model, TIMES)
    assert dict(bound.sizes) == {"kappa": 3, "time": 12}
    single = objective_bound(MinimalModel.paper(1.5), TIMES[3])
    assert bound[1, 3].item() == pytest.approx(single.item(), rel=1e-14)


@pytest.mark.parametrize(
    ("settings", "time", "message"),
    [
        ({"kappa": 2.5}, 1.0, "kappa must be at most 2, got 2.5"),
        ({"weight_decay": 0.0}, 1.0, "weight_decay must be above 0, got 0"),
        ({}, [1.0, 0.0], "time must be above 0, got 0"),
    ],
)
def test_bad_arguments_are_refused(settings, time, message):
    with pytest.raises(ValueError, match=message):
        objective_bound(MinimalModel.paper(**settings), time)
