"""Whole networks against torch's autograd, where the peers extra is installed."""

import numpy as np
import pytest

from theory.networks import (
    MLP,
    SmoothedCrossEntropy,
    TwoLayer,
    cross_entropy,
    cross_entropy_backward,
    modular_addition,
)

torch = pytest.importorskip("torch", reason="torch comes with the extra peers only")

TASK, EXAMPLES = modular_addition(7), np.arange(0, 49, 2)
ACTIVATE = {"square": torch.square, "cube": lambda z: z**3, "relu": torch.relu}


def gradients(network, parameters, theta, logits):
    """Ours and torch's, by name of the array."""
    ours, labels = network.zeros(TASK, "float64"), TASK.labels[EXAMPLES]
    forward = network.forward(parameters, network.encode(TASK, EXAMPLES, "float64"))
    _, probabilities = cross_entropy(forward.logits, labels)
    network.backward(parameters, forward, cross_entropy_backward(probabilities, labels), ours)
    torch.nn.functional.cross_entropy(logits, torch.tensor(labels)).backward()
    return {name: (ours[name], theta[name].grad.numpy()) for name in theta}


def started(network):
    """Parameters with every entry random, and torch's copy of them."""
    parameters = network.zeros(TASK, "float64")
    parameters.flat[:] = np.random.default_rng(1).normal(size=parameters.flat.size)
    copies = {name: torch.tensor(array, requires_grad=True) for name, array in parameters.items()}
    return parameters, copies


@pytest.mark.parametrize("activation", ["square", "cube", "relu"])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("biases", [False, True])
def test_two_layers(activation, tied, biases):
    network = TwoLayer(5, activation, tied=tied, biases=biases)
    parameters, theta = started(network)
    first, second = torch.tensor(TASK.inputs[EXAMPLES].T)
    z = theta["E"][first] + theta["E"][second + (0 if tied else TASK.num_tokens)]
    hidden = ACTIVATE[activation](z + theta["b1"] if biases else z)
    logits = hidden @ theta["W"] + (theta["b2"] if biases else 0)
    for ours, autograd in gradients(network, parameters, theta, logits).values():
        np.testing.assert_allclose(ours, autograd, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("widths", [(), (6,), (6, 5, 4)])
def test_fully_connected_layers(widths, biases):
    network = MLP(widths, biases=biases)
    parameters, theta = started(network)
    one_hot = torch.nn.functional.one_hot(torch.tensor(TASK.inputs[EXAMPLES]), TASK.num_tokens)
    x = one_hot.flatten(1).double()
    for layer in range(1, len(widths) + 2):
        x = x @ theta[f"W{layer}"] + (theta[f"b{layer}"] if biases else 0)
        x = torch.relu(x) if layer <= len(widths) else x
    for ours, autograd in gradients(network, parameters, theta, x).values():
        np.testing.assert_allclose(ours, autograd, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("smoothing", [0.1, 0.5, 0.9])
def test_smoothed_labels(smoothing):
    rng = np.random.default_rng(2)
    logits, labels = 3 * rng.normal(size=(20, 7)), rng.integers(7, size=20)
    loss = SmoothedCrossEntropy(smoothing)
    value, probabilities = loss.forward(logits, labels)
    theirs = torch.tensor(logits, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(
        theirs, torch.tensor(labels), label_smoothing=smoothing
    )
    expected.backward()
    assert value == pytest.approx(expected.item(), rel=1e-12)
    ours = loss.backward(probabilities, labels)
    np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-9, atol=1e-14)
