import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import networks

sizes = st.integers(1, 6)


@given(examples=sizes, slots=sizes, tokens=sizes, seed=st.integers(0, 99))
def test_one_hot_adds_up_the_embeddings_of_the_tokens(examples, slots, tokens, seed):
    rng = np.random.default_rng(seed)
    inputs = rng.integers(tokens, size=(examples, slots))
    embeddings = rng.normal(size=(slots, tokens, 3))
    expected = [
        sum(embeddings[slot, token] for slot, token in enumerate(example)) for example in inputs
    ]
    encoded = networks.one_hot(inputs, tokens, "float64")
    found = networks.linear(encoded, embeddings.reshape(slots * tokens, 3))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_relu_has_no_slope_at_its_kink():
    z = np.array([-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(networks.relu(z), [0, 0, 1])
    np.testing.assert_array_equal(networks.relu_backward(z, np.ones(3)), [0, 0, 1])


@pytest.mark.parametrize("name", networks.ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_precision_is_kept_and_arguments_are_left_alone(name, dtype):
    forward, backward = networks.ACTIVATIONS[name]
    z, d_output = np.full((2, 3), 2, dtype), np.full((2, 3), 5, dtype)
    assert forward(z).dtype == backward(z, d_output).dtype == np.dtype(dtype)
    assert np.all(z == 2)
    assert np.all(d_output == 5)
