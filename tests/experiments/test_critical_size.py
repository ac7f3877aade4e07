"""Whether the rule of the experiment finds the truth where it is known, and a small one runs."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from theory.experiments import critical_size, practice
from theory.experiments.critical_size import (
    AROUND,
    COSTS,
    L2,
    MARGINAL,
    MODULI,
    SEEDS,
    SIZES,
    WIDTHS,
)
from theory.networks import Adam, Stage
from theory.statistics import CONFIRMED, REFUTED, SILENT, UNDERPOWERED
from worlds import along, estimates, judged, scattered, transition, verdicts

#: Size at which the weights are equal: one of the ladder, where a passage is exact.
EQUAL = SIZES[6]
#: Objective of generalising, its elasticity e = 2 penalty / objective, and exponents of P_M.
LEAST, ELASTICITY, BETA, BETA_SUMS = 0.12, 0.8, 0.45, 0.6
#: r by the ratio of the weights, and by the norm that a mixture saves.
R = 0.3


def world(corrected=1.0, equal=1.0, leaving=1.0, half=1.0, r_of_weights=R, r_of_norm=R):
    """The runs if the theory were true, or as the arguments have it.

    The first four are sizes over D_crit.
    """
    sizes = along("per_label", SIZES)
    balanced, sums = (along(f"{labels}_per_label", COSTS[labels]) for labels in COSTS)
    rises = {"balanced": ELASTICITY * BETA, "sums": ELASTICITY * BETA_SUMS}
    ratio = (sizes / (EQUAL * equal)) ** (2 * BETA_SUMS / r_of_weights)
    mixture = LEAST * 2 ** (-ELASTICITY * r_of_norm / 2)
    mixture = xr.DataArray(mixture)
    grokked = xr.DataArray(leaving ** (-2 * BETA / MARGINAL))
    found = xr.Dataset(
        {
            "balanced_objective": LEAST * (balanced / EQUAL) ** rises["balanced"],
            "sums_objective": LEAST * (sums / (EQUAL * corrected)) ** rises["sums"],
            "generalising_objective": xr.DataArray(LEAST),
            "generalising_parameter_norm": xr.DataArray((ELASTICITY * LEAST / L2) ** 0.5),
            "generalising_test_logit": 10 * grokked,
            "generalising_train_logit": 10 * grokked + 10,
            "test_accuracy": transition(sizes, EQUAL * half, 3.0),
            "test_logit": 10 * ratio,
            "train_logit": 10 * ratio + 10,
            # Of the mixture: all of it the penalty, so that its objective is what it should be.
            "train_loss": xr.zeros_like(sizes),
            "parameter_norm": (2 * mixture / L2) ** 0.5 + xr.zeros_like(sizes),
        }
    )
    replicates = along("modulus", MODULI) * along("width", WIDTHS) * along("seed", SEEDS)
    return found.map(lambda each: each.broadcast_like(replicates))


def test_what_is_put_in_comes_out():
    found = estimates(critical_size, world(1.05, 1.0, 0.9, 1.1, R, 0.25))
    expected = {
        "half_way_over_critical": 1.1,
        "half_way_over_corrected": 1.1 / 1.05,
        "equal_weights_over_corrected": 1 / 1.05,
        "half_way_over_leaving": 1.1 / 0.9,
        "kappa_ratio": R / 0.25,
        "critical": EQUAL,
        "corrected": 1.05 * EQUAL,
        "half_way": 1.1 * EQUAL,
        "r_of_weights": R,
        "r_of_norm": 0.25,
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx([value] * 6), name


NAMES = [each.name for each in critical_size.prediction() if each.band is not None]


@pytest.mark.parametrize("name", NAMES)
def test_the_world_as_predicted_is_confirmed(name):
    assert verdicts(critical_size, world(), name) == {CONFIRMED}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("half_way_over_critical", {"half": 0.85}),
        ("half_way_over_critical", {"half": 1.15}),
        ("half_way_over_corrected", {"corrected": 0.85}),
        ("equal_weights_over_corrected", {"corrected": 1.2}),
        ("half_way_over_leaving", {"leaving": 0.7}),
        ("kappa_ratio", {"r_of_norm": R / 1.5}),
        ("kappa_ratio", {"r_of_norm": -R}),
    ],
)
def test_another_world_is_refuted(name, change):
    assert verdicts(critical_size, world(**change), name) == {REFUTED}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("half_way_over_critical", {"half": scattered(1.0, 0.2, SEEDS)}),
        ("half_way_over_corrected", {"corrected": scattered(1.0, 0.2, SEEDS)}),
        ("equal_weights_over_corrected", {"equal": scattered(1.0, 0.2, SEEDS)}),
        ("half_way_over_leaving", {"leaving": scattered(1.0, 0.4, SEEDS)}),
        ("kappa_ratio", {"r_of_norm": scattered(R, 0.15, SEEDS)}),
        ("half_way_over_critical", {"half": scattered(2.3, 0.4, SEEDS)}),
    ],
)
def test_seeds_that_disagree_or_are_censored_leave_it_open(name, change):
    assert verdicts(critical_size, world(**change), name) == {UNDERPOWERED}


def test_what_was_not_predicted_is_only_reported():
    found = judged(critical_size, world())
    silent = {name for name, each in found.items() if each[0].verdict == SILENT}
    assert silent == {"corrected", "critical", "half_way", "r_of_norm", "r_of_weights"}


def test_every_seed_is_read_at_its_own_critical_size():
    """The saved norm is that of each seed's own mixture, where its own objectives cross."""
    runs = world(corrected=scattered(1.0, 0.1, SEEDS))
    tilted = runs.parameter_norm * runs["per_label"] ** -0.05
    found = judged(critical_size, runs.assign(parameter_norm=tilted))["r_of_norm"]
    sizes = scattered(1.0, 0.1, SEEDS) * EQUAL
    expected = R + 2 * 2 * 0.05 * np.log2(sizes) / ELASTICITY
    for each in found:
        assert each.interval.estimate == pytest.approx(expected.mean().item())
        half = 2.7764451 * expected.std(ddof=1).item() / 5**0.5
        assert each.interval.high - each.interval.estimate == pytest.approx(half)


def test_weights_that_are_not_positive_are_left_out():
    runs = world()
    few = runs["per_label"] < SIZES[4]
    broken = runs.assign(test_logit=runs.test_logit.where(~few, -0.1))
    whole = estimates(critical_size, runs)["r_of_weights"]
    assert estimates(critical_size, broken)["r_of_weights"] == pytest.approx(whole)


def test_only_weights_that_are_not_too_unequal_tell_r():
    runs = world()
    ratio = runs.test_logit / 10
    far = (ratio > AROUND) | (ratio < 1 / AROUND)
    assert far.any()
    bent = ratio.where(~far, ratio**2)
    broken = runs.assign(test_logit=10 * bent, train_logit=10 * bent + 10)
    whole = estimates(critical_size, runs)["r_of_weights"]
    assert estimates(critical_size, broken)["r_of_weights"] == pytest.approx(whole)


SMALL = {"modulus": (31,), "width": (16,), "per_label": (4.0, 12.0, 24.0), "seed": (0, 1)}


def test_a_small_instance_runs_once(tmp_path, monkeypatch):
    runs = critical_size.run(tmp_path, SMALL, steps=40)
    sizes = {name: len(values) for name, values in SMALL.items()}
    assert dict(runs.test_accuracy.sizes) == sizes
    for labels, costs in COSTS.items():
        along_costs = {"modulus": 1, "width": 1, "seed": 2, f"{labels}_per_label": len(costs)}
        assert dict(runs[f"{labels}_objective"].sizes) == along_costs
    assert len(judged(critical_size, runs)) == len(critical_size.prediction())
    monkeypatch.setattr(practice, "advance", None)
    xr.testing.assert_identical(critical_size.run(tmp_path, SMALL, steps=40), runs)


def test_one_point_again_is_what_the_curve_has_there(monkeypatch):
    monkeypatch.setattr(practice, "FIRST", Stage(Adam(3e-3), 10))
    whole = critical_size.curve(7, 8, 3, (2.0, 4.0))
    point = critical_size.again(modulus=7, width=8, per_label=4.0, seed=3)
    xr.testing.assert_equal(point, whole.sel(per_label=4.0, drop=True))
