"""Intervals hold what they promise; passages and slopes are exact where an answer is."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from strategies import replicates, rising_curves
from theory.statistics import (
    Bounds,
    bootstrap_interval,
    bounded_interval,
    exp,
    log,
    passage,
    passage_bounds,
    power,
    slope,
    slope_bounds,
    student_interval,
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


def test_bounds_of_what_is_known_are_equal_and_of_nan_infinite():
    low, high = Bounds.of(xr.DataArray([1.5, NAN], dims="seed"))
    assert low.values.tolist() == [1.5, -np.inf]
    assert high.values.tolist() == [1.5, np.inf]
    bounds = Bounds(low, high)
    assert Bounds.of(bounds) is bounds


@given(replicates())
def test_an_interval_of_what_is_known_is_students(values):
    assert bounded_interval(values, values) == student_interval(values)


@given(replicates(), st.data())
def test_an_interval_has_each_end_from_the_bounds_on_its_side(values, data):
    below = np.array(
        data.draw(st.lists(st.floats(0, 9), min_size=len(values), max_size=len(values)))
    )
    low = np.array(values) - below
    found = bounded_interval(low, values)
    assert found.low == student_interval(low).low
    assert found.high == student_interval(values).high
    assert np.isnan(found.estimate) == (not np.array_equal(low, values))


@pytest.mark.parametrize("side", [-1, 1])
@given(values=replicates(), data=st.data())
def test_a_replicate_without_a_bound_opens_its_side_only(side, values, data):
    at = data.draw(st.integers(0, len(values) - 1))
    least, most = (np.array(values) for _ in "ab")
    (least if side < 0 else most)[at] = side * np.inf
    found, whole = bounded_interval(least, most), student_interval(values)
    assert np.isnan(found.estimate)
    assert found[1:] == ((-np.inf, whole.high) if side < 0 else (whole.low, np.inf))


def test_a_replicate_of_which_nothing_is_known_leaves_no_estimate():
    found = bounded_interval([1.0, 2.0, -np.inf], [1.0, 2.0, np.inf])
    assert np.isnan(found.estimate)
    assert found[1:] == (-np.inf, np.inf)


def test_one_side_covers_the_truth_when_replicates_are_cut_off():
    """Nearly as often as the 97.5 of 100 of one side, however many are cut off above."""
    draws = np.random.default_rng(0).normal(2.0, 3.0, (2000, 6))
    for cut in (1.0, 4.0):
        known = draws <= cut
        low, high = np.where(known, draws, cut), np.where(known, draws, np.inf)
        ends = [bounded_interval(*each) for each in zip(low, high, strict=True)]
        assert np.mean([each.low <= 2 for each in ends]) > 0.96
        assert [each.high == np.inf for each in ends] == (~known.all(axis=1)).tolist()


@given(rising_curves(), st.data())
def test_a_passage_is_exact_on_straight_lines_in_the_logarithm(curve, data):
    after = data.draw(st.integers(1, curve.size - 1))
    part = data.draw(st.floats(0.01, 1.0))
    (y, z), (a, b) = (each[after - 1 : after + 1] for each in (curve.values, curve.d.values))
    found = passage(curve, min(y + part * (z - y), z), "d")
    assert found.dims == ()
    assert found.item() == pytest.approx(a ** (1 - part) * b**part)


@given(rising_curves(), st.floats(0.0, 1.0), st.floats(0.5, 20.0))
def test_a_passage_has_the_unit_of_the_coordinate(curve, part, unit):
    level = min(curve.values[0] + part * np.ptp(curve.values), curve.values[-1])
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


@given(rising_curves(), st.data())
def test_bounds_hold_the_passage_of_a_curve_that_is_cut(curve, data):
    """Fewer sizes of the same curve bound what all of them tell."""
    level = data.draw(st.floats(curve.values[0], curve.values[-1]))
    whole = passage(curve, level, "d").item()
    assume(not np.isnan(whole))
    first, last = sorted(data.draw(st.lists(st.integers(0, curve.size), min_size=2, max_size=2)))
    assume(last - first >= 2)
    low, high = (each.item() for each in passage_bounds(curve[first:last], level, "d"))
    assert low * (1 - 1e-12) <= whole <= high * (1 + 1e-12)
    inside = curve.values[first] < level <= curve.values[last - 1]
    assert (low == high) == inside
    assert inside or (low, high) in (
        (0.0, curve.d.values[first]),
        (curve.d.values[last - 1], np.inf),
    )


@given(rising_curves(), st.floats(-1, 50))
def test_a_passage_is_known_where_its_bounds_are_equal(curve, level):
    low, high = passage_bounds(curve, level, "d")
    assert low < high or passage(curve, level, "d") == low == high
    assert low == high or np.isnan(passage(curve, level, "d"))


@st.composite
def lines(draw):
    """Draw x, the true y, and bounds of y: some is known, and some is bounded on one side."""
    count = draw(st.integers(2, 7))
    many = {"min_size": count, "max_size": count}
    x = draw(st.lists(st.integers(-20, 20), unique=True, **many))
    y = np.array(draw(st.lists(st.integers(-20, 20), **many)), float)
    kinds = np.array(draw(st.lists(st.sampled_from(["known", "above", "below"]), **many)))
    slack = np.array(draw(st.lists(st.floats(0, 20), **many)))
    low = np.select([kinds == "above", kinds == "below"], [y - slack, -np.inf], y)
    high = np.select([kinds == "above", kinds == "below"], [np.inf, y + slack], y)
    x, y, low, high = (xr.DataArray(each, dims="i") for each in (x, y, low, high))
    return x.astype(float), y, Bounds(low, high)


@given(lines())
def test_bounds_hold_the_slope_of_what_is_not_known(line):
    x, truth, bounds = line
    low, high = (each.item() for each in slope_bounds(bounds, x, "i"))
    assert low - 1e-9 <= slope(truth, x, "i").item() <= high + 1e-9


@given(lines())
def test_the_largest_slope_is_reached_with_the_worst_values(line):
    x, _, (low, high) = line
    away = x - x.mean()
    worst = xr.where(away > 0, high, low).where(away != 0, 0.0)
    found = slope_bounds(Bounds(low, high), x, "i").high.item()
    if np.isinf(worst).any():
        assert found == np.inf
    else:
        assert found == pytest.approx(slope(worst, x, "i").item(), abs=1e-6)


def test_the_slope_of_what_is_known_has_equal_bounds():
    x = xr.DataArray([0.0, 1.0, 4.0], {"i": [1, 2, 3]}, "i")
    y = xr.DataArray([[1.0, 5.0, 2.0], [1.0, 1.0, NAN]], {"i": [1, 2, 3]}, ("seed", "i"))
    low, high = slope_bounds(Bounds.of(y), x, "i")
    expected = slope(y[0], x, "i").item()
    assert (low.values[0], high.values[0]) == pytest.approx((expected, expected))
    assert (low.values[1], high.values[1]) == (-np.inf, np.inf)


def test_a_point_in_the_middle_that_is_not_known_leaves_the_slope():
    x = xr.DataArray([-1.0, 0.0, 1.0], dims="i")
    low, high = slope_bounds(Bounds.of(xr.DataArray([0.0, NAN, 4.0], dims="i")), x, "i")
    assert low.item() == high.item() == 2.0


def test_bounds_are_compared_and_laid_side_by_side():
    known = xr.DataArray([2.0, 4.0], {"seed": [0, 1]}, "seed")
    one = Bounds(known, known)
    above = Bounds(known, xr.full_like(known, np.inf))
    ratio = above.over(one)
    assert ratio.low.values.tolist() == [1, 1]
    assert ratio.high.values.tolist() == [np.inf, np.inf]
    assert one.over(above).low.values.tolist() == [0, 0]
    both = Bounds.along({"a": one, "b": above}, "name")
    assert both.low.dims == ("name", "seed")
    np.testing.assert_array_equal(both.at(name="b").high, above.high)
    assert both.at(name="a").over(known).high.values.tolist() == [1, 1]


def test_what_is_not_known_is_bounded_by_nothing():
    values = xr.DataArray([2.0, 4.0], {"seed": [0, 1]}, "seed")
    some = Bounds(values, values).known_where(values > 3)
    assert some.low.values.tolist() == [0, 4]
    assert some.high.values.tolist() == [np.inf, 4]
    logarithm = some.log()
    assert logarithm.low.values.tolist() == [-np.inf, np.log(4)]
    slopes = Bounds(values, values).known_where(values > 3, -np.inf)
    assert slopes.low.values.tolist() == [-np.inf, 4]
