"""Whether layers are compared at one rate and at the best of each."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import depth
from theory.questions.depth import POINTS, RATES
from theory.theories import THEORIES
from theory.trial import outcomes

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


def test_each_depth_has_the_rate_at_which_it_is_soonest():
    """Three layers are slower at the smallest rate, and faster at their best."""
    best = {1: 0.003, 2: 0.01, 3: 0.03}
    runs = made(lambda layers, rate: 1000 * layers * (1 if rate == best[layers] else 4) / layers**2)
    found = depth.measure(runs)
    assert found["three_soon"].mean() == pytest.approx(4 / 3, rel=0.05)
    assert found["three_soon_tuned"].mean() == pytest.approx(1 / 3, rel=0.05)
    assert found["two_late_tuned"].mean() == pytest.approx(1 / 2, rel=0.05)
    rates = found["best_rate"].isel(modulus=0, seed=0)
    assert rates.values.tolist() == list(best.values())


def test_a_rate_at_which_nothing_comes_is_not_the_best():
    runs = made(lambda layers, rate: 1000)
    torn = runs.assign(half=runs.half.where(runs["rate"] != RATES[1]))
    assert (depth.measure(torn)["best_rate"] != RATES[1]).all()


def test_what_the_model_says_can_hold_and_be_missed():
    for three, verdict in ((2.0, "holds"), (0.5, "refuted")):
        runs = made(lambda layers, rate, three=three: 1000 * (three if layers == 3 else 1))
        found = outcomes(depth, THEORIES, depth.measure(runs))
        said = {x.quantity.name: x.judgement.verdict for x in found if not x.place}
        assert said["three_late"] == verdict


def test_pairs_are_never_tested_on():
    split = depth.examples(27, 6900)
    assert split.train.size == round(0.75 * 27**2)
    assert np.intersect1d(split.train, split.test).size == 0
