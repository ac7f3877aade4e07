"""What is refused at the door, and how it is said."""

import numpy as np
import pytest
import xarray as xr

from theory.checks import integer, labelled, number, require_one_grid


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-1.2, "kappa must be above 0, got -1.2"),
        (0, "kappa must be above 0, got 0"),
        ([1.0, -3.0], "kappa must be above 0, got -3"),
        (np.nan, "kappa must be finite, got nan"),
        (-np.inf, "kappa must be finite, got -inf"),
        ([1.0, np.inf], "kappa must be finite, got inf"),
        (xr.DataArray([1.0, np.nan], dims="x"), "kappa must be finite, got nan"),
        (np.ones((2, 3)), r"kappa must be .*named dimensions, got a bare array of shape \(2, 3\)"),
        ([], r"kappa must not be empty, got shape \(0,\)"),
        ("1.2", "kappa must be a number or an array of numbers, got '1.2'"),
        (None, "kappa must be a number or an array of numbers, got None"),
        (1j, "kappa must be a number or an array of numbers, got 1j"),
        ([[1.0], [1.0, 2.0]], "kappa must be a number or an array of numbers, got"),
    ],
)
def test_a_parameter_is_refused_by_name_and_value(value, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        labelled("kappa", value, above=0)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"at_least": 6}, "x must be at least 6, got 5"),
        ({"at_most": 4}, "x must be at most 4, got 5"),
        ({"above": 5}, "x must be above 5, got 5"),
        ({"below": 5}, "x must be below 5, got 5"),
    ],
)
def test_each_bound_is_held(bounds, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        number("x", 5, **bounds)


def test_bounds_that_include_their_end_accept_it():
    assert number("x", 5, at_least=5, at_most=5) == 5


def test_a_value_just_out_of_range_is_not_rounded_into_it():
    with pytest.raises(ValueError, match=r"got 2\.9999999$"):
        labelled("num_labels", 2.9999999, at_least=3)


def test_a_bare_array_becomes_a_dimension_named_after_its_parameter():
    array = labelled("kappa", [1.0, 2.0])
    expected = xr.DataArray([1.0, 2.0], {"kappa": [1.0, 2.0]}, "kappa")
    xr.testing.assert_identical(array, expected)


def test_a_labelled_array_keeps_its_dimensions_and_coordinates():
    given = xr.DataArray([[1, 2]], {"y": [0.5, 0.7]}, ("x", "y"), name="mine")
    kept = labelled("kappa", given)
    xr.testing.assert_identical(kept, given.astype(float).rename(None))


def test_arrays_are_read_only_and_private():
    given = np.array([1.0, 2.0])
    coordinate = np.array([3.0, 4.0])
    named = xr.DataArray(given, {"label": ("x", coordinate)}, "x")
    kept_bare, kept_named = labelled("kappa", given), labelled("kappa", named)
    given[0] = coordinate[0] = 9.0
    assert kept_bare[0] == kept_bare["kappa"][0] == kept_named[0] == 1.0
    assert kept_named["label"][0] == 3.0
    for kept in (kept_bare, kept_named):
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 9.0


def test_one_number_is_asked_for_where_sweeps_are_not():
    with pytest.raises(ValueError, match=r"^threshold must be one number, got .* shape \(2,\)"):
        number("threshold", [0.5, 0.9])


@pytest.mark.parametrize("value", [5, np.int32(5), np.uint8(5)])
def test_integers_of_any_type_are_integers(value):
    whole = integer("steps", value, at_least=1)
    assert whole == 5
    assert type(whole) is int


@pytest.mark.parametrize("value", [0, -1, 1.5, 5.0, np.nan, np.inf, True, "3", None, [1, 2]])
def test_anything_else_is_no_integer(value):
    with pytest.raises(ValueError, match=r"^steps must be an integer of at least 1, got "):
        integer("steps", value, at_least=1)


def test_parameters_on_different_grids_do_not_cross():
    one = xr.DataArray([1.0, 2.0], {"x": [0, 1]}, "x")
    with pytest.raises(ValueError, match=r"must have the same coordinates along it.*'x'"):
        require_one_grid([one, one.assign_coords(x=[0, 2])], set())
    with pytest.raises(ValueError, match=r"must have the same coordinates along it.*'x'"):
        require_one_grid([one, xr.DataArray([1.0], dims="x")], set())
