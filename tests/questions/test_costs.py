"""Whether the court finds the truth about costs where it is known, and small instances run."""

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.questions import at_rest, memorising_cost
from theory.theories import DERIVED_COSTS, ONE_KAPPA
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
    few = memorising_cost.Case(3.0, updates=300)
    monkeypatch.setattr(memorising_cost, "CASES", {"d = 3": few})
    memorising = memorising_cost.run(tmp_path / "m", {"case": ["d = 3"], "seed": [1]})
    assert memorising.units.item() == memorising.label_units.item() == 40
    assert memorising.residual.item() <= at_rest.RESIDUAL
    monkeypatch.setattr(memorising_cost, "at_rest", None)
    again = memorising_cost.run(tmp_path / "m", {"case": ["d = 3"], "seed": [1]})
    xr.testing.assert_identical(again, memorising)
