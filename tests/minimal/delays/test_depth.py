"""Circuits of more than two subweights in a row."""

import numpy as np
import pytest
import xarray as xr

from crossings import balanced, crossing_time
from theory import MinimalModel, minimal


def pair(start, kappa=1.2, **choices):
    """Balanced circuits, the growing one from some weights."""
    return balanced((xr.DataArray(start, dims="start"), 1.0), kappa, **choices)


def test_the_power_of_the_start_is_as_simulated():
    model = pair([1e-6, 1e-9])
    law = minimal.depth_delay(model, 3).diff("start").item()
    found = minimal.depth_time_to_grok(model, 3).diff("start").item()
    assert law == pytest.approx(7579.793, abs=1e-3)
    assert found == pytest.approx(law, rel=2e-6)


@pytest.mark.parametrize(
    ("depth", "kappa"), [(2.5, 1.2), (3, 0.8), (4, 1.2), (3, 2.0), (6, 2.0), (5, 1.0)]
)
def test_the_law_is_what_the_delay_tends_to(depth, kappa):
    starts = [1e-5, 1e-7] if depth < 5 else [1e-4, 1e-5]
    model = pair(starts, kappa)
    law, found = minimal.depth_delay(model, depth), minimal.depth_time_to_grok(model, depth)
    assert found.diff("start").item() == pytest.approx(law.diff("start").item(), rel=0.02)


def test_a_tiny_start_is_waited_for():
    model = pair([1e-30])
    law, found = minimal.depth_delay(model, 3), minimal.depth_time_to_grok(model, 3)
    assert found.item() == pytest.approx(law.item(), rel=1e-7)


@pytest.mark.parametrize(("start", "depth"), [(1e-30, 4), (1e-60, 3)])
def test_a_time_that_is_too_long_for_numbers_is_a_clear_error(start, depth):
    with pytest.raises(ArithmeticError, match="no crossing"):
        minimal.depth_time_to_grok(pair([start]), depth)


def test_where_the_first_bit_is_not_free_enough_the_remainder_grows():
    """For r < 1 - 2/N it is a power of the start too, r - 1 + 2/N."""
    starts = np.array([1e-8, 1e-9, 1e-10])
    model, depth = pair(starts, 1.7), 6
    left = (minimal.depth_time_to_grok(model, depth) - minimal.depth_delay(model, depth)).values
    power = np.diff(np.log(left)) / np.diff(np.log(starts))
    expected = model.r - 1 + 2 / depth
    assert power[-1] == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("depth", [2.5, 3, 6])
def test_at_two_the_law_is_exact_from_any_start(depth):
    """Also from above the plateau: the difference of the powers falls at a constant rate."""
    for large in (0.5, 1.0, 30.0):
        model = balanced((0.2, large), 2.0)
        law = minimal.depth_delay(model, depth).item() * (1 - (0.2 / large) ** (1 - 2 / depth))
        assert minimal.depth_time_to_grok(model, depth).item() == pytest.approx(law, rel=1e-8)


def test_two_subweights_are_the_balanced_flow():
    for kappa in (0.8, 1.2, 2.0):
        model = balanced((1e-4, 1.0), kappa)
        found = minimal.depth_time_to_grok(model, 2).item()
        assert found == pytest.approx(crossing_time(model), rel=1e-8)


def test_depth_sweeps():
    model = pair([1e-3, 1e-4], np.array([1.2, 1.6]))
    for function in (minimal.depth_delay, minimal.depth_time_to_grok):
        assert function(model, [3, 4]).sizes == {"depth": 2, "kappa": 2, "start": 2}


def test_the_law_is_nan_where_a_small_weight_does_not_grow():
    assert np.isnan(minimal.depth_delay(pair([1e-3], 3.0), 3)).all()
    assert np.isnan(minimal.depth_delay(MinimalModel.paper(), 3))  # a_G = 0
    for norm in ((2.0, 2.0), (2.0, 1.0)):
        assert np.isnan(minimal.depth_delay(pair([1e-3], param_norm=norm), 3)).all()
        assert np.isinf(minimal.depth_time_to_grok(pair([1e-3], param_norm=norm), 3)).all()
    assert np.isnan(minimal.depth_delay(pair([1e-3], weight_decay=0.0), 3)).all()
    assert minimal.depth_time_to_grok(pair([2.0]), 3).item() == 0


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="depth must be above 2, got 2"):
        minimal.depth_delay(pair([1e-3]), 2)
    with pytest.raises(ValueError, match="depth must be at least 2, got 1"):
        minimal.depth_time_to_grok(pair([1e-3]), 1)
    with pytest.raises(ValueError, match="kappa must be at most 2, got 3"):
        minimal.depth_time_to_grok(pair([1e-3], 3.0), 3)
    with pytest.raises(ValueError, match="weight of generalising must be above 0, got 0"):
        minimal.depth_time_to_grok(MinimalModel.paper(), 3)
    with pytest.raises(ValueError, match="circuit absent"):
        minimal.depth_delay(pair([1e-3]), 3, "absent")
