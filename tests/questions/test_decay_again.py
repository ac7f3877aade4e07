"""Whether exponents in the strength of the penalty are read off, also where they are bounds."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import decay_again
from theory.questions.decay_again import PENALTIES, SIZES, STARTS


def made(exponents, middle=12.0):
    """Runs whose half-way sizes go with the penalty by an exponent for each start."""
    l2 = xr.DataArray(list(PENALTIES), {"l2": list(PENALTIES)}, "l2")
    size = xr.DataArray(list(SIZES), {"per_label": list(SIZES)}, "per_label")
    power = xr.DataArray(exponents, {"start": list(STARTS)}, "start")
    random = xr.DataArray(list(decay_again.RANDOM), {"random": list(decay_again.RANDOM)}, "random")
    ones = xr.DataArray(np.ones(3), {"seed": [0, 1, 2]}, "seed")
    right = ones / (1 + (middle * (l2 / 3e-5) ** power / size) ** 10)
    names = ("parameter_norm", "residual", "moved")
    return xr.Dataset(
        {
            **dict.fromkeys(names, 0 * right),
            "test_accuracy": right,
            "test_logit": right,
            "train_logit": 1 + 0 * right,
            "pool_accuracy": 1 + 0 * right.isel(start=0, per_label=0, drop=True),
            "pool_units": 20 + 0 * right.isel(start=0, per_label=0, drop=True),
            "pool_objective": 0.05 + 0 * right.isel(start=0, per_label=0, drop=True),
            "random_objective": 0.05 * (l2 / 3e-5) ** 0.02 * (random / 15) ** 0.7 * ones,
        }
    )


def test_exponents_that_are_known():
    measured = decay_again.measure(made([0.0, -0.036]))
    assert measured["slope_scratch"].low.values == pytest.approx(0, abs=1e-9)
    assert measured["slope_grokked"].low.values == pytest.approx(-0.036, abs=2e-3)
    cost = -0.02 / 0.7
    assert measured["cost_slope"].values == pytest.approx(cost)
    assert measured["slope_over_cost_scratch"].low.values == pytest.approx(-cost)
    assert measured["slope_over_cost"].low.values == pytest.approx(-0.036 - cost, abs=2e-3)
    assert measured["accuracy_slope_scratch"].values == pytest.approx(0, abs=1e-9)
    assert (measured["accuracy_slope"] > 0).all()


def test_what_is_passed_below_all_sizes_bounds_the_exponent():
    measured = decay_again.measure(made([0.0, 0.1], middle=10.0))
    assert (measured["slope_grokked"].low < 0.1).all()
    assert np.isinf(measured["slope_grokked"].high).all()


def test_a_network_that_had_not_grokked_tells_nothing_after_grokking():
    runs = made([0.0, 0.0])
    never = runs.assign(pool_accuracy=runs.pool_accuracy.where(runs["seed"] != 0, 0.3))
    measured = decay_again.measure(never)
    assert np.isinf(measured["slope_grokked"].high.sel(seed=0))
    assert np.isfinite(measured["slope_grokked"].high.sel(seed=1))
    assert np.isfinite(measured["slope_scratch"].high).all()


def test_both_starts_rest_on_the_same_examples(monkeypatch):
    monkeypatch.setattr(decay_again, "MODULUS", 29)
    monkeypatch.setattr(decay_again, "UPDATES", 400)
    decay_again._grokked.cache_clear()
    runs = decay_again.both(1e-3, 18.0, 2)
    assert (runs.residual < 1e-3).all()
    assert (runs.parameter_norm > 10).all()
    assert runs.test_accuracy.sel(start="grokked") > 0.9
    decay_again._grokked.cache_clear()
