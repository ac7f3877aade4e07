"""Networks at rest: the balance, what the way there changed, and how the objective curves."""

from dataclasses import replace

import numpy as np
import pytest

from theory.networks import (
    MLP,
    Adam,
    AdamW,
    Checkpoint,
    Clamped,
    CrossEntropy,
    GradientDescent,
    MeanSquaredError,
    SparseParity,
    Stage,
    Training,
    Transformer,
    TwoLayer,
    advance,
    come_to_rest,
    curvatures,
    modular_addition,
    sparse_parity,
)

TASK = modular_addition(5)
SPLIT = TASK.split(20, rng=0)
L2 = 2e-3
STAGE = Stage(Adam(0.01, l2=L2), 400)
TRAINING = Training(TwoLayer(6), SPLIT, [STAGE])


@pytest.fixture(scope="module")
def end():
    return advance(TRAINING)[1]


@pytest.fixture(scope="module")
def rest(end):
    return come_to_rest(TRAINING, end, residual=1e-7)


def objective(theta, places=SPLIT.train, width=6):
    """As plainly as it can be written."""
    first, second = theta[: 10 * width].reshape(10, width), theta[10 * width :].reshape(width, 5)
    x, y = TASK.inputs[places].T
    logits = (first[x] + first[5 + y]) ** 2 @ second
    right = logits[np.arange(places.size), TASK.labels[places]]
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - right) + L2 / 2 * theta @ theta


def slope(theta, step=1e-5):
    moves = step * np.eye(theta.size)
    return np.array([objective(theta + m) - objective(theta - m) for m in moves]) / (2 * step)


def test_at_rest_the_slope_is_nothing_beside_the_penalty(rest):
    theta = rest.checkpoint.parameters.flat
    assert rest.residual <= 1e-7
    assert np.linalg.norm(slope(theta)) < 1e-5 * L2 * np.linalg.norm(theta)
    assert rest.objective == pytest.approx(objective(theta), rel=1e-13)


def test_what_the_way_there_has_changed(end, rest):
    before = end.parameters.flat.astype(float)
    after = rest.checkpoint.parameters.flat
    assert after.dtype == np.float64
    assert rest.objective_before == pytest.approx(objective(before), rel=1e-13)
    assert rest.objective < rest.objective_before
    moved = np.linalg.norm(after - before) / np.linalg.norm(before)
    assert rest.moved == pytest.approx(moved, rel=1e-12)
    assert 0 < moved < 1
    assert rest.iterations > 5
    for accuracy, theta in ((rest.test_accuracy, after), (rest.test_accuracy_before, before)):
        first, second = theta[:60].reshape(10, 6), theta[60:].reshape(6, 5)
        x, y = TASK.inputs[SPLIT.test].T
        said = ((first[x] + first[5 + y]) ** 2 @ second).argmax(axis=1)
        assert accuracy == np.mean(said == TASK.labels[SPLIT.test])


def test_it_rests_on_the_examples_of_the_last_stage():
    half = SPLIT.train[::2]
    training = replace(
        TRAINING, stages=[Stage(AdamW(0.01, 1.0), 20), replace(STAGE, examples=half)]
    )
    _, end = advance(training)
    found = come_to_rest(training, end)
    theta = found.checkpoint.parameters.flat
    assert found.objective == pytest.approx(objective(theta, half), rel=1e-13)
    np.testing.assert_array_equal(found.checkpoint.trained_on, end.trained_on)


def test_a_network_at_rest_stays_there(rest):
    stage = Stage(GradientDescent(0.01, l2=L2), 20)
    start = rest.checkpoint
    _, end = advance(Training(TwoLayer(6), SPLIT, [stage], dtype="float64", start=start))
    np.testing.assert_allclose(end.parameters.flat, start.parameters.flat, atol=1e-7)
    assert (start.training, start.step, start.moments.shape[0]) == ("", 0, 0)


@pytest.mark.parametrize(
    ("network", "loss"),
    [
        (TwoLayer(8, biases=True), CrossEntropy()),
        (Transformer(d_model=8, heads=2, d_head=4, d_mlp=12), CrossEntropy(2.0)),
        (MLP((8,), activation="square"), MeanSquaredError()),
    ],
    ids=str,
)
def test_any_network_comes_to_rest(network, loss):
    training = Training(network, SPLIT, [Stage(Adam(0.01, l2=0.05), 100)], loss=loss)
    assert come_to_rest(training, advance(training)[1], residual=1e-4).residual <= 1e-4


def test_a_residual_below_rounding_is_an_error(end):
    with pytest.raises(
        ArithmeticError, match=r"residual must come down to 1e-15, got .* after \d+"
    ):
        come_to_rest(TRAINING, end, residual=1e-15)


# How it curves.


def dense_hessian(theta, step=1e-4):
    """By an imaginary step in one direction and differences in the other."""
    moves, tiny = step * np.eye(theta.size), 1e-20
    hessian = np.zeros((theta.size, theta.size))
    for i, move in enumerate(moves):
        for j in range(i + 1):
            aside = theta + 1j * tiny / step * moves[j]
            change = objective(aside + move) - objective(aside - move)
            hessian[i, j] = hessian[j, i] = change.imag / (2 * step * tiny)
    return hessian


def null_directions():
    """Of every unit: all its outputs together, and its two slots against each other."""
    found = []
    for unit in range(6):
        first, second = np.zeros((10, 6)), np.zeros((6, 5))
        first[:5, unit], first[5:, unit] = 1, -1
        found.append(np.concatenate([first.ravel(), np.zeros(30)]) / np.sqrt(10))
        second[unit] = 1
        found.append(np.concatenate([np.zeros(60), second.ravel()]) / np.sqrt(5))
    return np.array(found)


def test_curvatures_are_those_of_a_dense_hessian_on_active_units(rest, monkeypatch):
    theta = rest.checkpoint.parameters.flat
    hessian, null = dense_hessian(theta), null_directions()
    np.testing.assert_allclose(hessian @ null.T, L2 * null.T, atol=1e-4 * L2)
    w, e = rest.checkpoint.parameters["W"], rest.checkpoint.parameters["E"]
    strength = np.linalg.norm(w, axis=1) * np.sum(e**2, axis=0)
    # A part at which some of these few units are active and some are not.
    part = float(np.sort(strength)[2] / strength.max()) * 1.0001
    for threshold, units in ((part, 3), (0.0, 6)):
        monkeypatch.setattr("theory.networks.curvature.ACTIVE", threshold)
        active = strength > threshold * strength.max()
        assert active.sum() == units
        places = np.concatenate([np.tile(active, 10), np.repeat(active, 5)])
        own = null[:, places][np.repeat(active, 2)]
        away = np.eye(places.sum()) - own.T @ own
        raised = away @ hessian[np.ix_(places, places)] @ away + 1e3 * own.T @ own
        expected = np.linalg.eigvalsh(raised)[:8] / L2
        found = curvatures(TRAINING, rest.checkpoint, count=8)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def test_rescaling_a_unit_curves_by_twice_the_penalty(rest):
    parameters = rest.checkpoint.parameters
    strength = np.linalg.norm(parameters["W"], axis=1) * np.sum(parameters["E"] ** 2, axis=0)
    active = int(np.sum(strength > 0.03 * strength.max()))
    values = curvatures(TRAINING, rest.checkpoint, count=15 * active - 1)
    assert active >= 2
    assert np.sum(abs(values - 2) < 1e-4) == active


def test_what_no_example_shows_is_left_out():
    """Without any example of a token its embedding has nothing but the penalty."""
    shown = SPLIT.train[np.all(TASK.inputs[SPLIT.train] != [[2, 3]], axis=1)]
    training = replace(TRAINING, stages=[replace(STAGE, examples=shown)])
    found = come_to_rest(training, advance(training)[1])
    values = curvatures(training, found.checkpoint, count=20)
    assert np.all(abs(values - 1) > 1e-4)


# Bad input.


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"stages": [Stage(Adam(0.01), 5)]},
            "training must end with decay in the loss or AdamW, got A",
        ),
        (
            {"stages": [Stage(Clamped(Adam(0.01, l2=0.1), 2.0), 5)]},
            "must end with decay in the loss or AdamW, got Clamped",
        ),
        (
            {"stages": [Stage(GradientDescent(0.1, l2=0.1, weight_decay=0.1), 5)]},
            "must end with decay in the loss or AdamW, got Grad",
        ),
    ],
)
def test_without_a_penalty_there_is_no_rest(change, message):
    training = replace(TRAINING, **change)
    with pytest.raises(ValueError, match=message):
        come_to_rest(training, advance(training)[1])


def on_a_stream():
    split = sparse_parity(12, 2, 50).split(20, rng=0)
    stage = Stage(Adam(0.01, l2=0.1), 3, SparseParity(12, 2), 20)
    training = Training(MLP((4,)), split, [stage])
    return come_to_rest(training, advance(training)[1])


def curved(**change):
    training = replace(TRAINING, **change)
    return curvatures(training, Checkpoint.given(training.first_parameters(), TASK, []))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda end: come_to_rest("training", end), "training must be a Training, got 'training'"),
        (lambda _: come_to_rest(TRAINING, 3), "end must be a Checkpoint, got 3"),
        (lambda end: come_to_rest(TRAINING, end, 0), "residual must be above 0, got 0"),
        (
            lambda end: come_to_rest(replace(TRAINING, seed=1), end),
            "end must be a checkpoint of this training, got one of another",
        ),
        (
            lambda _: come_to_rest(TRAINING, advance(TRAINING, until=3)[1]),
            "end must come after all 400 updates, got 3",
        ),
        (lambda _: on_a_stream(), "training must end on a training set, got SparseParity"),
        (lambda _: curved(network=MLP((4,))), "network must be a TwoLayer of square .*, got MLP"),
        (lambda _: curved(network=TwoLayer(6, "relu")), "network must be a TwoLayer .*'relu'"),
        (lambda _: curved(network=TwoLayer(6, biases=True)), "network must be .*biases=True"),
        (
            lambda _: curved(stages=[Stage(AdamW(0.01, 1.0), 5)]),
            "training must end with decay in the loss, got Barrier",
        ),
        (lambda _: curved(loss=MeanSquaredError()), "loss must be a CrossEntropy, got Mean"),
        (
            lambda end: curvatures(replace(TRAINING, network=TwoLayer(7)), end),
            r"rest must have parameters of shapes .*\(10, 7\).*, got .*\(10, 6\)",
        ),
        (lambda end: curvatures(TRAINING, end, 0), "count must be an integer of at least 1, got 0"),
        (lambda end: curvatures(TRAINING, end, 99), r"count must be below \d+, got 99"),
    ],
)
def test_bad_argument(call, message, end):
    with pytest.raises(ValueError, match=message):
        call(end)


def test_a_network_that_dies_is_at_rest_with_nothing_left():
    strong = replace(TRAINING, stages=[Stage(Adam(0.01, l2=0.5), 400)])
    rest = come_to_rest(strong, advance(strong)[1])
    assert not rest.checkpoint.parameters.flat.any()
    assert (rest.residual, rest.moved) == (0, 1)
    assert rest.objective == pytest.approx(np.log(5))
