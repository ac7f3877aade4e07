"""Whether the court finds the truth about costs where it is known, and small instances run."""

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.networks import modular_addition
from theory.questions import at_rest, generalising_cost, memorising_cost, own_exponent
from theory.theories import DERIVED_COSTS, HOMOGENEOUS, ONE_KAPPA
from theory.trial import outcomes

SEEDS = [1, 2, 3, 4]
NEAR = xr.DataArray(1 + 0.002 * np.array([-1.0, 1, -1, 1]), {"seed": SEEDS}, "seed")


def whole(question, theory, runs):
    """The verdicts on all places together, by quantity."""
    found = outcomes(question, [theory], question.measure(runs))
    return {each.quantity.name: each for each in found if not each.place}


def memorising_world(beta=1 / 3):
    """Networks with one unit a label, or whose norm goes with another power of d."""
    blank = xr.Dataset(coords={"case": list(memorising_cost.CASES)})
    d, q, slots, l2 = (
        memorising_cost.setting(name, blank) for name in ("per_label", "num_labels", "slots", "l2")
    )
    right = circuits.memorising_logit(l2) * NEAR
    norm = circuits.memorising_norm(right, d, q, slots=slots) * (d / 6) ** (beta - 1 / 3)
    return xr.Dataset(
        {
            "parameter_norm": norm * NEAR,
            "right_logit": right,
            "label_size": d * xr.ones_like(NEAR),
            "units": q * xr.ones_like(NEAR),
            "unit_tokens": d * NEAR,
            "kappa": 3 * NEAR + 0 * d,
        }
    )


def generalising_world(trend=None):
    """Networks that cost what is derived; `trend` is another exponent of equal cost in gamma."""
    blank = xr.Dataset(coords={"case": list(generalising_cost.CASES)})
    m, l2 = (generalising_cost.setting(name, blank) for name in ("modulus", "l2"))
    units, logit = circuits.expected_units(m, l2), circuits.expected_logit(m, l2)
    norm = circuits.generalising_norm(logit, m, units)
    equal = circuits.critical_size(m, l2) / m
    if trend is not None:
        equal = circuits.critical_size(m, 1e-4) / m * (l2 / 1e-4) ** trend
    sizes = xr.DataArray(list(generalising_cost.SIZES), dims="per_label")
    sizes = sizes.assign_coords(per_label=sizes)
    return xr.Dataset(
        {
            "parameter_norm": norm * NEAR,
            "right_logit": logit * NEAR,
            "units": units * NEAR,
            "wave_units": units * NEAR,
            "objective": 0.1 + 0 * norm * NEAR,
            "memorising_objective": 0.1 * (sizes / equal) ** 0.7 * NEAR,
            "memorising_train_accuracy": 1 + 0 * sizes * norm * NEAR,
            "units_loosely": units * NEAR,
            "test_accuracy": 1 + 0 * norm * NEAR,
            "kappa": 2.6 + 0 * norm * NEAR,
        }
    )


def test_the_truth_about_memorising_holds():
    found = whole(memorising_cost, DERIVED_COSTS, memorising_world())
    for name in set(found) - {"norm_from_penalty"}:
        assert found[name].judgement.verdict == "holds", name
    # So near to the power law that nothing could tell them apart but the slots.
    assert found["norm_from_penalty"].effect.estimate == pytest.approx(0, abs=0.004)
    assert found["norm_by_labels"].predicted == pytest.approx(0.5)
    assert found["norm_by_slots"].predicted == pytest.approx(-1 / 3)


def test_another_power_of_the_examples_does_not_hold():
    found = whole(memorising_cost, DERIVED_COSTS, memorising_world(beta=0.5))
    assert found["norm_over_law"].judgement.verdict == "refuted"


def test_one_kappa_forgets_labels_and_slots():
    found = whole(memorising_cost, ONE_KAPPA, memorising_world())
    for name in ("norm_by_labels", "norm_by_slots"):
        assert found[name].judgement.verdict == "refuted"
    assert found["norm_by_labels"].predicted == pytest.approx(0.34)
    assert found["norm_by_slots"].predicted == pytest.approx(0)


def test_the_truth_about_generalising_holds():
    found = whole(generalising_cost, DERIVED_COSTS, generalising_world())
    for name in ("units_by_penalty", "equal_cost_by_penalty", "units", "equal_cost_over_law"):
        assert found[name].judgement.verdict == "holds", name
    for name in ("norm_over_law", "logit_over_guess"):
        assert found[name].effect.estimate == pytest.approx(0, abs=0.004)


def test_a_trend_of_the_wrong_sign_is_refuted():
    found = whole(generalising_cost, DERIVED_COSTS, generalising_world(trend=0.02))
    assert found["equal_cost_by_penalty"].judgement.verdict == "refuted"


def test_networks_that_do_not_generalise_are_not_known():
    runs = generalising_world()
    failed = (runs["seed"] == 2) & (runs["case"] == "m = 29, penalty 1e-5")
    measured = generalising_cost.measure(
        runs.assign(test_accuracy=runs.test_accuracy.where(~failed, 0.4))
    )
    assert measured["parameter_norm"].isnull().sum() == 1
    assert measured["test_accuracy"].notnull().all()
    # Not an exponent over the two penalties that are left.
    missing = measured["units_by_penalty"].isnull()
    assert missing.sum() == 1
    assert missing.sel(modulus=29, seed=2)


def test_a_network_that_has_not_memorised_costs_nothing_that_counts():
    runs = generalising_world()
    failed = (runs["seed"] == 2) & (runs["case"] == "m = 103") & (runs["per_label"] == 11)
    accuracy = runs.memorising_train_accuracy.where(~failed, 0.1)
    measured = generalising_cost.measure(runs.assign(memorising_train_accuracy=accuracy))
    assert measured["equal_cost"].isnull().sum() == 1
    assert measured["units"].notnull().all()


@pytest.mark.parametrize("labels", ["balanced", "independent", "unequal"])
def test_random_examples_have_the_labels_that_were_asked_for(labels):
    split = at_rest.to_memorise(6.0, 20, 23, 3, labels, seed=1)
    task = split.task
    assert len(np.unique(task.inputs, axis=0)) == len(task.inputs) == 120 + at_rest.TESTED
    sizes = np.bincount(task.labels[split.train], minlength=20)
    assert sizes.sum() == 120
    if labels == "balanced":
        assert set(sizes) == {6}
    if labels == "unequal":
        assert sizes.min() >= 1
        assert sizes.max() >= 8 * sizes.min()
    size = at_rest.label_size(split)
    summed = sum(circuits.memorising_norm(8.0, each, 2, slots=3) ** 2 / 2 for each in sizes)
    assert circuits.memorising_norm(8.0, size, 20, slots=3) ** 2 == pytest.approx(summed)


def test_unknown_labels_are_refused():
    with pytest.raises(ValueError, match=r"labels must be balanced, .* got 'x'"):
        at_rest.to_memorise(6.0, 20, 23, 2, "x", seed=1)


def test_of_a_network_that_has_died_nothing_is_left():
    split = modular_addition(7).split(40, rng=1)
    found = at_rest.at_rest(split, 8, l2=0.3, seed=1, updates=300)
    assert (found.parameter_norm, found.right_logit, found.units, found.residual) == (0, 0, 0, 0)
    assert found.objective.item() == pytest.approx(np.log(7))
    assert np.isnan(found.kappa)
    assert np.isnan(found.unit_labels)


def test_small_instances_run_once(tmp_path, monkeypatch):
    few = memorising_cost.Case(3.0, updates=300)
    monkeypatch.setattr(memorising_cost, "CASES", {"d = 3": few})
    memorising = memorising_cost.run(tmp_path / "m", {"case": ["d = 3"], "seed": [1]})
    assert memorising.units.item() == memorising.label_units.item() == 40
    assert memorising.residual.item() <= at_rest.RESIDUAL
    small = {"m = 29": generalising_cost.Case(23, 1e-3, width=48, updates=300)}
    monkeypatch.setattr(generalising_cost, "CASES", small)
    points = {"case": ["m = 29"], "seed": [1]}
    found = generalising_cost.run(tmp_path / "g", points)
    assert found.memorising_objective.sizes == {"case": 1, "seed": 1, "per_label": 2}
    monkeypatch.setattr(generalising_cost, "at_rest", None)
    xr.testing.assert_identical(generalising_cost.run(tmp_path / "g", points), found)


def exponents_world(memorising=2.3, said=1.0):
    """Networks on one power of the norm each, that say so by themselves, or another number."""
    kappa = xr.DataArray([memorising, 2.6], {"labels": ["random", "sums"]}, "labels")
    l2 = xr.DataArray(list(own_exponent.STRENGTHS), dims="l2")
    l2 = l2.assign_coords(l2=l2)
    norm = 60 * l2**-0.05 * NEAR + 0 * kappa
    return xr.Dataset(
        {
            "parameter_norm": norm,
            "odds": (norm / 30) ** kappa,
            "kappa": said * kappa + 0 * norm,
            "test_accuracy": 1 + 0 * norm,
        }
    )


def test_the_truth_about_exponents_holds():
    runs = exponents_world()
    derived = whole(own_exponent, DERIVED_COSTS, runs)
    assert derived["slope_over_own"].judgement.verdict == "holds"
    assert own_exponent.measure(runs)["slope_difference"].mean().item() == pytest.approx(-0.3)
    for theory in (HOMOGENEOUS, ONE_KAPPA):
        others = whole(own_exponent, theory, runs)
        assert {each.judgement.verdict for each in others.values()} == {"refuted"}


def test_networks_that_say_another_exponent_are_wrong():
    found = whole(own_exponent, DERIVED_COSTS, exponents_world(said=1.2))
    assert found["slope_over_own"].judgement.verdict == "refuted"


def test_a_network_that_does_not_generalise_has_no_slope():
    runs = exponents_world()
    lost = (runs["seed"] == 2) & (runs["labels"] == "sums") & (runs["l2"] == 1e-5)
    measured = own_exponent.measure(runs.assign(test_accuracy=runs.test_accuracy.where(~lost, 0.5)))
    assert measured["generalising_slope"].isnull().values.tolist() == [False, True, False, False]
    assert measured["memorising_slope"].notnull().all()
