"""Whether the court finds the truth where it is known, and a small instance runs."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import Adam, AdamW, Stage
from theory.questions import practice, weight_decay
from theory.questions.weight_decay import (
    FACTORS,
    INSIDE_FACTORS,
    INSIDE_SEEDS,
    SEEDS,
    SIZES,
    WEAKEST,
)
from theory.theories import ADAMW_BARRIER, MINIMAL_MODEL
from theory.trial import HOLDS, OPEN, REFUTED
from worlds import along, estimates, judged, predicted, scattered, told, transition, verdicts

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
        "l2_accuracy_slope": [per_decade] * 3,
        "l2_half_way_slope": [0.02],
        "adamw_accuracy_slope": [per_decade] * 3,
        "adamw_half_way_slope": [0.02],
        "inside_imbalance": [0.05] * 2,
        "inside_half_way": 1.1 * HALF * np.array(INSIDE_FACTORS) ** 0.03,
        "inside_half_way_slope": [0.03],
        "l2_half_way": HALF * np.array(FACTORS) ** 0.02,
        "last_change": [0.02] * 2,
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value), name


def test_each_optimiser_is_measured_by_its_own_runs():
    runs, other = world(), world(moves=0.02)
    runs["test_accuracy"] = xr.where(runs["optimiser"] == "l2", 1, 0) * runs.test_accuracy + (
        xr.where(runs["optimiser"] == "adamw", 1, 0) * other.test_accuracy
    )
    found = estimates(weight_decay, runs)
    assert found["l2_half_way_slope"] == pytest.approx([0], abs=1e-9)
    assert found["l2_accuracy_slope"] == pytest.approx([0] * 3, abs=1e-9)
    assert found["adamw_half_way_slope"] == pytest.approx([0.02])
    assert found["l2_half_way"] == pytest.approx([HALF] * len(FACTORS))


def test_accuracies_that_fell_have_moved_too():
    assert estimates(weight_decay, world(change=-0.02))["last_change"] == pytest.approx([0.02] * 2)


@pytest.mark.parametrize(("theory", "name"), predicted(weight_decay), ids=told)
def test_the_world_as_a_theory_says_holds(theory, name):
    assert verdicts(weight_decay, world(), theory, name) == {HOLDS}


@pytest.mark.parametrize(
    ("theory", "name", "change"),
    [
        (MINIMAL_MODEL, "l2_accuracy_slope", {"moves": -0.15}),
        (MINIMAL_MODEL, "l2_accuracy_slope", {"moves": 0.15}),
        (MINIMAL_MODEL, "l2_half_way_slope", {"moves": 0.03}),
        (MINIMAL_MODEL, "l2_half_way_slope", {"moves": -0.03}),
        (MINIMAL_MODEL, "adamw_accuracy_slope", {"moves": -0.15}),
        (MINIMAL_MODEL, "adamw_half_way_slope", {"moves": 0.03}),
        (ADAMW_BARRIER, "inside_imbalance", {"imbalance": 0.3}),
        (ADAMW_BARRIER, "inside_half_way", {"ratio": 1.2}),
        (ADAMW_BARRIER, "inside_half_way", {"ratio": 0.85}),
        (ADAMW_BARRIER, "inside_half_way_slope", {"inside_moves": -0.03}),
    ],
    ids=told,
)
def test_another_world_is_refuted(theory, name, change):
    assert verdicts(weight_decay, world(**change), theory, name) == {REFUTED}


@pytest.mark.parametrize(
    ("theory", "name", "change"),
    [
        (MINIMAL_MODEL, "l2_accuracy_slope", {"moves": scattered(0.0, 0.2, SEEDS)}),
        (MINIMAL_MODEL, "l2_half_way_slope", {"moves": scattered(0.0, 0.05, SEEDS)}),
        (MINIMAL_MODEL, "l2_half_way_slope", {"half": scattered(26.0, 4.0, SEEDS)}),
        (MINIMAL_MODEL, "adamw_accuracy_slope", {"moves": scattered(0.0, 0.2, SEEDS)}),
        (MINIMAL_MODEL, "adamw_half_way_slope", {"moves": scattered(0.0, 0.05, SEEDS)}),
        (ADAMW_BARRIER, "inside_imbalance", {"imbalance": scattered(0.1, 0.05, SEEDS)}),
        (ADAMW_BARRIER, "inside_half_way", {"ratio": scattered(1.0, 0.3, SEEDS)}),
        (ADAMW_BARRIER, "inside_half_way_slope", {"inside_moves": scattered(0.0, 0.05, SEEDS)}),
    ],
    ids=told,
)
def test_seeds_that_disagree_or_are_not_known_leave_it_open(theory, name, change):
    assert verdicts(weight_decay, world(**change), theory, name) == {OPEN}


@pytest.mark.parametrize(("ratio", "verdict"), [(1.08, OPEN), (1 / 1.08, HOLDS)])
def test_within_the_margin_but_nearer_to_the_guess_is_not_enough(ratio, verdict):
    """The guess 12.3 is 1.118 times the half-way point of L2."""
    assert verdicts(weight_decay, world(ratio=ratio), ADAMW_BARRIER, "inside_half_way") == {verdict}


def test_half_way_points_above_all_that_was_run_refute_a_slope_of_zero():
    runs = world(moves=0.25, half=HALF * (1 + 0.01 * (along("seed", SEEDS) - SEEDS[0])))
    assert np.isnan(weight_decay.measure(runs)["l2_half_way"].sel(factor=100)).all()
    (found,) = judged(weight_decay, runs, MINIMAL_MODEL, "l2_half_way_slope")
    assert found.judgement.verdict == REFUTED
    assert found.judgement.censored == len(SEEDS)
    assert 0.02 < found.effect.low <= 0.25
    assert found.effect.high == np.inf


@pytest.mark.parametrize(("right", "side"), [(0.1, 1), (1.0, -1)])
def test_a_seed_with_one_strength_that_is_not_known_has_a_bound(right, side):
    """Where the half-way point of a strong penalty lies above, or below, all that was run."""
    runs = world()
    lost = (runs["seed"] == SEEDS[1]) & (runs["factor"] == FACTORS[3]) & (runs["optimiser"] == "l2")
    runs["test_accuracy"] = runs.test_accuracy.where(~lost, right)
    ends = weight_decay.exponent(runs.test_accuracy.sel(optimiser="l2"))
    for each in ends:
        assert each.values[[0, 2, 3]] == pytest.approx(0)
    near, far = ends if side > 0 else reversed(ends)
    assert far.values[1] == side * np.inf
    assert 0 < side * near.values[1] < 1
    (l2,) = judged(weight_decay, runs, MINIMAL_MODEL, "l2_half_way_slope")
    assert (l2.judgement.seeds, l2.judgement.censored) == (len(SEEDS), 1)
    assert l2.judgement.verdict == OPEN
    assert verdicts(weight_decay, runs, MINIMAL_MODEL, "adamw_half_way_slope") == {HOLDS}


SMALL = {
    "optimiser": tuple(WEAKEST),
    "factor": (10.0, 100.0),
    "per_label": (2.0, 5.0),
    "seed": (0,),
}


def test_a_small_instance_runs_once(tmp_path, monkeypatch, stages):
    runs = weight_decay.run(tmp_path, SMALL, modulus=7, shorter=400)
    sizes = {name: len(values) for name, values in SMALL.items()}
    assert dict(runs.test_accuracy.sizes) == sizes
    inside = {"inside_factor": len(INSIDE_FACTORS), "inside_seed": 1, "per_label": 2}
    assert dict(runs.inside_test_accuracy.sizes) == inside
    assert {each.steps for each in stages} == {20, 2, 6, 5, 12, 40}
    estimates(weight_decay, runs)
    monkeypatch.setattr(practice, "advance", None)
    again = weight_decay.run(tmp_path, SMALL, modulus=7, shorter=400)
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
