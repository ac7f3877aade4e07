"""The small network's story, carried over to the transformer as it stands.

What was measured of two layers with square units: the exponent of memorising and the exponents of
the envelope at rest, places and widths of the transition as parts of the size of equal cost. No
theory says that they carry over. Whoever asks whether the story does has to hold this against it.
"""

from __future__ import annotations

import numpy as np

from theory import circuits
from theory.questions import smaller_transformer
from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory, known

#: Of two layers: D50 over the size of equal objective after grokking, from scratch over after
#: grokking, and D90/D10 after it (the question on the critical size, again, six moduli).
HALF_OVER_COST, SCRATCH_OVER_GROKKED = 0.825, 1.174
WIDTH = 1.514
#: The exponent of the norm of random labels at one penalty (the question on efficiency).
MEMORISING = 0.338
#: Exponents of the envelope, of random labels and of what generalises.
KAPPAS = 2.46, 2.64
#: D50/m and D90/D10 with AdamW at a decay of .9, modulo 43, and by how much the accuracy at one
#: size rises for a factor of ten in decay (the question on weight decay).
ADAMW_HALF_WAY, ADAMW_WIDTH, ADAMW_SLOPE = 4.5, 2.9, -0.0202

_MEASURED = "as measured of two layers"


def _number(value: float) -> Prediction:
    return Prediction(value, _MEASURED)


def _half_way(measured: Measured) -> Prediction:
    cases = known(measured, "equal_cost")
    moduli = [smaller_transformer.CASES[case].modulus for case in cases["case"].values]
    critical = [float(circuits.critical_size(m, smaller_transformer.L2)) / m for m in moduli]
    there = cases.copy(data=np.broadcast_to(np.array(critical)[:, None], cases.shape))
    return Prediction(HALF_OVER_COST * there, "the derived critical size of two layers")


CARRIED_OVER = Theory(
    "carried over",
    "A transformer does what two layers with square units do.",
    "measured here",
    "Ours; nobody claims it.",
    {
        ("smaller_transformer", "memorising_exponent"): lambda _: _number(MEMORISING),
        ("smaller_transformer", "half_over_cost"): lambda _: _number(HALF_OVER_COST),
        ("smaller_transformer", "half_way"): _half_way,
        ("smaller_transformer", "width"): lambda _: _number(WIDTH),
        ("smaller_transformer", "scratch_over_grokked"): lambda _: _number(SCRATCH_OVER_GROKKED),
        ("smaller_transformer", "memorising_kappa"): lambda _: _number(KAPPAS[0]),
        ("smaller_transformer", "generalising_kappa"): lambda _: _number(KAPPAS[1]),
        ("smaller_transformer", "adamw_half_way"): lambda _: _number(ADAMW_HALF_WAY),
        ("transformer_decay", "steepest_decay_slope"): lambda _: _number(ADAMW_SLOPE * np.log10(2)),
        ("transformer_ungrokking", "half_way"): lambda _: _number(ADAMW_HALF_WAY),
        ("transformer_ungrokking", "width"): lambda _: _number(ADAMW_WIDTH),
        ("transformer_ungrokking", "decay_slope"): lambda _: _number(ADAMW_SLOPE * np.log10(2)),
    },
)
