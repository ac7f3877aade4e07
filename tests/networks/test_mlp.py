import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.networks import MLP, Network, modular_addition, sparse_parity

TASKS = [modular_addition(4), sparse_parity(6, 2, 20)]
widths = st.lists(st.integers(1, 6), max_size=3).map(tuple)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
@pytest.mark.parametrize("activation", ["relu", "square"])
@given(widths=widths, biases=st.booleans(), seed=st.integers(0, 99))
def test_logits_are_what_the_formula_says(task, activation, widths, biases, seed):
    network = MLP(widths, activation, biases)
    parameters = network.initialise(task, np.random.default_rng(seed), "float64")
    logits = network.forward(parameters, network.encode(task, np.arange(9), "float64")).logits
    for row, example in zip(logits, task.inputs[:9], strict=True):
        x = example if task.num_tokens is None else np.eye(task.num_tokens)[example].ravel()
        for layer in range(1, len(widths) + 2):
            bias = parameters[f"b{layer}"] if biases else 0
            z = x @ parameters[f"W{layer}"] + bias
            x = z**2 if activation == "square" else np.maximum(z, 0)
        np.testing.assert_allclose(row, z, rtol=1e-10, atol=1e-12)


@given(depth=st.integers(0, 3), factor=st.floats(0.1, 10))
def test_without_biases_the_degree_is_the_number_of_layers(depth, factor):
    task, network = TASKS[1], MLP((8,) * depth, biases=False)
    parameters = network.initialise(task, np.random.default_rng(0), "float64")
    inputs = network.encode(task, np.arange(20), "float64")
    before = network.forward(parameters, inputs).logits
    parameters.flat *= factor
    after = network.forward(parameters, inputs).logits
    np.testing.assert_allclose(after, factor ** (depth + 1) * before, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("scale", [1.0, 8.0])
def test_start_is_uniform_within_the_stated_reach(scale):
    start = MLP((300, 100), scale=scale).initialise(TASKS[1], np.random.default_rng(0), "float64")
    fan_in = {"W1": 6, "b1": 6, "W2": 300, "b2": 300, "W3": 100, "b3": 100}
    assert list(start) == list(fan_in)
    for name, inputs in fan_in.items():
        reach = scale / inputs**0.5
        assert abs(start[name]).max() <= reach
        assert start[name].size < 50 or abs(start[name]).max() > 0.9 * reach
        assert start[name].size < 50 or start[name].std() == pytest.approx(reach / 3**0.5, rel=0.15)


def test_both_precisions_start_alike():
    single, double = (
        MLP((8,)).initialise(TASKS[0], np.random.default_rng(1), dtype).flat
        for dtype in ("float32", "float64")
    )
    np.testing.assert_array_equal(single, double.astype("float32"))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_single_precision_stays_single(task):
    network = MLP((8, 8))
    parameters = network.initialise(task, np.random.default_rng(0), "float32")
    activations = network.forward(parameters, network.encode(task, np.arange(9), "float32"))
    arrays = [*activations.inputs, *activations.z, activations.logits]
    assert {array.dtype for array in arrays} == {np.dtype("float32")}


def test_a_list_of_widths_is_as_good_as_a_tuple():
    assert MLP([4, 5]) == MLP((4, 5))
    assert isinstance(MLP((4, 5)), Network)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"widths": 8}, "widths must be a tuple, one entry a layer, got 8"),
        ({"widths": (8, 0)}, "widths must be an integer of at least 1, got 0"),
        ({"widths": (1.5,)}, r"widths must be .*got 1\.5"),
        ({"widths": (8,), "activation": "tanh"}, "activation must be .*got 'tanh'"),
        ({"widths": (8,), "biases": None}, "biases must be True or False, got None"),
        ({"widths": (8,), "scale": 0}, "scale must be above 0, got 0"),
    ],
)
def test_bad_network(arguments, message):
    with pytest.raises(ValueError, match=message):
        MLP(**arguments)
