"""What a question says beforehand fits together, and no theory is in it."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import PARTS, QUESTIONS, Quantity, Sampling, name_of
from theory.questions.pooling import interval, pooled
from theory.questions.question import PRIMARY, REPORT
from theory.questions.readings import crossing, half_way, half_way_bounds, weight_ratio
from theory.statistics import Bounds, Interval, student_interval
from worlds import along, transition

each_question = pytest.mark.parametrize("question", QUESTIONS, ids=name_of)


@each_question
def test_quantities_are_told_apart_and_say_what_they_are(question):
    names = [each.name for each in question.QUANTITIES]
    assert len(set(names)) == len(names)
    assert question.ASKS.endswith("?")
    assert question.PART in PARTS
    for each in question.QUANTITIES:
        assert each.meaning.endswith(".")
        assert (each.null is None) == (each.guess == "")


@each_question
def test_there_are_as_many_seeds_as_may_be_needed(question):
    seeds = question.POINTS["seed"]
    assert len(set(seeds)) == len(seeds) == question.SAMPLING.largest
    assert all(set(values) <= set(question.POINTS[name]) for name, values in question.LIVE.items())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"role": "main"}, r"role must be one of \('primary', .*\), got 'main'"),
        ({"margin": None}, "margin of a primary quantity must be given, got None"),
        ({"role": "report"}, "margin of a report quantity must be left out, got 0.1"),
        ({"margin": 0.0}, "margin must be"),
        ({"margin": -0.1}, "margin must be"),
        ({"margin": np.nan}, "margin must be"),
        ({"relative": True, "null": 0.0}, "null must be"),
        ({"relative": True, "null": -1.0}, "null must be"),
    ],
)
def test_a_quantity_that_does_not_fit_is_refused(change, message):
    given = {"role": PRIMARY, "margin": 0.1, **change}
    with pytest.raises(ValueError, match=f"^{message}"):
        Quantity("size", "A size.", **given)


def test_a_margin_is_that_of_the_scale_on_which_values_are_compared():
    assert Quantity("size", "A size.", PRIMARY, 0.1).tolerance == 0.1
    assert Quantity("size", "A size.", PRIMARY, 0.1, relative=True).tolerance == np.log1p(0.1)
    assert np.isnan(Quantity("size", "A size.", REPORT).tolerance)
    assert Quantity("slope", "A slope.", PRIMARY, 0.1, null=0.0).null == 0


@pytest.mark.parametrize(("least", "batch", "largest"), [(1, 5, 30), (10, 0, 30), (10, 5, 9)])
def test_numbers_of_seeds_that_do_not_fit_are_refused(least, batch, largest):
    with pytest.raises(ValueError, match=r"must be"):
        Sampling(least, batch, largest)


@pytest.mark.parametrize(
    ("width", "seeds", "expected"),
    [
        (0.049, 10, True),
        (0.05, 10, False),
        (0.049, 9, False),
        (9.0, 30, True),
        (9.0, 29, False),
        (np.inf, 29, False),
        (np.inf, 30, True),
    ],
)
def test_it_is_enough_when_the_interval_is_narrow_or_there_are_no_more(width, seeds, expected):
    assert Sampling().enough(Interval(0.0, 0.0, width), 0.1, seeds) == expected


def test_pooled_numbers_are_means_over_places_on_the_scale_of_the_quantity():
    values = xr.DataArray([[1.0, 4.0], [2.0, 9.0], [3.0, np.nan]], dims=("seed", "modulus"))
    low, high = pooled(values, Quantity("size", "A size."))
    assert low.values.tolist() == [2.5, 5.5, -np.inf]
    assert high.values.tolist() == [2.5, 5.5, np.inf]
    low, _ = pooled(values, Quantity("size", "A size.", PRIMARY, 0.1, relative=True))
    assert low.values[:2] == pytest.approx(np.log([2.0, 18**0.5]))


def test_a_number_that_is_no_ratio_is_not_known():
    size = Quantity("size", "A size.", PRIMARY, 0.1, relative=True)
    low, high = pooled(xr.DataArray([0.0, -2.0, np.nan, np.e], dims="seed"), size)
    assert low.values.tolist() == [-np.inf] * 3 + [1.0]
    assert high.values.tolist() == [np.inf] * 3 + [1.0]
    bounds = Bounds(xr.DataArray([0.0, 1.0], dims="seed"), xr.DataArray([1.0, np.inf], dims="seed"))
    low, high = pooled(bounds, size)
    assert (low.values.tolist(), high.values.tolist()) == ([-np.inf, 0.0], [0.0, np.inf])


def test_the_interval_is_that_of_the_seeds():
    values = xr.DataArray([1.0, 2.0, 4.0], dims="seed")
    assert interval(pooled(values, Quantity("size", "A size."))) == student_interval(values)


SIZES = along("per_label", [4.0, 8.0, 16.0, 32.0])


@pytest.mark.parametrize(
    ("half", "low", "high"), [(8.0, 8.0, 8.0), (1.0, 0.0, 4.0), (99.0, 32.0, np.inf)]
)
def test_a_half_way_point_outside_of_what_was_run_is_bounded(half, low, high):
    right = transition(SIZES, half, 2.0)
    assert [each.item() for each in half_way_bounds(right)] == pytest.approx([low, high])
    assert half_way(right).item() == pytest.approx(half if low == high else np.nan, nan_ok=True)


def test_costs_cross_where_a_power_law_meets_the_mean_of_the_other():
    size, exponent = crossing(2.0 * SIZES**0.4, 5.0 * SIZES**0)
    assert (size.item(), exponent.item()) == pytest.approx((2.5**2.5, 0.4))
    holes = (2.0 * SIZES**0.4).where(SIZES != 8)
    assert crossing(holes, xr.DataArray(5.0))[0].item() == pytest.approx(2.5**2.5)


def test_a_ratio_of_weights_is_known_where_both_are_positive():
    runs = xr.Dataset(
        {"train_logit": ("i", [9.0, 9.0, 9.0, 0.0]), "test_logit": ("i", [6.0, -1, 9, -1])}
    )
    assert weight_ratio(runs).values == pytest.approx([2.0] + [np.nan] * 3, nan_ok=True)
    other = runs.rename(train_logit="whole_train_logit", test_logit="whole_test_logit")
    assert weight_ratio(other, "whole_").values[0] == pytest.approx(2.0)
