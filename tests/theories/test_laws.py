"""Laws keep to their own limits, and are fitted to what they are fitted to."""

import numpy as np
import pytest

from theory.theories.accounts import ridge
from theory.theories.accounts.feature_emergence import FEATURE_EMERGENCE
from theory.theories.accounts.norm_separation import NORM_SEPARATION
from theory.theories.accounts.omnigrok import OMNIGROK_AFTER
from theory.theories.accounts.pinned_norm import PINNED_NORM
from theory.theories.laws import (
    DELAY_BY_DECAY,
    HALF_WAY,
    HELD_NORM,
    LARGE_START,
    Law,
    constant,
    exponential_in,
    norm_ratio,
    pole_in,
    power_of,
    shifted_power_of,
)

X = np.array([1.0, 1.5, 2.0, 3.0, 5.0])
THERE = np.array([8.0])
CURVES = {
    "power": (power_of("x", None), lambda x: 3 * x**-0.7),
    "inverse": (power_of("x", -1.0), lambda x: 7 / x),
    "exponential": (exponential_in("x"), lambda x: 3 * np.exp(-0.4 * x)),
    "pole": (pole_in("x"), lambda x: 3 / (x - 0.5)),
    "shifted": (shifted_power_of("x", -0.757), lambda x: 3 * (x - 0.0158) ** -0.757),
    "same": (constant(), lambda x: 3 + 0 * x),
}


def said(law, curve, x=X, there=THERE):
    fit = law.fit({"x": x}, np.log(curve(x)), {"x": there})
    found, left = fit.said, fit.left
    return np.exp(found), left


@pytest.mark.parametrize("name", CURVES)
def test_a_law_foretells_what_follows_it(name):
    law, curve = CURVES[name]
    found, left = said(law, curve)
    np.testing.assert_allclose(found, curve(THERE), rtol=0.02)
    assert left < 1e-3


def test_a_law_does_not_foretell_what_does_not_follow_it():
    found, left = said(power_of("x", -1.0), lambda x: 3 * x**-0.25)
    assert found < 0.6 * 3 * THERE**-0.25
    assert left > 0.1


@pytest.mark.parametrize(
    ("law", "free"),
    [
        (power_of("x", -1.0), 1),
        (power_of("x", None), 2),
        (pole_in("x"), 2),
        (constant(), 1),
        (Law("absolute", lambda x, _: np.log(x["x"])[None], scaled=False), 0),
        (norm_ratio("x", "rate", "a ratio", scaled=True), 2),
        (norm_ratio("x", "rate", "a ratio", scaled=False), 1),
    ],
)
def test_what_is_fitted_is_counted(law, free):
    assert law.free == free


def test_an_absolute_law_is_not_moved_to_what_is_found():
    law = Law("absolute", lambda x, _: np.log(x["x"])[None], scaled=False)
    found, left = said(law, lambda x: 2 * x)
    np.testing.assert_allclose(found, THERE)
    assert left == pytest.approx(X.size * np.log(2) ** 2)


def test_a_slope_without_a_scale_is_refused():
    with pytest.raises(ValueError, match="must be scaled"):
        Law("odd", lambda x, _: x["x"][None], None, scaled=False)


def times(start, rate, least=0.5, unit=1.0):
    return unit * np.log(start / least) / rate


@pytest.mark.parametrize("unit", [1.0, 3.0])
def test_the_time_in_which_decay_takes_a_norm_down_is_found_again(unit):
    start, rate = np.array([1.0, 2.0, 4.0, 8.0]), np.array([0.1, 0.1, 0.2, 0.2])
    places = {"scale": start, "falls": rate}
    there = {"scale": np.array([30.0]), "falls": np.array([0.05])}
    law = norm_ratio("scale", "falls", "a ratio", scaled=True)
    found = law.fit(places, np.log(times(start, rate, unit=unit)), there).said
    np.testing.assert_allclose(np.exp(found), times(30.0, 0.05, unit=unit), rtol=0.02)


def test_omnigrok_has_the_unit_of_time_and_norm_separation_has_it_for_descent_only():
    for way, table in LARGE_START.items():
        assert not OMNIGROK_AFTER.laws[table].scaled
        assert NORM_SEPARATION.laws[table].scaled == (way != "descent")


def test_where_norms_are_alike_norm_separation_is_one_over_the_decay():
    decay = np.array([0.1, 0.2, 0.4, 0.8])
    places = {"fit_norm": np.full(4, 20.0), "decay": decay}
    there = {"fit_norm": np.array([20.0]), "decay": np.array([1.6])}
    law = NORM_SEPARATION.laws[DELAY_BY_DECAY["descent"]]
    fit = law.fit(places, np.log(5 / decay), there)
    found, left = fit.said, fit.left
    np.testing.assert_allclose(np.exp(found), 5 / 1.6)
    assert left == pytest.approx(0)


def test_ridge_regression_has_its_own_limits():
    assert ridge.time(0.1, 1.0, 1.0) == 0
    assert ridge.time(0.0, 2.0, 1.0) == np.inf
    assert ridge.decay_exponent() == pytest.approx(-1)
    assert ridge.gain_without_decay() == 0


def test_ridge_regression_is_what_gradient_descent_does():
    """Two inputs, one example: what it does not see comes down by decay alone."""
    rng = np.random.default_rng(0)
    seen = rng.standard_normal(2)
    seen /= np.linalg.norm(seen)
    unseen = np.array([-seen[1], seen[0]])
    weights, rate, decay = 10 * unseen, 0.01, 0.1
    steps = 0
    while abs(weights @ unseen) > 1:
        weights = weights - rate * ((weights @ seen - 1) * seen + decay * weights)
        steps += 1
    assert steps * rate == pytest.approx(ridge.time(decay, 10.0, 1.0), rel=0.01)


FREE = {"free_norm": np.array([2.0])}


def test_a_pinned_norm_is_exponential_in_parts_of_the_free_one():
    law = PINNED_NORM.laws[HELD_NORM]
    places = {"norm": np.array([1.0, 2.0]), "free_norm": np.array([2.0, 2.0])}
    fit = law.fit(places, np.log(np.exp([3.0, 5.5])), {"norm": np.array([4.0]), **FREE})
    assert fit.said == pytest.approx(10.5)  # 2.5 more for half a free norm


def test_m_log_m_examples_are_log_m_a_label():
    law = FEATURE_EMERGENCE.laws[HALF_WAY["scratch"]]
    moduli = np.array([33.0, 83.0])
    low, high = np.exp(law.form({"modulus": moduli}, np.zeros((1, 1)))[0])
    assert high / low == pytest.approx(np.log(83) / np.log(33))
