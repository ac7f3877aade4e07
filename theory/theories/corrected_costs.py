"""The minimal model with the cost of the sums themselves, in place of that of random labels.

Sums, memorised from so few examples that nothing generalises, cost more norm than random labels.
Carried on as a power of D, their cost puts the critical size lower (derived here).
"""

from __future__ import annotations

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory, how_far, known


def _corrected(measured: Measured) -> Prediction:
    corrected = known(measured, "corrected")
    others = [known(measured, f"corrected_{name}") for name in ("nearer", "bent")]
    return Prediction(
        corrected,
        "equal weights where the sums and generalising cost the same; the error is what another "
        "size for the cost of generalising, or a parabola for that of the sums, makes of it",
        error=max(how_far(each, corrected) for each in others),
    )


CORRECTED_COSTS = Theory(
    "corrected costs",
    "The minimal model, and memorising costs what the sums themselves cost.",
    "derived here",
    "Ours, suggested by exploratory runs.",
    {
        ("critical_size", "half_way"): _corrected,
        ("critical_size", "equal_weights"): _corrected,
    },
)
