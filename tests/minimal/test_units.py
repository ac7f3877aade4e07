"""Temperature as a change of units, and the laws under the mean square loss."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from theory import Circuit, MinimalModel, crossing_update, descend, minimal

paper = MinimalModel.paper


def descent_of(pull, model, steps, rate, scale=1.0):
    """Weights of descent on any loss, by its pull -l'(S), from starts of at least zero."""
    a, b = (model.stack(f"{which}_subweight").values for which in ("first", "second"))
    cost, r = model.cost.values, model.r
    rows = []
    for _ in range(steps):
        w = a * b
        slope = cost * np.where(w < 0, -1, 1) * abs(w) ** r - pull(w.sum() / scale) / scale
        a, b = a - rate * slope * b, b - rate * slope * a
        rows.append(a * b)
    return np.array(rows)


def cross_entropy(total):
    return 112 / (np.exp(total) + 112)


# Temperature


@settings(max_examples=10)
@given(st.floats(0.6, 2.0), st.floats(0.3, 4.0))
def test_a_temperature_is_a_change_of_units(kappa, temperature):
    model = paper(kappa)
    tempered = descent_of(cross_entropy, model, 60, 0.05, temperature)
    plain = minimal.without_temperature(model, temperature)
    run = descend(plain, steps=60, learning_rate=0.05 / temperature)
    expected = temperature * run.weight.isel(step=slice(1, None)).values
    np.testing.assert_allclose(tempered, expected, rtol=1e-9)


def test_a_temperature_of_one_changes_nothing_and_temperatures_multiply():
    model = paper(1.5)
    assert minimal.without_temperature(model, 1.0) == model
    twice = minimal.without_temperature(minimal.without_temperature(model, 2.0), 3.0)
    once = minimal.without_temperature(model, 6.0)
    assert twice.weight_decay == pytest.approx(once.weight_decay, rel=1e-14)
    assert twice.circuits[1].second_subweight == pytest.approx(6**-0.5)


def test_a_temperature_scales_both_subweights():
    circuits = (Circuit("one", 1.0, True, 0.3, 0.7),)
    (one,) = minimal.without_temperature(MinimalModel(circuits, 1.2, 0.005, 113), 4.0).circuits
    assert (one.first_subweight, one.second_subweight) == pytest.approx((0.15, 0.35))


def test_a_temperature_sweeps():
    model = minimal.without_temperature(paper(), [0.5, 2.0])
    assert model.sizes == {"temperature": 2}


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.inf])
def test_a_bad_temperature_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature must be"):
        minimal.without_temperature(paper(), temperature)


def test_norms_and_decay_rescale_together():
    model, scaled = paper(), paper(weight_decay=0.005 / 9, param_norm=(3.0, 6.0))
    assert crossing_update(descend(scaled, 5100)) == crossing_update(descend(model, 5100)) == 5010
    slopes = [minimal.time_per_decade(each).item() for each in (model, scaled)]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-12)


# The mean square loss, whose pull is 1 - S


def mean_square(total):
    return 1 - total


def crossing(weights):
    return np.argmax(weights[:, 0] > weights[:, 1])


@pytest.mark.parametrize("kappa", [1.0, 1.2])
def test_the_ratio_at_the_end_does_not_know_the_loss(kappa):
    model = paper(kappa, weight_decay=0.05)
    end = descent_of(mean_square, model, 20_000, 0.02)[-1]
    assert end[0] / end[1] == pytest.approx(2 ** (2 / model.r), rel=1e-3)


def test_the_slope_under_the_mean_square_loss_is_by_its_own_plateau():
    model = paper(weight_decay=0.02)
    cost, r = model.cost.values[1], model.r
    rest = brentq(lambda w: 1 - w - cost * w**r, 0, 1)
    growth = np.log1p(0.05 * (1 - rest))
    shift = 300
    starts = 1e-6, 1e-6 * np.exp(-shift * growth)
    models = (paper(weight_decay=0.02, second_subweight=(small, 1.0)) for small in starts)
    early, late = (crossing(descent_of(mean_square, each, 9000, 0.05)) for each in models)
    assert early > 0
    assert abs(late - early - shift) <= 1


def test_at_kappa_2_the_gap_grows_linearly_whatever_the_loss():
    model = paper(2.0, weight_decay=0.02, second_subweight=(0.3, 1.0))
    for pull in (mean_square, cross_entropy):
        weights = descent_of(pull, model, 4000, 0.01)
        rho = np.array([0.09, 1.0])
        z = np.arcsinh(2 * weights / rho)
        gap = z[:, 0] - z[:, 1]
        rate = np.diff(gap)[100:3000] / 0.01
        np.testing.assert_allclose(rate, 2 * 0.02 * 3, rtol=0.02)


@pytest.mark.parametrize(("tau", "found"), [(1e300, "inf"), (1e-300, "0")])
def test_a_temperature_that_takes_weight_decay_beyond_floats_is_refused(tau, found):
    told = re.escape(f"got {found} for temperature = {tau:g}, kappa = 0.05")
    with pytest.raises(ValueError, match=f"^weight_decay must lie .* {told}$"):
        minimal.without_temperature(MinimalModel.paper(0.05), tau)
    plain = minimal.without_temperature(MinimalModel.paper(0.05, weight_decay=0.0), tau)
    assert plain.weight_decay == 0
