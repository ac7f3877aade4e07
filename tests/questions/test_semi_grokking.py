"""Whether what is read off networks in part is right where it is known, and small ones run."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from diptest import diptest

from theory import networks
from theory.questions import semi_grokking
from theory.questions.semi_grokking import earlier_plateau, gaps, mirrored, raised

UPDATES = np.arange(0, 2501, 5)


def rise(middle, end, power=8.0, start=0.0):
    """Return a smooth rise in the logarithm of the update, from start to end."""
    with np.errstate(divide="ignore"):
        done = 1 / (1 + (middle / np.maximum(UPDATES, 1e-9)) ** power)
    return start + (end - start) * done


@pytest.mark.parametrize(
    ("curve", "rests"),
    [
        (rise(400, 0.8), 0.0),
        (rise(400, 0.5, power=1.5), 0.0),
        (rise(400, 0.9, power=1.0), 0.0),
        (0.1 + 0.1 * np.log1p(UPDATES / 50), 0.0),
        (rise(300, 0.4) + rise(1000, 0.5), 1.0),
        (rise(200, 0.3, 12.0) + rise(550, 0.5, 12.0), 1.0),
        (rise(300, 0.7) + rise(1000, 0.2) - rise(2000, 0.3), 1.0),
        (rise(300, 0.15), np.nan),
    ],
)
def test_a_plateau_is_flat_and_then_left_upwards(curve, rests):
    noisy = curve + np.random.default_rng(3).normal(0, 0.003, curve.size)
    run = xr.Dataset({"test_accuracy": ("step", noisy)}, {"step": UPDATES})
    assert earlier_plateau(run) == pytest.approx(rests, nan_ok=True)


def outvoted(split, generalising, memory, spread):
    """Return logits of a mixture: right everywhere, more so on what is seen, noise elsewhere."""
    labels = split.task.labels
    logits = np.random.default_rng(1).normal(0, spread, (labels.size, split.task.num_labels))
    logits[np.arange(labels.size), labels] += generalising
    logits[split.train, labels[split.train]] += memory
    return logits - logits.mean(axis=1, keepdims=True)


SPLIT = networks.modular_addition(31).split(400, rng=0)


def test_outvoted_inputs_are_one_hump_and_half_a_table_two():
    labels = SPLIT.task.labels
    one = gaps(outvoted(SPLIT, 5.0, 5.0, 1.7), labels)[SPLIT.test]
    half = outvoted(SPLIT, 0.0, 5.0, 1.7)
    learned = np.random.default_rng(2).random(labels.size) < 0.5
    half[learned, labels[learned]] += 10.0
    two = gaps(half, labels)[SPLIT.test]
    assert diptest(one)[1] > semi_grokking.SIGNIFICANT
    assert diptest(two)[1] < 0.01


def test_raising_what_generalises_makes_the_outvoted_right_and_not_half_a_table():
    labels = SPLIT.task.labels
    mixture = outvoted(SPLIT, 5.0, 5.0, 1.7)
    before = (gaps(mixture, labels)[SPLIT.test] > 0).mean()
    assert before < 0.8
    assert raised(mixture, SPLIT) > 0.97
    half = outvoted(SPLIT, 0.0, 10.0, 0.5)
    learned = labels % 2 == 0
    half[learned] = outvoted(SPLIT, 10.0, 0.0, 0.5)[learned]
    assert raised(half, SPLIT) < 0.8
    assert raised(outvoted(SPLIT, -1.0, 5.0, 1.0), SPLIT) == 0
    assert raised(outvoted(SPLIT, 20.0, 1.0, 0.5), SPLIT) == 1


def test_a_gap_is_over_the_largest_of_the_others():
    logits = np.array([[3.0, 1.0, 2.0], [3.0, 1.0, 2.0]])
    assert gaps(logits, np.array([0, 2])).tolist() == [1.0, -1.0]


def test_a_pair_is_mirrored_if_the_other_order_was_trained_on():
    split = networks.Split(networks.modular_addition(3), train=[1], test=[2, 3, 4])
    assert mirrored(split).tolist() == [False, True, False]


def small(monkeypatch):
    monkeypatch.setattr(semi_grokking, "MODULUS", 23)
    cases = {name: replace(case, width=8, updates=40) for name, case in semi_grokking.CASES.items()}
    monkeypatch.setattr(semi_grokking, "CASES", cases)
    monkeypatch.setattr(semi_grokking, "LONGER", {10: 2})


def test_longer_runs_are_those_of_some_seeds(monkeypatch, tmp_path):
    small(monkeypatch)
    points = {"case": ("L2", "AdamW"), "part": (0.75, 0.93), "seed": (1, 2, 3)}
    runs = semi_grokking.run(tmp_path, points)
    assert runs.test_accuracy.notnull().all()
    assert runs["case"].values.tolist() == ["L2", "AdamW"]
    assert not runs["diverged"].any()
    longer = runs.longer_accuracy.notnull().sum("seed")
    assert (longer.sel(times=10) == 2).all()


def test_what_is_measured_where_a_network_in_part_is_known():
    cases = list(semi_grokking.CASES)
    parts, seeds = list(semi_grokking.SIZES), list(range(4))
    coordinates = {"case": cases, "part": parts, "seed": seeds}
    ones = xr.DataArray(1.0, coordinates, tuple(coordinates))
    accuracy = ones * xr.DataArray([0.05, 0.2, 0.5, 0.7, 0.85, 0.95], dims="part")
    accuracy = accuracy + ones["seed"] * 0.001
    longer = accuracy.sel(part=0.93, drop=True).expand_dims(times=[10, 100])
    names = [
        *("parameter_norm", "residual", "pure", "frequencies", "mirror_accuracy"),
        *("other_accuracy", "raised_accuracy", "dip_chance", "train_logit", "earlier_plateau"),
        "fits",
    ]
    runs = xr.Dataset(
        {
            **dict.fromkeys(names, ones),
            "test_accuracy": accuracy,
            "ended_accuracy": accuracy,
            "test_logit": 0.5 * ones,
            "half": 6.0 * ones,
            "longer_accuracy": longer.where(longer["seed"] < 2) + 0.02,
        }
    )
    measured = semi_grokking.measure(runs)
    assert (measured["in_part"] == 1).all()
    assert "AdamW" not in measured["in_part"]["case"]
    assert measured["apart"].max() < 0.002
    assert (measured["delay"] == 6).all()
    assert measured["stays"].values == pytest.approx([0.02, 0.02])
    assert measured["in_part_width"].values == pytest.approx(0.0)
    assert abs(measured["beyond_share"]).max() < 0.01
    assert (measured["two_humps"] == 0).all()
    # All or nothing, with the step between two sizes: no size has a median in part.
    step = runs.assign(test_accuracy=(accuracy > 0.6) * 0.98 + 0.01)
    assert semi_grokking.measure(step)["in_part"].isnull().all()
