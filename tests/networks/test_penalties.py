"""The penalties of optimisers: their slopes, the walls, and networks at rest between these."""

import numpy as np
import pytest

from theory.networks import (
    Adam,
    AdamW,
    GradientDescent,
    Stage,
    Training,
    TwoLayer,
    advance,
    come_to_rest,
    modular_addition,
)
from theory.networks.penalties import Barrier, Square, penalty_of

SPLIT = modular_addition(5).split(20, rng=0)


@pytest.mark.parametrize("penalty", [Square(0.3), Barrier(0.5, 1e-3)], ids=str)
def test_the_slope_is_that_of_the_value(penalty):
    theta, step = np.array([-1.9, -0.3, 0.0, 0.7, 1.5]), 1e-6
    moves = step * np.eye(theta.size)
    slope = [penalty.value(theta + m) - penalty.value(theta - m) for m in moves]
    np.testing.assert_allclose(penalty.slope(theta), np.array(slope) / (2 * step), rtol=1e-5)


def test_at_a_wall_the_barrier_is_infinite():
    barrier = Barrier(0.5, 1e-3)
    assert barrier.wall == 2
    assert np.isinf(barrier.value(np.array([0.1, -2.0])))
    assert np.isfinite(barrier.value(np.array([0.1, -1.99])))


def test_each_optimiser_has_its_penalty():
    assert penalty_of(Adam(0.1, l2=0.2)) == Square(0.2)
    assert penalty_of(GradientDescent(0.1, l2=0.2, momentum=0.9)) == Square(0.2)
    assert penalty_of(AdamW(0.1, 0.5, epsilon=1e-4)) == Barrier(0.5, 1e-4)


@pytest.mark.parametrize(
    "optimiser", [Adam(0.1), AdamW(0.1, 0.0), GradientDescent(0.1, weight_decay=0.1)], ids=str
)
def test_what_nothing_is_known_of_is_an_error(optimiser):
    with pytest.raises(ValueError, match=r"must end with decay in the loss or AdamW, got \w+\("):
        penalty_of(optimiser)


@pytest.mark.parametrize("epsilon", [1e-3, 1e-8])
def test_adamw_stays_where_the_barrier_rests(epsilon):
    optimiser = AdamW(1e-5, 0.8, epsilon=epsilon)
    training = Training(TwoLayer(6), SPLIT, [Stage(AdamW(1e-2, 0.8, epsilon=epsilon), 2000)])
    rest = come_to_rest(training, advance(training)[1], residual=1e-4)
    theta = rest.checkpoint.parameters.flat
    assert abs(theta).max() < 1 / 0.8
    assert abs(theta).max() > 0.5 / 0.8
    stays = Training(
        TwoLayer(6), SPLIT, [Stage(optimiser, 2000)], dtype="float64", start=rest.checkpoint
    )
    _, end = advance(stays)
    np.testing.assert_allclose(end.parameters.flat, theta, atol=5e-4)
