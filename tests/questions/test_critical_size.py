"""Whether the court finds the truth where it is known, and a small instance runs."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import Adam, Stage
from theory.questions import critical_size, practice
from theory.questions.critical_size import (
    AROUND,
    COSTS,
    L2,
    MODULI,
    SEEDS,
    SIZES,
    WIDTHS,
)
from theory.theories import CORRECTED_COSTS, HOMOGENEOUS, MINIMAL_MODEL
from theory.trial import HOLDS, OPEN, REFUTED
from worlds import along, estimates, judged, predicted, scattered, told, transition, verdicts

#: Size at which the weights are equal: one of the ladder, where a passage is exact.
EQUAL = SIZES[6]
#: Objective of generalising, its elasticity e = 2 penalty / objective, and exponents of P_M.
LEAST, ELASTICITY, BETA, BETA_SUMS = 0.12, 0.8, 0.45, 0.6
#: R = 1 - 2/kappa for kappa = 3.
MARGINAL = 1 / 3
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
            # With the most examples there is no mixture.
            "train_loss": xr.zeros_like(sizes),
            "parameter_norm": (2 * mixture.where(sizes < SIZES[-1], LEAST) / L2) ** 0.5,
        }
    )
    replicates = along("modulus", MODULI) * along("width", WIDTHS) * along("seed", SEEDS)
    return found.map(lambda each: each.broadcast_like(replicates))


def test_what_is_put_in_comes_out():
    found = estimates(critical_size, world(1.05, 1.02, 0.9, 1.1, R, 0.25))
    expected = {
        "half_way": 1.1 * EQUAL,
        "equal_weights": 1.02 * EQUAL,
        "critical": EQUAL,
        "corrected": 1.05 * EQUAL,
        "beta": BETA,
        "grokked_ratio": 0.9 ** (-2 * BETA / MARGINAL),
        "r_of_weights": R,
        "r_of_norm": 0.25,
        "critical_nearer": EQUAL,
        "corrected_nearer": 1.05 * EQUAL,
        "corrected_bent": 1.05 * EQUAL,
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        # A passage between two sizes of the ladder is read off a straight line.
        within = 3e-3 if name == "equal_weights" else 1e-6
        assert found[name] == pytest.approx([value] * 6, rel=within), name


@pytest.mark.parametrize(("theory", "name"), predicted(critical_size), ids=told)
def test_the_world_as_a_theory_says_holds(theory, name):
    assert verdicts(critical_size, world(), theory, name) == {HOLDS}


@pytest.mark.parametrize(
    ("theory", "name", "change"),
    [
        (MINIMAL_MODEL, "half_way", {"half": 0.85}),
        (MINIMAL_MODEL, "half_way", {"half": 1.15}),
        (MINIMAL_MODEL, "half_way", {"half": scattered(2.3, 0.4, SEEDS)}),
        (MINIMAL_MODEL, "equal_weights", {"equal": 1.2}),
        (CORRECTED_COSTS, "half_way", {"corrected": 0.85}),
        (CORRECTED_COSTS, "equal_weights", {"corrected": 1.2}),
        (HOMOGENEOUS, "half_way", {"leaving": 0.7}),
        (MINIMAL_MODEL, "r_of_weights", {"r_of_norm": R / 1.5}),
    ],
    ids=told,
)
def test_another_world_is_refuted(theory, name, change):
    assert verdicts(critical_size, world(**change), theory, name) == {REFUTED}


@pytest.mark.parametrize(
    ("theory", "name", "change"),
    [
        (MINIMAL_MODEL, "half_way", {"half": scattered(1.0, 0.2, SEEDS)}),
        (MINIMAL_MODEL, "equal_weights", {"equal": scattered(1.0, 0.2, SEEDS)}),
        (CORRECTED_COSTS, "half_way", {"corrected": scattered(1.0, 0.2, SEEDS)}),
        (CORRECTED_COSTS, "equal_weights", {"equal": scattered(1.0, 0.2, SEEDS)}),
        (HOMOGENEOUS, "half_way", {"leaving": scattered(1.0, 0.4, SEEDS)}),
        (MINIMAL_MODEL, "r_of_weights", {"r_of_norm": scattered(R, 0.15, SEEDS)}),
        (MINIMAL_MODEL, "r_of_weights", {"r_of_norm": -R}),
    ],
    ids=told,
)
def test_seeds_that_disagree_or_are_not_known_leave_it_open(theory, name, change):
    assert verdicts(critical_size, world(**change), theory, name) == {OPEN}


def test_as_near_to_the_guess_as_to_the_theory_is_not_enough():
    """The costs are equal at 11 a label; the guess, 12.3, lies as near to 11.7."""
    runs = world(half=1.07)
    (whole, *_) = judged(critical_size, runs, MINIMAL_MODEL, "half_way")
    assert (whole.judgement.verdict, whole.judgement.needed) == (OPEN, 0)
    assert abs(whole.effect.estimate) < whole.quantity.margin


def test_half_way_points_above_all_that_was_run_bound_the_verdict():
    runs = world(half=scattered(2.3, 0.4, SEEDS))
    whole, *places = judged(critical_size, runs, MINIMAL_MODEL, "half_way")
    assert len(places) == 6
    for each in (whole, *places):
        assert (each.judgement.seeds, each.judgement.censored) == (5, 1)
        assert each.judgement.interval.high == np.inf


def test_every_seed_is_read_at_its_own_critical_size():
    """The saved norm is that of each seed's own mixture, where its own objectives cross."""
    runs = world(corrected=scattered(1.0, 0.1, SEEDS))
    tilted = runs.parameter_norm * runs["per_label"] ** -0.05
    found = critical_size.measure(runs.assign(parameter_norm=tilted))["r_of_norm"]
    sizes = scattered(1.0, 0.1, SEEDS) * EQUAL
    expected = R + 2 * 2 * 0.05 * np.log2(sizes) / ELASTICITY
    assert expected.std() > 0.02
    xr.testing.assert_allclose(*xr.broadcast(found, expected.broadcast_like(found)))


def test_a_theory_is_held_against_each_seed_by_the_costs_of_that_seed():
    """Costs and half-way points move together from seed to seed, and nothing is off."""
    moved = scattered(1.0, 0.2, SEEDS)
    runs = world(corrected=moved, half=moved)
    alone = judged(critical_size, runs, CORRECTED_COSTS, "half_way")[0].judgement.interval
    apart = judged(critical_size, runs, MINIMAL_MODEL, "half_way")[0].judgement.interval
    assert alone.high - alone.low < 0.02 < 0.2 < apart.high - apart.low


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


SMALL = {"modulus": (7,), "width": (4, 8), "per_label": (2.0, 5.0), "seed": (0,)}


def test_a_small_instance_runs_once(tmp_path, monkeypatch):
    few = {"balanced": (2.0, 4.0), "sums": (1.0, 2.0, 3.0)}
    monkeypatch.setattr(critical_size, "COSTS", few)
    monkeypatch.setattr(practice, "FIRST", Stage(Adam(3e-3), 5))
    runs = critical_size.run(tmp_path, SMALL, steps=5)
    sizes = {name: len(values) for name, values in SMALL.items()}
    assert dict(runs.test_accuracy.sizes) == sizes
    for labels, costs in few.items():
        along_costs = {"modulus": 1, "width": 2, "seed": 1, f"{labels}_per_label": len(costs)}
        assert dict(runs[f"{labels}_objective"].sizes) == along_costs
    estimates(critical_size, runs)
    monkeypatch.setattr(practice, "advance", None)
    xr.testing.assert_identical(critical_size.run(tmp_path, SMALL, steps=5), runs)


def test_one_point_again_is_what_the_curve_has_there(monkeypatch):
    monkeypatch.setattr(practice, "FIRST", Stage(Adam(3e-3), 10))
    whole = critical_size.curve(7, 8, 3, (2.0, 4.0))
    point = critical_size.again(modulus=7, width=8, per_label=4.0, seed=3)
    xr.testing.assert_equal(point, whole.sel(per_label=4.0, drop=True))
