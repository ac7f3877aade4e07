"""Rates near coexistence, and how the time to grok diverges at the critical size."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from crossings import balanced, crossing_time
from theory import MinimalModel, descend, minimal, networks

paper = MinimalModel.paper


def coexisting(model):
    """Weights where all circuits coexist, and p there."""
    weight = minimal.equilibrium(model).weight.sel(point="+".join(model.names))
    return weight, minimal.wrong_probability(model, weight).item()


# The rates


@settings(max_examples=12)
@given(
    strategies.models(
        kappa=st.floats(0.5, 1.6) | st.floats(2.5, 5.0),
        weight_decay=st.floats(1e-4, 1e-3),
        param_norm=st.floats(1.0, 1.5),
        swept=False,
    )
)
def test_they_are_the_eigenvalues_of_the_linearised_flow(model):
    weight, _ = coexisting(model)
    rho = model.stack("second_subweight") ** 2 - model.stack("first_subweight") ** 2
    speed = np.hypot(rho, 2 * weight).values
    columns = []
    for name in model.names:
        # A complex step would need an analytic loss; this one is smooth at positive weights.
        step = 1e-5 * weight.sel(circuit=name).item()
        nudge = xr.where(weight.circuit == name, step, 0.0)
        slopes = [minimal.gradient(model, weight + sign * nudge) for sign in (1, -1)]
        columns.append((slopes[0] - slopes[1]).values / (2 * step))
    matrix = speed[:, None] * np.transpose(columns)
    expected = np.sort(np.linalg.eigvals(matrix).real)
    size = abs(expected).max()
    np.testing.assert_allclose(minimal.relaxation_rates(model), expected, atol=1e-7 * size)


@settings(max_examples=12)
@given(
    st.floats(0.5, 1.6) | st.floats(2.5, 5.0),
    st.floats(1e-4, 1e-3),
    st.lists(st.floats(1.0, 1.5), min_size=2, max_size=4),
)
def test_balanced_circuits_share_one_rate(kappa, decay, norms):
    circuits = tuple(minimal.Circuit(f"{i}", norm, True, 1.0, 1.0) for i, norm in enumerate(norms))
    model = MinimalModel(circuits, kappa, decay, 113)
    _, pull = coexisting(model)
    rates = minimal.relaxation_rates(model).values
    slow = rates[:-1]
    np.testing.assert_allclose(slow, 2 * model.r * pull, rtol=1e-9)


@settings(max_examples=12)
@given(st.floats(0.5, 1.8), st.floats(1e-4, 1e-2), st.floats(1.0, 2.0), st.floats(0.1, 6.0))
def test_imbalance_only_quickens(kappa, decay, norm, second):
    model = paper(kappa, decay, param_norm=(1.0, norm), second_subweight=(0.005, second))
    _, pull = coexisting(model)
    slowest = minimal.relaxation_rates(model).min().item()
    assert slowest >= 2 * model.r * pull * (1 - 1e-12)


SOME = (("a", 1.0, 0.0, 0.005), ("b", 2.0, 0.0, 1.0), ("c", 1.5, 0.3, 0.3), ("d", 1.1, 0.2, 0.7))


@pytest.mark.parametrize("kappa", [1.5, 1.9, 1.95, 1.99, 1.999, 2.001, 2.01, 2.1])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_rates_of_any_size_are_exact(kappa, count):
    """Just off kappa = 2 they are 1e100 and more apart, and some too large for a float."""
    circuits = tuple(minimal.Circuit(name, norm, True, a, b) for name, norm, a, b in SOME[:count])
    model = MinimalModel(circuits, kappa, 0.005, 113)
    rates = minimal.relaxation_rates(model).values
    with mpmath.workdps(3000):
        expected = [float(rate) for rate in precise_rates(model)]
    np.testing.assert_allclose(rates, expected, rtol=3e-13)
    assert np.isinf(expected).any() == (abs(kappa - 2) < 0.002)


def precise_rates(model):
    """Eigenvalues of diag(s) H in many digits, from shares, S by Newton's method, and p."""
    kappa, alpha, log_rivals = map(mpmath.mpf, (model.kappa, model.alpha, model.num_labels - 1))
    power, norms = 2 / kappa - 1, [mpmath.mpf(c.param_norm) for c in model.circuits]
    parts = [norm ** (-2 / power) for norm in norms]
    cost = 2 * alpha / kappa * mpmath.fsum(parts) ** -power
    total = mpmath.findroot(
        lambda s: (
            mpmath.log(log_rivals / (mpmath.exp(s) + log_rivals) / cost) - power * mpmath.log(s)
        ),
        mpmath.mpf(coexisting(model)[0].sum().item()),
    )
    pull = log_rivals / (mpmath.exp(total) + log_rivals)
    weight = [total * part / mpmath.fsum(parts) for part in parts]
    starts = [(c.first_subweight, mpmath.mpf(c.second_subweight)) for c in model.circuits]
    rho = [(b - a) * (b + a) for a, b in starts]
    speed = [mpmath.hypot(r, 2 * w) for r, w in zip(rho, weight, strict=True)]
    matrix = (
        pull
        * (1 - pull)
        * mpmath.matrix([[mpmath.sqrt(one * other) for one in speed] for other in speed])
    )
    for i, (s, w) in enumerate(zip(speed, weight, strict=True)):
        matrix[i, i] += power * pull * s / w
    return sorted(mpmath.eigsy(matrix, eigvals_only=True))


def test_no_coexistence_no_rates():
    rates = minimal.relaxation_rates(paper([1.2, 2.0, 3.0]))
    assert rates.dims == ("mode", "kappa")
    assert np.isnan(rates).values.tolist() == [[False, True, False], [False, True, False]]
    assert np.all(np.isnan(minimal.relaxation_rates(paper(2.0))))
    assert np.all(np.isnan(minimal.relaxation_rates(paper(weight_decay=0.0))))


def test_above_kappa_2_the_point_is_a_saddle():
    rates = minimal.relaxation_rates(paper(3.0, param_norm=(1.0, 1.2))).values
    assert rates[0] < 0 < rates[1]


# Divergence at the critical size


def per_e_fold(times, excesses):
    """How much later each grows as the excess falls by a factor of e."""
    return np.diff(times) / -np.diff(np.log(excesses))


def test_below_kappa_2_the_delay_diverges_as_a_logarithm():
    excesses = np.array([1e-2, 1e-3, 1e-4, 1e-5])
    starts = (0.02, 1.0)
    times = [crossing_time(balanced(starts, param_norm=(1.0, 1 + x))) for x in excesses]
    level = balanced(starts, param_norm=(1.0, 1.0))
    _, pull = coexisting(level)
    expected = 1 / (2 * level.r * pull)
    left = per_e_fold(times, excesses) / expected - 1
    assert np.all(abs(left) < [0.05, 0.005, 0.0005])
    assert np.all(left[:-1] / left[1:] > 5)  # first order in the excess
    assert np.all(left[:-1] / left[1:] < 20)


@pytest.mark.parametrize("second", [1.0, 4.0])
def test_with_imbalance_the_logarithm_has_the_slowest_rate_before_it(second):
    excesses = np.array([1e-4, 1e-5, 1e-6])
    starts = (0.005, second)
    times = [
        crossing_time(paper(param_norm=(1.0, 1 + x), second_subweight=starts)) for x in excesses
    ]
    level = paper(param_norm=(1.0, 1.0), second_subweight=starts)
    rate = minimal.relaxation_rates(level).min().item()
    np.testing.assert_allclose(per_e_fold(times, excesses), 1 / rate, rtol=5e-3)
    _, pull = coexisting(level)
    gap = rate / (2 * level.r * pull) - 1
    assert (0.003 < gap < 0.004) if second == 1.0 else (0.34 < gap < 0.36)


def test_below_kappa_2_growth_itself_does_not_slow_down():
    excess = xr.DataArray([0.0, 1e-6, 1e-5], dims="excess")
    weight = minimal.flow(paper(param_norm=(1.0, 1 + excess)), [200.0, 300.0]).weight
    grown = weight.sel(circuit="generalising")
    half = coexisting(paper(param_norm=(1.0, 1.0)))[0].sel(circuit="generalising").item()
    assert np.all(grown.isel(step=1) > 0.85 * half)
    change = abs(grown - grown.isel(excess=0)).isel(step=1).values
    assert change[2] / change[1] == pytest.approx(10, rel=1e-3)


def test_at_kappa_2_the_delay_diverges_as_a_power():
    norms = 1 + xr.DataArray([1e-2, 1e-3], dims="excess")
    even = minimal.time_to_grok(balanced((0.1, 1.0), kappa=2.0, param_norm=(1.0, norms)))
    gap = 2 * 0.005 * (norms**2 - 1)
    np.testing.assert_allclose(even * gap, np.log(10), rtol=1e-5)
    uneven = minimal.time_to_grok(paper(2.0, param_norm=(1.0, norms))) * gap
    assert np.ptp(uneven.values) < 1e-4 * uneven.values[0]


def test_above_kappa_2_the_delay_diverges_as_a_logarithm_at_the_separatrix():
    excesses = np.array([1e-3, 1e-4, 1e-5])
    threshold = 8 * (1 / 1.2) ** 6  # (P_G / P_M)^(2 / R) with R = 1/3
    starts = [(threshold * (1 + x), 8.0) for x in excesses]
    times = [crossing_time(balanced(start, 3.0, param_norm=(1.0, 1.2))) for start in starts]
    model = balanced(starts[0], 3.0, param_norm=(1.0, 1.2))
    _, pull = coexisting(model)
    rate = -minimal.relaxation_rates(model).min().item()
    assert rate == pytest.approx(2 / 3 * pull, rel=1e-9)
    np.testing.assert_allclose(per_e_fold(times, excesses), 1 / rate, rtol=2e-4)


# The edge of stability


def at_rest(model):
    """The model, started a little off its minimum with its own imbalances."""
    weight = minimal.equilibrium(model).weight.isel(point=0)
    circuits = []
    for circuit, w in zip(model.circuits, weight.values, strict=True):
        rho = circuit.second_subweight**2 - circuit.first_subweight**2
        second = ((rho + np.hypot(rho, 2 * w)) / 2) ** 0.5
        first = w / second * (1 + 1e-7)
        circuits.append(replace(circuit, first_subweight=first, second_subweight=second))
    return replace(model, circuits=tuple(circuits))


def farthest(model, run):
    rest = minimal.equilibrium(model).weight.isel(point=0)
    return abs(run.weight / rest - 1).max().item()


@pytest.mark.parametrize("kappa", [0.8, 1.2, 1.7])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_descent_stays_below_the_bound_and_leaves_above_it(kappa, momentum):
    model = at_rest(paper(kappa, second_subweight=(0.5, 2.0)))
    bound = minimal.largest_stable_rate(model, momentum).item()
    below, above = (
        networks.GradientDescent(part * bound, momentum=momentum) for part in (0.99, 1.01)
    )
    assert farthest(model, minimal.descend_with(model, 1500, below)) < 1e-4
    assert farthest(model, minimal.descend_with(model, 1500, above)) > 1e-3


def test_above_the_bound_descent_may_rest_again_with_less_imbalance():
    model = at_rest(paper(second_subweight=(0.5, 2.0)))
    rate = 1.01 * minimal.largest_stable_rate(model).item()
    run = descend(model, 3000, rate)
    assert farthest(model, run) > 1e-3
    assert farthest(model, run.isel(step=slice(-1, None))) < 1e-7
    end = run.isel(step=-1)
    quieter = replace(
        model,
        circuits=tuple(
            replace(
                circuit,
                first_subweight=end.subweight_a.sel(circuit=circuit.name).item(),
                second_subweight=end.subweight_b.sel(circuit=circuit.name).item(),
            )
            for circuit in model.circuits
        ),
    )
    assert minimal.largest_stable_rate(quieter).item() > rate


def test_without_a_minimum_of_all_there_is_no_bound():
    for model in (paper(2.0), paper(3.0), paper(weight_decay=0.0)):
        assert np.isnan(minimal.largest_stable_rate(model).item())
    with pytest.raises(ValueError, match="momentum must be below 1, got 1"):
        minimal.largest_stable_rate(paper(), 1.0)


def test_a_momentum_must_cross_with_the_model():
    momentum = xr.DataArray([0.0, 0.5], {"kappa": [1.0, 1.4]}, "kappa")
    with pytest.raises(ValueError, match=r"same coordinates along it.*'kappa'"):
        minimal.largest_stable_rate(paper([1.0, 1.2]), momentum)
