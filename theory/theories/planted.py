"""What a start with waves in it does to the delay, by the theories that speak of starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from theory.questions.question import Measured
from theory.theories.theory import Prediction, known

About = Mapping[tuple[str, str], Callable[[Measured], Prediction]]


def _as(name: str, because: str, direction: int = 0) -> Callable[[Measured], Prediction]:
    return lambda measured: Prediction(known(measured, name), because, direction=direction)


def _before_it_fits(_: Measured) -> Prediction:
    return Prediction(0.5, "what grows slowly is there from the start", direction=1)


#: Of the paper's model.
OF_SLOW_GROWTH: About = {
    ("transplants", "donor_right"): _before_it_fits,
    ("transplants", "rescaled_right"): _before_it_fits,
    ("transplants", "same_right"): _before_it_fits,
    ("transplants", "shuffled_right"): _as("scratch_right", "no circuit is ahead"),
    ("transplants", "planted_right"): _as("scratch_right", "the slow circuit is ahead", 1),
    ("transplants", "shuffled_pace"): lambda _: Prediction(1.0, "no circuit is ahead", direction=1),
}
#: Of theories in which the norm alone tells how late a network generalises.
OF_NORM_ALONE: About = {
    ("transplants", "rescaled_right"): _as("scratch_right", "the norm is that of any start"),
    ("transplants", "same_right"): _as("scratch_right", "the norm is that of any start"),
    ("transplants", "shuffled_right"): _as("donor_right", "the norm is the same"),
    ("transplants", "planted_right"): _as("scratch_right", "the norm is no larger"),
    ("transplants", "shuffled_pace"): lambda _: Prediction(1.0, "the norm is the same"),
}
