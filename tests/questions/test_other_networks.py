"""Whether the places of other networks are read off, and what theories say of them."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import other_networks
from theory.questions.other_networks import NETWORKS, SEEDS, SHUFFLED, SIZES
from theory.theories import THEORIES
from theory.trial import outcomes


def along(name, values, numbers=None):
    return xr.DataArray(list(values if numbers is None else numbers), {name: list(values)}, name)


def made(over=1.0, steep=200.0, cost=11.0):
    """Runs of networks whose half-way sizes are `over` equal cost."""
    rng = np.random.default_rng(0)
    scatter = along("seed", SEEDS, 1 + 1e-3 * rng.standard_normal(len(SEEDS)))
    ones = along("network", NETWORKS, [1.0, 1.0]) * scatter / scatter
    right = ones / (1 + (over * cost / along("per_label", SIZES)) ** steep)
    return xr.Dataset(
        {
            "test_accuracy": right,
            "euler": 1 + 0 * right,
            "kappa": 2 + 0 * right,
            "shuffled_objective": 0.05 * (along("random", SHUFFLED) / 11) ** 0.7 * scatter * ones,
            "pool_objective": 0.05 * (cost / 11) ** 0.7 * ones,
            "pool_accuracy": ones,
        }
    )


def verdicts(runs):
    found = outcomes(other_networks, THEORIES, other_networks.measure(runs))
    return {x.quantity.name: x.judgement.verdict for x in found if not x.place}


def test_places_and_widths_are_read_off():
    found = other_networks.measure(made(0.9, 10.0))
    assert found["half_over_cost"].low.values == pytest.approx(0.9, rel=0.02)
    assert found["width"].low.values == pytest.approx(81 ** (1 / 10), rel=0.02)
    assert found["equal_cost"].low.values == pytest.approx(11, rel=0.02)


def test_equal_prices_and_a_step_can_hold_and_be_missed():
    assert set(verdicts(made(steep=60.0)).values()) == {"holds"}
    assert set(verdicts(made(0.8, 8.0)).values()) == {"refuted"}


def test_nothing_is_known_of_what_is_not_near_rest_or_had_not_grokked():
    runs = made()
    first = runs["seed"] == SEEDS[0]
    for changed in ({"euler": runs.euler + 0.1 * first}, {"pool_accuracy": ~first * 1.0}):
        found = other_networks.measure(runs.assign(changed | {}))
        assert np.isinf(found["half_over_cost"].high.sel(seed=SEEDS[0])).all()
        assert np.isfinite(found["half_over_cost"].high.sel(seed=SEEDS[1])).all()


def test_a_small_instance_runs_once(tmp_path, monkeypatch):
    monkeypatch.setattr(other_networks, "MODULUS", 7)
    monkeypatch.setattr(other_networks, "UPDATES", 30)
    monkeypatch.setattr(other_networks, "SHUFFLED", (2.0, 4.0))
    points = {"network": ["three layers"], "per_label": [3.0], "seed": [1]}
    found = other_networks.run(tmp_path, points)
    assert found.test_accuracy.size == 1
    monkeypatch.setattr(other_networks, "cooled", None)
    xr.testing.assert_identical(other_networks.run(tmp_path, points), found)
    other_networks._grokked.cache_clear()
