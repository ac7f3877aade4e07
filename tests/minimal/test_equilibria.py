"""Stationary points: complete, rightly named, and exact to rounding over all parameters."""

import itertools
from dataclasses import replace

import mpmath
import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import root
from scipy.special import log_expit

import strategies
from theory.minimal import (
    Circuit,
    MinimalModel,
    effective_norm,
    equilibrium,
    equilibrium_share,
    gradient,
    lambert_total,
    objective,
    wrong_probability,
)

BELOW = st.floats(0.3, 1.99)
ABOVE = st.floats(2.01, 6.0)
DECAY = st.floats(1e-4, 1.0)
#: Below this a weight has lost digits to underflow.
SMALLEST = 1e-290


#: An equilibrium takes milliseconds, all of them overhead of labels.
FEW = settings(max_examples=15)


def model_of(norms, **settings):
    circuits = tuple(Circuit(f"c{i}", norm, False) for i, norm in enumerate(norms))
    return MinimalModel(circuits, **{"weight_decay": 0.005, "num_labels": 113, **settings})


def residual(model, points):
    """Largest |L_i|/p at each point over the weights that have not underflowed; 0 if absent."""
    weight = points.weight
    kept = weight.notnull() & ((weight > SMALLEST) | ~points.support)
    slope = gradient(model, weight.fillna(1.0)) / wrong_probability(model, weight.fillna(1.0))
    # Off the support one zero weight is held where its cost exceeds the pull.
    return abs(slope).where(kept, 0.0).max("circuit", skipna=False)


@FEW
@given(strategies.models())
def test_every_point_is_stationary(model):
    found = residual(model, equilibrium(model))
    assert np.all(found <= 1e-13)


@FEW
@given(strategies.models())
def test_absent_is_all_that_is_missing(model):
    points = equilibrium(model)
    absent = points.kind == "absent"
    assert (points.weight.isnull() == absent).all()
    assert (points.loss.isnull() == absent).all()
    assert ((points.index == -1) == absent).all()
    assert not absent.all(list(model.sizes)).any()
    assert (points.weight.fillna(0) >= 0).all()
    assert (points.weight.fillna(0).where(~points.support, 0) == 0).all()


@FEW
@given(strategies.models())
def test_a_sweep_equals_its_cells(model):
    swept = equilibrium(model)
    assert swept.weight.dims[:2] == ("point", "circuit")
    for index, cell in strategies.cells(model):
        here, alone = swept.isel(index, drop=True), equilibrium(cell)
        here = here.isel(point=np.flatnonzero(here.kind != "absent"))
        xr.testing.assert_allclose(here, alone, rtol=1e-13, atol=0)


@FEW
@given(strategies.models(kappa=BELOW, weight_decay=DECAY))
def test_below_two_there_is_one_minimum(model):
    points = equilibrium(model)
    assert points.sizes["point"] == 1
    assert (points.kind == "minimum").all()
    assert (points.index == 0).all()


@FEW
@given(strategies.models(kappa=ABOVE, weight_decay=DECAY, swept=False))
def test_above_two_supports_have_two_roots_or_none(model):
    total = np.exp(np.linspace(np.log(1e-6), np.log(60), 40_001))
    pull = (model.num_labels - 1) / (np.exp(total) + model.num_labels - 1)
    expected, close = {"origin"}, False
    for size in range(1, len(model.names) + 1):
        for names in itertools.combinations(model.names, size):
            part = replace(model, circuits=tuple(c for c in model.circuits if c.name in names))
            cost = 2 * model.alpha / model.kappa * float(effective_norm(part)) ** 2
            ratio = np.max(pull * total**-model.r) / cost
            close = close or abs(ratio - 1) < 1e-6
            if ratio > 1:
                expected |= {"+".join(names), "+".join(names) + " (smaller)"}
    assume(not close)
    assert set(equilibrium(model).point.values) == expected


@FEW
@given(strategies.models(kappa=ABOVE, weight_decay=DECAY))
def test_above_two_the_minima_are_single_circuits_and_the_origin_is_a_trap(model):
    points = equilibrium(model)
    single = (points.root == "larger") & (points.support.sum("circuit") == 1)
    assert ((points.kind == "minimum") == (single & (points.kind != "absent"))).all()
    origin = points.sel(point="origin")
    assert (origin.kind == "trap").all()
    assert (abs(origin.loss - xr.DataArray(np.log(model.num_labels))) < 1e-14).all()


def numerical_index(model, weight):
    """Negative eigenvalues of the Hessian among positive weights, by central differences."""
    positive = np.flatnonzero(weight.values > 0)
    step = 1e-5 * weight.values[positive]
    hessian = np.empty((positive.size, positive.size))
    for column, (i, h) in enumerate(zip(positive, step, strict=True)):
        shift = np.zeros(weight.size)
        shift[i] = h
        change = gradient(model, weight + shift) - gradient(model, weight - shift)
        hessian[:, column] = change.values[positive] / (2 * h)
    return int((np.linalg.eigvals(hessian).real < 0).sum())


def search(model, seed, starts=60):
    """Stationary points from random starts in the positive orthant of each support."""
    generator = np.random.default_rng(seed)
    found = [np.zeros(len(model.names))]
    for size in range(1, len(model.names) + 1):
        for support in itertools.combinations(range(len(model.names)), size):
            costs = model.cost.values[list(support)]

            def slopes(logs, costs=costs):
                pull = np.log(model.num_labels - 1) - np.logaddexp(
                    np.exp(logs).sum(), np.log(model.num_labels - 1)
                )
                return np.log(costs) + model.r * logs - pull

            for start in generator.uniform(-7, 3, (starts, size)):
                with np.errstate(all="ignore"):
                    solution = root(slopes, start, tol=1e-13)
                if solution.success and np.abs(solution.fun).max() < 1e-9:
                    weight = np.zeros(len(model.names))
                    weight[list(support)] = np.exp(solution.x)
                    found.append(weight)
    return np.array(found)


@pytest.mark.parametrize(
    ("norms", "kappa", "alpha"),
    [
        ((1.0,), 4.0, 0.01),
        ((1.0, 1.5), 3.0, 0.005),
        ((1.0, 1.0), 2.5, 0.02),
        ((1.0, 1.3, 0.8), 4.0, 0.01),
        ((1.0, 2.0, 3.0), 3.0, 0.05),  # some sets have no equilibrium
    ],
)
def test_a_search_finds_the_same_points(norms, kappa, alpha):
    model = model_of(norms, kappa=kappa, weight_decay=alpha, num_labels=20)
    points = equilibrium(model)
    weight, found = points.weight.values, search(model, seed=1)
    distance = np.abs(found[:, np.newaxis] - weight).max(axis=-1)
    assert np.all(distance.min(axis=1) < 1e-6), "the search found a point that is not listed"
    assert np.all(distance.min(axis=0) < 1e-6), "a listed point was not found"
    for point in range(points.sizes["point"]):
        here = points.isel(point=point, drop=True)
        assert numerical_index(model, here.weight) == int(here["index"])


def test_a_maximum_is_above_and_a_minimum_below_its_neighbours():
    model = model_of((1.0, 1.5, 0.9), kappa=3.0)
    points = equilibrium(model)
    directions = np.random.default_rng(2).normal(size=(50, 3))
    for point in range(points.sizes["point"]):
        here = points.isel(point=point, drop=True)
        # Off the support every step goes up, with a slope that is infinite at zero.
        step = 1e-2 * np.where(here.support, here.weight, 1e-8) * directions
        change = objective(model, here.weight + xr.DataArray(step, dims=("way", "circuit")))
        change = (change - here.loss).values
        rises = {"minimum": change.min() > 0, "trap": change.min() > 0}
        expected = rises | {"maximum": change.max() < 0, "saddle": True}
        assert expected[str(here.kind.item())]
    assert set(points.kind.values) == {"minimum", "trap", "maximum", "saddle"}


@FEW
@given(strategies.models_with_weights(st.floats(-5, 15), kappa=BELOW), st.data())
def test_the_objective_is_strictly_convex_below_two(case, data):
    model, one = case
    other = data.draw(strategies.weights(model, st.floats(-5, 15)))
    apart = abs(one - other).max("circuit") > 0.1
    monotone = ((gradient(model, one) - gradient(model, other)) * (one - other)).sum("circuit")
    assert (monotone > 0).where(apart & (model.swept + model.alpha > 0), True).all()


@FEW
@given(
    strategies.models_with_weights(
        st.floats(-5, 15), kappa=BELOW | st.just(2.0), weight_decay=DECAY
    )
)
def test_no_weights_have_a_lower_loss_than_the_minimum(case):
    model, weight = case
    lowest = equilibrium(model).loss.min("point")
    assert (objective(model, weight) >= lowest * (1 - 1e-14)).all()


@FEW
@given(strategies.models(kappa=BELOW | ABOVE, weight_decay=DECAY, param_norm=st.floats(0.5, 2)))
def test_ratio_law(model):
    points = equilibrium(model)
    kept = points.support.all("circuit") & (points.weight > SMALLEST).all("circuit")
    weight, norm = points.weight.where(kept), model.stack("param_norm")
    ratio = weight / weight.isel(circuit=0)
    expected = (norm.isel(circuit=0) / norm) ** (2 / xr.DataArray(model.r))
    assert not (abs(ratio / expected - 1) > 1e-11).any()


@FEW
@given(strategies.models(kappa=BELOW, weight_decay=DECAY))
def test_together_the_circuits_are_one_of_norm_p_star(model):
    one = Circuit("all", effective_norm(model), False)
    weight = equilibrium(model).weight.isel(point=0).drop_vars("support")
    alone = equilibrium(replace(model, circuits=(one,))).weight.isel(point=0, circuit=0)
    assert (abs(weight.sum("circuit") / alone - 1) < 1e-11).all()
    share = equilibrium_share(model)
    assert (abs(weight / alone - share) < 1e-11).all()
    assert (abs(share.sum("circuit") - 1) < 1e-13).all()


@FEW
@given(strategies.models(kappa=st.floats(0.3, 1.9) | st.floats(2.1, 6.0)))
def test_p_star_is_a_power_sum(model):
    power = xr.DataArray(-2 / model.r)
    expected = (model.stack("param_norm") ** power).sum("circuit") ** (1 / power)
    assert (abs(effective_norm(model) / expected - 1) < 1e-12).all()


@FEW
@given(strategies.models(kappa=st.just(2.0), weight_decay=DECAY, swept=False))
def test_at_two_the_least_norm_survives_or_none(model):
    points = equilibrium(model)
    norm = model.stack("param_norm").values
    cost = model.alpha * norm.min() ** 2
    assert set(points.kind.values) == {"minimum"}
    if cost < (model.num_labels - 1) / model.num_labels:
        total = np.log((model.num_labels - 1) * (1 / cost - 1))
        expected = [total * row for row in np.eye(norm.size)[norm == norm.min()]]
    else:
        expected = np.zeros((1, norm.size))
    np.testing.assert_allclose(points.weight, expected, rtol=1e-12, atol=1e-9)


def test_at_two_ties_leave_the_split_undetermined():
    model = model_of((1.0, 2.0, 1.0), kappa=2.0)
    points = equilibrium(model)
    assert points.point.values.tolist() == ["c0", "c2"]
    for split in (0.0, 0.3, 1.0):
        mixed = split * points.weight[0] + (1 - split) * points.weight[1]
        assert np.abs(gradient(model, mixed)).max() < 1e-15
        assert np.isclose(objective(model, mixed), points.loss[0], rtol=1e-15)


@pytest.mark.parametrize(("shift", "point"), [(-1e-9, "c0"), (1e-9, "origin")])
def test_at_two_collapse_begins_where_the_cost_reaches_the_pull(shift, point):
    model = model_of((1.0, 2.0), kappa=2.0, weight_decay=112 / 113 + shift)
    points = equilibrium(model)
    assert points.point.values.tolist() == [point]
    # S = log(1 + q (p(0) - c)/c), here about 113 x 1e-9.
    expected = 113e-9 / (112 / 113) if shift < 0 else 0.0
    assert np.isclose(points.weight.sum(), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("side", [-1, 1])
def test_near_two_the_minimum_tends_to_that_at_two(side):
    exact = equilibrium(model_of((1.0, 2.0), kappa=2.0)).weight[0]
    gaps = []
    for distance in (1e-3, 1e-4):
        points = equilibrium(model_of((1.0, 2.0), kappa=2.0 + side * distance))
        gaps.append(float(abs(points.weight[0] - exact).max()))
    assert gaps[0] / gaps[1] == pytest.approx(10, rel=0.01)


@FEW
@given(strategies.models(weight_decay=st.floats(1e-12, 1e-3) | st.floats(1e-3, 1.0)))
def test_lambert_total_errs_by_what_it_says(model):
    approximate, points = lambert_total(model), equilibrium(model)
    together = points.isel(point=points.support.all("circuit") & (points.root == "larger"))
    assume(together.sizes["point"] == 1)
    total = together.weight.isel(point=0, drop=True).sum("circuit", skipna=False)
    kept, power = total.notnull() & (total > 1), xr.DataArray(model.r)
    total = total.where(kept)
    assert (approximate.notnull() | ~kept).all()
    error = approximate - total
    exact = -xr.apply_ufunc(log_expit, total - np.log(model.num_labels - 1))
    assert not (abs(error + power * np.log(approximate / total) - exact) > 1e-12).any()
    at_ends = [exact / (1 + power / end) for end in (total, approximate)]
    lower, upper = np.minimum(*at_ends), np.maximum(*at_ends)
    assert not (error < lower * (1 - 1e-9) - 1e-12).any()
    assert not (error > upper * (1 + 1e-9) + 1e-12).any()


@settings(max_examples=10)
@given(strategies.models(weight_decay=DECAY))
def test_half_decay_halves_alpha(model):
    one = replace(model, half_decay=False)
    half = replace(model, weight_decay=2 * one.weight_decay, half_decay=True)
    xr.testing.assert_identical(equilibrium(one), equilibrium(half))


@settings(max_examples=10)
@given(strategies.models(kappa=BELOW | ABOVE, weight_decay=DECAY))
def test_rescaling_the_norms_changes_nothing(model):
    circuits = tuple(replace(c, param_norm=2 * c.param_norm) for c in model.circuits)
    scaled = replace(model, circuits=circuits, weight_decay=model.weight_decay / 4)
    xr.testing.assert_allclose(equilibrium(model), equilibrium(scaled), rtol=1e-10)


def test_golden_values():
    points = equilibrium(MinimalModel.paper())
    np.testing.assert_allclose(points.weight[0], [7.24783541, 0.90597943], atol=5e-9)
    assert float(effective_norm(MinimalModel.paper())) == pytest.approx(0.961499713538, rel=1e-12)


@settings(max_examples=10)
@given(strategies.models(weight_decay=st.just(0.0)))
def test_without_decay_there_is_no_equilibrium(model):
    assert equilibrium(model).sizes["point"] == 0


def test_a_sweep_through_two_and_through_no_decay_is_padded():
    points = equilibrium(MinimalModel.paper(kappa=[1.2, 2.0, 3.0], weight_decay=[0.0, 0.005]))
    present = (points.kind != "absent").sum("point")
    assert present.values.tolist() == [[0, 1], [0, 1], [0, 7]]


EXTREME = {
    "kappa": [0.05, 0.3, 1.2, 1.999999, 2.0, 2.000001, 2.1, 3.0, 50.0],
    "weight_decay": [1e-12, 0.005, 0.5, 3.0],
    "num_labels": [3, 113, 1_000_000],
}


@pytest.mark.parametrize("norms", [(1.0, 1.0 + 1e-9), (1.0, 1.0), (1.0, 2.0), (30.0, 0.5)])
def test_extreme_parameters_are_right(norms):
    model = MinimalModel.paper(param_norm=norms, **EXTREME)
    points = equilibrium(model)
    assert np.all(residual(model, points) <= 5e-14)
    assert (points.weight.notnull() == (points.kind != "absent")).all()
    decayed = (points.kind != "absent").sum("point")
    assert (decayed >= 1).all()
    assert (decayed.sel(kappa=slice(0, 1.9999999)) == 1).all()


@pytest.mark.parametrize("kappa", EXTREME["kappa"])
@pytest.mark.parametrize("alpha", EXTREME["weight_decay"])
@pytest.mark.parametrize("ratio", [1.0 + 1e-9, 2.0])
def test_extreme_totals_agree_with_fifty_digits(kappa, alpha, ratio):
    model = MinimalModel.paper(kappa=kappa, weight_decay=alpha, param_norm=(1.0, ratio))
    points = equilibrium(model)
    points = points.isel(point=(points.weight.sum("circuit") > SMALLEST).values)
    with mpmath.workdps(50):
        for point in range(points.sizes["point"]):
            here = points.isel(point=point)
            total = mpmath.fsum(map(mpmath.mpf, here.weight.values.tolist()))
            exact, slope = precise_total(model, here.support.values, total)
            # The root moves by 1/slope where the equation is perturbed by rounding.
            assert abs(mpmath.log(total / exact)) * abs(slope) < 3e-14


@pytest.mark.parametrize("kappa", EXTREME["kappa"])
def test_lambert_total_is_right_at_extremes(kappa):
    model = model_of((1.0,), kappa=kappa, weight_decay=[1e-12, 1e-6, 0.3], num_labels=[3, 10**6])
    total = lambert_total(model)
    exact = equilibrium(model).sel(point="c0", circuit="c0").weight
    assert (total / exact > 1 - 1e-13).all()
    left = (model.num_labels - 1) * np.exp(-total)
    right = model.cost.isel(circuit=0) * total**model.r
    assert (abs(left / right - 1) < 2e-13).all()


@pytest.mark.parametrize("kappa", [1.9, 1.999999, 2.000001, 2.1])
def test_shares_of_norms_that_hardly_differ_are_exact(kappa):
    norms = 0.3, 0.3 * (1 + 1e-7)
    share = equilibrium_share(MinimalModel.paper(kappa=kappa, param_norm=norms))
    with mpmath.workdps(50):
        power = (mpmath.mpf(norms[1]) / norms[0]) ** (-2 / (2 / mpmath.mpf(kappa) - 1))
        assert share.values == pytest.approx(
            [float(1 / (1 + power)), float(power / (1 + power))], rel=1e-14
        )


def precise_total(model, support, near):
    """Root of log p + R log S = log c_* next to `near`, with the slope of the equation there."""
    kappa, alpha, log_rivals = map(mpmath.mpf, (model.kappa, model.alpha, model.num_labels - 1))
    power = 2 / kappa - 1
    norms = [mpmath.mpf(n) for n in model.stack("param_norm").values[support].tolist()]
    star = (
        min(norms) if power == 0 else mpmath.fsum(n ** (-2 / power) for n in norms) ** (-power / 2)
    )
    cost = 2 * alpha / kappa * star**2

    def equation(x):
        return (
            mpmath.log(log_rivals / (mpmath.exp(mpmath.exp(x)) + log_rivals))
            - power * x
            - mpmath.log(cost)
        )

    x = mpmath.findroot(equation, mpmath.log(near))
    return mpmath.exp(x), mpmath.diff(equation, x)


@settings(max_examples=20)
@given(st.floats(2.05, 10), st.integers(3, 1000), st.floats(1e-8, 1e-3))
def test_next_to_a_double_root_the_two_roots_are_still_told_apart(kappa, labels, gap):
    model = model_of((1.0,), kappa=kappa, num_labels=labels)
    total = np.exp(np.linspace(-12, 6, 300_001))
    pull = (labels - 1) / (np.exp(total) + labels - 1)
    most = np.max(pull * total**-model.r)
    alpha = model.kappa / 2 * most * (1 - gap)
    points = equilibrium(replace(model, weight_decay=alpha))
    weight = points.weight.sel(circuit="c0")
    larger, smaller = float(weight.sel(point="c0")), float(weight.sel(point="c0 (smaller)"))
    # log(p S^R) has curvature -K at its maximum, so the roots are 2 sqrt(2 gap/K) apart in log S.
    peak = np.sqrt(larger * smaller)
    wrong = (labels - 1) / (np.exp(peak) + labels - 1)
    curvature = (1 - wrong) * peak * (1 + wrong * peak)
    apart = 2 * np.sqrt(2 * gap / curvature)
    assert np.log(larger / smaller) == pytest.approx(apart, rel=0.1)


def test_weights_too_small_for_a_float_are_zero():
    model = MinimalModel.paper(kappa=1.999999)
    weight = equilibrium(model).weight.isel(point=0, drop=True)
    assert weight.values[1] == 0.0
    single = equilibrium(model_of((1.0,), kappa=1.999999)).weight.values[0, 0]
    assert weight.values[0] == single
    assert np.abs(gradient(model, weight).values[0]) < 1e-16
