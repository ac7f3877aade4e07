"""Whether the rule of the experiment finds the truth where it is known, and a small one runs."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from theory.experiments import practice, weight_decay
from theory.experiments.weight_decay import (
    FACTORS,
    INSIDE_FACTORS,
    INSIDE_SEEDS,
    SEEDS,
    SIZES,
    WEAKEST,
)
from theory.networks import Adam, AdamW, Stage
from theory.statistics import CONFIRMED, REFUTED, SILENT, UNDERPOWERED
from worlds import along, estimates, judged, scattered, transition, verdicts

HALF, WIDTH = 11.0, 40.0


def world(moves=0.0, inside_moves=0.0, ratio=1.0, imbalance=0.03, change=0.01, half=HALF):
    """The runs if the theory were true, or as the arguments have it.

    `moves` is the exponent of D50 in the strength, `ratio` that of D50 inside of the box to that
    of L2 at the first strength.
    """
    sizes, seeds = along("per_label", SIZES), along("seed", SEEDS)
    factors, optimisers = along("factor", FACTORS), along("optimiser", list(WEAKEST))
    right = transition(sizes, half * (factors / FACTORS[0]) ** moves, WIDTH)
    right = right.broadcast_like(optimisers).broadcast_like(seeds)
    few = {"seed": list(SEEDS[:INSIDE_SEEDS])}
    within = along("factor", INSIDE_FACTORS)
    inside = transition(sizes, half * ratio * (within / FACTORS[0]) ** inside_moves, WIDTH)
    inside = inside.broadcast_like(seeds).sel(few)
    left_over = xr.DataArray(imbalance).broadcast_like(seeds).sel(few).broadcast_like(inside)
    names = {"factor": "inside_factor", "seed": "inside_seed"}
    return xr.Dataset(
        {
            "test_accuracy": right,
            "test_accuracy_before": right - change,
            "inside_test_accuracy": inside.rename(names),
            "inside_imbalance": left_over.rename(names),
        }
    )


def test_what_is_put_in_comes_out():
    found = estimates(weight_decay, world(0.02, 0.03, 1.1, 0.05, 0.02))
    per_decade = -0.8 * 0.02 * np.log(10) / np.log(WIDTH)
    expected = {
        "accuracy_slope": [per_decade] * 6,
        "half_way_slope": [0.02] * 2,
        "at_rest": [0.05] * 2,
        "inside_over_l2": 1.1 * np.array(INSIDE_FACTORS) ** 0.01,
        "inside_slope": [0.03],
        "last_change": [0.02] * 2,
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value), name


def test_the_half_way_point_is_where_half_of_all_are_right():
    right = transition(along("per_label", SIZES), SIZES[6], WIDTH)
    assert weight_decay.half_way(right).item() == pytest.approx(SIZES[6])


def test_accuracies_that_fell_have_moved_too():
    assert estimates(weight_decay, world(change=-0.02))["last_change"] == pytest.approx([0.02] * 2)


NAMES = [each.name for each in weight_decay.prediction() if each.band is not None]


@pytest.mark.parametrize("name", NAMES)
def test_the_world_as_predicted_is_confirmed(name):
    assert verdicts(weight_decay, world(), name) == {CONFIRMED}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("accuracy_slope", {"moves": -0.15}),
        ("accuracy_slope", {"moves": 0.15}),
        ("half_way_slope", {"moves": 0.03}),
        ("at_rest", {"imbalance": 0.3}),
        ("inside_over_l2", {"ratio": 1.2}),
        ("inside_slope", {"inside_moves": -0.03}),
    ],
)
def test_another_world_is_refuted(name, change):
    assert verdicts(weight_decay, world(**change), name) == {REFUTED}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("accuracy_slope", {"moves": scattered(0.0, 0.2, SEEDS)}),
        ("half_way_slope", {"moves": scattered(0.0, 0.05, SEEDS)}),
        ("half_way_slope", {"half": scattered(26.0, 4.0, SEEDS)}),
        ("at_rest", {"imbalance": scattered(0.1, 0.05, SEEDS)}),
        ("inside_over_l2", {"ratio": scattered(1.0, 0.3, SEEDS)}),
        ("inside_slope", {"inside_moves": scattered(0.0, 0.05, SEEDS)}),
    ],
)
def test_seeds_that_disagree_or_are_censored_leave_it_open(name, change):
    assert verdicts(weight_decay, world(**change), name) == {UNDERPOWERED}


def test_a_seed_with_one_censored_strength_has_no_exponent():
    runs = world()
    lost = (runs["seed"] == SEEDS[1]) & (runs["factor"] == FACTORS[2]) & (runs["optimiser"] == "l2")
    runs["test_accuracy"] = runs.test_accuracy.where(~lost, 0.1)
    l2, adamw = judged(weight_decay, runs)["half_way_slope"]
    assert (l2.place, l2.seeds, l2.censored) == ({"optimiser": "l2"}, len(SEEDS), 1)
    assert (adamw.place, adamw.censored) == ({"optimiser": "adamw"}, 0)
    assert (l2.verdict, adamw.verdict) == (UNDERPOWERED, CONFIRMED)


def test_what_was_not_predicted_is_only_reported():
    found = judged(weight_decay, world())
    silent = {name for name, each in found.items() if each[0].verdict == SILENT}
    assert silent == {"last_change"}


SMALL = {
    "optimiser": tuple(WEAKEST),
    "factor": (10.0, 100.0),
    "per_label": (2.0, 4.0, 6.0),
    "seed": (0, 1),
}


def test_a_small_instance_runs_once(tmp_path, monkeypatch):
    monkeypatch.setattr(weight_decay, "WIDTH", 32)
    runs = weight_decay.run(tmp_path, SMALL, modulus=11, shorter=100)
    sizes = {name: len(values) for name, values in SMALL.items()}
    assert dict(runs.test_accuracy.sizes) == sizes
    inside = {"inside_factor": len(INSIDE_FACTORS), "inside_seed": 2, "per_label": 3}
    assert dict(runs.inside_test_accuracy.sizes) == inside
    assert len(judged(weight_decay, runs)) == len(weight_decay.prediction())
    monkeypatch.setattr(practice, "advance", None)
    again = weight_decay.run(tmp_path, SMALL, modulus=11, shorter=100)
    xr.testing.assert_identical(again, runs)


@pytest.fixture
def stages(monkeypatch):
    """Short trainings, whose stages are kept in the order in which they are done."""
    done = []

    def trained(training, **options):
        done.extend(training.stages)
        return advance(training, **options)

    advance = practice.advance
    monkeypatch.setattr(practice, "advance", trained)
    monkeypatch.setattr(practice, "FIRST", Stage(Adam(3e-3), 20))
    monkeypatch.setattr(weight_decay, "WIDTH", 8)
    return done


@pytest.mark.parametrize(
    ("optimiser", "expected"),
    [("l2", Adam(3e-3, 30 * WEAKEST["l2"])), ("adamw", AdamW(1e-3, 30 * WEAKEST["adamw"]))],
)
def test_one_point_again_is_what_the_curve_has_there(stages, monkeypatch, optimiser, expected):
    monkeypatch.setattr(weight_decay, "STEPS", {optimiser: (10, 15)})
    whole = weight_decay.curve(optimiser, 30.0, 3, (2.0, 4.0))
    assert [each.optimiser for each in stages[1:]] == [expected] * 3
    assert [each.steps for each in stages[1:]] == [10, 15, 15]
    point = weight_decay.again(optimiser, 30.0, 4.0, 3)
    xr.testing.assert_equal(point, whole.sel(per_label=4.0, drop=True))


@pytest.mark.parametrize("factor", INSIDE_FACTORS)
def test_inside_of_the_box_the_penalty_is_as_strong_as_l2(stages, factor):
    weight_decay.curve_inside(factor, 0, [2.0], modulus=7, shorter=1000)
    optimiser = stages[-1].optimiser
    assert isinstance(optimiser, AdamW)
    assert optimiser.epsilon * optimiser.weight_decay == pytest.approx(WEAKEST["l2"] * factor)
