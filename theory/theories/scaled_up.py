"""A transformer half as wide, taken for the paper's own."""

from __future__ import annotations

from collections.abc import Callable

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory

#: Of 64 wide, modulo 59, with the same optimiser, after as many updates, and how far its interval
#: goes: exponents of norms, D50/m and D50 over the size of equal norm (the question on a smaller
#: transformer).
_FOUND = {
    "paper_memorising_exponent": (0.250, 0.017),
    "paper_generalising_exponent": (0.015, 0.026),
    "half_way_then": (6.89, 0.30),
    "half_over_norm": (1.37, 0.16),
}


def _as_found(value: float, error: float) -> Callable[[Measured], Prediction]:
    return lambda _: Prediction(value, "as measured of one half as wide", error=error)


SCALED_UP = Theory(
    "scaled up",
    "The paper's transformer does, for each label, what one half as wide does.",
    "measured here",
    "Ours; nobody claims it.",
    {("transformer_ungrokking", name): _as_found(*each) for name, each in _FOUND.items()},
)
