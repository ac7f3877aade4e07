"""Whether half-way sizes are compared by optimiser and decay, at rest and before."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import AdamW
from theory.questions import optimisers
from theory.questions.optimisers import ADAMWS, DECAYS, MOMENTUM, OPTIMISERS, RANDOM, SIZES, STARTS
from theory.theories import THEORIES
from theory.trial import counted, outcomes

SEEDS = [0, 1, 2]


def along(name, values):
    return xr.DataArray(list(values), {name: list(values)}, name)


def made(at_rest, before=None, cost=12.0):
    """Runs with half-way sizes by case and start, and one size of equal cost."""
    case, size, random = (
        along(name, values)
        for name, values in (("case", OPTIMISERS), ("per_label", SIZES), ("random", RANDOM))
    )
    ones = xr.DataArray(np.ones(3), {"seed": SEEDS}, "seed")

    def curve(places):
        values = [[places(name, start) for start in STARTS] for name in OPTIMISERS]
        middle = xr.DataArray(values, {"case": case, "start": list(STARTS)}, ("case", "start"))
        return ones / (1 + (middle / size) ** 10)

    right = curve(at_rest)
    by_case = ones * (case != "").astype(float)
    names = ("objective", "parameter_norm", "residual", "moved", "largest", "stays")
    return xr.Dataset(
        {
            **dict.fromkeys(names, 0 * right),
            "test_accuracy": right,
            "test_accuracy_before": curve(before or at_rest),
            "test_logit": right,
            "train_logit": 1 + 0 * right,
            "pool_accuracy": by_case,
            "pool_objective": 0.05 * by_case,
            "random_objective": 0.05 * (random / cost) ** 0.7 * by_case,
        }
    )


def nine(case, start):
    return 9.0 if start == "grokked" else 10.0


def by_decay(case, start):
    if case == MOMENTUM:
        return 0.8 * nine(case, start)
    if case not in ADAMWS:
        return nine(case, start)
    return 0.75 * nine(case, start) * (DECAYS[ADAMWS.index(case)] / 0.1) ** -0.2


def verdicts(runs):
    found = outcomes(optimisers, THEORIES, optimisers.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_where_nothing_moves_all_holds_but_the_place():
    found = verdicts(made(nine))
    assert {*found.values()} == {"holds"}
    measured = optimisers.measure(made(nine))
    assert measured["equal_cost"].values == pytest.approx(12)
    half = measured["half_over_cost"].low.sel(case=ADAMWS[-1])
    assert half.values == pytest.approx(0.75, abs=0.01)


def test_all_can_be_missed():
    found = verdicts(made(by_decay))
    found.pop(("AdamW's barrier", "stays"))
    assert {*found.values()} == {"refuted"}
    measured = optimisers.measure(made(by_decay))
    assert measured["rest_slope"].low.values == pytest.approx(-0.2, abs=0.02)
    assert measured["momentum_over_adam"].low.values == pytest.approx(0.8, abs=0.02)
    assert measured["inside_over_same"].low.values == pytest.approx(0.75, abs=0.02)


def test_rest_and_what_was_before_are_told_apart():
    measured = optimisers.measure(made(nine, before=by_decay))
    assert measured["rest_slope"].low.values == pytest.approx(0, abs=1e-9)
    assert measured["slope_before"].low.values == pytest.approx(-0.2, abs=0.02)


def test_primary_predictions_can_be_counted():
    found = outcomes(optimisers, THEORIES, optimisers.measure(made(nine)))
    assert 0 < len(counted(found)) <= 12


def test_rate_times_decay_times_updates_is_equal():
    products = {
        round(each.learning_rate * each.weight_decay * updates, 9)
        for each, updates in OPTIMISERS.values()
        if isinstance(each, AdamW)
    }
    assert products == {optimisers.PRODUCT}


def test_both_starts_rest_within_the_walls(monkeypatch):
    monkeypatch.setattr(optimisers, "MODULUS", 11)
    optimisers._grokked.cache_clear()
    runs = optimisers.both(ADAMWS[-1], 8.0, 0)
    assert (runs.residual < 2e-3).all()
    assert (runs.largest < 1 / DECAYS[-1]).all()
    assert (runs.largest > 0.5 / DECAYS[-1]).all()
    optimisers._grokked.cache_clear()
