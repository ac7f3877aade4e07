"""The paper's memorising circuit with its best constants: P_M from D alone, and one kappa.

The paper leaves beta and kappa open. Here they are what networks with balanced random labels gave
in the question on efficiency, at one number of labels. The exponents of both circuits in the logit,
0.38 and 0.37, are taken to be one. Of generalising on other tasks the paper says nothing.
"""

from __future__ import annotations

import xarray as xr

from theory.questions import memorising_cost
from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory, known

#: |theta| = C D^beta A^(1/kappa), through 47 labels.
_CONSTANT, BETA, KAPPA = 1.80, 0.340, 2.67
_BECAUSE = "each example has to be stored, whatever its label: D and the logit decide"


def _norm(measured: Measured) -> xr.DataArray:
    """Return the norm at the logits that there are, along ``case``."""
    logit = known(measured, "right_logit")
    per_label, labels = (
        memorising_cost.setting(name, logit) for name in ("per_label", "num_labels")
    )
    return _CONSTANT * (per_label * labels) ** BETA * logit ** (1 / KAPPA)


def _norm_by(name: str, measured: Measured) -> Prediction:
    return Prediction(memorising_cost.exponent(_norm(measured), name), _BECAUSE)


def _norm_over_law(measured: Measured) -> Prediction:
    law = known(measured, "parameter_norm") / known(measured, "norm_over_law")
    return Prediction(_norm(measured) / law, _BECAUSE)


ONE_KAPPA = Theory(
    "one kappa",
    "Norm buys logits by one exponent for all circuits, and memorising gets dearer with D alone.",
    "Varma et al. 2023, sections 3 and 4",
    "The form is the paper's; the constants are read off runs, since it has none.",
    {
        ("memorising_cost", "norm_by_labels"): lambda measured: _norm_by("num_labels", measured),
        ("memorising_cost", "norm_by_slots"): lambda measured: _norm_by("slots", measured),
        ("memorising_cost", "norm_over_law"): _norm_over_law,
        ("own_exponent", "slope_difference"): lambda _: Prediction(0.0, "one kappa for all"),
    },
)
