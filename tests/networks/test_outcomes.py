"""What is recorded a stretch at a time, against the same of all examples at once."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.networks import (
    MLP,
    AdamW,
    CrossEntropy,
    MeanSquaredError,
    Snapshot,
    Stage,
    Training,
    Transformer,
    TwoLayer,
    accuracy,
    advance,
    fast_transformer,
    fast_two_layer,
    layer_norms,
    logit_spread,
    margin,
    modular,
    modular_addition,
    outcomes,
    trigonometric_share,
)
from theory.networks.outcomes import outcome

NETWORKS = [TwoLayer(6), MLP((5,)), Transformer(d_model=4, heads=2, d_head=2, d_mlp=6)]
TASK = modular("x+y", 5)


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@pytest.mark.parametrize("loss", [CrossEntropy(), MeanSquaredError(2.0)], ids=str)
@given(rows=st.integers(1, 30), seed=st.integers(0, 2**32 - 1))
def test_parts_make_the_whole(network, loss, rows, seed):
    rng = np.random.default_rng(seed)
    parameters = network.initialise(TASK, rng, "float64")
    examples = rng.permutation(25)[: rng.integers(1, 26)]
    inputs, labels = network.encode(TASK, examples, "float64"), TASK.labels[examples]
    logits = network.forward(parameters, inputs).logits
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outcomes, "ROWS", rows)
        found = outcome(network, parameters, inputs, labels, loss)
        parts = [right for _, right in found.stretches()]
        spread = logit_spread(Snapshot(0, network, TASK, parameters, found, found))
        np.testing.assert_allclose(found.logits, logits, rtol=1e-12, atol=1e-15)
    assert max(part.size for part in parts) <= rows
    np.testing.assert_array_equal(np.concatenate(parts), labels)
    assert found.loss == pytest.approx(loss.forward(logits, labels)[0], rel=1e-12)
    assert found.accuracy == pytest.approx(accuracy(logits, labels), rel=1e-12)
    assert found.margin == pytest.approx(margin(logits, labels), rel=1e-12, abs=1e-14)
    leads = logits[np.arange(labels.size), labels] - logits.mean(axis=1)
    assert spread["logit_spread"] == pytest.approx(leads.std(), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@given(rows=st.integers(1, 24))
def test_share_is_the_same_in_parts(network, rows):
    parameters = network.initialise(TASK, np.random.default_rng(0), "float64")
    nobody = outcome(
        network,
        parameters,
        network.encode(TASK, np.arange(1), "float64"),
        TASK.labels[:1],
        CrossEntropy(),
    )
    shot = Snapshot(0, network, TASK, parameters, nobody, nobody)
    whole = trigonometric_share(shot)["trigonometric_share"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outcomes, "ROWS", rows)
        assert trigonometric_share(shot)["trigonometric_share"] == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(
    ("network", "train_size", "chunk"),
    [
        (TwoLayer(512), 5107, fast_two_layer.ROWS * (2 * 512 + 113)),
        (Transformer(), 3830, fast_transformer.ROWS * (3 * 512 + 2 * 128 + 113)),
    ],
    ids=["TwoLayer", "Transformer"],
)
def test_memory_of_a_run_with_all_that_can_be_measured(network, train_size, chunk):
    """At most three times the parameters, the optimiser's averages and a chunk of activations."""
    training = Training(
        network, modular_addition(113).split(train_size), [Stage(AdamW(1e-3, 1), 2)]
    )
    size = network.zeros(training.split.task, "float32").flat.size
    measurements = [layer_norms, logit_spread, trigonometric_share]
    tracemalloc.start()
    advance(training, measurements=measurements, progress=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * 4 * (3 * size + chunk)


def test_all_right_is_one_exactly_however_many_parts():
    network, task = TwoLayer(width=8), modular_addition(31)
    parameters = network.initialise(task, np.random.default_rng(0), "float32")
    for size in range(1, 962, 12):
        inputs = network.encode(task, np.arange(size), "float32")
        right = network.forward(parameters, inputs).logits.argmax(axis=1)
        assert outcome(network, parameters, inputs, right, CrossEntropy()).accuracy == 1.0


def test_one_part_is_the_whole_to_the_last_bit():
    network, task = TwoLayer(width=8), modular_addition(11)
    parameters = network.initialise(task, np.random.default_rng(0), "float32")
    for size in range(1, 122):
        inputs, labels = network.encode(task, np.arange(size), "float32"), task.labels[:size]
        logits = network.forward(parameters, inputs).logits
        found = outcome(network, parameters, inputs, labels, CrossEntropy())
        assert found.loss == CrossEntropy().forward(logits, labels)[0]
        assert (found.accuracy, found.margin) == (accuracy(logits, labels), margin(logits, labels))
