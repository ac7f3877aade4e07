"""Whether the court finds the truth about costs where it is known, and small instances run."""

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.questions import at_rest, generalising_cost, memorising_cost
from theory.theories import DERIVED_COSTS, ONE_KAPPA
from theory.trial import outcomes

SEEDS = [1, 2, 3, 4]
NEAR = xr.DataArray(1 + 0.002 * np.array([-1.0, 1, -1, 1]), {"seed": SEEDS}, "seed")


def whole(question, theory, runs):
    """The verdicts on all places together, by quantity."""
    found = outcomes(question, [theory], question.measure(runs))
    return {each.quantity.name: each for each in found if not each.place}


def memorising_world(beta=1 / 3, logit=10.0):
    """Networks with one unit a label, or whose squared norm goes with another power of d."""
    cases = list(memorising_cost.CASES)
    blank = xr.Dataset(coords={"case": cases})
    d, q, slots, l2 = (
        memorising_cost.setting(name, blank) for name in ("per_label", "num_labels", "slots", "l2")
    )
    right = logit * NEAR + 0 * d
    norm = circuits.memorising_norm(right, d, q, slots=slots) * d ** (beta - 1 / 3)
    return xr.Dataset(
        {
            "parameter_norm": norm * NEAR,
            "right_logit": circuits.memorising_logit(l2) * NEAR if logit is None else right,
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
            "test_accuracy": 1 + 0 * norm * NEAR,
            "kappa": 2.6 + 0 * norm * NEAR,
        }
    )


def test_the_truth_about_memorising_holds():
    found = whole(memorising_cost, DERIVED_COSTS, memorising_world())
    for name in ("norm_over_law", "units_per_label", "tokens_per_example"):
        assert found[name].judgement.verdict == "holds"
        assert found[name].effect.estimate == pytest.approx(0, abs=0.004)
    # The logit of this world is not what the penalty affords.
    assert found["right_logit"].judgement.verdict == "refuted"


def test_another_power_of_the_examples_does_not_hold():
    found = whole(memorising_cost, DERIVED_COSTS, memorising_world(beta=0.5))
    assert found["norm_over_law"].judgement.verdict == "refuted"


def test_one_kappa_forgets_the_labels():
    found = outcomes(memorising_cost, [ONE_KAPPA], memorising_cost.measure(memorising_world()))
    verdicts = {each.place.get("case"): each.judgement.verdict for each in found}
    assert {verdicts[case] for case in ("q = 20", "q = 178", "4 slots")} == {"refuted"}
    assert verdicts[None] != "holds"


def test_the_truth_about_generalising_holds():
    found = whole(generalising_cost, DERIVED_COSTS, generalising_world())
    for name in ("units_by_penalty", "equal_cost_by_penalty", "units", "right_logit"):
        assert found[name].judgement.verdict == "holds", name
    for name in ("norm_over_law", "equal_cost_over_law"):
        assert found[name].effect.estimate == pytest.approx(0, abs=0.004)


def test_a_trend_of_the_wrong_sign_is_refuted():
    found = whole(generalising_cost, DERIVED_COSTS, generalising_world(trend=0.02))
    assert found["equal_cost_by_penalty"].judgement.verdict == "refuted"


def test_networks_that_do_not_generalise_are_not_known():
    runs = generalising_world()
    runs["test_accuracy"] = runs.test_accuracy.where(runs["seed"] != 2, 0.5)
    measured = generalising_cost.measure(runs)
    assert measured["parameter_norm"].sel(seed=2).isnull().all()
    assert measured["parameter_norm"].sel(seed=1).notnull().all()


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


def test_small_instances_run_once(tmp_path, monkeypatch):
    memorising = memorising_cost.run(tmp_path / "m", {"case": ["d = 3"], "seed": [1]}, updates=300)
    assert memorising.units.item() == memorising.label_units.item() == 40
    assert memorising.residual.item() <= at_rest.RESIDUAL
    small = {"m = 29": generalising_cost.Case(23, 1e-3)}
    monkeypatch.setattr(generalising_cost, "CASES", small)
    points = {"case": ["m = 29"], "seed": [1]}
    found = generalising_cost.run(tmp_path / "g", points, updates=300)
    assert found.memorising_objective.sizes == {"case": 1, "seed": 1, "per_label": 2}
    monkeypatch.setattr(generalising_cost, "at_rest", None)
    xr.testing.assert_identical(generalising_cost.run(tmp_path / "g", points, updates=300), found)
