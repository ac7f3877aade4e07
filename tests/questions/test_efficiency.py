"""Whether the court finds the truth where it is known, and a small instance runs."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import Adam, Stage
from theory.questions import efficiency, practice
from theory.questions.efficiency import LABELS, LOSS, SEEDS, SIZES, STRENGTHS
from theory.questions.practice import Subject
from theory.theories import HOMOGENEOUS, MINIMAL_MODEL
from theory.trial import HOLDS, OPEN, REFUTED
from worlds import along, estimates, judged, predicted, scattered, told, verdicts

CRITICAL = 12.0
#: Powers of the penalty's strength in loss and norm.
FALL, SHRINK = 0.8, -0.1
SPREAD = {"train": 0.03, "test": 0.2}


def circuit(beta, kappa, size, strength):
    """Runs of one circuit, whose norm at a given loss is a power `beta` of `size`.

    Loss and penalty rise by the same power of the size, so it is that of the objective too.
    """
    rise = beta / (1 - 2 * SHRINK / FALL)
    share, penalty = size / CRITICAL, strength / STRENGTHS[2]
    norm = 40 * penalty**SHRINK * share**rise
    logit = 10 * (norm / 40) ** kappa
    return xr.Dataset(
        {
            "train_loss": LOSS * penalty**FALL * share ** (2 * rise),
            "parameter_norm": norm,
            "train_logit": logit,
            "test_logit": logit,
            "train_spread": SPREAD["train"] * logit,
            "test_spread": SPREAD["test"] * logit,
        }
    )


def world(beta=0.5, beta_g=0.0, kappa=3.0, kappa_g=3.0, strength=1.0, share=0.99, independent=1.05):
    """The runs if the theory were true, or as the arguments have it.

    `strength` is that of the penalty for those that generalise over that for the others.
    """
    sizes, strengths = along("per_label", SIZES), along("l2", STRENGTHS)
    balanced = circuit(beta, kappa, sizes, strengths)
    other = balanced.assign(parameter_norm=independent * balanced.parameter_norm)
    whole = CRITICAL * (sizes / np.exp(np.log(sizes).mean())) ** (beta_g / 0.5)
    sums = circuit(0.5, kappa_g, whole, strength * strengths)
    seeds = along("seed", SEEDS)
    parts = [each.broadcast_like(seeds) for each in (balanced, other, sums)]
    runs = xr.concat(parts, along("labels", LABELS))
    generalises = (runs["labels"] == "sums") & (runs["per_label"] > 5)
    right = xr.where(generalises, 1.0, 0.1)
    share = xr.DataArray(share)
    return runs.assign(test_accuracy=right, trigonometric_share=share).broadcast_like(runs)


def test_what_is_put_in_comes_out():
    found = estimates(efficiency, world(0.47, 0.02, 2.9, 3.1))
    expected = {
        "memorising_exponent": 0.47,
        "memorising_kappa": 2.9,
        "generalising_kappa": 3.1,
        "kappa_difference": -0.2,
        "trigonometric_share": 0.99,
        "independent_over_balanced": 1.05,
        "memorising_spread": SPREAD["train"],
        "generalising_spread": SPREAD["test"],
        "generalising_exponent": 0.02,
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx([value]), name
    known = estimates(efficiency, world())
    assert known["critical_size"] == pytest.approx([CRITICAL])
    assert known["objective_over_loss"] == pytest.approx([1.0])


def test_networks_that_do_not_generalise_are_left_out():
    runs = world()
    few = (runs["per_label"] < 5) & (runs["labels"] == "sums")
    broken = runs.where(~few, 7 * runs).assign(test_accuracy=runs.test_accuracy)
    expected = estimates(efficiency, runs)
    for name, value in estimates(efficiency, broken).items():
        assert value == pytest.approx(expected[name]), name


def test_degrees_are_compared_on_the_sizes_at_which_both_are_known():
    few = along("per_label", SIZES) < 5
    runs = world(kappa=xr.where(few, 2.0, 3.0), kappa_g=2.9)
    found = estimates(efficiency, runs)
    share = few.mean().item()
    assert found["memorising_kappa"] == pytest.approx([2 * share + 3 * (1 - share)])
    assert found["kappa_difference"] == pytest.approx([0.1])


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_a_loss_that_was_not_run_is_not_known(factor):
    runs = world()
    off = runs.train_loss * xr.where(runs["labels"] == "sums", factor, 1.0)
    missed = runs.assign(train_loss=off)
    assert np.isnan(efficiency.measure(missed)["critical_size"]).all()
    (found,) = judged(efficiency, missed, MINIMAL_MODEL, "generalising_exponent")
    assert found.judgement.censored == found.judgement.seeds == len(SEEDS)
    assert found.judgement.verdict == OPEN
    assert verdicts(efficiency, missed, HOMOGENEOUS, "memorising_exponent") == {HOLDS}


@pytest.mark.parametrize("step", [0.0, -1e-3])
def test_a_loss_that_does_not_rise_with_the_penalty_is_not_known(step):
    runs = world()
    low, high = (runs.train_loss.sel(l2=STRENGTHS[at], drop=True) for at in (0, 1))
    here = (runs["seed"] == SEEDS[1]) & (runs["l2"] == STRENGTHS[1])
    runs["train_loss"] = runs.train_loss.where(~here, low + step * (high - low))
    assert np.isnan(efficiency.measure(runs)["critical_size"]).values.tolist() == [0, 1, 0]
    (found,) = judged(efficiency, runs, HOMOGENEOUS, "memorising_exponent")
    assert (found.judgement.seeds, found.judgement.censored) == (len(SEEDS), 1)


def test_spreads_and_shares_are_those_of_the_whole_pool_at_the_middle_strength():
    runs = world()
    place = (runs["l2"] == STRENGTHS[2]) & (runs["per_label"] == SIZES[-1])
    names = ("train_spread", "test_spread", "trigonometric_share")
    found = estimates(efficiency, runs.assign({name: runs[name].where(place, 7) for name in names}))
    assert found["memorising_spread"] == pytest.approx([SPREAD["train"]])
    assert found["generalising_spread"] == pytest.approx([SPREAD["test"]])
    assert found["trigonometric_share"] == pytest.approx([0.99])


@pytest.mark.parametrize(("theory", "name"), predicted(efficiency), ids=told)
def test_the_world_as_a_theory_says_holds(theory, name):
    below = {"kappa": 1.5, "kappa_g": 1.5} if theory is MINIMAL_MODEL else {}
    assert verdicts(efficiency, world(**below), theory, name) == {HOLDS}


@pytest.mark.parametrize(
    ("theory", "name", "change"),
    [
        (MINIMAL_MODEL, "memorising_exponent", {"beta": -0.2}),
        (MINIMAL_MODEL, "memorising_exponent", {"beta": -0.02}),
        (HOMOGENEOUS, "memorising_exponent", {"beta": 0.4}),
        (HOMOGENEOUS, "memorising_exponent", {"beta": 0.6}),
        (MINIMAL_MODEL, "generalising_exponent", {"beta_g": 0.1}),
        (MINIMAL_MODEL, "generalising_exponent", {"beta_g": -0.1}),
        (HOMOGENEOUS, "memorising_kappa", {"kappa": 2.0}),
        (HOMOGENEOUS, "generalising_kappa", {"kappa_g": 2.0}),
        (MINIMAL_MODEL, "kappa_difference", {"kappa_g": 2.5}),
        (MINIMAL_MODEL, "objective_over_loss", {"strength": 0.2}),
        (MINIMAL_MODEL, "trigonometric_share", {"share": 0.9}),
    ],
    ids=told,
)
def test_another_world_is_refuted(theory, name, change):
    assert verdicts(efficiency, world(**change), theory, name) == {REFUTED}


@pytest.mark.parametrize(
    ("theory", "name", "change"),
    [
        (MINIMAL_MODEL, "memorising_exponent", {"beta": scattered(0.1, 0.3, SEEDS)}),
        (HOMOGENEOUS, "memorising_exponent", {"beta": scattered(0.5, 0.1, SEEDS)}),
        (MINIMAL_MODEL, "generalising_exponent", {"beta_g": scattered(0.0, 0.1, SEEDS)}),
        (HOMOGENEOUS, "memorising_kappa", {"kappa": scattered(3.0, 0.5, SEEDS)}),
        (HOMOGENEOUS, "generalising_kappa", {"kappa_g": scattered(3.0, 0.5, SEEDS)}),
        (MINIMAL_MODEL, "kappa_difference", {"kappa_g": scattered(3.0, 0.5, SEEDS)}),
        (MINIMAL_MODEL, "objective_over_loss", {"strength": scattered(0.6, 0.4, SEEDS)}),
        (MINIMAL_MODEL, "trigonometric_share", {"share": scattered(0.95, 0.04, SEEDS)}),
    ],
    ids=told,
)
def test_seeds_that_disagree_leave_it_open(theory, name, change):
    assert verdicts(efficiency, world(**change), theory, name) == {OPEN}


def test_an_effect_below_the_margin_neither_counts_nor_refutes():
    found = verdicts(efficiency, world(beta=0.04), MINIMAL_MODEL, "memorising_exponent")
    assert found == {OPEN}


def measured(runs):
    """What is measured, by seed."""
    return {name: value.values for name, value in efficiency.measure(runs).items()}


def test_seeds_are_compared_on_the_sizes_at_which_all_of_them_generalise():
    """One that fails at small sizes takes them from the others, where they are otherwise."""
    few = along("per_label", SIZES) < 10
    runs = world(beta_g=xr.where(few, 0.3, 0.1), kappa_g=xr.where(few, 2.0, 2.9))
    failed = (runs["labels"] == "sums") & (runs["seed"] == SEEDS[0]) & few
    one_weak = failed & (runs["l2"] == STRENGTHS[0])
    known = measured(runs.sel(per_label=~few.values))
    assert known["generalising_exponent"] == pytest.approx([0.1] * len(SEEDS))
    for each in (failed, one_weak):
        found = measured(runs.assign(test_accuracy=runs.test_accuracy.where(~each, 0.98)))
        for name in GENERALISING:
            assert found[name] == pytest.approx(known[name]), name
    whole = measured(runs)
    for name in GENERALISING:
        assert not np.allclose(whole[name], known[name]), name


#: What is measured of networks that generalise, over sizes.
GENERALISING = ("generalising_exponent", "generalising_kappa", "critical_size")
SMALL = {"labels": LABELS, "per_label": (2.0, 3.0), "l2": (1e-3,), "seed": (0,)}


def test_a_small_instance_runs_once(tmp_path, monkeypatch, quickly):
    runs = efficiency.run(tmp_path, SMALL, modulus=7, steps=5)
    assert dict(runs.test_accuracy.sizes) == {name: len(SMALL[name]) for name in SMALL}
    estimates(efficiency, runs)
    monkeypatch.setattr(practice, "advance", None)
    xr.testing.assert_identical(efficiency.run(tmp_path, SMALL, modulus=7, steps=5), runs)


@pytest.fixture
def quickly(monkeypatch):
    """Short first stages of a narrow network."""
    monkeypatch.setattr(practice, "FIRST", Stage(Adam(3e-3), 10))
    monkeypatch.setattr(efficiency, "WIDTH", 8)
    return Subject(7, 8, 3), Adam(efficiency.LEARNING_RATE, 1e-2)


@pytest.mark.parametrize("labels", ["balanced", "independent"])
def test_random_labels_are_memorised_from_the_start(quickly, labels):
    found = efficiency.again(labels, 2.0, 1e-2, 3, modulus=7, steps=10)
    expected = practice.memorised(quickly[0], 2.0, labels, quickly[1], 10)
    unknown = {"trigonometric_share": np.nan, "imbalance": np.nan}
    xr.testing.assert_identical(found, expected.assign(unknown))


def test_sums_are_gone_on_with_after_grokking(quickly):
    found = efficiency.again("sums", 2.0, 1e-2, 3, modulus=7, steps=10)
    subject, optimiser = quickly
    start, examples = practice.grokked(subject), subject.examples(2.0)
    expected = practice.continued(subject, start, optimiser, 10, examples)
    xr.testing.assert_identical(found, expected)
