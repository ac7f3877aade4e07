"""The time to grok against an independent integrator, its laws, and why it may not exist."""

import sys
from dataclasses import replace

import mpmath
import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import expit

from theory import Circuit, MinimalModel, crossing_update, descend, flow, minimal, time_to_grok
from theory.minimal import fates
from theory.minimal.cells import Cells
from theory.minimal.fast import pool, problem
from theory.minimal.law import PAPER, OwnKappa

solver = sys.modules[time_to_grok.__module__]

#: Relative error that every cell keeps.
ERROR = 1e-6


def two(
    kappa=1.2, alpha=0.005, norms=(1.0, 2.0), first=(0.0, 0.0), second=(0.005, 1.0), labels=113
):
    """A model of two circuits with any start."""
    circuits = tuple(
        Circuit(name, norm, name == "G", a, b)
        for name, norm, a, b in zip("GM", norms, first, second, strict=True)
    )
    return MinimalModel(circuits, kappa, alpha, labels)


def reference(kappa, norm, alpha=0.005, start=0.005, labels=113):
    """T from first subweights of zero, from the subweights by an explicit method of order 8."""
    r = 2 / kappa - 1
    cost = 2 * alpha / kappa * np.array([1.0, norm**2])

    def slope(time, y):
        a, b = y[:2], y[2:]
        change = expit(np.log(labels - 1) - a @ b) - cost * abs(a * b) ** r
        return np.concatenate((change * b, change * a))

    def lead(time, y):
        return np.log((y[1] * y[3] + 1e-300) / (y[0] * y[2] + 1e-300)) if time > 1 else 1.0

    lead.terminal = True
    solution = solve_ivp(
        slope,
        (0, 1e6),
        [0.0, 0.0, start, 1.0],
        "DOP853",
        events=lead,
        rtol=1e-12,
        atol=1e-16,
        first_step=1e-8,
    )
    return solution.t_events[0][0]


def pooled(model, tolerance):
    """T of two circuits by the batched steps, of another tolerance; NaN where they give up."""
    fate = fates.at_the_door(Cells.of(model), np.array([[True], [False]]))
    from_the_start = fate.verdict == fates.FROM_THE_START
    return 0.0 if from_the_start else pool.times(fate, tolerance)[0].item()


def excess_norm(delta):
    """P_M / P_G as a labelled array."""
    return (1.0, xr.DataArray(1 + np.asarray(delta), dims="excess"))


def test_the_preset_groks_when_it_should():
    assert time_to_grok(two()).item() == pytest.approx(50.0578289402, rel=ERROR)


@pytest.mark.parametrize(
    "cell",
    [(1.0, 1.05), (1.0, 4.0), (1.95, 1.05), (1.95, 4.0)]
    + [tuple(cell) for cell in np.random.default_rng(3).uniform((1, 1.05), (1.95, 4), (8, 2))],
)
def test_a_cell_agrees_with_the_subweights_integrated_directly(cell):
    kappa, norm = cell
    found = time_to_grok(two(kappa, norms=(1.0, norm))).item()
    assert found == pytest.approx(reference(kappa, norm), rel=ERROR)


@pytest.mark.parametrize(
    "cell",
    [
        (1.34, 1.285, 1.4e-6, 0.99999, 113),
        (1.74, 1.084, 5e-6, 0.999, 5),
        (1.0, 2.92, 7.1e-5, 0.835, 113),
        (1.965, 10.12, 0.00286, 0.685, 113),
        (2.0, 7.73, 0.0105, 0.178, 11),
    ],
)
def test_a_start_that_is_nearly_level_or_a_short_time_costs_no_digits(cell):
    kappa, norm, alpha, start, labels = cell
    model = two(kappa, alpha, (1.0, norm), second=(start, 1.0), labels=labels)
    assert time_to_grok(model).item() == pytest.approx(reference(*cell), rel=ERROR)


def test_a_diagram_is_its_cells_in_any_pool():
    kappa, norm = np.linspace(1.0, 1.95, 7), xr.DataArray(np.linspace(1.05, 4, 5), dims="norm")
    diagram = time_to_grok(two(kappa, norms=(1.0, norm)))
    assert diagram.dims == ("kappa", "norm")
    for i, j in [(0, 0), (3, 4), (6, 2)]:
        single = time_to_grok(two(kappa[i], norms=(1.0, float(norm[j])))).item()
        assert diagram[i, j].item() == pytest.approx(single, rel=1e-11)


@pytest.mark.parametrize("lanes", [1, 7])
def test_lanes_are_refilled_and_dropped_without_mixing_cells(monkeypatch, lanes):
    norm = xr.DataArray(np.linspace(4, 1.05, 9), dims="norm")
    start = xr.DataArray([0.1, 0.0, -0.3], dims="start")
    second = xr.DataArray([0.1, 0.01, 0.2], dims="start")
    model = two([1.0, 1.7, 2.0], norms=(1.0, norm), first=(start, 0.0), second=(second, 1.0))
    expected = time_to_grok(model)
    monkeypatch.setattr(pool, "POOL", lanes)
    np.testing.assert_allclose(time_to_grok(model), expected, rtol=1e-8)
    assert np.all(expected >= 0)


def test_the_pool_gives_up_a_cell_that_takes_too_many_steps(monkeypatch):
    for name in ("BUDGET", "DOUBTFUL_BUDGET", "_ROUNDS"):
        monkeypatch.setattr(pool, name, 10)
    cells = Cells.of(two())
    time, verdict = pool.times(fates.at_the_door(cells, np.array([[True], [False]])))
    assert np.isnan(time.item())
    assert verdict.item() == fates.OPEN
    assert time_to_grok(two()).reason == "groks"


def test_the_pool_does_not_stop_where_a_lead_close_to_zero_falls():
    model = two(second=(0.99, 1.0))
    time = pooled(model, 1e-9)
    lead = np.diff(flow(model, [0.5 * time, time * (1 - 1e-6), time * (1 + 1e-6)]).weight.values)
    assert lead[2] < 0 < lead[1]


def test_the_pool_takes_balanced_circuits_too():
    roots = np.sqrt([1e-4, 1.0])
    model = two(first=roots, second=roots)
    time = pooled(model, 1e-9)
    lead = np.diff(flow(model, [time * (1 - 1e-6), time * (1 + 1e-6)]).weight.values)
    assert lead[1] < 0 < lead[0]


def test_the_slope_in_the_start_is_exact():
    start = xr.DataArray([1e-9, 1e-11], dims="start")
    slope = np.diff(time_to_grok(two(second=(start, 1.0))))[0] / 2
    assert slope == pytest.approx(19.3923532143, rel=ERROR)


@pytest.mark.parametrize(
    ("norm", "slope"), [(1.05, 4492.848962), (1.2, 1046.629588), (2.0, 153.505673)]
)
def test_the_slope_in_the_start_is_exact_at_kappa_2(norm, slope):
    start = xr.DataArray([1e-6, 1e-7], dims="start")
    found = np.diff(time_to_grok(two(2.0, norms=(1.0, norm), second=(start, 1.0))))[0]
    assert found == pytest.approx(slope, rel=ERROR)
    assert slope == pytest.approx(np.log(100) / (2 * 0.005 * (norm**2 - 1)), rel=ERROR)


@pytest.mark.parametrize("kappa", [1.2, 1.7])
def test_near_the_critical_size_it_diverges_like_a_logarithm_below_kappa_2(kappa):
    r, rho = 2 / kappa - 1, np.array([0.005**2, 1.0])
    time = time_to_grok(two(kappa, norms=excess_norm([1e-5, 1e-6, 1e-8])))
    total = flow(two(kappa, norms=(1.0, 1.0)), [1e5]).weight.sum("circuit").item()
    wrong = expit(np.log(112) - total)
    # The slower rate at the equilibrium of equals, 2 r p but for the start's part in s_i.
    curvature = wrong * (1 - wrong) + np.eye(2) * wrong * r / (total / 2)
    rate = np.linalg.eigvals(np.hypot(rho, total)[:, None] * curvature).min()
    assert rate == pytest.approx(2 * r * wrong, rel=0.01)
    np.testing.assert_allclose(np.diff(time) * rate / np.log([10, 100]), 1, rtol=1e-4)


def test_near_the_critical_size_it_diverges_like_a_power_at_kappa_2():
    delta = np.array([0.04, 0.02, 0.01])
    time = time_to_grok(two(2.0, norms=excess_norm(delta))).values
    gap = (1 + delta) ** 2 - 1
    exponent = np.diff(np.log(time)) / np.diff(np.log(gap))
    assert np.all((exponent > -1.005) & (exponent < -0.995))


def test_it_is_the_limit_of_descent_at_first_order():
    model, rates = two(second=(0.3, 1.0)), (0.02, 0.01, 0.005)
    exact = pooled(model, 1e-12)
    late = []
    for rate in rates:
        run = descend(model, round(2 * exact / rate), rate)
        update = int(minimal.updates_to_grok(model, 10**5, rate))
        assert crossing_update(run) == update
        weight = run.weight.isel(step=[update - 1, update])
        before, after = weight.sel(circuit="G").values - weight.sel(circuit="M").values
        late.append((update - after / (after - before)) * rate - exact)
    # Each halving of the rate halves what descent is late, neither more nor less.
    np.testing.assert_allclose(np.divide(late[:-1], late[1:]), 2, rtol=0.005)
    assert late[-1] > rates[-1]


def test_scaling_norms_against_weight_decay_changes_nothing():
    scaled = time_to_grok(two(alpha=0.005 / 9, norms=(3.0, 6.0)))
    assert scaled.item() == pytest.approx(time_to_grok(two()).item(), rel=1e-9)


def test_half_the_decay_is_half_of_it():
    halved = MinimalModel(two().circuits, 1.2, 0.01, 113, half_decay=True)
    assert time_to_grok(halved).item() == time_to_grok(two()).item()


REASONS = {
    "groks": two(),
    "generalises from the start": two(second=(1.0, 0.5), first=(1.0, 0.5)),
    "never: no circuit generalises": MinimalModel((two().circuits[1],), 1.2, 0.005, 113),
    "never: no weight decay": two(alpha=0.0),
    "never: memorising is at least as efficient": two(norms=(1.0, 1.0)),
    "never: trapped at zero": two(3.0),
    "never: weight decay too strong": two(2.0, alpha=1.0),
    "never: falls to zero": two(3.0, first=(0.1, 2.0), second=(0.1, 2.0)),
    "never: a tie": two(norms=(1.0, 1.0), second=(1.0, 1.0)),
    "never: comes to rest before": replace(two(norms=(2.0, 1.0)), penalty=minimal.OwnKappa((1, 1))),
}


@pytest.mark.parametrize("reason", REASONS)
def test_it_says_why_there_is_no_time(reason):
    time = time_to_grok(REASONS[reason])
    assert time.reason.item() == reason
    assert np.isnan(time.item()) == reason.startswith("never")
    assert reason in minimal.REASONS


def test_every_reason_can_happen():
    assert set(REASONS) == set(minimal.REASONS)


def test_a_sweep_across_kappa_2_gives_each_cell_its_reason():
    time = time_to_grok(two([1.2, 2.0, 3.0]))
    assert time.reason.values.tolist() == ["groks", "groks", "never: trapped at zero"]
    assert np.isnan(time.values).tolist() == [False, False, True]


#: Not so small that weights are decided by rounding.
SUBWEIGHT = st.just(0.0) | st.floats(0.01, 2.0) | st.floats(-2.0, -0.01)


@given(
    st.builds(
        two,
        kappa=st.floats(0.5, 1.9) | st.just(2.0) | st.floats(2.2, 5.0),
        alpha=st.just(0.0) | st.floats(1e-3, 0.1),
        norms=st.tuples(st.floats(0.5, 2.0), st.floats(0.5, 3.0)),
        first=st.tuples(SUBWEIGHT, SUBWEIGHT),
        second=st.tuples(SUBWEIGHT, SUBWEIGHT),
        labels=st.integers(3, 1000),
    )
)
@settings(max_examples=40)
@example(two(1.75, 0.0625, (1.0, 3.0), (0.0, 2.0), (1.5, 0.0), 3))
@example(two(2.36, 0.0024, (1.02, 1.94), (-0.36, 0.13), (1.41, 0.0), 909))
@example(two(1.48, 0.021, (1.18, 1.97), (0.91, -0.21), (-1.56, 0.0), 378))
@example(two(2.0, 0.016, (1.71, 2.08), (1.04, 0.0), (-0.51, -1.49), 264))
@example(two(2.0, 0.0468, (1.921, 0.818), (0.01, 0.01 + 2e-18), (-1.7798318, 0.01), 527))
def test_the_flow_crosses_then_and_not_before_or_never(model):
    time = time_to_grok(model)
    assume(time != 0)
    right = model.stack("generalises") >= 0.95
    if np.isnan(time):
        moments = np.concatenate(([0.0], np.geomspace(1e-3, 1e4, 25)))
    else:
        assume(1e-9 < time < 1e6)
        moments = time.item() * np.concatenate((np.linspace(0, 0.95, 20), [1 - 2e-5, 1 + 2e-5]))
    weight = flow(model, moments).weight
    lead = np.minimum(
        weight.where(right, -weight).sum("circuit"), weight.where(right).sum("circuit")
    )
    lead = lead.values
    size = abs(weight).sum("circuit").values
    if np.isnan(time):
        assert np.all(lead <= 1e-11 + 1e-9 * size)
    else:
        assert lead[-1] > -1e-12
        assert np.all(lead[:-1] <= 1e-9 * size[:-1])


@pytest.mark.parametrize("norm", [1.2, 1.5, 2.0])
@pytest.mark.parametrize("side", [-1, 1])
def test_above_kappa_2_the_balanced_threshold_decides(norm, side):
    log_rivals, cost = np.log(112), 2 * 0.005 / 3 * norm**2
    total = brentq(lambda s: expit(log_rivals - s) * s ** (1 / 3) - cost, 5, 30)
    threshold = {1.2: 3.633708484, 1.5: 0.911989392, 2.0: 0.152971801}[norm]
    roots = np.sqrt([threshold * (1 + side * 1e-6), total])
    time = time_to_grok(two(3.0, norms=(1.0, norm), first=roots, second=roots))
    assert np.isfinite(time) == (side > 0)
    assert time.reason.item() == ("groks" if side > 0 else "never: falls to zero")


def test_of_two_circuits_that_die_the_slower_one_leads():
    roots = np.sqrt([1.0, 1.2])
    time = time_to_grok(two(3.0, 3.0, (1.0, 3.0), roots, roots))
    assert time.reason == "groks"


@pytest.mark.parametrize("kappa", [1.2, 3.0])
def test_a_crossing_while_both_fall_under_a_strong_decay_is_seen(kappa):
    """The wrong circuit is ahead, cheaper in the end, and falls faster by its imbalance."""
    time = time_to_grok(two(kappa, 3.0, (1.0, 0.9), (1.0, 0.1), (1.0, 11.0)))
    assert time.reason == "groks"


def test_a_circuit_that_dies_first_leaves_the_lead_to_one_that_dies_later():
    """From weights next to the trap, far smaller than any that data could hold."""
    first, second = (3.4361444821532895e-09, 1.7206962864947306e-10), (8.143640519e-4, 0.1693627)
    time = time_to_grok(two(2.902817, 0.0376248, (1.0, 0.1263189), first, second, labels=3))
    assert time.reason == "groks"
    ends = flow(two(2.902817, 0.0376248, (1.0, 0.1263189), first, second, labels=3), [0, time, 1])
    assert ends.weight[1, 0].item() == pytest.approx(ends.weight[1, 1].item(), rel=1e-6)
    assert np.all(ends.weight[2] == 0)


def test_weights_that_grow_by_many_e_folds_in_a_step_keep_their_digits():
    """While they are tiny the pull is that of the start, and W_i grows at 2 (p - c_i)."""
    first, second = np.array([2.05e-9, 4.5e-11]), np.array([5e-12, 6.1e-8])
    model = two(2.0, 0.0014, (1.0, 15.0), first, second, labels=3)
    size, rho = (first + second) ** 2 / 4, second**2 - first**2

    def lead(time):
        grown = size * np.exp(2 * (2 / 3 - model.cost.values) * time)
        small, large = grown - rho**2 / (16 * grown)
        return small - large

    assert time_to_grok(model).item() == pytest.approx(brentq(lead, 5, 20, rtol=1e-12), rel=1e-6)


def test_a_steep_fall_below_kappa_2_is_no_death():
    """Both are far over what decay allows; the wrong one falls faster by its imbalance."""
    time = time_to_grok(two(1.5, 50.0, (1.0, 0.9), (1.9**0.5, 0.2), (1.9**0.5, 10.0)))
    assert time.reason == "groks"


def test_circuits_that_cancel_are_not_why_a_third_one_stays_at_zero():
    circuits = (
        Circuit("G", 1.0, True, 0.0, 1.0),
        Circuit("M", 1.0, False, 0.0, 1.0),
        Circuit("H", 2.0, True, 0.0, 1.0),
    )
    time = time_to_grok(MinimalModel(circuits, 3.0, 0.005, 113))
    assert time.reason == "never: trapped at zero"


def test_of_circuits_that_die_those_against_count_together():
    """Together they are ahead; one dies at once, and the slow one left is behind."""
    slow = 0.0009**0.5
    circuits = (
        Circuit("G", 1.0, True, 0.007, 1 / 7),
        Circuit("M", 1.0, False, slow, slow),
        Circuit("N", 1.0, False, 6e-5, 10**0.5),
    )
    time = time_to_grok(MinimalModel(circuits, 3.0, 0.45, 113))
    assert time.reason == "groks"


def test_at_kappa_2_what_falls_from_any_start_does_so_by_too_strong_a_decay():
    time = time_to_grok(two(2.0, 2.0, (1.0, 1.05), (0.01, 1.0), (1.0, 1.0)))
    assert time.reason == "never: weight decay too strong"


@pytest.mark.parametrize(("alpha", "certain"), [(0.005, True), (0.99, True), (1.0, False)])
def test_at_kappa_2_the_cheaper_circuit_is_left_where_it_is_worth_its_cost(alpha, certain):
    model = two(2.0, alpha, (1.0, 1.1), (0.1, 1.0), (0.1, 1.0))
    fate = fates.at_the_door(Cells.of(model), np.array([[True], [False]]))
    assert fate.certain.item() == certain


def test_from_zero_what_leads_at_once_does_so_from_the_start():
    faster = two(norms=(1.0, 1.0), second=(1.1, 1.0))
    cheaper = two(norms=(1.0, 2.0), second=(1.0, 1.0))
    for model in (faster, cheaper):
        time = time_to_grok(model)
        assert (time.item(), time.reason.item()) == (0, "generalises from the start")


@pytest.mark.parametrize(
    "model",
    [
        two(norms=(1.0, 1.0), first=(0.0, 3.0), second=(2.0, 3.0)),  # one grows, one shrinks
        two(norms=(1.0, 1.0), first=(0.1, 3.0), second=(0.1, 3.5)),  # the same, by M's imbalance
        two(alpha=0.5, norms=(2.0, 1.0), first=(2.0, 3.0), second=(2.0, 4.0)),  # both shrink
    ],
)
def test_an_inefficient_circuit_is_known_as_such_whatever_grows(model):
    assert time_to_grok(model).reason == "never: memorising is at least as efficient"


def test_a_small_circuit_over_its_barrier_is_not_given_up():
    time = time_to_grok(
        two(3.0, norms=(1.0, 0.1), first=(0.005, 0.02**0.5), second=(2.0, 0.02**0.5))
    )
    assert time.reason == "groks"


def test_a_circuit_that_leads_only_for_a_while_is_seen():
    circuits = (
        *two(norms=(1.0, 0.8), first=(0.0, 0.3), second=(1.0, 0.4)).circuits,
        Circuit("N", 2.0, False, 0.0, 1e-3),
    )
    model = MinimalModel(circuits, 1.2, 0.005, 113)
    assert time_to_grok(model).reason == "groks"
    weight = flow(model, [1e4]).weight.isel(step=0).values
    assert weight[0] < weight[1]


@pytest.mark.parametrize("weight", [(1.0, 0.4, 0.1), (1.0, -0.4, 0.1), (-0.2, -0.5, 0.6)])
def test_the_rise_of_the_lead_is_its_derivative(weight):
    right, sign = np.array([[True], [False], [True]]), np.array([[1.0], [-1.0], [1.0]])
    weight, change = np.reshape(weight, (3, 1)), np.array([[0.3], [0.7], [-0.2]])
    risen, fallen = (fates.lead(right, sign, weight + part * change) for part in (1e-6, -1e-6))
    rise = fates.rise(right, sign, weight, change)
    assert rise.item() == pytest.approx((risen - fallen).item() / 2e-6, rel=1e-6)


#: Where M must start, with the cells below, to touch G once.
TOUCHES = 0.8321124613473257


@pytest.mark.parametrize(
    ("penalty", "part", "expected"),
    [
        (PAPER, 1 - 1e-6, 0.00496),
        (PAPER, 1 + 1e-6, 0.0990),
        (OwnKappa((1, 1)), 1 - 1e-9, 0.00499),
        (OwnKappa((1, 1)), 1 + 1e-9, 0.0990),
    ],
)
def test_a_lead_that_ends_within_the_step_that_it_begins_in_is_seen(penalty, part, expected):
    """M falls faster by its weight, then G by its imbalance, and in the end it costs less."""
    model = two(1.2, 23.4, (1.0, 1.19), (0.64, TOUCHES * part), (1.29, 1.03))
    assert time_to_grok(replace(model, penalty=penalty)).item() == pytest.approx(expected, rel=1e-3)


def test_without_weight_decay_late_growth_decides():
    roots = np.array([0.3, 0.0]), np.array([0.8, 1.0])
    assert np.isfinite(time_to_grok(two(alpha=0.0, first=roots[0], second=roots[1])))
    slower = two(alpha=0.0, first=(0.2, 0.2), second=(0.3, 1.0))
    assert time_to_grok(slower).reason == "never: no weight decay"


#: At kappa = 2 and P_M = P_G (1 + 1e-9), from the linear growth of u_G - u_M to S/2 each.
HALF = np.log(112 * 199) / 2
LEVEL = (np.arcsinh(2 * HALF / 0.005**2) - np.arcsinh(2 * HALF)) / (2 * 0.005 * 2e-9)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (two(2.0, norms=(1.0, 1 + 1e-9)), LEVEL),
        (two(2.0, norms=(1.0, 1.01)), None),
        (two(1.2, second=(1e-100, 1.0)), None),
        # The rest by extrapolated midpoint steps of order 16 in 80-bit numbers, at 1e-17.
        (two(1.999999), 353.119001112),
        (two(0.05), 6.1524726627),
        (two(1.2, labels=10**6), 30.0306786872),
        (two(1.2, alpha=1e-12), 9.48418669209e10),
    ],
)
def test_extreme_parameters_give_a_time_without_a_warning(model, expected):
    time = time_to_grok(model)
    assert time.reason == "groks"
    assert np.isfinite(time)
    if expected is not None:
        assert time.item() == pytest.approx(expected, rel=ERROR)


@pytest.mark.parametrize(("labels", "expected"), [(113, 836.355100833), (10**6, 524.870347768)])
def test_costs_that_are_nearly_level_keep_the_digits_that_rounding_leaves(labels, expected):
    apart = 1e-9 / MinimalModel.paper().r
    time = time_to_grok(two(1.2, norms=(1.0, 1 + 1e-9), labels=labels)).item()
    assert time == pytest.approx(expected, rel=1e-12 / apart)


@pytest.mark.parametrize("kappa", [2.000001, 50.0])
def test_above_kappa_2_the_paper_never_groks(kappa):
    assert time_to_grok(two(kappa)).reason == "never: trapped at zero"


def test_what_cannot_be_decided_is_named():
    model = two([1.2, 1.999999], alpha=10.0)
    with pytest.raises(ArithmeticError, match=r"time to grok at kappa = 1.999999 is undecided"):
        time_to_grok(model)


def test_a_method_that_refuses_its_own_matrix_gives_up_and_is_named():
    roots = (0.01294149385302409, 0.046419437673572386, 0.2190459052086211)
    norms = (1.4374792192924253, 1.6120252615952078, 1.5738820482200424)
    circuits = tuple(
        Circuit(name, norm, name != "M", 0.0, root)
        for name, norm, root in zip(("G", "H", "M"), norms, roots, strict=True)
    )
    with pytest.raises(ArithmeticError, match="is undecided"):
        time_to_grok(MinimalModel(circuits, 1.9992685884599768, 0.33808094904901353, 3))


def test_three_circuits_cross_by_their_sum():
    circuits = (*two(second=(0.05, 1.0)).circuits, Circuit("H", 1.5, True, 0.0, 0.02))
    model = MinimalModel(circuits, 1.2, 0.005, 113)
    time = time_to_grok(model).item()
    weight = flow(model, [time]).weight.isel(step=0)
    lead = weight.where(weight.generalises > 0, -weight).sum()
    assert abs(lead) < 1e-5 * weight.sum()


def test_three_circuits_of_which_the_wrong_ones_win_never_cross():
    circuits = (
        *two(norms=(1.0, 1.1), second=(0.3, 1.0)).circuits,
        Circuit("N", 1.0, False, 0.0, 0.3),
    )
    time = time_to_grok(MinimalModel(circuits, [1.0, 1.2], 0.005, 113))
    assert np.all(time.reason == "never: memorising is at least as efficient")


def test_the_threshold_decides_which_circuits_count():
    circuits = (Circuit("half", 1.0, 0.5, 0.0, 0.01), Circuit("M", 2.0, False))
    model = MinimalModel(circuits, 1.2, 0.005, 113)
    assert np.isfinite(time_to_grok(model, threshold=0.5))
    assert time_to_grok(model, threshold=0.51).reason == "never: no circuit generalises"
    with pytest.raises(ValueError, match="threshold must be above 0"):
        time_to_grok(model, threshold=0.0)


@given(
    st.floats(1.0, 1.97),
    st.floats(1e-4, 0.02),
    st.floats(1.045, 6.0),
    st.floats(1e-3, 0.05),
    st.integers(3, 10**5),
)
@settings(max_examples=60)
@example(1.95, 0.005, 1.045, 0.005, 113)
@example(1.0, 0.0001, 1.05, 0.001, 10**5)
# A step across the point where the data fit, whose error happens to look small.
@example(1.71, 0.0022, 2.6, 0.038, 10**6)
def test_cells_in_single_precision_keep_their_digits(kappa, alpha, norm, start, labels):
    model = two(kappa, alpha, (1.0, norm), second=(start, 1.0), labels=labels)
    found = time_to_grok(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(problem, "_COARSE", np.inf)
        exact = pooled(model, 1e-9)
    assert found.item() == pytest.approx(exact, rel=ERROR, nan_ok=True)


@given(
    st.floats(0.2, 1.9),
    st.floats(-6.0, -0.5),
    st.floats(1.0, 10.0),
    st.floats(-4.0, -0.5),
    st.floats(-2.0, 0.3),
)
@settings(max_examples=60)
@example(0.51, -5.37, 1.95, -3.9, -1.96)
@example(0.52, -5.27, 2.45, -3.28, -1.61)
@example(1.79, -2.64, 2.76, -0.5295, -0.5280)
def test_cells_in_double_precision_keep_their_digits(kappa, log_alpha, norm, log_start, log_other):
    alpha, second = 10**log_alpha, (10**log_start, 10**log_other)
    assume(2 * alpha * norm**2 / kappa < 0.8 and abs(log_start - log_other) > 1e-3)
    model = two(kappa, alpha, (1.0, norm), second=second)
    found, exact = time_to_grok(model), pooled(model, 1e-10)
    assert found.item() == pytest.approx(exact, rel=ERROR, nan_ok=True)


@pytest.mark.parametrize(
    ("kappa", "part"),
    [(1.9, 1e-2), (1.9, 3e-5), (1.9, 1e-9), (1.5, 3e-5), (1.5, 1e-8), (1.2, 1e-7), (1.0, 1e-9)],
)
def test_a_level_start_keeps_the_digits_that_rounding_leaves(kappa, part):
    model = two(kappa, 0.1, second=(1 - part / 2, 1.0))
    exact = time_from_level(kappa, 0.1, 2.0, 1 - part / 2)
    assert exact < 1e-7
    rounding = max(ERROR, 2e-11 / part)
    assert time_to_grok(model).item() == pytest.approx(exact, rel=rounding, abs=0)


def test_a_level_start_keeps_its_digits_also_where_both_start_slow():
    model = two(1.9, second=(0.05 * (1 - 1e-4), 0.05))
    exact = time_from_level(1.9, 0.005, 2.0, 1 - 1e-4) / 0.05**2
    assert time_to_grok(model).item() == pytest.approx(exact, rel=ERROR, abs=0)


def time_from_level(kappa, alpha, norm, start, labels=113):
    """T from zero weights, if it comes long before the data begin to fit.

    Until then p is p(0) and dz/dt = 2 p - 2 c w^r by itself, so that w = rho z / 2 is reached after
    w / (p rho) F(1, 1/r; 1 + 1/r; c w^r / p): both circuits at once where they cross.
    """
    with mpmath.workdps(40):
        r, p = mpmath.mpf(2 - kappa) / kappa, mpmath.mpf(labels - 1) / labels
        cost = 2 * mpmath.mpf(alpha) / kappa
        ratio = mpmath.mpf(start) ** 2

        def delay(x, cost):
            return mpmath.hyp2f1(1, 1 / r, 1 + 1 / r, cost * x / p)

        def apart(x):
            return ratio * delay(x, cost * norm**2) / delay(x, cost) - 1

        first = (1 - ratio) * (1 + r) * p / (cost * (norm**2 - 1))
        x = mpmath.findroot(apart, (first / 2, first))
        return float(x ** (1 / r) / p * delay(x, cost * norm**2))


@pytest.mark.parametrize(
    ("changes", "single"),
    [
        ({}, True),
        ({"kappa": 1.0}, True),
        ({"kappa": 2.0}, False),
        ({"kappa": 0.9}, False),
        ({"norms": (1.0, 1.15)}, True),
        ({"norms": (1.0, 1.07)}, False),
        ({"kappa": 1.9, "norms": (1.0, 1.05)}, True),
        ({"kappa": 1.9, "norms": (1.0, 1.03)}, False),
        ({"second": (1e-4, 1.0)}, True),
        ({"second": (1e-5, 1.0)}, False),
        ({"second": (0.05, 1.0)}, True),
        ({"second": (0.1, 1.0)}, False),
        ({"first": (-0.001, 0.0)}, False),
        ({"first": (0.0, 1.0)}, False),
        ({"alpha": 0.0, "second": (2.0, 0.1)}, False),
    ],
)
def test_which_cells_take_single_precision(monkeypatch, changes, single):
    taken, first_crossing = [], pool.first_crossing

    def spy(problem):
        taken.extend(problem.forgiving)
        return first_crossing(problem)

    monkeypatch.setattr(pool, "first_crossing", spy)
    time_to_grok(two(**changes))
    assert any(taken) == single


def test_just_above_kappa_2_a_long_way_is_gone_to_its_end():
    model = two(2.000001, norms=(1.0, 1 + 1e-9), first=(0.1, 0.5), second=(0.3, 1.0))
    assert time_to_grok(model).reason == "never: falls to zero"
    assert minimal.winner(model) == "M"


def test_where_the_first_implicit_method_gives_up_the_second_goes_on():
    starts = [
        (1.2959867390294642, 0.3, -1.8702294202708638, 0.022918777268465772),
        (1.4384059996425562, 0.0, 0.0, -0.1978465238151933),
        (1.1094587791703678, 0.0, -1.2352251387000774, -0.8633464418347081),
        (0.9660136775123159, 0.7, -0.2586709951254839, -0.0637145871638543),
        (1.4390577431258145, 1.0, 0.0, -0.6288739161947738),
    ]
    circuits = tuple(Circuit(f"{i}", *start) for i, start in enumerate(starts))
    model = MinimalModel(circuits, 2.0, 0.006565774154281924, 371)
    time = time_to_grok(model, threshold=0.2).item()
    weight = flow(model, [time * (1 - 1e-5), time * (1 + 1e-5)]).weight
    right = model.stack("generalises") >= 0.2
    before, after = weight.where(right, -weight).sum("circuit").values
    assert before < 0 < after


@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_sweep_in_blocks_is_the_same_sweep(monkeypatch, size):
    norm = xr.DataArray(np.linspace(1.0, 4, 5), dims="norm")
    start = xr.DataArray([1e-3, 0.1, 0.6], dims="start")
    model = two([1.0, 1.5, 3.0], norms=(1.0, norm), second=(start, 1.0))
    expected = time_to_grok(model)
    monkeypatch.setattr(solver, "_BLOCK", size)
    found = time_to_grok(model)
    assert found.dims == expected.dims
    np.testing.assert_array_equal(found.reason, expected.reason)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_no_more_cells_than_a_block_are_laid_out_at_once(monkeypatch):
    monkeypatch.setattr(solver, "_BLOCK", 4)
    start = xr.DataArray([1e-3, 0.1, 0.6], dims="start")
    model = two([1.0, 1.5, 1.7, 1.9, 3.0], second=(start, 1.0))
    sizes = [part.swept.size for _, part in solver._parts(model)]
    assert sum(sizes) == model.swept.size
    assert max(sizes) <= 4


def test_in_a_later_block_what_cannot_be_decided_is_named(monkeypatch):
    monkeypatch.setattr(solver, "_BLOCK", 1)
    alpha = xr.DataArray([0.005, 10.0], dims="row")
    with pytest.raises(ArithmeticError, match="at row 1 is undecided"):
        time_to_grok(two(1.999999, alpha=alpha))
