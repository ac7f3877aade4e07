"""A step in D, as it is read off the sizes that a question has."""

from collections.abc import Callable

import numpy as np

from theory.questions.question import Measured
from theory.theories.accounts.account import says
from theory.theories.homogeneous import step_on_the_ladder
from theory.theories.theory import Prediction


def a_step(because: str) -> Callable[[Measured], Prediction]:
    """Return D90/D10 of a step, with how it may fall between two sizes as the error."""
    low, high = np.log(step_on_the_ladder())
    middle, off = float(np.exp((low + high) / 2)), float(np.expm1((high - low) / 2))
    return says(middle, because, error=off)
