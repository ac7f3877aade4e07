"""Circuits in the same units: the penalty, where one-sided mixing rests, and what follows."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import theory
from theory import Circuit, MinimalModel, minimal
from theory.minimal import SharedUnits, mixed_equilibrium
from theory.minimal.law import PAPER
from theory.minimal.stationary import stationary_points

B = 7 / 4
ONE_SIDED = SharedUnits((1.0, B))
NUMBERS = st.floats(0.05, 20)


def model(memorising=10.0, generalising=9.0, start=1e-6, kappa=3.0, alpha=1e-4, mixing=ONE_SIDED):
    circuits = (
        Circuit("generalising", generalising, True, 0.0, start),
        Circuit("memorising", memorising, False, 0.05, 1.0),
    )
    return MinimalModel(circuits, kappa, alpha, 47, penalty=mixing)


@given(st.floats(0.3, 1.99), *[st.tuples(NUMBERS, NUMBERS, NUMBERS)] * 2)
@settings(max_examples=30)
def test_with_two_over_kappa_it_is_the_paper_s(kappa, size, norm):
    shared, size, norm = SharedUnits((2 / kappa,) * 3), np.array(size), np.array(norm)
    for name in ("measure", "marginal", "curvature", "parameter_norm"):
        found, expected = (getattr(each, name)(size, norm, kappa) for each in (shared, PAPER))
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9 * abs(expected).max())


@given(st.floats(0.5, 4.0), st.tuples(*[st.floats(1.0, 6.0)] * 3), *[st.tuples(*[NUMBERS] * 3)] * 3)
@settings(max_examples=30)
def test_it_is_a_gauge(kappa, mixing, one, other, norm):
    """Homogeneous, convex, at most the sum and at least the largest of its parts."""
    penalty, norm = SharedUnits(mixing), np.array(norm)

    def gauge(size):
        return penalty.parameter_norm(np.array(size), norm, kappa) ** kappa

    one, other = np.array(one), np.array(other)
    assert gauge(3 * one) == pytest.approx(3 * gauge(one))
    assert gauge(one + other) <= (gauge(one) + gauge(other)) * (1 + 1e-12)
    alone = norm**kappa * one
    assert alone.max() * (1 - 1e-12) <= gauge(one) <= alone.sum() * (1 + 1e-12)


@pytest.mark.parametrize("kappa", [1.0, 3.0])
def test_slopes_at_zero_are_the_limits_from_above(kappa):
    norm, little = np.array([1.0, 2.0]), 1e-12
    for size in (np.array([0.0, 1.5]), np.array([0.8, 0.0])):
        found = ONE_SIDED.marginal(size, norm, kappa)
        near = ONE_SIDED.marginal(np.maximum(size, little), norm, kappa)
        np.testing.assert_allclose(found, near, rtol=1e-7, atol=1e-6)
    assert ONE_SIDED.marginal(np.array([0.0, 1.5]), norm, kappa)[0] > 0
    assert ONE_SIDED.marginal(np.array([0.8, 0.0]), norm, kappa)[1] == 0
    with np.errstate(divide="ignore"):
        origin = ONE_SIDED.marginal(np.zeros(2), norm, kappa)
        np.testing.assert_array_equal(origin, PAPER.marginal(np.zeros(2), norm, kappa))
    assert ONE_SIDED.measure(np.zeros(2), norm, kappa) == 0


@given(
    st.floats(0.6, 4.0),
    st.floats(-6, -2),
    st.floats(0.5, 2.0),
    st.floats(0.4, 2.5),
    st.floats(1.2, 4.0),
)
@settings(max_examples=20)
def test_the_closed_form_is_what_root_finding_finds(kappa, decay, cheap, over, b):
    assume(abs(np.log(b * over**kappa)) > 0.01)  # at the onset any tiny weight is nearly a root
    cell = model(cheap * over, cheap, kappa=kappa, alpha=10**decay, mixing=SharedUnits((1.0, b)))
    known, points = mixed_equilibrium(cell), stationary_points(cell)
    minima = points.weight[(points.kind == "minimum").values & (points.weight.sum("circuit") > 0)]
    assert minima.sizes["point"] == 1
    np.testing.assert_allclose(minima[0], known.weight, rtol=1e-6, atol=1e-9)
    both = minimal.parameter_norm(cell, known.weight)
    alone = known.effective_norm * known.weight.sum() ** (1 / kappa)
    assert both.item() == pytest.approx(alone.item())


def test_the_ratio_is_that_of_one_sided_mixing_and_has_an_onset():
    size = xr.DataArray([0.5, 0.57, 0.58, 0.8, 1.0, 1.5, 3.0], dims="size")
    cell = model(9.0 * size ** (1 / 3))
    weight = mixed_equilibrium(cell).weight
    ratio = weight.sel(circuit="generalising") / weight.sel(circuit="memorising")
    u = B * size
    np.testing.assert_allclose(ratio, np.maximum((u ** (7 / 3) - 1) / B, 0))
    assert (ratio == 0).values.tolist() == [True, True] + 5 * [False]
    share = 1 / (1 + ratio)
    np.testing.assert_allclose(share[[4, 5]], [0.39, 0.17], atol=0.01)


def test_the_ratio_depends_on_neither_decay_nor_kappa_at_equal_pressure():
    alphas = xr.DataArray([1e-6, 1e-4, 1e-2], dims="alpha")
    weight = mixed_equilibrium(model(alpha=alphas)).weight
    share = weight / weight.sum("circuit")
    np.testing.assert_allclose(share, share.isel(alpha=0).broadcast_like(share))
    assert weight.sum("circuit").diff("alpha").max() < 0
    for kappa in (1.0, 2.0):
        other = mixed_equilibrium(model(9.0 * (10 / 9) ** (3 / kappa), kappa=kappa)).weight
        np.testing.assert_allclose(other / other.sum(), share.isel(alpha=0))


def test_numbers_of_any_size():
    """Against the same in units in which all is near 1."""
    norm, size = np.array([1.0, 2.0]), np.array([0.5, 0.25])
    for log_scale in (-250, 100, 250):
        scale = 10.0**log_scale
        for kappa in (1.5, 3.0):
            r = 2 / kappa
            for name, power in (("measure", r), ("marginal", r - 1), ("curvature", r - 2)):
                if abs(log_scale * power) < 290:
                    found = getattr(ONE_SIDED, name)(scale * size, norm, kappa)
                    near = getattr(ONE_SIDED, name)(size, norm, kappa)
                    np.testing.assert_allclose(found / 10.0 ** (log_scale * power), near, rtol=1e-9)


def test_the_curvature_of_what_is_zero():
    norm = np.array([1.0, 2.0])
    for size in (np.array([0.0, 1.5]), np.array([0.8, 0.0])):
        found = ONE_SIDED.curvature(size, norm, 3.0)
        near = ONE_SIDED.curvature(np.maximum(size, 1e-12), norm, 3.0)
        assert not np.isnan(found).any()
        on = np.isfinite(found)
        np.testing.assert_allclose(found[on], near[on], rtol=1e-6, atol=1e-6)
    assert found[1, 1] == np.inf
    assert SharedUnits((1.0, 2.5)).curvature(size, norm, 3.0)[1, 1] == 0


@pytest.mark.parametrize("alpha", [1e-4, 3.0])
@pytest.mark.parametrize("kappa", [2.0, 3.0])
def test_under_a_strong_penalty_only_the_origin_is_left(kappa, alpha):
    cell = model(1.0, 1.0, kappa=kappa, alpha=alpha)
    points = stationary_points(cell)
    elsewhere = (points.weight.sum("circuit") > 0).any().item()
    assert elsewhere == (alpha < 1)
    assert (mixed_equilibrium(cell).weight.sum() > 0) == elsewhere


def test_weights_that_cross_zero_are_in_nobody_s_trap():
    """Both end where every start does: one of them is at zero for a moment only."""
    for norms, alpha, subweights in (
        ((9.0, 9.0), 1e-4, ((-0.5, 1.0), (-0.2, 1.0))),
        ((9.0, 8.137), 1e-5, ((-0.4335, 1.5611), (-1.0914, 0.49275))),
        ((9.0, 10.0), 1e-4, ((-1e-3, 5.0), (0.0, 1.0))),
    ):
        circuits = tuple(
            Circuit(name, norm, name == "generalising", *pair)
            for name, norm, pair in zip(
                ("generalising", "memorising"), norms, subweights, strict=True
            )
        )
        cell = MinimalModel(circuits, 3.0, alpha, 47, penalty=ONE_SIDED)
        end = theory.flow(cell, [1e6]).weight.isel(step=0)
        np.testing.assert_allclose(end, mixed_equilibrium(cell).weight, rtol=1e-6)


@pytest.mark.parametrize("start", [1e-2, 1e-30])
@pytest.mark.parametrize("memorising", [7.0, 9.0, 11.0])
def test_beside_memory_nothing_is_trapped(memorising, start):
    """What generalises comes up from any size, where in the paper's model degree 3 is a trap."""
    cell = model(memorising, start=start)
    end = theory.flow(cell, [1e6]).weight.isel(step=0)
    np.testing.assert_allclose(end, mixed_equilibrium(cell).weight, rtol=1e-6, atol=1e-9)
    paper = theory.flow(replace(cell, penalty=PAPER), [1e6]).weight.isel(step=0)
    assert paper.sel(circuit="generalising") == 0


def test_grokking_from_a_tiny_start_waits_for_its_logarithm():
    times = [theory.time_to_grok(model(start=10.0**power)).item() for power in (-6, -12, -18)]
    np.testing.assert_allclose(np.diff(times)[1], np.diff(times)[0], rtol=1e-3)
    assert np.isnan(theory.time_to_grok(model(7.0, start=1e-2)).item())


def test_more_examples_cost_what_the_share_of_memory_says():
    """dF / d log D = (2/3) alpha M f, where P_M grows as the cube root of D."""
    for kappa in (1.0, 3.0):
        size = xr.DataArray(np.exp([-0.01, 0.0, 0.01]), dims="size")
        cell = model(10.0 * size ** (1 / 3), kappa=kappa)
        weight = mixed_equilibrium(cell).weight
        rise = np.diff(minimal.objective(cell, weight)[[0, 2]]) / np.diff(np.log(size)[[0, 2]])
        middle = weight.isel(size=1)
        share = middle.sel(circuit="memorising") / middle.sum()
        norm = minimal.parameter_norm(cell, weight).isel(size=1)
        expected = 2 / 3 * 1e-4 * norm**2 * share
        assert rise.item() == pytest.approx(expected.item(), rel=1e-3)


def test_bad_arguments_are_refused():
    for mixing in ((0.5, 1.0), (1.0, np.nan), (1.0, np.inf)):
        with pytest.raises(ValueError, match=r"mixing must be numbers of at least 1, got \("):
            SharedUnits(mixing)
    with pytest.raises(ValueError, match="mixing must be one number for each of 2 circuits"):
        theory.flow(model(mixing=SharedUnits((1.0,))), [1.0])
    with pytest.raises(ValueError, match="model must have two circuits and the penalty"):
        mixed_equilibrium(MinimalModel.paper())
    for mixing in ((1.0, 1.0), (1.5, 1.0)):
        with pytest.raises(ValueError, match="mixing must be 1 and a number above 1, got"):
            mixed_equilibrium(model(mixing=SharedUnits(mixing)))
