"""Trainings in stages, in parts, from given parameters, and on examples of every kind."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from optimisers import SHAPES
from theory import networks
from theory.networks import (
    MLP,
    Adam,
    AdamW,
    Checkpoint,
    Clamped,
    CrossEntropy,
    Frozen,
    GradientDescent,
    Lasso,
    MeanSquaredError,
    Noisy,
    SmoothedCrossEntropy,
    SparseParity,
    SpectralBound,
    Split,
    Stage,
    Task,
    Training,
    TwoLayer,
    advance,
    modular_addition,
    permutation,
    sparse_parity,
    train,
)
from theory.runs import DivergedError

NETWORK = TwoLayer(width=16)
SPLIT = modular_addition(7).split(train_size=30, rng=0)
OPTIMISER = AdamW(learning_rate=0.01, weight_decay=1)
PARITY = sparse_parity(12, 2, 200, rng=0).split(100, rng=0)
HALF = SPLIT.train[::2]

# One training of each kind, with a stage that ends in mid-run.
TRAININGS = {
    "full batch": Training(NETWORK, SPLIT, (Stage(OPTIMISER, 20),), seed=3),
    "ungrokking": Training(NETWORK, SPLIT, (Stage(OPTIMISER, 8), Stage(OPTIMISER, 12, HALF))),
    "decay switched off": Training(
        NETWORK, SPLIT, (Stage(OPTIMISER, 8), Stage(replace(OPTIMISER, weight_decay=0), 12))
    ),
    "another optimiser": Training(
        NETWORK,
        SPLIT,
        (Stage(OPTIMISER, 8), Stage(GradientDescent(0.1, momentum=0.9), 12)),
        dtype="float64",
    ),
    "minibatches": Training(
        NETWORK, SPLIT, (Stage(Adam(0.01), 8, batch_size=7), Stage(Adam(0.01), 12, HALF, 4))
    ),
    "stream": Training(
        MLP((16,)), PARITY, (Stage(Adam(0.01), 20, SparseParity(12, 2), batch_size=50),)
    ),
    "clamped": Training(
        MLP((8, 8)),
        SPLIT,
        (Stage(Clamped(OPTIMISER, 3.0), 8), Stage(OPTIMISER, 12)),
        loss=MeanSquaredError(temperature=0.5),
    ),
    "noisy": Training(
        NETWORK,
        SPLIT,
        (
            Stage(Noisy(OPTIMISER, 0.1), 8, batch_size=7),
            Stage(Clamped(Noisy(OPTIMISER, 0.2, seed=1), 3.0), 12),
        ),
    ),
    "bounded, then frozen": Training(
        NETWORK,
        SPLIT,
        (
            Stage(SpectralBound(Lasso(Adam(0.03), 1e-3), 0.5, SHAPES), 8),
            Stage(Frozen(Adam(0.03), held=224, free=112), 12),
        ),
        loss=SmoothedCrossEntropy(0.3),
    ),
}


@pytest.fixture(params=TRAININGS)
def training(request):
    return TRAININGS[request.param]


def test_a_plain_training_is_what_train_does():
    run, _ = advance(TRAININGS["full batch"], record_every=4)
    xr.testing.assert_identical(run, train(NETWORK, SPLIT, OPTIMISER, 20, 3, record_every=4))


def same(first, second):
    """Bit for bit."""
    names = ("step", "updates", "training")
    assert list(first.parameters) == list(second.parameters)
    return (
        all(getattr(first, name) == getattr(second, name) for name in names)
        and first.parameters.flat.dtype == second.parameters.flat.dtype
        and np.array_equal(first.parameters.flat, second.parameters.flat)
        and np.array_equal(first.moments, second.moments)
        and np.array_equal(first.trained_on, second.trained_on)
    )


@pytest.mark.parametrize("cut", [5, 8, 9])
def test_parts_are_bit_for_bit_the_whole(training, cut, tmp_path):
    whole, end = advance(training, record_every=1)
    first, checkpoint = advance(training, until=cut, record_every=1)
    checkpoint.save(tmp_path / "checkpoint.nc")
    second, other_end = advance(
        training, since=Checkpoint.load(tmp_path / "checkpoint.nc"), record_every=1
    )
    xr.testing.assert_identical(first, whole.sel(step=slice(0, cut)))
    xr.testing.assert_identical(second, whole.sel(step=slice(cut, None)))
    assert same(end, other_end)
    assert not same(end, checkpoint)


def test_what_is_recorded_changes_nothing(training):
    measurements = (networks.layer_norms, networks.logit_spread)
    often, end = advance(training, record_every=1, measurements=measurements)
    seldom, other_end = advance(training, record_every=20)
    assert same(end, other_end)
    xr.testing.assert_equal(often[list(seldom)].sel(step=seldom.step), seldom)


def test_the_seed_draws_start_and_batches(training):
    _, end = advance(training)
    _, other = advance(replace(training, seed=training.seed + 1))
    assert not np.array_equal(end.parameters.flat, other.parameters.flat)


def plainly(training, theta, places):
    """Follow a training update by update; batches are given."""
    task = training.split.task
    parameters, gradient = (training.network.zeros(task, training.dtype) for _ in range(2))
    parameters.flat[:] = theta
    moments = training.stages[0].optimiser.start(parameters.flat)
    for step, batch in enumerate(places):
        inputs = training.network.encode(task, batch, training.dtype)
        activations = training.network.forward(parameters, inputs)
        _, kept = training.loss.forward(activations.logits, task.labels[batch])
        d_logits = training.loss.backward(kept, task.labels[batch])
        training.network.backward(parameters, activations, d_logits, gradient)
        optimiser = training.stages[0 if step < training.stages[0].steps else 1].optimiser
        optimiser.step(parameters.flat, gradient.flat, moments, step)
    return parameters.flat


@pytest.mark.parametrize(
    ("name", "second"), [("ungrokking", HALF), ("decay switched off", SPLIT.train)]
)
def test_stages_follow_each_other(name, second):
    """On their own examples, with the averages of the optimiser kept."""
    training = TRAININGS[name]
    start = NETWORK.initialise(SPLIT.task, np.random.default_rng(0), "float32").flat
    expected = plainly(training, start, [SPLIT.train] * 8 + [second] * 12)
    run, end = advance(training, record_every=4)
    # The fast path adds up in another order.
    np.testing.assert_allclose(end.parameters.flat, expected, rtol=0, atol=1e-5)
    assert end.updates == 20
    other = replace(training, split=Split(SPLIT.task, second, SPLIT.test))
    assert float(run.train_loss[-1]) == float(advance(other, end_of(other, end))[0].train_loss[0])


def end_of(training, checkpoint):
    """The same parameters, as if `training` had come to them one update before its end."""
    return replace(checkpoint, training=training.checksum, step=training.steps - 1)


def test_another_kind_of_optimiser_starts_anew():
    _, end = advance(TRAININGS["another optimiser"])
    assert (end.updates, end.moments.shape[0]) == (12, 1)


def test_minibatches_are_drawn_from_the_training_set_alone():
    stage = Stage(GradientDescent(0.1), steps=30, batch_size=5)
    training = Training(NETWORK, SPLIT, (stage,), dtype="float64")
    batches = [networks.data.drawn(training, stage, step)[1] for step in range(30)]
    assert all(np.unique(batch).size == 5 for batch in batches)
    assert set(np.concatenate(batches)) == set(SPLIT.train)
    start = NETWORK.initialise(SPLIT.task, np.random.default_rng(0), "float64").flat
    _, end = advance(training)
    np.testing.assert_array_equal(end.parameters.flat, plainly(training, start, batches))


def test_clamp_holds_the_norm_while_it_lasts():
    run, _ = advance(TRAININGS["clamped"], record_every=1)
    np.testing.assert_allclose(run.parameter_norm.sel(step=slice(1, 8)), 3, rtol=1e-6)
    assert abs(run.parameter_norm.sel(step=9) - 3) > 1e-4


def test_bounds_and_what_is_frozen_hold_while_they_last():
    shown = []

    def matrices(snapshot):
        shown.append(dict(snapshot.parameters.copy()))
        return {}

    advance(TRAININGS["bounded, then frozen"], record_every=1, measurements=(matrices,))
    stretches = [[np.linalg.norm(each[name], 2) for name in "EW"] for each in shown]
    assert np.max(stretches[1:9]) == pytest.approx(0.5, rel=1e-6)
    assert np.max(stretches[20]) > 0.51
    assert all(np.array_equal(each["E"], shown[8]["E"]) for each in shown[9:])
    assert not np.array_equal(shown[9]["W"], shown[8]["W"])


@pytest.mark.parametrize(
    "loss", [CrossEntropy(2.0), MeanSquaredError(0.5), SmoothedCrossEntropy(0.1)]
)
def test_losses_are_recorded_as_they_are_trained_on(loss):
    training = Training(NETWORK, SPLIT, (Stage(Adam(0.01), 60),), loss=loss)
    run, _ = advance(training)
    start = NETWORK.initialise(SPLIT.task, np.random.default_rng(0), "float32")
    for part in ("train", "test"):
        places = getattr(SPLIT, part)
        inputs = NETWORK.encode(SPLIT.task, places, "float32")
        logits = NETWORK.forward(start, inputs).logits
        expected, _ = loss.forward(logits, SPLIT.task.labels[places])
        assert run[f"{part}_loss"][0] == expected
        assert run[f"{part}_loss"].units == loss.units
    assert run.train_loss[-1] < 0.7 * run.train_loss[0]


def test_a_stream_teaches_what_was_never_seen():
    split = sparse_parity(20, 2, 600, rng=0).split(100, rng=0)
    stage = Stage(Adam(3e-3), steps=300, examples=SparseParity(20, 2), batch_size=200)
    run, end = advance(Training(MLP((64,)), split, (stage,)))
    assert run.test_accuracy[0] < 0.6
    assert run.test_accuracy[-1] > 0.95
    assert end.trained_on.size > 55_000  # of 60,000 draws of a million inputs


def test_a_training_starts_from_given_parameters():
    _, end = advance(TRAININGS["full batch"])
    start = Checkpoint.given(end.parameters, SPLIT.task, SPLIT.train)
    run, _ = advance(Training(NETWORK, SPLIT, (Stage(OPTIMISER, 5),), start=start))
    whole, _ = advance(TRAININGS["full batch"])
    assert run.train_loss[0] == whole.train_loss[-1]
    again, _ = advance(Training(NETWORK, SPLIT, (Stage(OPTIMISER, 5),), start=end))
    np.testing.assert_array_equal(again.train_loss, run.train_loss)
    assert "given parameters" in run.configuration
    assert end.training in again.configuration


def test_divergence_hands_back_the_run():
    stages = (Stage(OPTIMISER, 5), Stage(GradientDescent(1e6), 50))
    with pytest.raises(DivergedError, match=r"at step \d+: TwoLayer.*, then Grad") as caught:
        advance(Training(NETWORK, SPLIT, stages), record_every=1)
    assert caught.value.run.sizes["step"] >= 6


# No test example may have been trained on.


def twin():
    """A split with one example at two places, one of them for testing."""
    task = SPLIT.task
    inputs, labels = (np.concatenate([each, each[:1]]) for each in (task.inputs, task.labels))
    return Split(Task("twin", {}, inputs, labels, 7, 7), train=[0, 1, 2], test=[48, 49])


@pytest.mark.parametrize(
    ("split", "stages", "message"),
    [
        (SPLIT, [Stage(OPTIMISER, 1, SPLIT.test[:2])], r"stages\[0\] must not .*, got 2 of them"),
        (
            SPLIT,
            [Stage(OPTIMISER, 1), Stage(OPTIMISER, 1, np.arange(49))],
            r"stages\[1\] must not train on test examples, got 19 of them",
        ),
        (
            SPLIT,
            [Stage(OPTIMISER, 1, [*HALF, SPLIT.test[0]], batch_size=2)],
            r"stages\[0\] must not train on test examples, got 1 of them",
        ),
        (twin(), [Stage(OPTIMISER, 1)], r"stages\[0\] must not .*, got 1 of them"),
    ],
)
def test_no_stage_trains_on_test_examples(split, stages, message):
    with pytest.raises(ValueError, match=message):
        Training(NETWORK, split, stages)


@pytest.mark.parametrize("name", TRAININGS)
def test_no_start_was_trained_on_test_examples(name):
    """In any stage of the training that it comes from, be it taken over in part or from disk."""
    training = TRAININGS[name]
    _, end = advance(training, until=training.steps - 1)
    own, task = training.split, training.split.task
    stage = Stage(OPTIMISER, 1)
    Training(training.network, own, [stage], dtype=training.dtype, start=end)
    if name == "stream":
        fresh, places = networks.data.drawn(training, training.stages[0], step=2)
        task, leak = fresh, Split(fresh, places[:5], places[5:8])
    else:
        leak = Split(task, own.train[:5], own.train[5:8])
    into = training.network.zeros(task, training.dtype)
    for start in (end, end.transplanted(list(into)[:1], into)):
        with pytest.raises(ValueError, match=r"start must not .*, got 3 of them"):
            Training(training.network, leak, [stage], dtype=training.dtype, start=start)


def test_what_was_trained_on_is_known_over_several_trainings():
    first, second, rest = np.split(np.arange(48), 3)
    split = Split(SPLIT.task, first, rest)
    _, end = advance(Training(NETWORK, split, [Stage(OPTIMISER, 1)]))
    _, end = advance(Training(NETWORK, split, [Stage(OPTIMISER, 1, second)], start=end))
    known = networks.tasks.fingerprints(SPLIT.task, np.arange(32))
    np.testing.assert_array_equal(end.trained_on, np.sort(known))


def test_a_stage_not_yet_begun_has_left_no_trace():
    training = TRAININGS["ungrokking"]
    other = Split(SPLIT.task, SPLIT.train[1::2], SPLIT.test)
    staged = replace(training, split=other)
    _, before = advance(staged, until=8)
    _, after = advance(staged, until=9)
    assert (before.trained_on.size, after.trained_on.size) == (15, 30)


def test_streams_leave_test_examples_out():
    """Of the 16 inputs of this stream 12 are for testing."""
    split = sparse_parity(4, 2, 16).split(4, rng=0)
    stage = Stage(Adam(0.01), 20, SparseParity(4, 2), batch_size=30)
    training = Training(MLP((4,)), split, [stage])
    tested = {tuple(row) for row in split.task.inputs[split.test]}
    for step in range(20):
        task, places = networks.data.drawn(training, stage, step)
        drawn = {tuple(row) for row in task.inputs[places]}
        assert drawn
        assert not drawn & tested
    _, end = advance(training)
    known = networks.tasks.fingerprints(split.task, split.train)
    np.testing.assert_array_equal(end.trained_on, np.sort(known))


def test_a_stream_with_nothing_else_is_refused():
    task = sparse_parity(4, 2, 16)
    split = Split(task, [0], np.arange(1, 16))
    training = Training(MLP((4,)), split, [Stage(Adam(0.01), 99, SparseParity(4, 2), 1)])
    with pytest.raises(ValueError, match="brings nothing but test examples at step"):
        advance(training)


# Bad input.


def with_start(checkpoint):
    return Training(NETWORK, SPLIT, [Stage(OPTIMISER, 1)], start=checkpoint)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Stage(0.1, 1), "optimiser must be a .*, got 0\\.1"),
        (lambda: Stage(AdamW, 1), "optimiser must be a .*, got <class"),
        (lambda: Stage(OPTIMISER, 0), "steps must be an integer of at least 1, got 0"),
        (lambda: Stage(OPTIMISER, 1, "all"), "examples must be a stream or .*, got 'all'"),
        (lambda: Stage(OPTIMISER, 1, np.ones((2, 2), int)), "examples must be .*, got array"),
        (lambda: Stage(OPTIMISER, 1, []), r"examples must be .*, got \[\]"),
        (lambda: Stage(OPTIMISER, 1, [0.5]), r"examples must be .*, got \[0\.5\]"),
        (lambda: Stage(OPTIMISER, 1, [3, 3]), "examples must hold every place at most once"),
        (lambda: Stage(OPTIMISER, 1, batch_size=0), "batch_size must be .*at least 1, got 0"),
        (lambda: Stage(OPTIMISER, 1, SparseParity(3, 2)), "batch_size must be a .*, got None"),
        (lambda: Training(NETWORK, SPLIT, []), "stages must not be empty"),
        (lambda: Training(NETWORK, SPLIT, [OPTIMISER]), r"stages\[0\] must be a Stage, got Adam"),
        (
            lambda: Training(NETWORK, SPLIT, [Stage(OPTIMISER, 1, [0, 49])]),
            r"stages\[0\] must train on places in \[0, 49\), got 49",
        ),
        (
            lambda: Training(NETWORK, SPLIT, [Stage(OPTIMISER, 1, batch_size=31)]),
            r"batch_size of stages\[0\] must be at most 30, got 31",
        ),
        (
            lambda: Training(NETWORK, SPLIT, [Stage(OPTIMISER, 1, SparseParity(3, 2), 5)]),
            r"stages\[0\] must draw examples like .* \(2, 7, 7\), got \(3, None, 2\)",
        ),
        (
            lambda: Training(NETWORK, SPLIT, [Stage(OPTIMISER, 1)], loss="mse"),
            "loss must be a CrossEntropy or .* or SmoothedCrossEntropy, got 'mse'",
        ),
        (lambda: with_start(np.zeros(3)), "start must be a Checkpoint, got array"),
        (
            lambda: with_start(advance(TRAININGS["clamped"], until=1)[1]),
            "start must have parameters of shapes .*'E': \\(14, 16\\).*, got .*W1",
        ),
        (lambda: advance(TRAININGS["full batch"], until=21), r"until must lie .*20\], got 21"),
        (lambda: advance(TRAININGS["full batch"], record_every=0), "record_every .*got 0"),
        (
            lambda: advance(
                TRAININGS["full batch"], since=advance(TRAININGS["ungrokking"], until=2)[1]
            ),
            "since must be a checkpoint of this training, got one of another",
        ),
        (
            lambda: advance(
                TRAININGS["full batch"], advance(TRAININGS["full batch"], until=5)[1], until=5
            ),
            r"until must lie in \(5, 20\], got 5",
        ),
    ],
)
def test_bad_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_checkpoints_of_different_trainings_are_told_apart():
    plain = TRAININGS["full batch"]
    _, start = advance(plain)
    others = [
        plain,
        replace(plain, seed=4),
        replace(plain, dtype="float64"),
        replace(plain, loss=CrossEntropy(2.0)),
        replace(plain, network=TwoLayer(17)),
        replace(plain, split=SPLIT.task.split(30, rng=1)),
        replace(plain, start=start),
        replace(plain, stages=[Stage(OPTIMISER, 21)]),
        replace(plain, stages=[Stage(OPTIMISER, 20, HALF)]),
        replace(plain, stages=[Stage(OPTIMISER, 20, HALF + 0, 3)]),
        Training(TwoLayer(16), permutation("xy", 3).split(30), [Stage(OPTIMISER, 20)]),
    ]
    assert len({each.checksum for each in others}) == len(others)
    assert plain == replace(plain)
    assert plain != others[1]
    assert plain != "training"


def test_stages_compare_by_value():
    assert Stage(OPTIMISER, 5, HALF) == Stage(OPTIMISER, 5, list(HALF))
    assert Stage(OPTIMISER, 5, HALF) != Stage(OPTIMISER, 5, HALF[1:])
    assert Stage(OPTIMISER, 5) != "stage"
    with pytest.raises(ValueError, match="read-only"):
        Stage(OPTIMISER, 5, HALF).examples[0] = 1
