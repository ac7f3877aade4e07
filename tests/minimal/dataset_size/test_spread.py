"""Accuracy against D when logits vary: the law, its inverse, and sampled test inputs."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from theory import Circuit, MinimalModel, descend
from theory.minimal import (
    accuracy_at_size,
    at_size,
    equilibrium,
    kappa_from_width,
    sampled_accuracy,
    size_at_accuracy,
    transition_width,
    with_spread,
)

KAPPA = st.floats(0.3, 1.9)
SPREAD = st.floats(0.05, 0.7)
EXPONENT = st.floats(0.2, 2.0)
SAMPLES = 100_000
#: Five standard errors, at most.
ERROR = 5 * 0.5 / np.sqrt(SAMPLES)


def lead(ratio, correlation=0.0):
    """Return the mean lead over its standard deviation at a spread of 1."""
    return (ratio - 1) / np.sqrt(ratio**2 + 1 - 2 * correlation * ratio)


def sampled(ratio, spread, **others):
    ratios = xr.DataArray(np.log(ratio), dims="ratio")
    return sampled_accuracy(ratios, spread, samples=SAMPLES, seed=7, **others).values


RATIOS = np.array([0.1, 0.6, 0.9, 1.0, 1.2, 2.0, 9.0])


@pytest.mark.parametrize("spread", [0.1, 0.3, 1.0])
def test_sampled_inputs_follow_the_law(spread):
    assert abs(sampled(RATIOS, spread) - ndtr(lead(RATIOS) / spread)).max() < ERROR


@pytest.mark.parametrize("correlation", [-0.9, 0.5, 0.9])
def test_correlated_spread_follows_another_law(correlation):
    found = sampled(RATIOS, 0.3, correlation=correlation)
    assert abs(found - ndtr(lead(RATIOS, correlation) / 0.3)).max() < ERROR
    assert abs(found - ndtr(lead(RATIOS) / 0.3)).max() > 5 * ERROR


@pytest.mark.parametrize(("spread", "most"), [(0.2, 0.0), (1.0, ndtr(-1) ** 2)])
def test_other_labels_without_spread_win_where_both_logits_are_negative(spread, most):
    lost = sampled(RATIOS, spread) - sampled(RATIOS, spread, num_labels=10**6)
    # The smaller the logit, the surer it is above one that is just as often negative.
    assert (np.diff(lost) <= 0).all()
    assert abs(lost[3] - most / 2) < ERROR
    assert lost.max() <= most + ERROR


@pytest.mark.parametrize(("labels", "spread"), [(4, 1.0), (113, 0.8), (10**5, 0.4)])
def test_many_labels_with_spread_win_as_their_largest_does(labels, spread):
    # With circuits that do not vary the largest of q - 2 Gaussians is all that counts.
    found = sampled(np.array([2.0]), 1e-9, num_labels=labels, label_spread=spread)
    assert abs(found - ndtr(2 / spread) ** (labels - 2)) < ERROR


def test_many_labels_move_the_transition_up():
    found = sampled(RATIOS, 0.3, num_labels=113, label_spread=0.5)
    assert found[3] < 0.5 - 20 * ERROR
    assert (found <= sampled(RATIOS, 0.3)).all()


def test_samples_follow_their_seed():
    one, same, other = (float(sampled_accuracy(0.1, 0.3, seed=seed)) for seed in (1, 1, 2))
    assert one == same != other


@given(KAPPA, SPREAD, EXPONENT, st.floats(0.1, 0.9))
def test_size_and_accuracy_are_inverse(kappa, spread, beta, accuracy):
    size = size_at_accuracy(accuracy, 400, kappa, spread, beta)
    if np.isnan(size):
        assert spread * abs(ndtri(accuracy)) >= 1
    elif np.isfinite(size) and size > 0:
        back = accuracy_at_size(float(size), 400, kappa, spread, beta)
        assert float(back) == pytest.approx(accuracy, rel=1e-9)


@given(KAPPA, SPREAD, EXPONENT)
def test_the_slope_at_the_critical_size(kappa, spread, beta):
    r = 2 / kappa - 1
    step = 1e-4 * r * spread / beta
    ends = [accuracy_at_size(np.exp(x), 1.0, kappa, spread, beta) for x in (-step, step)]
    slope = float(ends[1] - ends[0]) / (2 * step)
    assert slope == pytest.approx(beta / (np.sqrt(np.pi) * r * spread), rel=1e-5)


@given(KAPPA, SPREAD, EXPONENT)
def test_a_width_gives_back_its_kappa(kappa, spread, beta):
    width = transition_width(kappa, spread, beta)
    assert float(kappa_from_width(float(width), spread, beta)) == pytest.approx(kappa)


def test_a_width_may_vary_along_any_name_and_exceed_every_ratio_of_sizes():
    kappa = xr.DataArray([0.001, 1.2], {"accuracy": [0.1, 0.9]}, "accuracy")
    widths = transition_width(kappa, 0.3)
    assert widths.sizes == {"accuracy": 2}
    marginal = [1999.0, 2 / 1.2 - 1]
    np.testing.assert_allclose(widths / marginal, float(transition_width(1.0, 0.3)), rtol=1e-13)


@pytest.mark.parametrize(("accuracy", "found"), [(0.9, "inf"), (0.1, "0")])
def test_a_size_beyond_floats_is_refused(accuracy, found):
    told = f"accuracy = {accuracy}, critical = 400, kappa = 0.001, spread = 0.3, beta = 0.5"
    with pytest.raises(ValueError, match=f"^size must lie .* got {found} for {told}$"):
        size_at_accuracy(accuracy, 400, [1.2, 0.001], 0.3)


def test_sampled_weights_of_any_ratio_compare():
    found = sampled_accuracy([-1000.0, 0.0, 1000.0], 0.05, samples=100)
    assert found.values[[0, 2]].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("spread", [0.1, 0.05, 0.025])
def test_the_width_is_linear_in_a_small_spread_with_a_correction_of_second_order(spread):
    quantile = ndtri(0.9)
    width = float(transition_width(1.2, spread, 0.5))
    linear = (2 / 1.2 - 1) / 0.5 * np.sqrt(2) * spread * quantile
    correction = (width / linear - 1) / (spread * quantile) ** 2
    assert 5 / 12 < correction < 5 / 12 * (1 + spread)


def test_the_transition_is_symmetric_and_bounded():
    ends = size_at_accuracy([0.2, 0.8], 400, 1.2, 0.4)
    assert float(ends[0] * ends[1]) == pytest.approx(400**2)
    far = accuracy_at_size([1e-300, 1e300], 1.0, [1.2, 2.0], spread=0.5)
    np.testing.assert_allclose(far.values, [[ndtr(-2)] * 2, [ndtr(2)] * 2], rtol=1e-12)
    ends = size_at_accuracy([0.01, 0.03, 0.97, 0.99], 400, 1.2, 0.5)
    assert np.isnan(ends).values.tolist() == [True, False, False, True]
    assert np.isnan(size_at_accuracy(ndtr(1.0), 400, 1.2, 1 / ndtri(ndtr(1.0))))


def test_a_run_with_spread_has_the_accuracy_of_its_weights():
    model = at_size(MinimalModel.paper(param_norm=(1.0, 0.05)), [300.0, 450.0])
    run = with_spread(model, descend(model, 30_000, 0.05, record_every=30_000), spread=0.3)
    law = accuracy_at_size([300.0, 450.0], 400, 1.2, 0.3)
    np.testing.assert_allclose(run.test_accuracy.isel(step=-1), law, rtol=1e-3)
    assert run.test_accuracy[0].values.tolist() == [1 / 113] * 2


def test_spread_with_partial_coverage_is_that_of_each_set_of_inputs():
    circuits = (Circuit("half", 1.0, 0.5), Circuit("all", 1.2, 1.0), Circuit("none", 1.1, 0.0))
    model = MinimalModel(circuits, 1.2, 0.005, 113)
    run = descend(model, 5)
    half, whole, none = (float(w) for w in run.weight[-1])
    size = 0.3 * np.sqrt(half**2 + whole**2 + none**2)
    parts = [ndtr((half + whole - none) / size), ndtr((whole - half - none) / size)]
    found = with_spread(model, run, spread=0.3).test_accuracy[-1]
    assert float(found) == pytest.approx(np.mean(parts), rel=1e-12)


def test_the_equilibrium_sampled():
    model = at_size(MinimalModel.paper(param_norm=(1.0, 0.05)), 440.0)
    generalising, memorising = equilibrium(model).weight.values[0]
    found = sampled(np.array([generalising / memorising]), 0.3)
    assert abs(found - float(accuracy_at_size(440, 400, 1.2, 0.3))) < ERROR


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accuracy_at_size(400, 400, 1.2, 0.0), "spread must be above 0"),
        (lambda: accuracy_at_size(400, 400, 2.5, 0.3), "kappa must be at most 2"),
        (lambda: size_at_accuracy(0.0, 400, 1.2, 0.3), "accuracy must be above 0"),
        (lambda: size_at_accuracy([0.5, 1.0], 400, 1.2, 0.3), "accuracy must be below 1, got 1"),
        (lambda: size_at_accuracy(0.5, 400, 1.2, 0.0), "spread must be above 0"),
        (lambda: transition_width(2.5, 0.3), "kappa must be at most 2"),
        (lambda: kappa_from_width(0.0, 0.3), "width must be above 0"),
        (lambda: kappa_from_width(1.0, 0.0), "spread must be above 0"),
        (lambda: sampled_accuracy(0.0, 0.0), "spread must be above 0"),
        (lambda: sampled_accuracy(0.0, 0.3, correlation=1.1), "correlation must be at most 1"),
        (lambda: sampled_accuracy(0.0, 0.3, correlation=-1.1), "correlation must be at least -1"),
        (lambda: sampled_accuracy(0.0, 0.3, num_labels=1), "num_labels must be an integer"),
        (lambda: sampled_accuracy(0.0, 0.3, label_spread=-1), "label_spread must be at least 0"),
        (lambda: sampled_accuracy(0.0, 0.3, samples=0), "samples must be an integer"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", ["size", "critical", "kappa", "beta"])
def test_a_spread_that_does_not_fit_a_sweep_is_refused(name):
    one, other = (xr.DataArray([0.5], {"draw": [draw]}, "draw") for draw in (0, 1))
    values = {"size": 400, "critical": 400, "kappa": 1.2, "beta": 0.5, name: other}
    with pytest.raises(ValueError, match=r"^parameters that share a dimension"):
        accuracy_at_size(**values, spread=one)
    of_accuracy = {"accuracy" if each == "size" else each: at for each, at in values.items()}
    with pytest.raises(ValueError, match=r"^parameters that share a dimension"):
        size_at_accuracy(**of_accuracy, spread=one)
