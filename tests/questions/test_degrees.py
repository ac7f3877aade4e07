"""Whether the court finds the truth about ReLU where it is known, and small instances run."""

from functools import partial

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.networks import TwoLayer, modular_addition
from theory.questions import cubic_units, relu_cost, two_starts
from theory.questions.cooled import cooled, logits_apart, part_of_frequencies
from theory.theories import DEGREE, HOMOGENEOUS, MINIMAL_MODEL
from theory.trial import outcomes

SEEDS = [1, 2, 3, 4]
NEAR = xr.DataArray(1 + 0.002 * np.array([-1.0, 1, -1, 1]), {"seed": SEEDS}, "seed")


def whole(question, theory, runs):
    """The verdicts on all places together, by quantity."""
    found = outcomes(question, [theory], question.measure(runs))
    return {each.quantity.name: each for each in found if not each.place}


def verdicts(question, theory, runs):
    return {name: each.judgement.verdict for name, each in whole(question, theory, runs).items()}


def relu_world(cosines=False, frequencies=1.0):
    """Networks at the optimum, or at that of pure cosines; squares have an exponent of 2.6."""
    blank = xr.Dataset(coords={"case": list(relu_cost.CASES)})
    m, l2 = (relu_cost.setting(name, blank) for name in ("modulus", "l2"))
    norm = relu_cost.cosine_norm(blank) if cosines else circuits.relu_generalising_norm(m, l2)
    square = relu_cost.setting("activation", blank) == "square"
    return xr.Dataset(
        {
            "parameter_norm": norm * NEAR,
            "right_logit": circuits.relu_right_logit(m, l2) * NEAR,
            "frequencies": frequencies * NEAR + 0 * m,
            "kappa": xr.where(square, 2.6, 2.0) * NEAR,
            "objective": 0.1 * NEAR + 0 * m,
            "euler": NEAR**0.1 + 0 * m,
        }
    )


def starts_world(relu=(0.76, 0.28), square=(1.07, 1.07), better=0.03):
    """Networks whose starts end so far apart at both widths; with squares scratch is worse."""
    points = {name: list(values) for name, values in two_starts.POINTS.items() if name != "seed"}
    blank = xr.Dataset(coords={**points, "seed": SEEDS})
    ones = sum(xr.zeros_like(blank[name], dtype=float) for name in blank.coords) + 1.0
    apart = xr.DataArray([relu, square], {n: blank[n] for n in ("activation", "width")})
    one = ones.isel(start=0, drop=True)
    scratch = (blank["activation"] == "square") & (blank["start"] == "scratch")
    return xr.Dataset(
        {
            "apart": apart * one * NEAR,
            "apart_unseen": apart * one * NEAR,
            "objective": 0.1 * ones * (1 + better * scratch * NEAR),
            "test_accuracy": 0.5 * ones,
            "kappa": 2.0 * ones,
            "euler": ones * NEAR**0.1,
            "had_grokked": 1.0 * one,
        }
    )


def test_the_truth_about_relu_holds():
    found = verdicts(relu_cost, DEGREE, relu_world())
    assert found == dict.fromkeys(found, "holds")
    assert set(found) >= {"norm_over_cosines", "frequencies", "relu_kappa", "square_kappa"}


def test_pure_cosines_are_refuted_and_cost_so_much():
    assert pytest.approx(10.208, abs=1e-3) == relu_cost._COSINES
    angle = 2 * np.pi * np.arange(1001) / 1001
    sums = np.add.outer(np.arange(1001), np.arange(1001)).ravel() % 1001
    seen = np.maximum(np.add.outer(np.cos(angle), np.cos(angle)), 0).ravel()
    profile = np.bincount(sums, seen) / 1001
    length = (2 * np.sum(np.cos(angle) ** 2)) ** 0.5
    cost = 2 * length / np.linalg.norm(profile - profile.mean())
    assert cost == pytest.approx(relu_cost._COSINES, rel=1e-3)
    found = verdicts(relu_cost, DEGREE, relu_world(cosines=True))
    assert found["norm_over_cosines"] == "refuted"


def test_few_frequencies_are_refuted():
    found = verdicts(relu_cost, DEGREE, relu_world(frequencies=0.5))
    assert found["frequencies"] == "refuted"


def test_what_is_far_from_rest_does_not_count():
    runs = relu_world()
    far = (runs["seed"] == 2) & (runs["case"] == "m = 61")
    measured = relu_cost.measure(runs.assign(euler=runs.euler.where(~far, 1.02)))
    assert measured["norm_over_cosines"].isnull().sum() == 1
    assert measured["euler"].notnull().all()


def test_rivals_disagree_about_squares():
    runs = relu_world()
    assert verdicts(relu_cost, HOMOGENEOUS, runs) == {
        "relu_kappa": "holds",
        "square_kappa": "refuted",
    }
    assert verdicts(relu_cost, MINIMAL_MODEL, runs)["square_kappa"] == "refuted"


def test_the_truth_about_two_starts_holds():
    runs = starts_world()
    found = verdicts(two_starts, DEGREE, runs)
    assert found == dict.fromkeys(found, "holds")
    assert verdicts(two_starts, HOMOGENEOUS, runs) == {"square_apart": "holds"}
    assert verdicts(two_starts, MINIMAL_MODEL, runs) == {"square_apart": "refuted"}


def test_a_split_that_stays_with_relu_or_closes_with_squares_does_not_hold():
    found = verdicts(two_starts, DEGREE, starts_world(relu=(0.5, 0.52), square=(1.0, 0.5)))
    assert (found["relu_closes"], found["square_stays"]) == ("refuted", "refuted")


def test_the_optimum_takes_all_frequencies():
    right = modular_addition(5).labels
    units = circuits.relu_circuit(5, logit=6.0)
    task = modular_addition(5)
    network = TwoLayer(units.size, "relu")
    encoded = network.encode(task, np.arange(25), "float64")
    logits = network.forward(units.parameters(), encoded).logits
    assert part_of_frequencies(logits, right) == pytest.approx(1)
    assert logits_apart(logits, logits) == 0


def test_cooling_comes_near_rest():
    task = modular_addition(7)
    found = cooled(TwoLayer(64, "relu"), task.split(48, rng=1), 1e-3, seed=1, updates=500)
    assert found.numbers.euler.item() == pytest.approx(1, abs=2e-3)
    expected = circuits.relu_generalising_norm(7, 1e-3)
    assert found.numbers.parameter_norm.item() == pytest.approx(expected, rel=0.02)
    assert found.numbers.kappa.item() == pytest.approx(2, abs=0.05)
    assert found.logits.shape == (49, 7)


def test_small_instances_run_once(tmp_path, monkeypatch):
    small = {"m = 29": relu_cost.Case(7, 1e-3, width=16, updates=100)}
    monkeypatch.setattr(relu_cost, "CASES", small)
    points = {"case": ["m = 29"], "seed": [1]}
    found = relu_cost.run(tmp_path / "cost", points)
    assert found.test_accuracy.sizes == {"case": 1, "seed": 1}
    monkeypatch.setattr(two_starts, "PER_LABEL", 3.0)
    places = {"modulus": [7], "activation": ["relu", "square"], "width": [16], "seed": [1]}
    starts = two_starts.run(tmp_path / "starts", places, updates=50)
    assert set(starts.test_accuracy.dims) == two_starts.POINTS.keys()
    assert set(starts.apart.dims) == places.keys()
    for question in (relu_cost, two_starts):
        monkeypatch.setattr(question, "cooled", None)
    xr.testing.assert_identical(relu_cost.run(tmp_path / "cost", points), found)
    xr.testing.assert_identical(two_starts.run(tmp_path / "starts", places, updates=50), starts)


def test_one_run_again_is_one_of_both(monkeypatch):
    monkeypatch.setattr(two_starts, "PER_LABEL", 3.0)
    monkeypatch.setattr(two_starts, "both", partial(two_starts.both, updates=50))
    both = two_starts.both(7, "relu", 8, seed=1)
    for start in two_starts.STARTS:
        again = two_starts.again(7, "relu", 8, start, seed=1)
        assert again.parameter_norm == both.parameter_norm.sel(start=start)


def cubes_world(ratio=4 / 3, stays=1.0, over=1.0, per_label=2.0):
    """Networks whose exponents go with the degree, and starts of cubes that stay apart.

    The norm is so much over that of pure units between which a label is divided evenly.
    """
    size = xr.DataArray(list(cubic_units.SIZES), dims="per_label")
    size = size.assign_coords(per_label=size)
    power = xr.DataArray([2, 3], dims="power").assign_coords(power=[2, 3])
    kappa = xr.where(power == 3, 2.8 * ratio, 2.8) * NEAR + 0 * size
    one = circuits.memorising_norm(10.0, size / per_label, cubic_units.LABELS * per_label, power=3)
    points = {"modulus": list(cubic_units.MODULI), "width": list(cubic_units.WIDTHS)}
    apart = xr.DataArray([[1.0, stays]] * 2, points, tuple(points)) * NEAR
    start = xr.DataArray([1.1, 1.0], {"start": list(two_starts.STARTS)}, "start") + 0 * apart
    units = cubic_units.LABELS * per_label + 0 * kappa
    return xr.Dataset(
        {
            "kappa": kappa,
            "parameter_norm": over * one + 0 * kappa,
            "right_logit": 10 + 0 * kappa,
            "units": units,
            "units_loosely": units,
            "label_units": units,
            "train_accuracy": 1 + 0 * kappa,
            "residual": 0 * kappa,
            "start_apart": apart,
            "start_objective": start,
            "start_test_accuracy": start,
            "start_euler": 1 + 0 * start,
            "start_had_grokked": 1 + 0 * apart,
        }
    )


def test_the_truth_about_cubes_holds():
    found = verdicts(cubic_units, DEGREE, cubes_world())
    assert found == dict.fromkeys(found, "holds")


def test_cubes_that_are_like_squares_or_close_or_are_not_pure_are_refuted():
    found = verdicts(cubic_units, DEGREE, cubes_world(ratio=1.0, stays=0.4, over=1.2))
    for name in ("kappa_ratio", "cube_stays", "norm_over_one"):
        assert found[name] == "refuted", name


def test_a_small_instance_of_cubes_runs_once(tmp_path, monkeypatch):
    for name, value in {
        "LABELS": 4,
        "TOKENS": 29,
        "SIZES": (2.0,),
        "WIDTH": 16,
        "MODULI": (7,),
        "WIDTHS": (8, 9),
        "UPDATES": 50,
    }.items():
        monkeypatch.setattr(cubic_units, name, value)
    monkeypatch.setattr(two_starts, "PER_LABEL", 3.0)
    found = cubic_units.run(tmp_path, {"seed": [1]})
    assert found.kappa.sizes == {"seed": 1, "power": 2, "per_label": 1}
    assert set(cubic_units.measure(found)) == {each.name for each in cubic_units.QUANTITIES}
    assert 3 < found.kappa.sel(power=3).item() < 4
    monkeypatch.setattr(cubic_units, "at_rest", None)
    xr.testing.assert_identical(cubic_units.run(tmp_path, {"seed": [1]}), found)
