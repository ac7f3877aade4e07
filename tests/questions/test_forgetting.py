"""Whether falls are told by way, penalty and draw, and what networks go on with."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import forgetting
from theory.questions.forgetting import (
    DRAWS,
    FEW,
    HALF,
    PARTS,
    PENALTIES,
    PENALTY,
    SAME,
    TASKS,
    UPDATES,
    WAYS,
)
from theory.theories import THEORIES
from theory.trial import outcomes

SEEDS = [0, 1, 2]


def along(name, values):
    return xr.DataArray(list(values), {name: list(values)}, name)


def made(end):
    """Runs that begin with .99 and end, by way and penalty, with what a function says."""
    last = [[end(way, l2) for l2 in PENALTIES] for way in WAYS]
    ends = xr.DataArray(last, {"way": list(WAYS), "l2": list(PENALTIES)})
    done = along("updates", UPDATES) / UPDATES[-1]
    ones = 1.0 + 0 * (along("seed", SEEDS) + along("draw", DRAWS))
    right = ones * (0.99 + (ends - 0.99) * done)
    return xr.Dataset({"sums_accuracy": right, "parameter_norm": ends * ones, "norm_before": ones})


def as_the_model_says(way, l2):
    if way in HALF and l2 == PENALTY:
        return 0.5
    lost = way in TASKS or (way in FEW and l2 == PENALTY)
    return 0.0 if lost else 0.99


def verdicts(runs):
    return {
        each.quantity.name: each.judgement.verdict
        for each in outcomes(forgetting, THEORIES, forgetting.measure(runs))
        if each.theory == "minimal model"
    }


def test_falls_that_are_known():
    measured = forgetting.measure(made(as_the_model_says))
    assert measured["lost_by_penalty"].values == pytest.approx(0.99)
    assert measured["few_fall_free"].values == pytest.approx(0)
    assert measured["own_or_others"].values == pytest.approx(0)
    assert measured["fall"].sel(way="products").values == pytest.approx(0.99)
    found = verdicts(made(as_the_model_says))
    assert found.keys() >= {each.name for each in forgetting.QUANTITIES if each.role == "primary"}
    assert {*found.values()} == {"holds"}


def test_the_model_can_be_wrong_everywhere():
    def otherwise(way, l2):
        taught = dict.fromkeys(TASKS, 0.9 if l2 == PENALTY else -9.0)
        few = {FEW[0]: 0.5, FEW[1]: 0.2, HALF[0]: 0.5, HALF[1]: 0.4}
        return {SAME: 0.8, "others": 0.3, **few, **taught}.get(way, 0.99)

    found = verdicts(made(otherwise))
    assert {found[name] for name in found if name != "wrong_before"} == {"refuted"}


def test_what_had_not_grokked_tells_nothing():
    runs = made(as_the_model_says)
    runs["sums_accuracy"] = runs.sums_accuracy.where(runs["seed"] > 0, 0.5)
    fall = forgetting.measure(runs)["lost_by_penalty"]
    assert np.isnan(fall.sel(seed=0))
    assert fall.sel(seed=1) == pytest.approx(0.99)


def test_what_a_network_goes_on_with(monkeypatch):
    monkeypatch.setattr(forgetting, "FIRST", forgetting.FIRST[:1])
    forgetting._grokked.cache_clear()
    sums, _ = forgetting._grokked(0)
    for way in (FEW[0], HALF[0]):
        size = sums.train.size // PARTS[way]
        draws = [forgetting._goes_on(sums, way, draw, 0)[1] for draw in DRAWS]
        assert all(each.size == size and np.isin(each, sums.train).all() for each in draws)
        assert len({tuple(each) for each in draws}) == len(DRAWS)
    for way in (FEW[1], HALF[1], "others"):
        _, places = forgetting._goes_on(sums, way, 0, 0)
        assert not np.isin(places, np.union1d(sums.train, sums.test)).any()
    other, places = forgetting._goes_on(sums, "products", 0, 0)
    assert (places == sums.train).all()
    assert other.task.name == "modular_multiplication"
    forgetting._grokked.cache_clear()


def test_what_is_not_drawn_is_run_once_and_stands_for_every_draw(monkeypatch, tmp_path):
    asked = []

    def sweep(function, grid, folder):
        asked.append({name: tuple(grid[name]) for name in ("way", "draw")})
        sizes = [len(values) for values in grid.values()]
        numbers = np.arange(np.prod(sizes), dtype=float).reshape(sizes)
        return xr.Dataset(
            {"test_accuracy": (tuple(grid), numbers)}, {name: list(grid[name]) for name in grid}
        )

    monkeypatch.setattr(forgetting, "sweep", sweep)
    found = forgetting.run(tmp_path, {**forgetting.POINTS, "seed": (0, 1)}).test_accuracy
    others = tuple(way for way in WAYS if way not in PARTS)
    assert asked == [{"way": tuple(PARTS), "draw": DRAWS}, {"way": others, "draw": DRAWS[:1]}]
    assert found["way"].values.tolist() == list(WAYS)
    assert found.notnull().all()
    assert (found.sel(way=list(others)).std("draw") == 0).all()
    assert (found.sel(way=list(PARTS)).std("draw") > 0).all()


def test_a_run_can_be_held_against_a_stored_one(monkeypatch):
    monkeypatch.setattr(forgetting, "MODULUS", 23)
    monkeypatch.setattr(forgetting, "UPDATES", (0, 5, 10))
    monkeypatch.setattr(forgetting, "END", 10)
    forgetting._grokked.cache_clear()
    found = forgetting.again(PENALTY, FEW[0], 1, 0)
    assert {"test_accuracy", "parameter_norm"} <= {*found.data_vars}
    assert found.test_accuracy == found.sums_accuracy.isel(updates=-1)
    forgetting._grokked.cache_clear()
