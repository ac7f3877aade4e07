"""Whether exponents are read off prices, on both sides at the same sizes."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import efficiency_again
from theory.questions.descended import POOL
from theory.questions.efficiency_again import SIZES


def test_exponents_of_known_prices():
    size = xr.DataArray([*SIZES, POOL], {"per_label": [*SIZES, POOL]}, "per_label")
    ones = xr.DataArray(1.0, {"modulus": [61, 79], "seed": [0, 1]}, ("modulus", "seed"))
    finite = size.where(np.isfinite(size), 45.0)
    runs = xr.Dataset(
        {
            "parameter_norm": 20 * finite**0.1 * 2 * ones,
            "train_logit": 8 * ones + 0 * size.where(np.isfinite(size), 0),
            "test_logit": 6 * ones + 0 * size.where(np.isfinite(size), 0),
            "random_parameter_norm": 7 * finite ** (1 / 3) * ones,
            "random_right_logit": 8 + 0 * finite * ones,
            "random_train_accuracy": 1 + 0 * finite * ones,
            "random_objective": finite**0.6 * ones,
            "objective": finite**0.05 * ones,
            "scratch_parameter_norm": 22 * 2 * finite**0.1 * ones,
            "scratch_right_logit": 8 + 0 * finite * ones,
            "residual": 0 * finite * ones,
            "test_accuracy": 1 + 0 * finite * ones,
        }
    )
    measured = efficiency_again.measure(runs)
    assert measured["memorising_exponent"].values == pytest.approx(1 / 3)
    assert measured["generalising_exponent"].values == pytest.approx(0.1)
    assert measured["circuit_exponent"].values == pytest.approx(0.1)
    assert measured["share_exponent"].values == pytest.approx(0.25 / 3)
    assert measured["scratch_over_descended"].values == pytest.approx(1.1)
    assert measured["share"].values == pytest.approx(0.25)
    assert measured["objective_exponent"].values == pytest.approx(0.6)
    # Memory that goes away with D makes a circuit of one price cheaper beside it.
    fading = 0.4 - 0.08 * np.log(size.where(np.isfinite(size), 45.0) / 20)
    mixed = runs.assign(
        test_logit=8 * (1 - fading) * ones,
        parameter_norm=30 * (1 - fading) ** (-1 / 6) * 2 * ones,
    )
    measured = efficiency_again.measure(mixed)
    assert measured["circuit_exponent"].values == pytest.approx(0)
    assert (measured["generalising_exponent"] < 0).all()
    never = efficiency_again.measure(runs.assign(test_accuracy=runs.test_accuracy - 0.1))
    assert never["circuit_exponent"].isnull().all()


def test_both_sides_have_the_same_sizes(monkeypatch):
    monkeypatch.setattr(efficiency_again, "SIZES", (12.0, 18.0))
    monkeypatch.setattr(efficiency_again, "ALSO_SCRATCH", (18.0,))
    monkeypatch.setattr(efficiency_again, "UPDATES", 300)
    runs = efficiency_again.again(29, 1)
    np.testing.assert_array_equal(runs.per_label, [12.0, 18.0, POOL])
    assert runs.random_parameter_norm.notnull().sum() == 2
    assert runs.scratch_parameter_norm.notnull().sum() == 1
    assert (runs.random_train_accuracy.sel(per_label=[12.0, 18.0]) == 1).all()
    assert runs.test_accuracy.sel(per_label=POOL) > 0.95
    alone = efficiency_again.one_size(29, 18.0, 1)
    assert alone.test_accuracy == runs.test_accuracy.sel(per_label=18.0)
