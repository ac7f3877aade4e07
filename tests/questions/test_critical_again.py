"""Whether places, trends and widths are read off, also where they are bounded."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import critical_again
from theory.questions.critical_again import MODULI, RANDOM, SIZES, STARTS, size_of
from theory.theories import THEORIES
from theory.trial import outcomes

SEEDS = [0, 1, 2]


def along(name, values):
    return xr.DataArray(list(values), {name: list(values)}, name)


def made(places, power=(0.0, 0.0), steep=10.0, pool=1.0):
    """Runs whose half-way sizes, over that of equal objective, go with the modulus by a power."""
    modulus, part, random = along("modulus", MODULI), along("part", SIZES), along("random", RANDOM)
    middle, exponent = (
        xr.DataArray(list(each), {"start": list(STARTS)}, "start") for each in (places, power)
    )
    place = middle * (modulus / 50.0) ** exponent
    ones = xr.DataArray(np.ones(3), {"seed": SEEDS}, "seed")
    right = ones / (1 + (place / part) ** steep)
    share = ones / (1 + (place / part) ** (steep / 2))
    names = ("objective", "parameter_norm", "residual", "moved")
    on_pool = ones * (0 * modulus + 1.0)
    return xr.Dataset(
        {
            **dict.fromkeys(names, 0 * right),
            "test_accuracy": right,
            "test_logit": share,
            "train_logit": 1 + 0 * share,
            "pool_accuracy": pool * on_pool,
            "pool_objective": 0.05 * on_pool,
            "longer_objective": 0.05 * ones,
            "random_objective": 0.05 * random**0.7 * on_pool,
        }
    )


def test_places_and_widths_that_are_known():
    measured = critical_again.measure(made([0.95, 0.8]))
    assert measured["half_over_cost"].low.values == pytest.approx(0.8, abs=0.01)
    assert measured["half_over_cost_scratch"].high.values == pytest.approx(0.95, abs=0.01)
    assert measured["weights_over_cost"].low.values == pytest.approx(0.8, abs=0.01)
    assert measured["scratch_over_grokked"].low.values == pytest.approx(0.95 / 0.8, abs=0.02)
    assert measured["width_grokked"].low.values == pytest.approx(81 ** (1 / 10), rel=0.01)
    per_label = [size_of(modulus, 1.0) / modulus for modulus in MODULI]
    assert measured["equal_cost"].isel(seed=0).values == pytest.approx(per_label)


def test_a_trend_with_the_modulus_is_told():
    measured = critical_again.measure(made([0.95, 0.85], power=(0.1, 0.1)))
    for name in ("trend", "trend_scratch", "weights_trend"):
        assert measured[name].low.values == pytest.approx(0.1, abs=0.02)
    assert measured["trend_between"].low.values == pytest.approx(0.0, abs=0.02)


def test_what_is_passed_beyond_all_sizes_is_bounded():
    measured = critical_again.measure(made([2.5, 0.8]))
    assert (measured["half_over_cost_scratch"].low >= SIZES[-1] * 0.99).all()
    assert np.isinf(measured["half_over_cost_scratch"].high).all()
    assert not np.isfinite(measured["trend_scratch"].high).any()


def test_a_network_that_had_not_grokked_tells_nothing():
    runs = made([0.95, 0.8])
    never = runs.assign(pool_accuracy=runs.pool_accuracy.where(runs["seed"] != 0, 0.3))
    measured = critical_again.measure(never)
    for name in ("half_over_cost", "half_over_cost_scratch", "width_grokked"):
        assert np.isinf(measured[name].high.sel(seed=0)).all()
        assert np.isfinite(measured[name].high.sel(seed=1)).all()


def test_every_primary_quantity_can_be_missed():
    hit, missed = (
        {
            (each.theory, each.quantity.name): each.judgement.verdict
            for each in outcomes(critical_again, THEORIES, critical_again.measure(runs))
            if not each.place
        }
        for runs in (
            made([1.0, 1.0], steep=200.0),
            made([1.15, 0.85], power=(0.2, 0.1), steep=16.0),
        )
    )
    model = [key for key in hit if key[0] == "minimal model"]
    assert len(model) == 12
    assert {hit[key] for key in model if "width" not in key[1]} == {"holds"}
    assert {missed[key] for key in model if key[1] != "longer"} == {"refuted"}


def test_both_starts_rest_on_the_same_examples(monkeypatch):
    monkeypatch.setattr(critical_again, "UPDATES", 400)
    critical_again._grokked.cache_clear()
    runs = critical_again.both(29, 1.4, 2)
    assert (runs.residual < 1e-3).all()
    assert (runs.parameter_norm > 10).all()
    assert (runs.test_accuracy > 0.5).all()
    critical_again._grokked.cache_clear()
