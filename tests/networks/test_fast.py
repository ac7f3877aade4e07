"""The fast paths against the plain networks, which are the ones to read."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.networks import (
    MLP,
    AdamW,
    Checkpoint,
    CrossEntropy,
    FastTransformer,
    FastTwoLayer,
    MeanSquaredError,
    Stage,
    Task,
    Training,
    Transformer,
    TwoLayer,
    advance,
    cross_entropy,
    cross_entropy_backward,
    fast_loss_and_gradient,
    fast_transformer,
    fast_two_layer,
    modular_addition,
    token_tables,
)
from theory.networks.after_attention import Folded, Streamed, way
from theory.networks.data import lessons

SMALL = Transformer(d_model=8, heads=2, d_head=4, d_mlp=12)
NETWORKS = [
    TwoLayer(width=8),
    TwoLayer(width=8, activation="relu"),
    TwoLayer(width=8, tied=True),
    SMALL,
]


def random_task(slots, examples, rng):
    tokens, labels = rng.integers(5, size=(examples, slots)), rng.integers(4, size=examples)
    return Task("random", {}, tokens, labels, num_tokens=5, num_labels=4)


def plainly(network, task, parameters, examples):
    dtype = parameters.flat.dtype.name
    labels, gradient = task.labels[examples], network.zeros(task, dtype)
    activations = network.forward(parameters, network.encode(task, examples, dtype))
    loss, probabilities = cross_entropy(activations.logits, labels)
    d_logits = cross_entropy_backward(probabilities, labels)
    network.backward(parameters, activations, d_logits, gradient)
    return loss, gradient


def assert_same(network, task, parameters, examples, tolerance):
    dtype = parameters.flat.dtype.name
    before = parameters.flat.copy()
    gradient = network.zeros(task, dtype)
    gradient.flat[:] = np.nan  # whatever was there before is overwritten
    loss = fast_loss_and_gradient(network, task, examples, dtype)(parameters, gradient)
    expected_loss, expected = plainly(network, task, parameters, examples)
    assert loss == pytest.approx(expected_loss, rel=tolerance, abs=0)
    # A gradient that nearly cancels, as that of saturated attention, keeps the error of its parts.
    atol = tolerance * np.abs(expected.flat).max()
    np.testing.assert_allclose(gradient.flat, expected.flat, rtol=0, atol=atol)
    np.testing.assert_array_equal(parameters.flat, before)


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@given(
    slots=st.integers(1, 3),
    size=st.integers(1, 40),
    rows=st.integers(1, 50),
    seed=st.integers(0, 2**32 - 1),
)
def test_same_loss_and_gradient(network, slots, size, rows, seed):
    rng = np.random.default_rng(seed)
    task = random_task(slots, size, rng)
    parameters = network.initialise(task, rng, "float64")
    parameters.flat *= rng.uniform(1, 3)
    with pytest.MonkeyPatch.context() as patch:
        for module in (fast_two_layer, fast_transformer):
            patch.setattr(module, "ROWS", rows)
        assert_same(network, task, parameters, rng.permutation(size), 1e-12)


@pytest.mark.parametrize("network", [TwoLayer(128), TwoLayer(512, "relu"), Transformer()], ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-3), ("float64", 1e-11)])
def test_same_at_the_sizes_of_practice(network, dtype, tolerance):
    split = modular_addition(53).split(1123, rng=0)
    parameters = network.initialise(split.task, np.random.default_rng(0), dtype)
    assert_same(network, split.task, parameters, split.train, tolerance)


@pytest.mark.parametrize("kind", [Folded, Streamed])
@pytest.mark.parametrize("network", [SMALL, Transformer()], ids=str)
def test_same_by_either_way(kind, network, monkeypatch):
    def way(network, num_labels, rows, examples, dtype):
        return kind(network, num_labels, rows, dtype)

    monkeypatch.setattr(fast_transformer, "way", way)
    monkeypatch.setattr(fast_transformer, "ROWS", 90)
    split = modular_addition(23).split(200, rng=0)
    parameters = network.initialise(split.task, np.random.default_rng(0), "float64")
    assert_same(network, split.task, parameters, split.train, 1e-11)


@pytest.mark.parametrize(("examples", "kind"), [(390, Streamed), (752, Streamed), (753, Folded)])
def test_the_way_is_that_of_fewer_operations(examples, kind):
    """By hand: 17,725,568 products to fold, and 23,567 fewer for each example."""
    assert type(way(Transformer(), 113, 2, examples, "float32")) is kind


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("float64", 1e-12)])
def test_same_late_in_training(network, dtype, tolerance):
    task = modular_addition(5)
    parameters = network.initialise(task, np.random.default_rng(1), dtype)
    out = "W_U" if isinstance(network, Transformer) else "W"
    logits = network.forward(parameters, network.encode(task, np.arange(25), dtype)).logits
    # Rows of very different size: under one common maximum most of them would underflow.
    parameters[out][:] *= 1000 / np.abs(logits).max()
    assert_same(network, task, parameters, np.arange(25), tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-3), ("float64", 1e-11)])
@pytest.mark.parametrize("margin", [20, 60])
def test_small_gradients_of_examples_that_fit_keep_their_digits(dtype, tolerance, margin):
    """Divided by a denominator of attention they must not underflow on their way."""
    task = modular_addition(5)
    # A start with margins that are alike: where one has to be scaled up until logits are in the
    # thousands, rounding these moves the small gradients by as much as the tolerance.
    parameters = SMALL.initialise(task, np.random.default_rng(50), dtype)
    logits = SMALL.forward(parameters, SMALL.encode(task, np.arange(25), dtype)).logits
    task = replace(task, labels=logits.argmax(axis=1))
    ordered = np.sort(logits, axis=1)
    parameters["W_U"][:] *= margin / np.min(ordered[:, -1] - ordered[:, -2])
    assert_same(SMALL, task, parameters, np.arange(25), tolerance)


def with_lead(lead, dtype, seed=1):
    """Parameters for which some score of some head lies that much above that of '='."""
    task = modular_addition(5)
    parameters = SMALL.initialise(task, np.random.default_rng(seed), dtype)
    forward = SMALL.forward(parameters, SMALL.encode(task, np.arange(25), dtype))
    scores = np.einsum("ihd,ijhd->ijh", forward.query, forward.keys) * SMALL.d_head**-0.5
    parameters["W_K"][:] *= lead / np.max(scores - scores[:, -1:])
    return task, parameters


@pytest.mark.parametrize(
    ("dtype", "lead", "table"),
    [
        ("float32", 120, True),
        ("float32", 128, False),
        ("float32", 1e6, False),
        ("float64", 990, True),
        ("float64", 1000, False),
        ("float64", 1e12, False),
    ],
)
@pytest.mark.parametrize("rows", [7, 512])
def test_same_for_scores_of_any_size(dtype, lead, table, rows, monkeypatch):
    task, parameters = with_lead(lead, dtype)
    assert (token_tables.tables(SMALL, parameters) is not None) == table
    monkeypatch.setattr(fast_transformer, "ROWS", rows)
    assert_same(SMALL, task, parameters, np.arange(25), 1e-3 if dtype == "float32" else 1e-10)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-3), ("float64", 1e-10)])
def test_scores_far_below_that_of_the_closing_token_need_no_more_room(dtype, tolerance):
    task, parameters = with_lead(50, dtype)
    score = token_tables.tables(SMALL, parameters).score
    parameters["E"][0] -= 1e3 * np.linalg.pinv(score.T) @ np.ones(SMALL.heads)
    assert token_tables.tables(SMALL, parameters) is not None
    assert_same(SMALL, task, parameters, np.arange(25), tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_goes_on_through_scores_that_fit_no_table(dtype):
    task, parameters = with_lead(1e4, dtype)
    split = task.split(20)
    start = Checkpoint.given(parameters, task, trained_on=[])
    stages = [Stage(AdamW(1e-3, 1.0), 20)]
    run, end = advance(Training(SMALL, split, stages, dtype=dtype, start=start))
    assert np.isfinite(run.train_loss).all()
    assert np.isfinite(end.parameters.flat).all()


def test_scores_that_are_not_finite_are_no_silent_error():
    task = modular_addition(5)
    parameters = SMALL.initialise(task, np.random.default_rng(1), "float32")
    parameters["W_K"][:] *= 1e38
    parameters["W_Q"][:] *= 1e38
    fast = FastTransformer(SMALL, task, np.arange(25), "float32")
    with np.errstate(all="ignore"):
        assert np.isnan(fast(parameters, SMALL.zeros(task, "float32")))


@pytest.mark.parametrize("network", [TwoLayer(128), Transformer()], ids=str)
def test_same_bits_every_time(network):
    split = modular_addition(31).split(700, rng=0)
    parameters = network.initialise(split.task, np.random.default_rng(0), "float32")
    gradients = []
    for _ in range(2):
        fast = fast_loss_and_gradient(network, split.task, split.train, "float32")
        for _ in range(2):
            gradient = network.zeros(split.task, "float32")
            fast(parameters, gradient)
            gradients.append(gradient.flat)
    assert len({gradient.tobytes() for gradient in gradients}) == 1


@pytest.mark.parametrize("loss", [CrossEntropy(), MeanSquaredError(), CrossEntropy(2.0)], ids=str)
def test_training_takes_the_fast_path_where_it_is_the_same(loss):
    split = modular_addition(5).split(15, rng=0)
    whole, parts = (Stage(AdamW(0.01, 1.0), 5, batch_size=size) for size in (None, 15))
    training = Training(SMALL, split, (whole, parts), loss=loss)
    own, drawn = (lesson.batch(0).loss_and_gradient for lesson in lessons(training, 0, 10))
    assert isinstance(own, FastTransformer) == (loss == CrossEntropy())
    assert not isinstance(drawn, FastTransformer)


def test_which_networks_have_a_fast_path():
    task, dense = modular_addition(5), Task("dense", {}, [[0.5], [1.5]], [0, 1], None, 2)

    def found(network, task=task):
        fast = fast_loss_and_gradient(network, task, np.arange(2), "float64")
        return fast and type(fast)

    assert found(TwoLayer(8)) == found(TwoLayer(8, tied=True)) == FastTwoLayer
    assert found(SMALL) == FastTransformer
    for without in (found(TwoLayer(8, biases=True)), found(TwoLayer(8), dense), found(MLP((8,)))):
        assert without is None


@pytest.mark.parametrize(
    ("network", "train_size", "chunk"),
    [
        (TwoLayer(512), 5107, fast_two_layer.ROWS * (2 * 512 + 113)),
        (Transformer(), 3830, fast_transformer.ROWS * (3 * 512 + 3 * 128 + 113)),
    ],
    ids=["TwoLayer", "Transformer"],
)
def test_memory(network, train_size, chunk):
    split = modular_addition(113).split(train_size, rng=0)
    tracemalloc.start()
    parameters = network.initialise(split.task, np.random.default_rng(0), "float32")
    gradient, optimiser = network.zeros(split.task, "float32"), AdamW(1e-3, 1)
    fast = fast_loss_and_gradient(network, split.task, split.train, "float32")
    moments = optimiser.start(parameters.flat)
    for updates in range(2):
        fast(parameters, gradient)
        optimiser.step(parameters.flat, gradient.flat, moments, updates)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * 4 * (3 * parameters.flat.size + chunk)
