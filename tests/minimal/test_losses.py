"""Losses, accuracies and norms against brute force over labels and test inputs."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

import strategies
from theory import Circuit, MinimalModel, minimal

ANY_WEIGHT = st.just(0.0) | st.floats(-20.0, 20.0)
#: Sums of these are exact in any order, so that ties are too.
QUARTERS = st.integers(-8, 8).map(lambda n: n / 4)
#: Test inputs of the brute force; circuits are right on the first few of them.
INPUTS = 20
TWENTIETHS = st.integers(0, INPUTS).map(lambda n: n / INPUTS)
RIGHT, SHARED_WRONG = 0, 1

FUNCTIONS = [
    minimal.train_loss,
    minimal.test_loss,
    minimal.train_accuracy,
    minimal.test_accuracy,
    minimal.wrong_probability,
    minimal.circuit_norm,
    minimal.parameter_norm,
    minimal.objective,
    minimal.gradient,
]


def small(**changes):
    """Strategy of single models with few labels, coverage in twentieths and exact weights."""
    choices = {
        "swept": False,
        "num_labels": st.integers(3, 8),
        "generalises": TWENTIETHS,
        **changes,
    }
    return strategies.models_with_weights(QUARTERS, **choices)


def logits(model, weight, correct):
    """Logits of every input, shape (inputs, labels); `correct` has shape (inputs, circuits)."""
    out = np.zeros((len(correct), int(model.num_labels)))
    for i, row in enumerate(correct):
        for right, strength in zip(row, weight.values, strict=True):
            out[i, RIGHT if right else SHARED_WRONG] += strength
    return out


def unseen_logits(model, weight):
    correct = [
        [round(circuit.generalises * INPUTS) > i for circuit in model.circuits]
        for i in range(INPUTS)
    ]
    return logits(model, weight, correct)


def seen_logits(model, weight):
    return logits(model, weight, [[True] * len(model.circuits)])


def cross_entropy(all_logits):
    return -log_softmax(all_logits, axis=1)[:, RIGHT].mean()


def accuracy(all_logits):
    best = all_logits == all_logits.max(axis=1, keepdims=True)
    return (best[:, RIGHT] / best.sum(axis=1)).mean()


@settings(max_examples=30)
@given(small())
def test_losses_are_cross_entropies_over_the_labels(case):
    model, weight = case
    train, test = seen_logits(model, weight), unseen_logits(model, weight)
    np.testing.assert_allclose(minimal.train_loss(model, weight), cross_entropy(train), 1e-12)
    np.testing.assert_allclose(minimal.test_loss(model, weight), cross_entropy(test), 1e-12)


@settings(max_examples=60)
@given(small())
def test_accuracies_share_ties_among_the_best_labels(case):
    model, weight = case
    train, test = seen_logits(model, weight), unseen_logits(model, weight)
    np.testing.assert_allclose(minimal.train_accuracy(model, weight), accuracy(train), 1e-12)
    found = minimal.test_accuracy(model, weight)
    np.testing.assert_allclose(found, accuracy(test), 1e-12, atol=1e-15)
    assert 0 <= found <= 1


@settings(max_examples=30)
@given(small())
def test_the_wrong_probability_is_that_of_all_wrong_labels(case):
    model, weight = case
    right = np.exp(log_softmax(seen_logits(model, weight), axis=1))[0, RIGHT]
    np.testing.assert_allclose(minimal.wrong_probability(model, weight), 1 - right, atol=1e-12)


def nested(*fractions):
    """A model of four labels whose circuits are right on nested parts of the test inputs."""
    circuits = tuple(
        Circuit(name, 1.0, fraction) for name, fraction in zip("ABC", fractions, strict=True)
    )
    return MinimalModel(circuits, 1.2, 0.005, 4)


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        # A is right everywhere, B on the first half, C nowhere.
        ([3.0, 1.0, 1.0], 1.0),  # A beats B and C together
        ([3.0, 1.0, 2.0], 0.75),  # first half A + B against C; second half A ties with B + C
        ([2.0, 1.0, 2.0], 0.5),  # second half lost
        ([2.0, 1.0, 3.0], 0.25),  # first half tied, second lost
        ([2.0, 1.0, 4.0], 0.0),  # both lost
        ([0.0, 0.0, 0.0], 0.25),  # chance: all four labels tie
        ([0.0, 1.0, 0.0], 0.5),  # B alone is right on its half, wrong elsewhere
        ([0.0, -1.0, 0.0], 1 / 6),  # first half right label lowest; second three labels tie
        ([-1.0, 0.0, 0.0], 0.0),  # the right label is lowest everywhere
        ([1.0, -2.0, 0.0], 0.5),  # first half -1 against zeros; second 1 against -2
        ([0.0, 0.0, -1.0], 1 / 3),  # the shared wrong label is lowest: three tie
    ],
)
def test_nested_partial_generalisers_by_hand(weight, expected):
    model = nested(1.0, 0.5, 0.0)
    found = minimal.test_accuracy(model, minimal.weights(model, weight))
    assert found.item() == pytest.approx(expected, abs=1e-15)


def test_smaller_sets_lie_within_larger_ones():
    # Inputs 0-25%: A and B right. 25-75%: A right, B and C wrong. 75-100%: all wrong.
    model = nested(0.75, 0.25, 0.0)
    weight = minimal.weights(model, [2.0, 1.5, 1.0])
    loss = [np.log(np.exp(right) + np.exp(4.5 - right) + 2) - right for right in (3.5, 2.0, 0.0)]
    assert minimal.test_accuracy(model, weight).item() == pytest.approx(0.25)
    assert minimal.test_loss(model, weight).item() == pytest.approx(
        0.25 * loss[0] + 0.5 * loss[1] + 0.25 * loss[2], rel=1e-14
    )


@settings(max_examples=15)
@given(strategies.models())
def test_zero_weights_are_at_chance(model):
    zero = 0 * model.stack("param_norm")
    chance = 1 / xr.DataArray(model.num_labels)
    for found in (minimal.train_accuracy(model, zero), minimal.test_accuracy(model, zero)):
        np.testing.assert_allclose(*xr.broadcast(found, chance), rtol=1e-12)
    for found in (minimal.train_loss(model, zero), minimal.test_loss(model, zero)):
        np.testing.assert_allclose(*xr.broadcast(found, -np.log(chance)), rtol=1e-12)
    assert np.all(minimal.parameter_norm(model, zero) == 0)


@settings(max_examples=12)
@given(strategies.models_with_weights(ANY_WEIGHT), st.sampled_from(FUNCTIONS))
def test_a_sweep_is_its_cells_one_by_one(case, function):
    model, weight = case
    whole = function(model, weight)
    for index, cell in strategies.cells(model):
        alone = function(cell, weight.isel(index).drop_vars(model.sizes.keys(), errors="ignore"))
        here = whole.isel(index, missing_dims="ignore").transpose(*alone.dims)
        # Not to the bit: vectorised exp and pow may round the last bit by position.
        np.testing.assert_allclose(here, alone, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_huge_logits_are_safe(function):
    model = MinimalModel.paper(kappa=[0.1, 1.2, 2.0, 3.0])
    cases = [
        minimal.weights(model, list(pair)) for pair in itertools.product([-1e4, 0, 1e4], repeat=2)
    ]
    assert np.all(np.isfinite(function(model, xr.concat(cases, "case"))))


@pytest.mark.parametrize("num_labels", [3, 113, 10**6])
def test_huge_logits_have_their_exact_losses(num_labels):
    model = MinimalModel.paper(num_labels=num_labels)
    for total, train, test in [
        ([1e4, 0.0], 0.0, 0.0),
        ([-1e4, 0.0], 1e4 + np.log(num_labels - 1), 1e4 + np.log(num_labels - 1)),
        ([0.0, 1e4], 0.0, 1e4),
        ([5e3, 5e3], 0.0, np.log(2)),
    ]:
        weight = minimal.weights(model, total)
        assert minimal.train_loss(model, weight).item() == pytest.approx(train, rel=1e-15)
        assert minimal.test_loss(model, weight).item() == pytest.approx(test, rel=1e-15)


def test_without_weight_decay_no_weight_costs_anything():
    model = MinimalModel.paper(kappa=0.01, weight_decay=[0.0, 1.0])
    objective = minimal.objective(model, minimal.weights(model, [1e4, 1e4]))
    assert objective.values.tolist() == [0.0, np.inf]


@settings(max_examples=15)
@given(strategies.models_with_weights(st.floats(-2.0, 2.0), num_labels=st.integers(3, 200)))
def test_losses_fall_with_the_right_weight_and_rise_with_the_wrong(case):
    model, weight = case
    for circuit in model.circuits:
        raised = weight + 0.01 * (weight["circuit"] == circuit.name)
        gain = minimal.train_loss(model, weight) - minimal.train_loss(model, raised)
        assert np.all(gain > 0)
        change = minimal.test_loss(model, raised) - minimal.test_loss(model, weight)
        full = xr.DataArray(circuit.generalises == 1)
        none = xr.DataArray(circuit.generalises == 0)
        assert np.all((change < 0) | ~full)
        assert np.all((change > 0) | ~none)


@settings(max_examples=15)
@given(strategies.models_with_weights(ANY_WEIGHT))
def test_the_penalty_is_alpha_times_the_squared_norm(case):
    model, weight = case
    penalty = sum(
        circuit.param_norm**2
        * abs(weight.sel(circuit=circuit.name, drop=True)) ** (2 / model.kappa)
        for circuit in model.circuits
    )
    norm = minimal.parameter_norm(model, weight)
    # Below the smallest normal number a square has fewer digits.
    near = {"rtol": 1e-10, "atol": np.finfo(float).tiny}
    np.testing.assert_allclose(*xr.broadcast(norm**2, penalty), **near)
    squares = (minimal.circuit_norm(model, weight) ** 2).sum("circuit")
    np.testing.assert_allclose(*xr.broadcast(squares, penalty), **near)
    alpha = model.weight_decay / (2 if model.half_decay else 1)
    loss = minimal.train_loss(model, weight)
    np.testing.assert_allclose(
        *xr.broadcast(minimal.objective(model, weight), loss + alpha * penalty), rtol=1e-10
    )


@settings(max_examples=12)
@given(strategies.models_with_weights(ANY_WEIGHT))
def test_half_decay_is_half_the_weight_decay(case):
    model, weight = case
    appendix = replace(model, half_decay=True)
    halved = replace(model, weight_decay=model.weight_decay / 2, half_decay=False)
    for function in (minimal.objective, minimal.gradient):
        xr.testing.assert_equal(function(appendix, weight), function(halved, weight))


@settings(max_examples=12)
@given(strategies.models_with_weights(ANY_WEIGHT), st.floats(0.1, 10.0))
def test_dearer_circuits_with_less_decay_are_the_same_model(case, factor):
    model, weight = case
    circuits = tuple(
        replace(circuit, param_norm=factor * circuit.param_norm) for circuit in model.circuits
    )
    scaled = replace(model, circuits=circuits, weight_decay=model.weight_decay / factor**2)
    for function in (minimal.objective, minimal.gradient):
        found, expected = xr.broadcast(function(scaled, weight), function(model, weight))
        # What may cancel in the gradient is of the size of one probability and of the penalty.
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)


def test_weights_without_one_number_a_circuit_are_refused():
    model = MinimalModel.paper()
    for values in ([1.0], [1.0, 2.0, 3.0], 1.0, [[1.0, 2.0]]):
        with pytest.raises(ValueError, match=r"^values must be one number .*'memorising'\), got "):
            minimal.weights(model, values)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.zeros(2), "weight must be a DataArray with the dimension circuit, got array"),
        (xr.DataArray([0.0, 0.0], dims="x"), "weight must be a DataArray with the dimension"),
        (
            xr.DataArray([0.0, 0.0], {"circuit": ["memorising", "generalising"]}, "circuit"),
            r"weight must have the circuits .* got \('memorising', 'generalising'\)",
        ),
        (
            xr.DataArray([0.0], {"circuit": ["generalising"]}, "circuit"),
            r"weight must have the circuits .* got \('generalising',\)",
        ),
        (xr.DataArray([0.0, 0.0], dims="circuit"), r"weight must have the circuits .* got \(0, 1"),
        (minimal.weights(MinimalModel.paper(), [np.nan, 0.0]), "weight must be finite, got .*nan"),
        (minimal.weights(MinimalModel.paper(), [np.inf, 0.0]), "weight must be finite, got .*inf"),
        (
            minimal.weights(MinimalModel.paper(), [0.0, 0.0]).expand_dims(kappa=[1.0, 3.0]),
            "weight must lie on the grid of the model: .*'kappa'",
        ),
    ],
)
def test_a_weight_of_another_model_is_refused(function, weight, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        function(MinimalModel.paper(kappa=[1.0, 1.2]), weight)
