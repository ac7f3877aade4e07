"""The paper's memorising circuit with its best constants: P_M from D alone, and one kappa.

The paper leaves beta and kappa open. Here they are what networks with balanced random labels gave
in the question on efficiency, at one number of labels. The exponents of both circuits in the logit,
0.38 and 0.37, are taken to be one. Of generalising on other tasks the paper says nothing.
"""

from __future__ import annotations

from theory.questions import memorising_cost
from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory, known

#: |theta| = C D^beta A^(1/kappa), through 47 labels.
_CONSTANT, BETA, KAPPA = 1.80, 0.340, 2.67


def _memorising_norm(measured: Measured) -> Prediction:
    norm, logit = known(measured, "parameter_norm"), known(measured, "right_logit")
    per_label, labels = (
        memorising_cost.setting(name, logit) for name in ("per_label", "num_labels")
    )
    law = norm / known(measured, "norm_over_law")
    return Prediction(
        _CONSTANT * (per_label * labels) ** BETA * logit ** (1 / KAPPA) / law,
        "each example has to be stored, whatever its label: D and the logit decide",
    )


ONE_KAPPA = Theory(
    "one kappa",
    "Norm buys logits by one exponent for all circuits, and memorising gets dearer with D alone.",
    "Varma et al. 2023, sections 3 and 4",
    "The form is the paper's; the constants are read off runs, since it has none.",
    {("memorising_cost", "norm_over_law"): _memorising_norm},
)
