"""Theories compute what they predict, and answer to what questions measure."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from theory.minimal import MinimalModel, equilibrium, loop_ends
from theory.questions import QUESTIONS, load, name_of, ungrokking
from theory.questions.question import PRIMARY
from theory.statistics import Bounds
from theory.theories import (
    ADAMW_BARRIER,
    CORRECTED_COSTS,
    HOMOGENEOUS,
    MINIMAL_MODEL,
    THEORIES,
    Prediction,
    Theory,
    homogeneous,
    minimal_model,
)
from theory.trial.outcomes import MOST
from worlds import along

DATA = Path(__file__).parents[2] / "book" / "data"

each_theory = pytest.mark.parametrize("theory", THEORIES, ids=lambda each: each.name)
QUANTITIES = {
    (name_of(question), each.name): each for question in QUESTIONS for each in question.QUANTITIES
}


@each_theory
def test_what_a_theory_predicts_is_measured_and_has_a_margin(theory):
    assert theory.predicts.keys() <= QUANTITIES.keys()
    assert theory.predicts
    assert all(QUANTITIES[each].margin is not None for each in theory.predicts)
    assert all((theory.claim, theory.source, theory.reading))


def test_theories_are_told_apart():
    assert len({each.name for each in THEORIES}) == len(THEORIES)


def test_at_most_twelve_primary_predictions_count_in_a_part():
    parts = {name_of(question): question.PART for question in QUESTIONS}
    primary = [
        parts[asked]
        for theory in THEORIES
        for asked, name in theory.predicts
        if QUANTITIES[asked, name].role == PRIMARY
    ]
    assert MOST == 12
    assert all(primary.count(part) <= MOST for part in primary)


def test_every_primary_quantity_is_predicted():
    said = {each for theory in THEORIES for each in theory.predicts}
    assert {each for each, quantity in QUANTITIES.items() if quantity.role == PRIMARY} <= said


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": np.nan}, "value must be finite, got nan"),
        ({"value": np.inf}, "value must be finite, got inf"),
        ({"value": "more"}, "value must be a number or .*, got 'more'"),
        ({"value": [1.0, 2.0]}, "value must be one number, got"),
        ({"error": -0.1}, "error must be"),
        ({"error": np.nan}, "error must be"),
        ({"direction": 2}, "direction must be -1, 0 or 1, got 2"),
        ({"direction": 0.5}, "direction must be -1, 0 or 1, got 0.5"),
    ],
)
def test_a_prediction_that_does_not_fit_is_refused(change, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        Prediction(**{"value": 1.0, "because": "so it is", **change})


@pytest.mark.parametrize(
    ("about", "function"),
    [
        ("efficiency", len),
        (("efficiency",), len),
        (("efficiency", 1), len),
        (("efficiency", "memorising_kappa", "more"), len),
        (("efficiency", "memorising_kappa"), Prediction(3.0, "")),
    ],
)
def test_a_theory_maps_quantities_of_questions_to_functions(about, function):
    with pytest.raises(ValueError, match=r"^predicts must map .*, got .*efficiency"):
        Theory("a theory", "", "", "", {about: function})


@cache
def measured(question):
    """What a question has measured, on its stored runs."""
    return question.measure(load(question, DATA))


def said(theory, question, quantity, **measured):
    return theory.predicts[question, quantity](measured)


SEEDS = xr.DataArray([10.0, 11.0, 12.0], {"seed": [1, 2, 3]}, "seed")


@pytest.mark.parametrize(
    ("theory", "question", "quantity", "base"),
    [
        (MINIMAL_MODEL, "critical_size", "half_way", "critical"),
        (MINIMAL_MODEL, "critical_size", "equal_weights", "critical"),
        (MINIMAL_MODEL, "critical_size", "r_of_weights", "r_of_norm"),
        (CORRECTED_COSTS, "critical_size", "half_way", "corrected"),
        (CORRECTED_COSTS, "critical_size", "equal_weights", "corrected"),
        (ADAMW_BARRIER, "weight_decay", "inside_half_way", "l2_half_way"),
    ],
)
def test_what_is_predicted_from_something_else_is_that_of_each_seed(
    theory, question, quantity, base
):
    assert base in {name for asked, name in QUANTITIES if asked == question}
    each = SEEDS.expand_dims(factor=[10.0])
    others = ("critical_nearer", "corrected_nearer", "corrected_bent", "inside_half_way")
    found = said(theory, question, quantity, **{**dict.fromkeys(others, each), base: each})
    xr.testing.assert_identical(xr.DataArray(found.value), each)
    assert (found.error, found.direction) == (0, 0)
    assert found.because


@pytest.mark.parametrize(
    ("theory", "base", "others"),
    [
        (MINIMAL_MODEL, "critical", ["critical_nearer"]),
        (CORRECTED_COSTS, "corrected", ["corrected_nearer", "corrected_bent"]),
    ],
)
def test_the_error_is_what_other_readings_make_of_it(theory, base, others):
    for far in others:
        measured = {base: SEEDS} | {name: SEEDS * (1.2 if name == far else 1.01) for name in others}
        found = said(theory, "critical_size", "half_way", **measured)
        assert found.error == pytest.approx(0.2)


@each_theory
def test_what_is_predicted_is_a_number_or_follows_from_what_is_measured(theory):
    for question in QUESTIONS:
        for asked, name in theory.predicts:
            if asked == name_of(question):
                found = said(theory, asked, name, **measured(question))
                value = xr.DataArray(found.value)
                assert set(value.dims) <= set(Bounds.of(measured(question)[name]).low.dims)
                assert np.isfinite(value).any()
                assert found.because


EXPECTED = {
    ("efficiency", "generalising_exponent"): 0.0,
    ("efficiency", "kappa_difference"): 0.0,
    ("efficiency", "objective_over_loss"): 1.0,
    ("efficiency", "trigonometric_share"): 1.0,
    ("ungrokking", "accuracy_of_few"): 0.0,
    ("ungrokking", "accuracy_of_many"): 1.0,
    ("ungrokking", "other_examples"): 0.0,
    ("ungrokking", "fewer_examples"): 1.0,
    ("weight_decay", "l2_half_way_slope"): 0.0,
}


@pytest.mark.parametrize("kappa", [0.9, 1.2, 1.8])
def test_no_prediction_of_the_minimal_model_needs_a_value_of_kappa(monkeypatch, kappa):
    monkeypatch.setattr(minimal_model, "_KAPPA", kappa)
    for where, value in EXPECTED.items():
        found = said(MINIMAL_MODEL, *where)
        assert found.value == pytest.approx(value, abs=1e-9), where
        assert found.direction == 0
    rises = said(MINIMAL_MODEL, "efficiency", "memorising_exponent")
    assert (rises.value, rises.direction) == (0.0, 1)
    assert minimal_model.size_exponent("memorising") > 0.1


def test_the_exponent_of_a_circuit_is_that_of_the_model(monkeypatch):
    assert minimal_model.size_exponent("generalising") == pytest.approx(0)
    norms = {"generalising": 0.3, "memorising": 0.7}

    class Bent:
        """Norms of circuits as powers of D."""

        def stack(self, _):
            sizes = along("size", minimal_model._SIZES)
            return xr.concat([sizes**power for power in norms.values()], along("circuit", norms))

    monkeypatch.setattr(minimal_model, "at_size", lambda *_: Bent())
    for circuit, power in norms.items():
        assert minimal_model.size_exponent(circuit) == pytest.approx(power)


def test_the_exponent_of_the_logit_is_kappa(monkeypatch):
    for kappa in (1.1, 1.7):
        monkeypatch.setattr(minimal_model, "_KAPPA", kappa)
        for circuit in ("generalising", "memorising"):
            assert minimal_model.logit_exponent(circuit) == pytest.approx(kappa)


def test_the_exponent_in_the_decay_is_that_of_the_equilibrium(monkeypatch):
    def moved(model):
        rest = equilibrium(model)
        generalising = rest["circuit"] == "generalising"
        factor = xr.where(generalising, model.weight_decay**0.5, 1.0)
        return rest.assign(weight=rest.weight * factor)

    assert minimal_model.decay_exponent() == pytest.approx(0)
    monkeypatch.setattr(minimal_model, "equilibrium", moved)
    assert minimal_model.decay_exponent() == pytest.approx(0.5)


def test_what_generalises_is_that_of_which_there_are_more_than_the_critical_size(monkeypatch):
    found = [minimal_model.accuracy(part) for part in (0.1, 0.99, 1.01, 9.0)]
    assert found == [0.0, 0.0, 1.0, 1.0]
    monkeypatch.setattr(minimal_model, "weight_ratio", lambda *_: xr.DataArray(2.0))
    assert minimal_model.accuracy(0.1) == 1.0


def test_objectives_cross_elsewhere_if_norms_were_equal_elsewhere(monkeypatch):
    critical = minimal_model.critical_size
    assert minimal_model.objectives_over_norms() == 1.0
    monkeypatch.setattr(minimal_model, "critical_size", lambda *norms: 1.2 * critical(*norms))
    assert np.isnan(minimal_model.objectives_over_norms())


@pytest.mark.parametrize(
    ("function", "question", "quantities"),
    [
        ("size_exponent", "efficiency", ["generalising_exponent"]),
        ("objectives_over_norms", "efficiency", ["objective_over_loss"]),
        ("accuracy", "ungrokking", ["accuracy_of_few", "accuracy_of_many"]),
        ("decay_exponent", "weight_decay", ["l2_accuracy_slope", "l2_half_way_slope"]),
        ("decay_exponent", "weight_decay", ["adamw_accuracy_slope", "adamw_half_way_slope"]),
    ],
)
def test_what_the_model_computes_is_what_is_predicted(monkeypatch, function, question, quantities):
    monkeypatch.setattr(minimal_model, function, lambda *_: 0.375)
    for quantity in quantities:
        assert said(MINIMAL_MODEL, question, quantity).value == 0.375


def test_differences_are_those_of_the_two_that_the_model_computes(monkeypatch):
    monkeypatch.setattr(minimal_model, "logit_exponent", lambda name: len(name))
    found = said(MINIMAL_MODEL, "efficiency", "kappa_difference")
    assert found.value == len("memorising") - len("generalising")
    monkeypatch.setattr(minimal_model, "accuracy", lambda part: part)
    found = said(MINIMAL_MODEL, "ungrokking", "fewer_examples")
    assert found.value == minimal_model._MANY - minimal_model._FEW


def test_look_ups_add_squares_of_norms(monkeypatch):
    assert homogeneous.lookup_exponent() == pytest.approx(0.5)
    found = said(HOMOGENEOUS, "efficiency", "memorising_exponent")
    assert found.value == homogeneous.lookup_exponent()
    monkeypatch.setattr(homogeneous, "BETA", 0.3)
    assert homogeneous.lookup_exponent() == pytest.approx(0.3)


def test_the_degree_of_the_network_is_its_kappa():
    """Parameters that are twice as large have logits that are eight times as large."""
    network, task = ungrokking.TwoLayer(4), ungrokking.modular("x+y", 5)
    theta = network.zeros(task, "float64")
    theta.flat[:] = np.random.default_rng(0).normal(size=theta.flat.size)
    inputs = network.encode(task, np.arange(25), "float64")
    before = network.forward(theta, inputs).logits.copy()
    theta.flat[:] *= 2
    ratio = network.forward(theta, inputs).logits / before
    np.testing.assert_allclose(ratio, 2**homogeneous.KAPPA)
    for quantity in ("memorising_kappa", "generalising_kappa"):
        assert said(HOMOGENEOUS, "efficiency", quantity).value == homogeneous.KAPPA


@pytest.mark.parametrize("floor", [0.01, 0.1])
@pytest.mark.parametrize("beta", [0.4, 0.5])
def test_a_network_leaves_where_the_loop_of_the_model_ends(floor, beta):
    """With what memorising still has for the floor that it grows from."""
    model = MinimalModel.paper(homogeneous.KAPPA, param_norm=(1.0, 0.05))
    ends = loop_ends(model, floor, beta)
    resting = equilibrium(model).weight.sel(circuit="generalising").max().item()
    critical = minimal_model.critical_size(1.0, 0.05, beta)
    ratio = xr.DataArray(resting / floor)
    found = homogeneous.leaving_size(xr.DataArray(critical), ratio, xr.DataArray(beta))
    # The loop takes the floor's own small share of the logit into account.
    assert found.item() == pytest.approx(ends.down.item(), rel=0.02)


def test_where_a_network_leaves_follows_from_its_costs_and_weights(monkeypatch):
    measured = {"critical": SEEDS, "grokked_ratio": 64 + 0 * SEEDS, "beta": 0.5 + 0 * SEEDS}
    found = said(HOMOGENEOUS, "critical_size", "half_way", **measured)
    xr.testing.assert_allclose(found.value, SEEDS / 4)
    monkeypatch.setattr(homogeneous, "KAPPA", 4.0)
    found = said(HOMOGENEOUS, "critical_size", "half_way", **measured)
    xr.testing.assert_allclose(found.value, SEEDS / 8)


def test_a_step_is_read_between_two_sizes_or_over_two_steps_of_the_ladder():
    ladder = np.array(ungrokking.SIZES)
    assert np.diff(np.log(ladder)) == pytest.approx(np.log(homogeneous._RUNG), rel=0.01)
    low, high = homogeneous.step_on_the_ladder()
    # From 0.1 to 0.9 is 0.8 of the way from one size to the next.
    assert low == pytest.approx(homogeneous._RUNG**0.8)
    # Half of all right at one size: 0.4/0.5 of the way on either side of it.
    assert high == pytest.approx(homogeneous._RUNG**1.6)
    found = said(HOMOGENEOUS, "ungrokking", "width")
    assert found.value * (1 + found.error) == pytest.approx(high)
    assert found.value / (1 + found.error) == pytest.approx(low)


def test_a_finer_ladder_reads_a_step_more_exactly(monkeypatch):
    before = said(HOMOGENEOUS, "ungrokking", "width")
    monkeypatch.setattr(homogeneous, "_RUNG", 1.01)
    after = said(HOMOGENEOUS, "ungrokking", "width")
    assert 1 < after.value < before.value
    assert after.error < before.error / 5


@pytest.mark.parametrize("quantity", ["inside_imbalance", "inside_half_way_slope"])
def test_at_its_barrier_nothing_is_left_over_and_nothing_moves(quantity):
    assert said(ADAMW_BARRIER, "weight_decay", quantity).value == 0
