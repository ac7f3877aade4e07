"""A transformer half as wide, taken for the paper's own."""

from __future__ import annotations

from theory.theories.theory import Prediction, Theory

#: Of 64 wide, modulo 59, with the same optimiser and after as many updates: D50/m, and the part of
#: it that its interval goes up (the question on a smaller transformer).
_HALF_WAY, _ERROR = 6.89, 0.30

SCALED_UP = Theory(
    "scaled up",
    "The paper's transformer does, for each label, what one half as wide does.",
    "measured here",
    "Ours; nobody claims it.",
    {
        ("transformer_ungrokking", "half_way_then"): lambda _: Prediction(
            _HALF_WAY, "as measured of one half as wide", error=_ERROR
        )
    },
)
