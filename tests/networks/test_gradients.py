"""Every hand-written gradient against central differences along random directions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directional import assert_gradient, away_from_kink
from theory import networks

sizes = st.integers(1, 6)
seeds = st.integers(0, 2**32 - 1)


@given(examples=sizes, features=sizes, units=sizes, seed=seeds)
def test_linear(examples: int, features: int, units: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    inputs, weight = rng.normal(size=(examples, features)), rng.normal(size=(features, units))
    d_output = rng.normal(size=(examples, units))
    d_weight = networks.linear_backward_weight(inputs, d_output)
    d_inputs = networks.linear_backward_inputs(weight, d_output)
    assert_gradient(lambda w: np.sum(networks.linear(inputs, w) * d_output), weight, d_weight, rng)
    assert_gradient(lambda x: np.sum(networks.linear(x, weight) * d_output), inputs, d_inputs, rng)


@given(examples=sizes, units=sizes, seed=seeds)
def test_bias(examples: int, units: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    inputs, bias = rng.normal(size=(examples, units)), rng.normal(size=units)
    # Of one sign, or they might add up to nearly nothing, where there is no slope to see.
    d_output = rng.uniform(0.5, 2, size=inputs.shape)
    d_bias = networks.add_bias_backward(d_output)
    assert_gradient(lambda b: np.sum(networks.add_bias(inputs, b) * d_output), bias, d_bias, rng)


@pytest.mark.parametrize("tied", [False, True])
@given(examples=sizes, slots=sizes, tokens=sizes, units=sizes, seed=seeds)
def test_embedding(
    tied: bool, examples: int, slots: int, tokens: int, units: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    inputs = networks.one_hot(rng.integers(tokens, size=(examples, slots)), tokens, "float64", tied)
    weight = rng.normal(size=(inputs.shape[1], units))
    d_output = rng.normal(size=(examples, units))
    d_weight = networks.linear_backward_weight(inputs, d_output)
    assert_gradient(lambda w: np.sum(networks.linear(inputs, w) * d_output), weight, d_weight, rng)


@pytest.mark.parametrize("name", networks.ACTIVATIONS)
@given(examples=sizes, units=sizes, seed=seeds)
def test_activations(name: str, examples: int, units: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    forward, backward = networks.ACTIVATIONS[name]
    z = away_from_kink(rng, (examples, units))
    d_output = away_from_kink(rng, z.shape)
    # A row of units that are all off has no slope at all, so there is one that is on.
    z[0, 0] = 1
    assert_gradient(lambda z: np.sum(forward(z) * d_output), z, backward(z, d_output), rng)


@given(examples=sizes, labels=st.integers(2, 6), seed=seeds)
def test_cross_entropy(examples: int, labels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    # A prediction that is nearly certain has a slope below the rounding of the differences.
    logits = rng.uniform(-3, 3, size=(examples, labels))
    right = rng.integers(labels, size=examples)
    _, probabilities = networks.cross_entropy(logits, right)
    d_logits = networks.cross_entropy_backward(probabilities, right)
    assert_gradient(lambda o: networks.cross_entropy(o, right)[0], logits, d_logits, rng)


@pytest.mark.parametrize("loss", [networks.CrossEntropy, networks.MeanSquaredError])
@given(temperature=st.floats(0.5, 4), examples=sizes, labels=st.integers(2, 6), seed=seeds)
def test_losses(
    loss: type[networks.Loss], temperature: float, examples: int, labels: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.uniform(-1, 1, size=(examples, labels))
    right, function = rng.integers(labels, size=examples), loss(temperature)
    d_logits = function.backward(function.forward(logits, right)[1], right)
    assert_gradient(lambda o: function.forward(o, right)[0], logits, d_logits, rng)


@pytest.mark.parametrize("activation", networks.ACTIVATIONS)
@given(modulus=st.integers(2, 6), width=sizes, seed=seeds)
def test_network(activation: str, modulus: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = networks.TwoLayer(width, activation)
    task = networks.modular_addition(modulus)
    split = task.split(modulus, rng)
    inputs, labels = network.encode(task, split.train, "float64"), task.labels[split.train]
    parameters, gradient = network.zeros(task, "float64"), network.zeros(task, "float64")
    # Small logits, so that no prediction is nearly certain.
    parameters["W"][:] = 0.2 * rng.normal(size=parameters["W"].shape)
    # The sum of a large and a small embedding stays away from the kink of ReLU.
    parameters["E"][:modulus] = away_from_kink(rng, (modulus, width))
    parameters["E"][modulus:] = 0.1 * away_from_kink(rng, (modulus, width))

    def loss(flat: np.ndarray) -> float:
        parameters.flat[:] = flat
        return networks.cross_entropy(network.forward(parameters, inputs).logits, labels)[0]

    start = parameters.flat.copy()
    activations = network.forward(parameters, inputs)
    _, probabilities = networks.cross_entropy(activations.logits, labels)
    d_logits = networks.cross_entropy_backward(probabilities, labels)
    gradient.flat[:] = np.nan  # whatever was there before is overwritten
    network.backward(parameters, activations, d_logits, gradient)
    scale = np.linalg.norm(d_logits) * 1e-3  # ReLU units may all be off, leaving nothing to see
    if np.linalg.norm(gradient.flat) > scale:
        assert_gradient(loss, start, gradient.flat, rng)
