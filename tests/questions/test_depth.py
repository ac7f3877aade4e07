"""Whether layers are compared at one rate and at the best of each."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import depth
from theory.questions.depth import POINTS, RATES

COORDS = {name: list(values) for name, values in POINTS.items()}


def made(half, fits=100.0):
    """Runs with updates to half by layers and rate, a little scattered."""
    rng = np.random.default_rng(0)
    sizes = [len(values) for values in COORDS.values()]
    scatter = xr.DataArray(np.exp(0.02 * rng.standard_normal(sizes)), COORDS, list(COORDS))
    by = [[float(half(layers, rate)) for rate in RATES] for layers in COORDS["layers"]]
    plane = {"layers": COORDS["layers"], "rate": list(RATES)}
    at = scatter * xr.DataArray(by, plane, ("layers", "rate"))
    ones = xr.ones_like(at)
    values = {"half": at, "fits": fits * ones, "test_accuracy": ones, "parameter_norm": ones}
    return xr.Dataset(values)


def test_each_depth_has_the_rate_at_which_others_are_soonest():
    """Three layers are slower at the smallest rate, and faster at their best."""
    best = {1: RATES[0], 2: RATES[1], 3: RATES[2]}
    runs = made(lambda layers, rate: 1000 / layers * (1 if rate == best[layers] else 4))
    found = depth.measure(runs)
    assert found["three_soon"].sel(rate=RATES[0]).mean() == pytest.approx(4 / 3, rel=0.05)
    assert found["three_tuned"].mean() == pytest.approx(1 / 3, rel=0.05)
    assert found["two_tuned"].mean() == pytest.approx(1 / 2, rel=0.05)
    rates = found["best_rate"].isel(modulus=0, seed=0)
    assert rates.values.tolist() == list(best.values())


def test_a_seed_has_no_say_in_its_own_rate():
    runs = made(lambda layers, rate: 1000 if rate == RATES[0] else 1100)
    lucky = (runs["seed"] == runs["seed"][0]) & (runs["rate"] == RATES[3])
    found = depth.measure(runs.assign(half=runs.half.where(~lucky, 10.0)))
    assert (found["best_rate"].isel(seed=0) == RATES[0]).all()
    assert (found["best_rate"].isel(seed=1) == RATES[3]).all()


def test_a_rate_at_which_nothing_comes_is_not_the_best():
    runs = made(lambda layers, rate: 1000)
    torn = runs.assign(half=runs.half.where(runs["rate"] != RATES[1]))
    assert (depth.measure(torn)["best_rate"] != RATES[1]).all()
    none = depth.measure(runs.assign(half=runs.half.where(runs["layers"] != 3)))
    assert none["three_tuned"].isnull().all()
    assert (none["known_share"].sel(layers=3) == 0).all()


def test_pairs_are_never_tested_on():
    split = depth.examples(27, 6900)
    assert split.train.size == round(0.75 * 27**2)
    assert np.intersect1d(split.train, split.test).size == 0
