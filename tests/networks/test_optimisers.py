import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimisers import DECAYING, OPTIMISERS, SIZE
from theory.networks import (
    MLP,
    Adam,
    AdamW,
    Clamped,
    Frozen,
    GradientDescent,
    Lasso,
    SpectralBound,
    TwoLayer,
    decay,
    modular_addition,
    shapes_of,
)

rates = st.floats(1e-4, 0.5)
strengths = st.floats(1e-4, 1)
values = st.floats(-10, 10)


def follow(optimiser, theta, gradients):
    """Theta after each update, for gradients given beforehand."""
    vector = np.array([theta], float)
    state = optimiser.start(vector)
    path = []
    for updates, gradient in enumerate(gradients):
        optimiser.step(vector, np.array([gradient], float), state, updates)
        path.append(float(vector[0]))
    return path


def test_adam_by_hand():
    """From theta = 1 with gradients 2 and -4.

    First: m = 1, v = 1, unbiased 2 and 4, so 0.3 * 2 / (2 + 1) = 0.2 is taken off.
    Then: m = 0.5 - 2 = -1.5, v = 0.75 + 4 = 4.75, unbiased -2 and 4.75 / 0.4375 = 76 / 7.
    """
    optimiser = Adam(learning_rate=0.3, betas=(0.5, 0.75), epsilon=1)
    second = 0.8 + 0.3 * 2 / (math.sqrt(76 / 7) + 1)
    assert follow(optimiser, 1, [2, -4]) == pytest.approx([0.8, second], rel=1e-14)


def test_adam_with_l2_by_hand():
    """The penalty 2 theta makes gradients 0 and -5.6 into 2 and -4, so the steps are as above."""
    optimiser = Adam(learning_rate=0.3, l2=2, betas=(0.5, 0.75), epsilon=1)
    second = 0.8 + 0.3 * 2 / (math.sqrt(76 / 7) + 1)
    assert follow(optimiser, 1, [0, -5.6]) == pytest.approx([0.8, second], rel=1e-14)


def test_adamw_by_hand():
    """The decay takes 0.3 * 0.5 = 15% off theta each time; the rest is as for Adam."""
    optimiser = AdamW(learning_rate=0.3, weight_decay=0.5, betas=(0.5, 0.75), epsilon=1)
    first = 0.85 - 0.2
    second = 0.85 * first + 0.3 * 2 / (math.sqrt(76 / 7) + 1)
    assert follow(optimiser, 1, [2, -4]) == pytest.approx([first, second], rel=1e-14)


def test_momentum_by_hand():
    """The penalty 2 theta makes gradients 0 and -1.2 of 1 and 0.8 into 2 and 0.4; then v = 1.4."""
    optimiser = GradientDescent(0.1, l2=2, momentum=0.5)
    assert follow(optimiser, 1, [0, -1.2]) == pytest.approx([0.8, 0.66], rel=1e-14)


def test_decay_has_no_momentum():
    """Each update takes 0.1 * 0.5 = 5% off; the gradients 1 and 0 leave v = 1 and 0.5."""
    optimiser = GradientDescent(0.1, weight_decay=0.5, momentum=0.5)
    second = 0.95 * (0.95 - 0.1) - 0.05
    assert follow(optimiser, 1, [1, 0]) == pytest.approx([0.85, second], rel=1e-14)


@given(rate=rates, theta=values, gradients=st.lists(values, max_size=5))
def test_no_momentum_is_plain_descent(rate, theta, gradients):
    expected = theta - rate * np.cumsum(gradients)
    assert follow(GradientDescent(rate, momentum=0), theta, gradients) == pytest.approx(
        expected.tolist(), rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize(
    "inner", [GradientDescent(0.1, momentum=0.9), Adam(0.1, l2=0.1), AdamW(0.1, weight_decay=0.1)]
)
@given(norm=st.floats(0.1, 100), seed=st.integers(0, 99))
def test_clamp_scales_what_the_other_optimiser_did(inner, norm, seed):
    rng = np.random.default_rng(seed)
    theta, gradient = rng.normal(size=(2, 5))
    clamped, free = theta.copy(), theta.copy()
    optimiser = Clamped(inner, norm)
    state, free_state = optimiser.start(clamped), inner.start(free)
    optimiser.step(clamped, gradient, state, updates=0)
    inner.step(free, gradient, free_state, updates=0)
    np.testing.assert_allclose(clamped, norm * free / np.linalg.norm(free), rtol=1e-12)
    np.testing.assert_array_equal(state, free_state)


def test_defaults():
    for optimiser in (Adam(0.1), AdamW(0.1, weight_decay=1)):
        assert optimiser.betas == (0.9, 0.98)
        assert optimiser.epsilon == 1e-8
    assert Adam(0.1).l2 == GradientDescent(0.1).l2 == GradientDescent(0.1).weight_decay == 0


@given(rate=rates, strength=strengths, theta=values, gradients=st.lists(values, max_size=5))
def test_penalty_and_decay_are_one_for_gradient_descent(rate, strength, theta, gradients):
    penalised = follow(GradientDescent(rate, l2=strength), theta, gradients)
    decayed = follow(GradientDescent(rate, weight_decay=strength), theta, gradients)
    assert penalised == pytest.approx(decayed, rel=1e-12, abs=1e-12)
    expected = theta
    for found, gradient in zip(penalised, gradients, strict=True):
        expected = (1 - rate * strength) * expected - rate * gradient
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(rate=rates, strength=strengths, theta=st.floats(0.1, 10))
def test_penalty_and_decay_differ_for_adam(rate, strength, theta):
    """Without a gradient Adam rescales the penalty to a full step, and the decay stays small."""
    (penalised,) = follow(Adam(rate, l2=strength), theta, [0])
    (decayed,) = follow(AdamW(rate, weight_decay=strength), theta, [0])
    assert theta - penalised == pytest.approx(rate, rel=1e-3)
    assert theta - decayed == pytest.approx(rate * strength * theta, rel=1e-9)


@given(rate=rates, theta=values, gradients=st.lists(values, max_size=5))
def test_adam_and_adamw_are_one_without_either(rate, theta, gradients):
    assert follow(Adam(rate), theta, gradients) == follow(AdamW(rate, 0), theta, gradients)


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=str)
def test_step_keeps_precision_and_the_gradient(optimiser):
    theta, gradient = np.ones(SIZE, "float32"), np.full(SIZE, 2, "float32")
    state = optimiser.start(theta)
    assert state.dtype == np.dtype("float32")
    optimiser.step(theta, gradient, state, updates=0)
    assert theta.dtype == np.dtype("float32")
    assert np.all(theta[-9:] < 1)
    assert np.all(gradient == 2)


@pytest.mark.parametrize("optimiser", DECAYING, ids=str)
@given(size=st.integers(1, 20), block=st.integers(1, 21), seed=st.integers(0, 99))
def test_blocks_change_no_bit(optimiser, size, block, seed):
    rng = np.random.default_rng(seed)
    start, *gradients = rng.normal(size=(4, size))
    ends = []
    for numbers in (size, block):
        theta, state = start.copy(), optimiser.start(start)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(decay, "BLOCK", numbers * theta.itemsize)
            for updates, gradient in enumerate(gradients):
                optimiser.step(theta, gradient, state, updates)
        ends.append((theta.tobytes(), state.tobytes()))
    assert ends[0] == ends[1]
    assert not np.any(theta == start)


@pytest.mark.parametrize("optimiser", DECAYING, ids=str)
@given(pull=values, theta=values.filter(lambda value: abs(value) > 0.1))
def test_imbalance_is_how_fast_theta_still_moves_beside_its_decay(optimiser, pull, theta):
    """After many updates by one gradient, as if theta stood still."""
    gradient = pull + optimiser.l2 * theta
    vector, state = np.array([theta]), optimiser.start(np.zeros(1))
    for updates in range(900):
        push = optimiser.direction(np.array([gradient]), state, updates)
    if optimiser.weight_decay > 0:
        expected = abs(push[0] / (optimiser.weight_decay * theta) + 1)
    else:
        expected = abs(gradient / (optimiser.l2 * theta))
    found = optimiser.imbalance(vector, np.array([pull]))
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_imbalance_by_hand():
    """With the decay of 0.5 against a step of 2/(2 + 2), and of a penalty of 1 against 3."""
    theta = np.array([2.0])
    assert AdamW(0.1, 0.5, epsilon=2).imbalance(theta, np.array([-2.0])) == pytest.approx(0.5)
    assert Adam(0.1, l2=0.5).imbalance(theta, np.array([-3.0])) == pytest.approx(2)
    balanced = GradientDescent(0.1, l2=1, weight_decay=2, momentum=0.5)
    assert balanced.imbalance(theta, np.array([-4.0])) == pytest.approx(0, abs=1e-15)


def test_an_l1_penalty_by_hand():
    """Signs of 3, 0 and -5 make gradients 1, 2 and 3 into 1.5, 2 and 2.5; then v = 0.5 v + g."""
    theta, gradient = np.array([3.0, 0.0, -5.0]), np.array([1.0, 2.0, 3.0])
    optimiser = Lasso(GradientDescent(1.0, momentum=0.5), l1=0.5)
    state = optimiser.start(theta)
    optimiser.step(theta, gradient, state, updates=0)
    assert theta.tolist() == [1.5, -2, -7.5]
    assert gradient.tolist() == [1, 2, 3]
    optimiser.step(theta, np.zeros(3), state, updates=1)
    assert theta.tolist() == [1.5 - 0.75 - 0.5, -2 - 1 + 0.5, -7.5 - 1.25 + 0.5]


@pytest.mark.parametrize("inner", [GradientDescent(0.1, momentum=0.9), Adam(0.1, l2=0.1)], ids=str)
@given(bound=st.floats(0.1, 5), seed=st.integers(0, 99))
def test_a_bound_is_on_the_largest_singular_value_of_each_matrix(inner, bound, seed):
    rng = np.random.default_rng(seed)
    theta, gradient = rng.normal(size=(2, 26))
    bounded, free = theta.copy(), theta.copy()
    optimiser = SpectralBound(inner, bound, ((4, 3), (3, 4), (1, 2)))
    state, free_state = optimiser.start(bounded), inner.start(free)
    optimiser.step(bounded, gradient, state, updates=0)
    inner.step(free, gradient, free_state, updates=0)
    for part, rows in ((slice(0, 12), 4), (slice(12, 24), 3), (slice(24, 26), 1)):
        matrix = free[part].reshape(rows, -1)
        stretch = np.sqrt(np.linalg.eigvalsh(matrix.T @ matrix)[-1])
        expected = free[part] * (bound / stretch if stretch > bound else 1)
        np.testing.assert_allclose(bounded[part], expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(state, free_state)


def test_matrices_of_zeros_are_within_any_bound():
    theta = np.zeros(4)
    optimiser = SpectralBound(GradientDescent(1.0), 2.0, ((2, 2),))
    optimiser.step(theta, np.zeros(4), optimiser.start(theta), 0)
    assert not theta.any()


def test_shapes_are_those_of_the_parameters():
    parameters = TwoLayer(16).zeros(modular_addition(7), "float32")
    assert shapes_of(parameters) == ((14, 16), (16, 7))
    with pytest.raises(ValueError, match=r"parameters must be rows and columns .*, got .*\(8,\)"):
        shapes_of(MLP((8,)).zeros(modular_addition(7), "float32"))


@pytest.mark.parametrize("inner", [GradientDescent(0.1, momentum=0.9), AdamW(0.1, 0.5)], ids=str)
def test_what_is_frozen_stays_and_the_rest_goes_as_ever(inner):
    rng = np.random.default_rng(0)
    theta, *gradients = rng.normal(size=(4, 5))
    frozen, free = theta.copy(), theta.copy()
    optimiser = Frozen(inner, held=2, free=3)
    state, free_state = optimiser.start(frozen), inner.start(free)
    for updates, gradient in enumerate(gradients):
        optimiser.step(frozen, gradient, state, updates)
        inner.step(free, gradient, free_state, updates)
    np.testing.assert_array_equal(frozen[:2], theta[:2])
    np.testing.assert_array_equal(frozen[2:], free[2:])
    assert np.all(free != theta)


def test_a_clamp_of_a_clamp_is_the_outer_one():
    theta = np.array([3.0, 5.0])
    both = Clamped(Clamped(GradientDescent(1.0), norm=2.0), norm=10.0)
    both.step(theta, np.array([0.0, 1.0]), both.start(theta), 0)
    np.testing.assert_allclose(theta, [6, 8])


BOUNDED = {"optimiser": Adam(1), "bound": 1, "shapes": ((1, 2),)}


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (GradientDescent, {"learning_rate": 0}, "learning_rate must be above 0, got 0"),
        (GradientDescent, {"learning_rate": 1, "l2": -1}, "l2 must be at least 0, got -1"),
        (GradientDescent, {"learning_rate": 1, "weight_decay": -1}, "weight_decay .* got -1"),
        (GradientDescent, {"learning_rate": 1, "momentum": 1}, "momentum .* below 1, got 1"),
        (GradientDescent, {"learning_rate": 1, "momentum": -1}, "momentum .* got -1"),
        (Clamped, {"optimiser": Adam(1), "norm": 0}, "norm must be above 0, got 0"),
        (Clamped, {"optimiser": "Adam", "norm": 1}, "optimiser must be a .*, got 'Adam'"),
        (Clamped, {"optimiser": Adam, "norm": 1}, "optimiser must be a .*, got <class"),
        (Lasso, {"optimiser": Adam(1), "l1": 0}, "l1 must be above 0, got 0"),
        (Lasso, {"optimiser": Adam, "l1": 1}, "optimiser must be a .*, got <class"),
        (SpectralBound, {**BOUNDED, "bound": 0}, "bound must be above 0, got 0"),
        (SpectralBound, {**BOUNDED, "optimiser": 1}, "optimiser must be a .*, got 1"),
        (SpectralBound, {**BOUNDED, "shapes": ()}, r"shapes must be .* at least 1, .*got \(\)"),
        (SpectralBound, {**BOUNDED, "shapes": ((0, 2),)}, "shapes must be .* at least 1, .*0, 2"),
        (SpectralBound, {**BOUNDED, "shapes": (2, 2)}, r"shapes must be rows .*, got \(2, 2\)"),
        (SpectralBound, {**BOUNDED, "shapes": ((1.5, 2),)}, r"shapes must be rows .*1\.5"),
        (Frozen, {"optimiser": Adam(1), "held": 0, "free": 1}, "held must be .*, got 0"),
        (Frozen, {"optimiser": Adam(1), "held": 1, "free": 0}, "free must be .*, got 0"),
        (Frozen, {"optimiser": "Adam", "held": 1, "free": 1}, "optimiser must .*, got 'Adam'"),
        (Adam, {"learning_rate": np.nan}, "learning_rate must be finite, got nan"),
        (Adam, {"learning_rate": -0.1}, r"learning_rate must be above 0, got -0\.1"),
        (Adam, {"learning_rate": "fast"}, "learning_rate must be .*got 'fast'"),
        (Adam, {"learning_rate": [0.1, 0.2]}, "learning_rate must be one number"),
        (Adam, {"learning_rate": 1, "l2": -1}, "l2 must be at least 0, got -1"),
        (Adam, {"learning_rate": 1, "epsilon": 0}, "epsilon must be above 0, got 0"),
        (Adam, {"learning_rate": 1, "betas": (0.9, 1)}, "betas must be below 1, got 1"),
        (Adam, {"learning_rate": 1, "betas": 0.9}, r"betas must be two numbers, got 0\.9"),
        (AdamW, {"learning_rate": np.inf, "weight_decay": 1}, "learning_rate .* got inf"),
        (AdamW, {"learning_rate": 1, "weight_decay": -1}, "weight_decay .* got -1"),
        (AdamW, {"learning_rate": 1, "weight_decay": np.nan}, "weight_decay .* got nan"),
        (AdamW, {"learning_rate": 1, "weight_decay": 1, "epsilon": -1}, "epsilon .* got -1"),
        (AdamW, {"learning_rate": 1, "weight_decay": 1, "betas": (-1, 0)}, "betas .* got -1"),
    ],
)
def test_bad_optimiser(kind, arguments, message):
    with pytest.raises(ValueError, match=message):
        kind(**arguments)
