"""Whether the court finds the truth where it is known, and a small instance runs."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import Adam, Stage
from theory.networks.tasks import fingerprints
from theory.questions import practice, ungrokking
from theory.questions.ungrokking import CHECKED_SEEDS, CONTRASTS, MODULI, SEEDS, SIZES
from theory.theories import HOMOGENEOUS, MINIMAL_MODEL
from theory.trial import HOLDS, OPEN, REFUTED
from worlds import along, estimates, predicted, scattered, told, transition, verdicts

HALF = 11.0


def world(half=HALF, width=1.0001, longer=1.0, slower=1.0, few=0.03, many=1.0, **contrast):
    """The runs if the theory were true, or as the arguments have it."""
    sizes, seeds = along("per_label", SIZES), along("seed", SEEDS)
    right = transition(sizes, half, width)
    right = right.where(sizes > SIZES[0], few).where(sizes < SIZES[-1], many)
    right = right.broadcast_like(along("modulus", MODULI)).broadcast_like(seeds)
    one = right.isel(modulus=0, drop=True)
    first = {"seed": list(SEEDS[:CHECKED_SEEDS])}
    ways = [
        transition(sizes, half * ratio, width).broadcast_like(one) for ratio in (longer, slower)
    ]
    checked = xr.concat(ways, along("way", ["longer", "slower"])).sel(first)
    checked = checked.rename(seed="checked_seed")
    known = {"fewer": 0.1, "the same": 0.98, "others": 0.97, "another task": 0.3, **contrast}
    after = [xr.DataArray(known[name]).broadcast_like(seeds) for name in CONTRASTS]
    return xr.Dataset(
        {
            "test_accuracy": right,
            "checked_accuracy": checked,
            "contrast": xr.concat(after, along("then", CONTRASTS)),
        }
    )


def test_what_is_put_in_comes_out():
    width = np.exp(1.3 * (along("modulus", MODULI) / MODULI[0]) ** -0.1)
    runs = world(width=width, few=0.0, many=0.99)
    checked = world(width=3.0, longer=1.1, slower=0.95).checked_accuracy
    found = estimates(ungrokking, runs.assign(checked_accuracy=checked))
    expected = {
        "accuracy_of_few": [0.0] * 3,
        "accuracy_of_many": [0.99] * 3,
        "width": width,
        "half_way": [HALF] * 3,
        "longer": [1.1],
        "slower": [0.95],
        "other_examples": [0.01],
        "fewer_examples": [0.88],
        "other_task": [0.68],
        "width_against_modulus": [-0.1],
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value), name


def test_longer_and_slower_runs_are_held_against_those_of_their_own_modulus():
    runs = world(width=3.0, longer=1.1, slower=0.95)
    runs["test_accuracy"] = runs.test_accuracy.where(runs["modulus"] == MODULI[0], 0.3)
    found = estimates(ungrokking, runs)
    assert (found["longer"], found["slower"]) == (pytest.approx([1.1]), pytest.approx([0.95]))


@pytest.mark.parametrize("half", np.geomspace(6, 24, 20))
def test_a_step_between_any_two_sizes_counts_as_one(half):
    runs = world(half=half, width=1.0001)
    assert verdicts(ungrokking, runs, HOMOGENEOUS, "width") == {HOLDS}


@pytest.mark.parametrize(("theory", "name"), predicted(ungrokking), ids=told)
def test_the_world_as_a_theory_says_holds(theory, name):
    assert verdicts(ungrokking, world(), theory, name) == {HOLDS}


@pytest.mark.parametrize(
    ("theory", "name", "change"),
    [
        (MINIMAL_MODEL, "accuracy_of_few", {"few": 0.2}),
        (MINIMAL_MODEL, "accuracy_of_few", {"few": 1.0}),
        (MINIMAL_MODEL, "accuracy_of_many", {"many": 0.9}),
        (HOMOGENEOUS, "width", {"width": 1.6}),
        (MINIMAL_MODEL, "longer", {"longer": 1.3}),
        (MINIMAL_MODEL, "slower", {"slower": 0.75}),
        (MINIMAL_MODEL, "other_examples", {"others": 0.9}),
        (MINIMAL_MODEL, "fewer_examples", {"fewer": 0.6}),
    ],
    ids=told,
)
def test_another_world_is_refuted(theory, name, change):
    assert verdicts(ungrokking, world(**change), theory, name) == {REFUTED}


@pytest.mark.parametrize(
    ("theory", "name", "change"),
    [
        (MINIMAL_MODEL, "accuracy_of_few", {"few": scattered(0.1, 0.05, SEEDS)}),
        (MINIMAL_MODEL, "accuracy_of_many", {"many": scattered(0.95, 0.04, SEEDS)}),
        (HOMOGENEOUS, "width", {"half": 11.84, "width": scattered(1.3, 0.2, SEEDS)}),
        (HOMOGENEOUS, "width", {"half": scattered(26.0, 4.0, SEEDS), "many": 0.6}),
        (MINIMAL_MODEL, "longer", {"longer": scattered(1.1, 0.2, SEEDS)}),
        (MINIMAL_MODEL, "slower", {"slower": scattered(0.9, 0.2, SEEDS)}),
        (MINIMAL_MODEL, "other_examples", {"others": scattered(0.93, 0.05, SEEDS)}),
        (MINIMAL_MODEL, "fewer_examples", {"fewer": scattered(0.3, 0.2, SEEDS)}),
    ],
    ids=told,
)
def test_seeds_that_disagree_or_are_not_known_leave_it_open(theory, name, change):
    assert verdicts(ungrokking, world(**change), theory, name) == {OPEN}


SMALL = {"modulus": (7, 11), "per_label": (2.0, 3.5), "seed": (0,)}


def test_a_small_instance_runs_once(tmp_path, monkeypatch):
    for room, name in ((practice, "FIRST"), (ungrokking, "CONTRAST_FIRST")):
        monkeypatch.setattr(room, name, Stage(Adam(3e-3), 5))
    runs = ungrokking.run(tmp_path, SMALL, shorter=400)
    assert dict(runs.test_accuracy.sizes) == {name: len(SMALL[name]) for name in SMALL}
    assert dict(runs.contrast.sizes) == {"seed": 1, "then": 4}
    assert dict(runs.checked_accuracy.sizes) == {"way": 2, "checked_seed": 1, "per_label": 2}
    estimates(ungrokking, runs)
    for room in (practice, ungrokking):
        monkeypatch.setattr(room, "advance", None)
    xr.testing.assert_identical(ungrokking.run(tmp_path, SMALL, shorter=400), runs)


def test_one_point_again_is_what_the_curve_has_there(monkeypatch):
    monkeypatch.setattr(practice, "FIRST", Stage(Adam(3e-3), 20))
    monkeypatch.setattr(ungrokking, "WAYS", {"standard": (3e-3, 10)})
    whole = ungrokking.curve(7, 3, (2.0, 4.0))
    point = ungrokking.again(modulus=7, per_label=4.0, seed=3)
    xr.testing.assert_equal(point, whole.sel(per_label=4.0, drop=True))


def test_no_contrast_trains_on_what_it_is_tested_on(monkeypatch):
    done = []

    def advance(training):
        done.append((training, practice.advance(training)[1]))
        return None, done[-1][1]

    monkeypatch.setattr(ungrokking, "advance", advance)
    monkeypatch.setattr(ungrokking, "CONTRAST_FIRST", Stage(Adam(3e-3), 40))
    found = ungrokking.contrasts(modulus=7, seed=5, shorter=40)
    (first, start), *ways = done
    sums, tests = first.split.task, first.split.test
    examples = dict(
        zip(CONTRASTS, (set(each.places(each.stages[0])) for each, _ in ways), strict=True)
    )
    own, size = set(first.split.train), round(ungrokking.SHARE * 49)
    assert {name: len(places) for name, places in examples.items()} == {
        "fewer": size // 8,
        "the same": size,
        "others": size,
        "another task": size,
    }
    assert examples["fewer"] < own
    assert examples["the same"] == examples["another task"] == own
    assert examples["others"].isdisjoint(own)
    tested = fingerprints(sums, tests)
    x, y = np.divmod(np.arange(49), 7)
    for name, (training, end) in zip(CONTRASTS, ways, strict=True):
        assert training.start is start
        labels = (x - y) % 7 if name == "another task" else (x + y) % 7
        np.testing.assert_array_equal(training.split.task.labels, labels)
        assert examples[name].isdisjoint(tests)
        assert not np.isin(tested, end.trained_on).any()
        logits = training.network.forward(
            end.parameters, training.network.encode(sums, tests, "float32")
        ).logits
        right = np.mean(logits.argmax(axis=1) == sums.labels[tests])
        assert found.sel(then=name).item() == pytest.approx(right)
