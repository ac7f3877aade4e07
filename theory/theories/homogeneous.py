r"""The minimal model with numbers read off the network: kappa = 3, and examples that are looked up.

The logits of the two-layer network are homogeneous of degree 3 in its parameters, so that one norm
bought 3 powers of logit: kappa = 3. If every example is stored by parameters of its own, squares
of norms add: beta = 1/2.

For kappa > 2 both pure states are minima at every D, and a network that has grokked leaves the
generalising one, at once, only below

.. math:: D_\mathrm{leave} = D_\mathrm{crit} \left(\frac{w_M}{w_G}\right)^{R/(2 \beta)}, \qquad
          R = 1 - \frac2\kappa,

with the weights that the grokked network has (derived here).
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory.minimal import MinimalModel, at_size
from theory.questions.question import Measured
from theory.questions.ungrokking import SIZES
from theory.statistics import passage
from theory.theories.competing_circuits import OF_A_WINNER
from theory.theories.on_a_sphere import OF_DEGREE
from theory.theories.rule_and_exceptions import SEPARATE, costs
from theory.theories.theory import Prediction, Theory, known

KAPPA, BETA = 3.0, 0.5
#: From one size of the question to the next, and parts of the answers that are right at a step.
_RUNG, _PARTS = SIZES[1] / SIZES[0], 8


def lookup_exponent() -> float:
    """Return the exponent in D of the norm of a circuit that looks every example up."""
    sizes = np.array([200.0, 400.0])
    norms = at_size(MinimalModel.paper(param_norm=(1.0, 0.05)), sizes, BETA).stack("param_norm")
    memorising = np.log(norms.sel(circuit="memorising").values)
    return float(np.diff(memorising)[0] / np.log(2))


def step_on_the_ladder() -> tuple[float, float]:
    """Return the least and the largest D90/D10 as which a step between two sizes can be read.

    A step reads as a straight line from one size to the next, or, where it falls on a size at which
    a part of the answers is right, as one over two.
    """
    sizes = _RUNG ** np.arange(5.0)
    middle = np.linspace(0, 1, _PARTS + 1)
    right = xr.DataArray(
        [[0.0, 0.0, part, 1.0, 1.0] for part in middle], {"size": sizes}, ("part", "size")
    )
    ratio = passage(right, 0.9, "size") / passage(right, 0.1, "size")
    return float(ratio.min()), float(ratio.max())


def leaving_size(critical: xr.DataArray, ratio: xr.DataArray, beta: xr.DataArray) -> xr.DataArray:
    """Return D_leave of a network that goes on from w_G/w_M."""
    return critical * ratio ** (-(1 - 2 / KAPPA) / (2 * beta))


def _width(_: Measured) -> Prediction:
    low, high = np.log(step_on_the_ladder())
    return Prediction(
        float(np.exp((low + high) / 2)),
        "a step; the error is how it can be read on the sizes that were run",
        error=float(np.expm1((high - low) / 2)),
    )


def _half_way(measured: Measured) -> Prediction:
    names = ("critical", "grokked_ratio", "beta")
    critical, ratio, beta = (known(measured, name) for name in names)
    return Prediction(
        leaving_size(critical, ratio, beta),
        "the grokked network leaves the generalising state where it favours the other",
    )


HOMOGENEOUS = Theory(
    "kappa = 3",
    "The minimal model with the network's own degree for kappa, and look-ups for memorising.",
    "derived here from Varma et al. 2023, section 3",
    "Ours: the paper does not say which kappa a network has.",
    {
        ("efficiency", "memorising_exponent"): lambda _: Prediction(
            lookup_exponent(), "squares of the norms of separate look-ups add"
        ),
        ("efficiency", "memorising_kappa"): lambda _: Prediction(KAPPA, "the degree of the logits"),
        ("efficiency", "generalising_kappa"): lambda _: Prediction(
            KAPPA, "the degree of the logits"
        ),
        ("own_exponent", "memorising_slope"): lambda _: Prediction(KAPPA, "the degree of logits"),
        ("own_exponent", "generalising_slope"): lambda _: Prediction(KAPPA, "the degree of logits"),
        ("ungrokking", "width"): _width,
        ("critical_size", "half_way"): _half_way,
        **OF_DEGREE,
        ("relu_cost", "relu_kappa"): lambda _: Prediction(2.0, "the degree of the logits"),
        ("relu_cost", "square_kappa"): lambda _: Prediction(KAPPA, "the degree of the logits"),
        ("exceptions", "norm_with_exceptions"): costs(
            SEPARATE, "squared norms add: exceptions are look-ups beside the rule"
        ),
        ("cubic_units", "kappa_ratio"): lambda _: Prediction(4 / 3, "degree over degree"),
        ("two_starts", "square_apart"): lambda _: Prediction(
            0.0, "both pure states are minima, and each start keeps its own", direction=1
        ),
        **OF_A_WINNER,
    },
)
