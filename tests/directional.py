"""Gradients against differences along random directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


def assert_gradient(
    function: Callable[[np.ndarray], float],
    point: np.ndarray,
    gradient: np.ndarray,
    rng: np.random.Generator,
    step: float = 1e-3,
) -> None:
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


def away_from_kink(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of both signs and of a size between 0.5 and 2."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 2, size=shape)
