"""Gradients against differences along random directions."""

import numpy as np


def assert_gradient(function, point, gradient, rng, step=1e-3):
    """Fourth-order central difference of `function` at `point` along a random direction."""
    direction = rng.normal(size=point.shape)
    direction /= np.linalg.norm(direction)
    near, far = (
        function(point + reach * direction) - function(point - reach * direction)
        for reach in (step, 2 * step)
    )
    measured = (8 * near - far) / (12 * step)
    # Relative to the largest slope there is, which a direction across the gradient does not see.
    assert abs(measured - np.sum(gradient * direction)) < 1e-7 * np.linalg.norm(gradient)


def away_from_kink(rng, shape):
    """Numbers of both signs and of a size between 0.5 and 2."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 2, size=shape)
