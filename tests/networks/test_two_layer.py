import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.networks import TwoLayer, modular_addition, sparse_parity


@pytest.mark.parametrize(
    ("activation", "phi"), [("square", lambda z: z**2), ("relu", lambda z: max(z, 0))]
)
def test_logits_are_what_the_formula_says(activation, phi):
    task, network = modular_addition(4), TwoLayer(width=3, activation=activation)
    parameters = network.initialise(task, np.random.default_rng(0), "float64")
    inputs = network.encode(task, np.arange(16), "float64")
    first, second = parameters["E"][:4], parameters["E"][4:]
    logits = network.forward(parameters, inputs).logits
    for (a, b), row in zip(task.inputs, logits, strict=True):
        hidden = [phi(first[a, k] + second[b, k]) for k in range(3)]
        np.testing.assert_allclose(row, hidden @ parameters["W"], rtol=1e-12)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("biases", [False, True])
def test_variants_are_what_their_formulas_say(tied, biases):
    task, network = modular_addition(4), TwoLayer(width=3, tied=tied, biases=biases)
    parameters, rng = network.zeros(task, "float64"), np.random.default_rng(0)
    parameters.flat[:] = rng.normal(size=parameters.flat.size)
    first = parameters["E"][:4]
    second = first if tied else parameters["E"][4:]
    b1, b2 = (parameters["b1"], parameters["b2"]) if biases else (0, 0)
    assert len(parameters["E"]) == (4 if tied else 8)
    logits = network.forward(parameters, network.encode(task, np.arange(16), "float64")).logits
    for (a, b), row in zip(task.inputs, logits, strict=True):
        expected = (first[a] + second[b] + b1) ** 2 @ parameters["W"] + b2
        np.testing.assert_allclose(row, expected, rtol=1e-12)


def test_dense_inputs_are_multiplied_as_they_are():
    task, network = sparse_parity(6, 2, 20), TwoLayer(width=3)
    parameters = network.initialise(task, np.random.default_rng(0), "float64")
    logits = network.forward(parameters, network.encode(task, np.arange(20), "float64")).logits
    expected = (task.inputs @ parameters["E"]) ** 2 @ parameters["W"]
    np.testing.assert_allclose(logits, expected, rtol=1e-12)


def test_dense_inputs_have_nothing_to_tie():
    with pytest.raises(ValueError, match="tied embeddings need tokens, but 'sparse_parity' has"):
        TwoLayer(width=3, tied=True).zeros(sparse_parity(6, 2, 20), "float32")


def test_biases_start_at_zero_and_change_nothing_else():
    task = modular_addition(5)
    plain, biased = (
        TwoLayer(width=8, biases=biases).initialise(task, np.random.default_rng(0), "float64")
        for biases in (False, True)
    )
    for name in ("E", "W"):
        np.testing.assert_array_equal(plain[name], biased[name])
    assert not biased["b1"].any()
    assert not biased["b2"].any()


@pytest.mark.parametrize(("activation", "degree"), [("square", 3), ("relu", 2)])
@given(factor=st.floats(0.1, 10))
def test_logits_are_homogeneous(activation, degree, factor):
    task, network = modular_addition(5), TwoLayer(width=8, activation=activation)
    parameters = network.initialise(task, np.random.default_rng(0), "float64")
    inputs = network.encode(task, np.arange(25), "float64")
    before = network.forward(parameters, inputs).logits
    parameters.flat *= factor
    after = network.forward(parameters, inputs).logits
    np.testing.assert_allclose(after, factor**degree * before, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("scale", [0.1, 0.7])
def test_start_has_the_stated_spread(scale):
    network = TwoLayer(width=400, embedding_scale=scale)
    parameters = network.initialise(modular_addition(50), np.random.default_rng(0), "float64")
    # 40,000 and 20,000 entries: the standard deviations are known to 0.5% and to 0.35%.
    assert np.std(parameters["E"]) == pytest.approx(scale, rel=0.02)
    assert np.std(parameters["W"]) == pytest.approx(1 / 20, rel=0.02)
    assert abs(np.mean(parameters.flat)) < 0.01


def test_default_start_is_small():
    assert TwoLayer(width=1).embedding_scale == 0.1


def test_both_precisions_start_alike():
    task, network = modular_addition(5), TwoLayer(width=8)
    single, double = (
        network.initialise(task, np.random.default_rng(1), dtype).flat
        for dtype in ("float32", "float64")
    )
    np.testing.assert_array_equal(single, double.astype("float32"))


@pytest.mark.parametrize("activation", ["square", "cube", "relu"])
@pytest.mark.parametrize("biases", [False, True])
def test_single_precision_stays_single(activation, biases):
    task, network = modular_addition(5), TwoLayer(8, activation, biases=biases)
    parameters = network.initialise(task, np.random.default_rng(0), "float32")
    activations = network.forward(parameters, network.encode(task, np.arange(25), "float32"))
    assert {array.dtype for array in activations} == {np.dtype("float32")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "width must be .*got 0"),
        ({"width": 1.5}, r"width must be .*got 1\.5"),
        (
            {"width": 8, "activation": "tanh"},
            "activation must be one of square, cube, relu, got 'tanh'",
        ),
        ({"width": 8, "activation": None}, "activation must be .*got None"),
        ({"width": 8, "embedding_scale": 0}, "embedding_scale must be above 0, got 0"),
        ({"width": 8, "embedding_scale": np.nan}, "embedding_scale must be finite, got nan"),
        ({"width": 8, "tied": 1}, "tied must be True or False, got 1"),
        ({"width": 8, "biases": "no"}, "biases must be True or False, got 'no'"),
    ],
)
def test_bad_network(arguments, message):
    with pytest.raises(ValueError, match=message):
        TwoLayer(**arguments)
