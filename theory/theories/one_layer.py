"""What the paper says of transformers: its model, on transformers here, and its own figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory


def _dearer(_: Measured) -> Prediction:
    return Prediction(0.0, "more examples make memorising dearer", direction=1)


def _flat(_: Measured) -> Prediction:
    return Prediction(0.0, "what generalises costs the same whatever D")


def _where_equal(_: Measured) -> Prediction:
    return Prediction(1.0, "the winner is what costs less")


def _above(_: Measured) -> Prediction:
    return Prediction(1.0, "above the critical size memorising is the dearer", direction=1)


def _step(_: Measured) -> Prediction:
    # What sizes that are 1.25 apart can tell.
    return Prediction(1.0, "one circuit takes over from the other at one size", error=0.25)


def _whatever_the_decay(_: Measured) -> Prediction:
    return Prediction(0.0, "the critical size does not depend on the strength of decay")


#: For the paper's model.
OF_TRANSFORMERS: Mapping[tuple[str, str], Callable[[Measured], Prediction]] = {
    ("smaller_transformer", "memorising_exponent"): _dearer,
    ("smaller_transformer", "generalising_exponent"): _flat,
    ("smaller_transformer", "scratch_exponent"): _flat,
    ("smaller_transformer", "adamw_memorising_exponent"): _dearer,
    ("smaller_transformer", "adamw_generalising_exponent"): _flat,
    ("smaller_transformer", "half_over_cost"): _where_equal,
    ("smaller_transformer", "adamw_half_over_norm"): _where_equal,
    ("transformer_costs", "paper_memorising_exponent"): _dearer,
    ("transformer_costs", "paper_generalising_exponent"): _flat,
    ("transformer_costs", "paper_price_ratio"): _above,
    ("transformer_costs", "paper_half_over_norm"): _where_equal,
    ("transformer_decay", "steepest_decay_slope"): _whatever_the_decay,
    ("transformer_ungrokking", "width"): _step,
    ("transformer_ungrokking", "decay_slope"): _whatever_the_decay,
}

#: Between these sizes seven tenths are right in the paper's figure of ungrokking.
_FROM, _TO = 800.0, 1000.0

PUBLISHED = Theory(
    "the paper's figure",
    "In the transformer modulo 113 seven tenths are right at 800 to 1000 examples.",
    "Varma et al. (2023), figure 7",
    "Read second hand, as two numbers. The paper's networks had been trained on all pairs.",
    {
        ("transformer_ungrokking", "seven_tenths"): lambda _: Prediction(
            (_FROM * _TO) ** 0.5,
            "the middle, with the ends as error",
            error=(_TO / _FROM) ** 0.5 - 1,
        ),
    },
)
