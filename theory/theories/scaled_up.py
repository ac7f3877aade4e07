"""A transformer half as wide, taken for the paper's own."""

from __future__ import annotations

from collections.abc import Callable

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory

#: Of 64 wide, modulo 59, with the same optimiser and after as many updates (the question on a
#: smaller transformer), and how far their intervals go: exponents of norms, and D50/m and the norm
#: of random labels over that of what generalises, of which the interval is a part.
_FOUND = {
    ("transformer_costs", "paper_memorising_exponent"): (0.249, 0.017),
    ("transformer_costs", "paper_generalising_exponent"): (0.015, 0.026),
    ("transformer_costs", "paper_price_ratio"): (1.534, 0.055),
    ("transformer_ungrokking", "half_way_then"): (6.89, 0.30),
}


def _as_found(value: float, error: float) -> Callable[[Measured], Prediction]:
    return lambda _: Prediction(value, "as measured of one half as wide", error=error)


SCALED_UP = Theory(
    "scaled up",
    "The paper's transformer does, for each label, what one half as wide does.",
    "measured here",
    "Ours; nobody claims it.",
    {outcome: _as_found(*each) for outcome, each in _FOUND.items()},
)
