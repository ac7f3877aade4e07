r"""Adam moves every parameter as far, so a wide network moves faster (derived here).

Far from rest Adam takes steps of one learning rate :math:`\lambda` in each of the parameters, of
which a network of width h has a number that is proportional to h. So its norm grows by
:math:`\lambda \sqrt h` an update, up to a constant. What a norm buys does not depend on the width,
as costs do not. So all times go as :math:`h^{-1/2}` at one rate, and not at all with the width if
the rate falls as its root. The start, and what units do to each other, are left out.
"""

from theory.theories.theory import Prediction, Theory

_BECAUSE = "as far in each of more parameters"

EQUAL_MOVES = Theory(
    "equal moves",
    "Adam moves every parameter as far, so that a norm is reached the sooner the wider a network.",
    "derived here",
    "Ours, found after a pilot in which times to fit fell about as the power -.45.",
    {
        ("width", "fits_exponent"): lambda _: Prediction(-0.5, _BECAUSE),
        ("width", "half_exponent"): lambda _: Prediction(-0.5, _BECAUSE),
        ("width", "late_exponent"): lambda _: Prediction(0.0, "both times go alike"),
        ("width", "half_falling"): lambda _: Prediction(0.0, "the rate makes up for it"),
    },
)
