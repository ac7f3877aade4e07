"""Intervals hold what they promise; passages and slopes are exact where an answer is."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from strategies import replicates, rising_curves
from theory.statistics import (
    CONFIRMED,
    REFUTED,
    SILENT,
    UNDERPOWERED,
    Interval,
    bootstrap_interval,
    exp,
    log,
    passage,
    power,
    slope,
    student_interval,
    verdict,
)

NAN = np.nan


@given(replicates())
def test_students_interval_is_that_of_the_t_test(values):
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    found = student_interval(values)
    assert found.estimate == pytest.approx(np.mean(values))
    assert found[1:] == pytest.approx(expected)


def test_replicates_in_single_precision_lose_no_more_of_it():
    values = np.random.default_rng(0).normal(1e3, 1, 5).astype("float32")
    assert student_interval(values) == student_interval(values.astype(float))


def test_students_interval_covers_the_truth_in_95_of_100():
    draws = np.random.default_rng(0).normal(2.0, 3.0, (4000, 4))
    intervals = [student_interval(each) for each in draws]
    covered = np.mean([each.low <= 2 <= each.high for each in intervals])
    assert 0.94 < covered < 0.96


@given(replicates(most=5))
def test_the_bootstrap_is_seeded_holds_the_mean_and_is_narrower(values):
    found, student = bootstrap_interval(values, seed=3), student_interval(values)
    assert found == bootstrap_interval(values, seed=3)
    assert found.estimate == student.estimate
    assert student.low < found.low < found.estimate < found.high < student.high


def test_the_bootstrap_takes_the_middle_95_of_100_resampled_means():
    values, rng = np.random.default_rng(1).normal(size=20), np.random.default_rng(2)
    means = rng.choice(values, (20000, values.size)).mean(axis=1)
    found = bootstrap_interval(values)
    assert found[1:] == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.02)
    assert found != bootstrap_interval(values, seed=1)


@pytest.mark.parametrize("interval", [student_interval, bootstrap_interval])
def test_replicates_that_agree_leave_no_doubt(interval):
    assert interval([1.5, 1.5, 1.5]) == (1.5, 1.5, 1.5)


@pytest.mark.parametrize("interval", [student_interval, bootstrap_interval])
def test_a_censored_replicate_leaves_no_ends(interval):
    assert interval([1.0, NAN, 3.0]) == (2.0, -np.inf, np.inf)
    nothing = interval([NAN, NAN])
    assert np.isnan(nothing.estimate)
    assert nothing[1:] == (-np.inf, np.inf)


@pytest.mark.parametrize("interval", [student_interval, bootstrap_interval])
@pytest.mark.parametrize(
    ("values", "shape"), [([1.0], r"\(1,\)"), ([], r"\(0,\)"), (1.0, r"\(\)"), ([[1, 2]], "")]
)
def test_less_than_two_replicates_are_refused(interval, values, shape):
    message = f"^values must be at least two replicates, got shape {shape}"
    with pytest.raises(ValueError, match=message):
        interval(values)


@pytest.mark.parametrize(
    ("low", "high", "band", "expected"),
    [
        (0.95, 1.05, (0.9, 1.1), CONFIRMED),
        (0.9, 1.1, (0.9, 1.1), CONFIRMED),
        (0.85, 1.05, (0.9, 1.1), UNDERPOWERED),
        (0.95, 1.15, (0.9, 1.1), UNDERPOWERED),
        (0.5, 1.5, (0.9, 1.1), UNDERPOWERED),
        (0.5, 0.9, (0.9, 1.1), UNDERPOWERED),
        (1.1, 1.5, (0.9, 1.1), UNDERPOWERED),
        (0.5, 0.89, (0.9, 1.1), REFUTED),
        (1.11, 1.5, (0.9, 1.1), REFUTED),
        (0.1, 7.0, (0.0, np.inf), CONFIRMED),
        (-2.0, -1.0, (0.0, np.inf), REFUTED),
        (-np.inf, np.inf, (0.0, np.inf), UNDERPOWERED),
        (-np.inf, np.inf, (-np.inf, 0.1), UNDERPOWERED),
        (0.5, 0.6, None, SILENT),
        (-np.inf, np.inf, None, SILENT),
    ],
)
def test_verdict(low, high, band, expected):
    assert verdict(Interval((low + high) / 2, low, high), band) == expected


@given(st.lists(st.integers(-9, 9), min_size=4, max_size=4), st.integers(1, 5))
def test_a_wider_interval_never_says_more(ends, wider):
    low, high = sorted(ends[:2])
    band = (min(ends[2:]), max(ends[2:]) + 1)
    narrow = verdict(Interval(low, low, high), band)
    wide = verdict(Interval(low, low - wider, high + wider), band)
    assert wide in (narrow, UNDERPOWERED)


@given(rising_curves(), st.data())
def test_a_passage_is_exact_on_straight_lines_in_the_logarithm(curve, data):
    after = data.draw(st.integers(1, curve.size - 1))
    part = data.draw(st.floats(0.01, 1.0))
    (y, z), (a, b) = (each[after - 1 : after + 1] for each in (curve.values, curve.d.values))
    found = passage(curve, y + part * (z - y), "d")
    assert found.dims == ()
    assert found.item() == pytest.approx(a ** (1 - part) * b**part)


@given(rising_curves(), st.floats(0.0, 1.0), st.floats(0.5, 20.0))
def test_a_passage_has_the_unit_of_the_coordinate(curve, part, unit):
    level = curve.values[0] + part * np.ptp(curve.values)
    assume(level > curve.values[0])
    scaled = curve.assign_coords(d=unit * curve.d)
    expected = unit * passage(curve, level, "d").item()
    assert passage(scaled, level, "d").item() == pytest.approx(expected)


def test_noise_on_the_way_up_is_averaged():
    sizes = [1.0, 2.0, 4.0, 8.0]
    noisy = xr.DataArray([0.0, 0.7, 0.5, 1.0], {"d": sizes}, "d")
    smooth = xr.DataArray([0.0, 0.6, 0.6, 1.0], {"d": sizes}, "d")
    for level in (0.1, 0.55, 0.65, 1.0):
        assert passage(noisy, level, "d").item() == passage(smooth, level, "d").item()


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_level_is_never_passed_earlier(values, one, other):
    curve = xr.DataArray(values, {"d": np.arange(1.0, len(values) + 1)}, "d")
    low, high = (passage(curve, level, "d").item() for level in sorted([one, other]))
    assert not high < low
    known = np.array([each for each in (low, high) if not np.isnan(each)])
    assert np.all((known >= 1 - 1e-9) & (known <= len(values) * (1 + 1e-9)))


@pytest.mark.parametrize("level", [-0.1, 0.2, 0.91])
def test_a_level_that_is_not_passed_is_censored(level):
    curve = xr.DataArray([0.2, 0.9], {"d": [1.0, 2.0]}, "d")
    assert np.isnan(passage(curve, level, "d"))


def test_a_level_that_is_reached_at_the_end_is_passed_there():
    curve = xr.DataArray([0.2, 0.9], {"d": [1.0, 2.0]}, "d")
    assert passage(curve, 0.9, "d").item() == pytest.approx(2)


def test_a_level_at_which_the_curve_stands_still_is_passed_where_it_comes_to_it():
    curve = xr.DataArray([0.0, 0.5, 0.5, 1.0], {"d": [1.0, 2.0, 4.0, 8.0]}, "d")
    assert passage(curve, 0.5, "d").item() == pytest.approx(2)


def test_other_dimensions_are_kept():
    half = xr.DataArray([2.0, 3.0, 40.0], {"seed": [7, 8, 9]}, "seed")
    sizes = xr.DataArray(np.geomspace(1, 16, 9), dims="d")
    curve = (log(sizes.assign_coords(d=sizes.values)) - log(half)).transpose("d", "seed")
    xr.testing.assert_allclose(passage(curve, 0.0, "d"), half.where(half < 16))


@pytest.mark.parametrize(
    "sizes", [[0.0, 1.0], [-1.0, 1.0], [2.0, 1.0], [1.0, 1.0], [1.0, 3.0, 2.0]]
)
def test_a_coordinate_that_is_not_positive_and_rising_is_refused(sizes):
    curve = xr.DataArray(np.arange(float(len(sizes))), {"d": sizes}, "d")
    with pytest.raises(ValueError, match=r"^d must be positive and rise, got \["):
        passage(curve, 0.5, "d")


def test_values_and_levels_that_are_not_numbers_are_refused():
    curve = xr.DataArray([[0.0, NAN, NAN]], {"d": [1.0, 2.0, 3.0]}, ("seed", "d"))
    with pytest.raises(ValueError, match=r"^values must not be NaN, got 2 of them"):
        passage(curve, 0.5, "d")
    with pytest.raises(ValueError, match=r"^level must"):
        passage(curve.fillna(1.0), NAN, "d")


COEFFICIENT = st.floats(-5, 5)
PLACES = st.lists(st.integers(1, 50), min_size=2, max_size=8, unique=True)


@given(PLACES, COEFFICIENT, COEFFICIENT)
def test_the_slope_of_a_line_is_exact(places, start, rise):
    x = xr.DataArray(np.array(places, float), dims="i")
    assert slope(start + rise * x, x, "i").item() == pytest.approx(rise, abs=1e-9)


@given(PLACES, st.floats(0.01, 100), COEFFICIENT)
def test_the_exponent_of_a_power_is_exact(places, scale, exponent):
    x = xr.DataArray(np.array(places, float), dims="i")
    assert power(scale * x**exponent, x, "i").item() == pytest.approx(exponent, abs=1e-9)


def test_the_slope_through_scattered_points_is_that_of_least_squares():
    x, y = np.random.default_rng(0).normal(size=(2, 5, 30))
    found = slope(xr.DataArray(y, dims=("seed", "i")), xr.DataArray(x, dims=("seed", "i")), "i")
    expected = [np.polyfit(*each, 1)[0] for each in zip(x, y, strict=True)]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(("x", "y"), [(NAN, 7.0), (7.0, NAN)])
def test_points_that_are_not_known_are_left_out(x, y):
    across = xr.DataArray([0.0, x, 1.0, 3.0], dims="i")
    up = xr.DataArray([1.0, y, 3.0, 7.0], dims="i")
    assert slope(up, across, "i").item() == pytest.approx(2)


@pytest.mark.parametrize("y", [[NAN, NAN, 1.0], [NAN, NAN, NAN]])
def test_no_line_goes_through_fewer_than_two_points(y):
    assert np.isnan(slope(xr.DataArray(y, dims="i"), xr.DataArray([1.0, 2.0, 3.0], dims="i"), "i"))


def test_a_logarithm_is_not_known_where_a_value_is_not_positive():
    values = xr.DataArray([-1.0, 0.0, NAN, 1.0, np.e], {"i": list("abcde")}, "i")
    xr.testing.assert_allclose(log(values), values.copy(data=[NAN, NAN, NAN, 0.0, 1.0]))
    xr.testing.assert_allclose(exp(log(values)), values.where(values > 0))
