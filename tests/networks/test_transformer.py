import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from directional import assert_gradient
from theory.networks import (
    Task,
    Transformer,
    attend,
    attend_backward,
    cross_entropy,
    cross_entropy_backward,
    modular_addition,
)

sizes = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)
NETWORK = Transformer(d_model=6, heads=2, d_head=3, d_mlp=8)


def gradient_of(network, task, parameters, examples):
    gradient = network.zeros(task, parameters.flat.dtype.name)
    gradient.flat[:] = np.nan  # whatever was there before is overwritten
    inputs = network.encode(task, examples, parameters.flat.dtype.name)
    activations = network.forward(parameters, inputs)
    _, probabilities = cross_entropy(activations.logits, task.labels[examples])
    d_logits = cross_entropy_backward(probabilities, task.labels[examples])
    network.backward(parameters, activations, d_logits, gradient)
    return gradient


@given(examples=sizes, positions=sizes, heads=sizes, d_head=sizes, seed=seeds)
def test_gradient_of_attention(examples, positions, heads, d_head, seed):
    rng = np.random.default_rng(seed)
    arrays = [
        rng.normal(size=shape)
        for shape in [(examples, heads, d_head), *2 * [(examples, positions, heads, d_head)]]
    ]
    d_output = rng.normal(size=(examples, heads, d_head))
    slopes = attend_backward(*arrays, attend(*arrays), d_output)
    flat = np.concatenate([array.ravel() for array in arrays])
    ends = np.cumsum([array.size for array in arrays])[:-1]

    def value(point):
        moved = (
            part.reshape(array.shape)
            for part, array in zip(np.split(point, ends), arrays, strict=True)
        )
        return float(np.sum(attend(*moved).output * d_output))

    assert_gradient(value, flat, np.concatenate([slope.ravel() for slope in slopes]), rng)


@given(slots=st.integers(1, 3), heads=sizes, d_head=sizes, width=sizes, seed=seeds)
def test_gradient(slots, heads, d_head, width, seed):
    rng = np.random.default_rng(seed)
    network = Transformer(d_model=width, heads=heads, d_head=d_head, d_mlp=3 * width)
    tokens, labels = rng.integers(4, size=(9, slots)), rng.integers(3, size=9)
    task = Task("random", {}, tokens, labels, num_tokens=4, num_labels=3)
    parameters = network.initialise(task, rng, "float64")
    inputs = network.encode(task, np.arange(9), "float64")

    def loss(flat):
        parameters.flat[:] = flat
        return cross_entropy(network.forward(parameters, inputs).logits, task.labels)[0]

    start = parameters.flat.copy()
    gradient = gradient_of(network, task, parameters, np.arange(9))
    # Across a kink of ReLU a difference sees neither slope, so no hidden unit may be near its own.
    assume(np.abs(network.forward(parameters, inputs).z).min() > 2e-3)
    assert_gradient(loss, start, gradient.flat, rng, step=1e-4)


def test_logits_are_what_the_formula_says():
    task, d = modular_addition(4), NETWORK.d_head
    theta = NETWORK.initialise(task, np.random.default_rng(0), "float64")
    inputs = NETWORK.encode(task, np.arange(16), "float64")
    for (a, b), logits in zip(task.inputs, NETWORK.forward(theta, inputs).logits, strict=True):
        x = np.array([theta["E"][token] + theta["P"][j] for j, token in enumerate([a, b, 4])])
        outputs = []
        for head in range(NETWORK.heads):
            columns = slice(head * d, (head + 1) * d)
            scores = (x @ theta["W_K"][:, columns]) @ (x[2] @ theta["W_Q"][:, columns])
            weights = np.exp(scores / np.sqrt(d))
            outputs.append(weights / weights.sum() @ x @ theta["W_V"][:, columns])
        r = x[2] + np.concatenate(outputs) @ theta["W_O"]
        residual = r + np.maximum(r @ theta["W_in"], 0) @ theta["W_out"]
        np.testing.assert_allclose(logits, residual @ theta["W_U"], rtol=1e-12)


def test_attention_to_scores_of_any_size():
    query, keys = np.full((1, 1, 1), 1e3), np.array([1e3, -1e3]).reshape(1, 2, 1, 1)
    attention = attend(query, keys, np.array([3.0, 5.0]).reshape(1, 2, 1, 1))
    np.testing.assert_array_equal(attention.weights.ravel(), [1, 0])
    assert attention.output == 3


def test_start_has_the_stated_spread():
    network, task = Transformer(d_model=64, heads=2, d_head=100, d_mlp=400), modular_addition(90)
    start = network.initialise(task, np.random.default_rng(0), "float64")
    read = {"E": 64, "P": 64, "W_Q": 64, "W_K": 64, "W_V": 64, "W_O": 200}
    read |= {"W_in": 64, "W_out": 400, "W_U": 64}
    assert start.keys() == read.keys()
    for name, array in start.items():
        # A sample of n numbers knows its standard deviation to a share of 1 / sqrt(2 n).
        spread = 5 / np.sqrt(2 * array.size)
        assert np.std(array) * np.sqrt(read[name]) == pytest.approx(1, abs=spread)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_precision_is_kept(dtype):
    task = modular_addition(5)
    parameters = NETWORK.initialise(task, np.random.default_rng(0), dtype)
    activations = NETWORK.forward(parameters, NETWORK.encode(task, np.arange(25), dtype))
    assert activations.logits.dtype == np.dtype(dtype)
    assert gradient_of(NETWORK, task, parameters, np.arange(25)).flat.dtype == np.dtype(dtype)


@pytest.mark.parametrize("name", ["d_model", "heads", "d_head", "d_mlp"])
@pytest.mark.parametrize("value", [0, 1.5, "four"])
def test_bad_size(name, value):
    with pytest.raises(ValueError, match=f"{name} must be an integer"):
        Transformer(**{name: value})


def test_dense_inputs_are_refused():
    task = Task("dense", {}, [[0.5], [1.5]], [0, 1], num_tokens=None, num_labels=2)
    with pytest.raises(ValueError, match="reads tokens, but the inputs of dense are dense"):
        NETWORK.zeros(task, "float32")


def test_against_torch():
    torch = pytest.importorskip("torch", reason="torch comes with the extra peers only")
    task, examples = modular_addition(7), np.arange(0, 49, 2)
    parameters = NETWORK.initialise(task, np.random.default_rng(1), "float64")
    theta = {name: torch.tensor(array, requires_grad=True) for name, array in parameters.items()}
    tokens = torch.tensor(NETWORK.encode(task, examples, "float64"))
    x = theta["E"][tokens] + theta["P"]
    query, keys, values = (
        (x @ theta[name]).unflatten(2, (NETWORK.heads, NETWORK.d_head)).transpose(1, 2)
        for name in ("W_Q", "W_K", "W_V")
    )
    attended = torch.nn.functional.scaled_dot_product_attention(query, keys, values, is_causal=True)
    r = (x + attended.transpose(1, 2).flatten(2) @ theta["W_O"])[:, -1]
    logits = (r + torch.relu(r @ theta["W_in"]) @ theta["W_out"]) @ theta["W_U"]
    torch.nn.functional.cross_entropy(logits, torch.tensor(task.labels[examples])).backward()
    gradient = gradient_of(NETWORK, task, parameters, examples)
    for name, array in theta.items():
        np.testing.assert_allclose(gradient[name], array.grad, rtol=1e-9, atol=1e-14)
