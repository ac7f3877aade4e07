"""Every hand-written gradient against central differences along random directions."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from directional import assert_gradient, away_from_kink
from theory import networks

sizes = st.integers(1, 6)
seeds = st.integers(0, 2**32 - 1)


@given(examples=sizes, features=sizes, units=sizes, seed=seeds)
def test_linear(examples, features, units, seed):
    rng = np.random.default_rng(seed)
    inputs, weight = rng.normal(size=(examples, features)), rng.normal(size=(features, units))
    d_output = rng.normal(size=(examples, units))
    d_weight = networks.linear_backward_weight(inputs, d_output)
    d_inputs = networks.linear_backward_inputs(weight, d_output)
    assert_gradient(lambda w: np.sum(networks.linear(inputs, w) * d_output), weight, d_weight, rng)
    assert_gradient(lambda x: np.sum(networks.linear(x, weight) * d_output), inputs, d_inputs, rng)


@given(examples=sizes, units=sizes, seed=seeds)
def test_bias(examples, units, seed):
    rng = np.random.default_rng(seed)
    inputs, bias = rng.normal(size=(examples, units)), rng.normal(size=units)
    # Of one sign, or they might add up to nearly nothing, where there is no slope to see.
    d_output = rng.uniform(0.5, 2, size=inputs.shape)
    d_bias = networks.add_bias_backward(d_output)
    assert_gradient(lambda b: np.sum(networks.add_bias(inputs, b) * d_output), bias, d_bias, rng)


@pytest.mark.parametrize("tied", [False, True])
@given(examples=sizes, slots=sizes, tokens=sizes, units=sizes, seed=seeds)
def test_embedding(tied, examples, slots, tokens, units, seed):
    rng = np.random.default_rng(seed)
    inputs = networks.one_hot(rng.integers(tokens, size=(examples, slots)), tokens, "float64", tied)
    weight = rng.normal(size=(inputs.shape[1], units))
    d_output = rng.normal(size=(examples, units))
    d_weight = networks.linear_backward_weight(inputs, d_output)
    assert_gradient(lambda w: np.sum(networks.linear(inputs, w) * d_output), weight, d_weight, rng)


@pytest.mark.parametrize("name", networks.ACTIVATIONS)
@given(examples=sizes, units=sizes, seed=seeds)
def test_activations(name, examples, units, seed):
    rng = np.random.default_rng(seed)
    forward, backward = networks.ACTIVATIONS[name]
    z = away_from_kink(rng, (examples, units))
    d_output = away_from_kink(rng, z.shape)
    # A row of units that are all off has no slope at all, so there is one that is on.
    z[0, 0] = 1
    assert_gradient(lambda z: np.sum(forward(z) * d_output), z, backward(z, d_output), rng)


@given(examples=sizes, labels=st.integers(2, 6), seed=seeds)
def test_cross_entropy(examples, labels, seed):
    rng = np.random.default_rng(seed)
    # A prediction that is nearly certain has a slope below the rounding of the differences.
    logits = rng.uniform(-3, 3, size=(examples, labels))
    right = rng.integers(labels, size=examples)
    _, probabilities = networks.cross_entropy(logits, right)
    d_logits = networks.cross_entropy_backward(probabilities, right)
    assert_gradient(lambda o: networks.cross_entropy(o, right)[0], logits, d_logits, rng)


@pytest.mark.parametrize(
    "loss", [networks.CrossEntropy, networks.ExactCrossEntropy, networks.MeanSquaredError]
)
@given(temperature=st.floats(0.5, 4), examples=sizes, labels=st.integers(2, 6), seed=seeds)
def test_losses(loss, temperature, examples, labels, seed):
    rng = np.random.default_rng(seed)
    logits = rng.uniform(-1, 1, size=(examples, labels))
    right, function = rng.integers(labels, size=examples), loss(temperature)
    d_logits = function.backward(function.forward(logits, right)[1], right)
    assert_gradient(lambda o: function.forward(o, right)[0], logits, d_logits, rng)


@given(smoothing=st.floats(0.01, 0.99), examples=sizes, labels=st.integers(2, 6), seed=seeds)
def test_smoothed_cross_entropy(smoothing, examples, labels, seed):
    rng = np.random.default_rng(seed)
    # Far from the best logits, at which there is no slope to see.
    logits = rng.uniform(-1, 1, size=(examples, labels))
    right, function = rng.integers(labels, size=examples), networks.SmoothedCrossEntropy(smoothing)
    logits[np.arange(examples), right] -= 2
    d_logits = function.backward(function.forward(logits, right)[1], right)
    assert_gradient(lambda o: function.forward(o, right)[0], logits, d_logits, rng)


def assert_network_gradient(network, task, examples, parameters, rng):
    """Check the gradient at `parameters` of the loss on those examples."""
    inputs, labels = network.encode(task, examples, "float64"), task.labels[examples]

    def loss(flat):
        parameters.flat[:] = flat
        return networks.cross_entropy(network.forward(parameters, inputs).logits, labels)[0]

    start, gradient = parameters.flat.copy(), network.zeros(task, "float64")
    activations = network.forward(parameters, inputs)
    _, probabilities = networks.cross_entropy(activations.logits, labels)
    d_logits = networks.cross_entropy_backward(probabilities, labels)
    gradient.flat[:] = np.nan  # whatever was there before is overwritten
    network.backward(parameters, activations, d_logits, gradient)
    scale = np.linalg.norm(d_logits) * 1e-3  # ReLU units may all be off, leaving nothing to see
    if np.linalg.norm(gradient.flat) > scale:
        assert_gradient(loss, start, gradient.flat, rng)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("activation", networks.ACTIVATIONS)
@given(modulus=st.integers(2, 6), width=sizes, seed=seeds)
def test_two_layer(activation, biases, tied, modulus, width, seed):
    rng = np.random.default_rng(seed)
    network = networks.TwoLayer(width, activation, tied=tied, biases=biases)
    task = networks.modular_addition(modulus)
    parameters = network.zeros(task, "float64")
    # Small logits, so that no prediction is nearly certain.
    parameters["W"][:] = 0.2 * rng.normal(size=parameters["W"].shape)
    if biases:
        parameters["b2"][:] = 0.2 * rng.normal(size=modulus)
    # A sum with one large term stays away from the kink of ReLU. Tied, the terms have one sign.
    second = parameters["E"][:0] if tied else parameters["E"][modulus:]
    parameters["E"][:] = away_from_kink(rng, (len(parameters["E"]), width))
    if activation == "cube":
        parameters["E"][:] /= 2
    if tied:
        parameters["E"][:] = np.abs(parameters["E"]) * rng.choice([-1.0, 1.0], size=width)
    second *= 0.1
    if biases:
        parameters["b1"][:] = 0.1 * away_from_kink(rng, (width,))
    examples = rng.permutation(modulus**2)[:modulus]
    assert_network_gradient(network, task, examples, parameters, rng)


@pytest.mark.parametrize("dense", [False, True])
@given(widths=st.lists(sizes, max_size=3).map(tuple), biases=st.booleans(), seed=seeds)
def test_mlp_of_squares(dense, widths, biases, seed):
    rng = np.random.default_rng(seed)
    task = networks.sparse_parity(5, 2, 12, rng) if dense else networks.modular_addition(4)
    network = networks.MLP(widths, "square", biases)
    parameters = network.initialise(task, rng, "float64")
    assert_network_gradient(network, task, np.arange(12), parameters, rng)


@pytest.mark.parametrize("dense", [False, True])
@given(widths=st.lists(sizes, max_size=3).map(tuple), biases=st.booleans(), seed=seeds)
def test_mlp_of_relus(dense, widths, biases, seed):
    rng = np.random.default_rng(seed)
    task = networks.sparse_parity(5, 2, 12, rng) if dense else networks.modular_addition(4)
    network = networks.MLP(widths, "relu", biases)
    parameters = network.initialise(task, rng, "float64")
    inputs = network.encode(task, np.arange(12), "float64")
    clear = np.ones(12, bool)
    for z in network.forward(parameters, inputs).z:
        clear &= np.abs(z).min(axis=1) > 0.02  # a difference across a kink measures no slope
    assume(clear.any())
    assert_network_gradient(network, task, np.flatnonzero(clear), parameters, rng)
