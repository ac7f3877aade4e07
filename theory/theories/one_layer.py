"""What the paper's model says of transformers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from theory.questions.question import Measured
from theory.theories.theory import Prediction


def _dearer(_: Measured) -> Prediction:
    return Prediction(0.0, "more examples make memorising dearer", direction=1)


def _flat(_: Measured) -> Prediction:
    return Prediction(0.0, "what generalises costs the same whatever D")


def _where_equal(_: Measured) -> Prediction:
    return Prediction(1.0, "the winner is what costs less")


#: For the paper's model.
OF_TRANSFORMERS: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("smaller_transformer", "memorising_exponent"): _dearer,
    ("smaller_transformer", "generalising_exponent"): _flat,
    ("smaller_transformer", "scratch_exponent"): _flat,
    ("smaller_transformer", "adamw_memorising_exponent"): _dearer,
    ("smaller_transformer", "adamw_generalising_exponent"): _flat,
    ("smaller_transformer", "half_over_cost"): _where_equal,
    ("smaller_transformer", "adamw_half_over_norm"): _where_equal,
}
