r"""Adam moves every parameter as far, so a wide network moves faster (derived here).

Far from rest Adam takes steps of about one learning rate :math:`\lambda` in each parameter, so
after t updates all have moved by :math:`\delta = \lambda t`. If all h units help, the logits of a
network of degree three are of the size :math:`h\,\delta^3`. What they must be to fit does not
depend on the width. So at one rate

.. math:: t \propto h^{-1/3}, \qquad |\theta| \propto \sqrt h\, \delta \propto h^{1/6}

when it fits, and with a rate that falls as :math:`h^{-1/2}` the time goes as :math:`h^{1/6}`. The
start, and what units do to each other, are left out.
"""

from theory.theories.theory import Prediction, Theory

#: Of the logits in the parameters.
_DEGREE = 3
_BECAUSE = "all units help, each by as far as its parameters have moved"

EQUAL_MOVES = Theory(
    "equal moves",
    "Adam moves every parameter as far, so that a wide network has its logits sooner.",
    "derived here",
    "Ours, found after pilots in which times to fit fell about as the power -.39 and times to half "
    "as -.32; norms had not been looked at.",
    {
        ("width", "fit_norm_exponent"): lambda _: Prediction(1 / 2 - 1 / _DEGREE, _BECAUSE),
        ("width", "fits_exponent"): lambda _: Prediction(-1 / _DEGREE, _BECAUSE),
        ("width", "half_exponent"): lambda _: Prediction(-1 / _DEGREE, _BECAUSE),
        ("width", "half_falling"): lambda _: Prediction(1 / 2 - 1 / _DEGREE, _BECAUSE),
    },
)
