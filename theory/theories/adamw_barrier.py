r"""AdamW stands at a barrier, and deep inside of it does what L2 does.

Where AdamW with full batches comes to rest, its averages are g and g^2, so
:math:`g/(|g| + \varepsilon) = -\omega \theta`: a stationary point of

.. math:: \ell(\theta) + \varepsilon \sum_i \psi(\omega |\theta_i|) / \omega, \qquad
          \psi(x) = -x - \log(1 - x),

a barrier around the box :math:`|\theta_i| < 1/\omega`. Deep inside it is L2 of the strength
:math:`\varepsilon \omega` (derived here).
"""

from __future__ import annotations

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory, known


def _as_l2(measured: Measured) -> Prediction:
    # Of the seeds and strengths that both were run with.
    l2, inside = known(measured, "l2_half_way"), known(measured, "inside_half_way")
    return Prediction(
        l2.sel(seed=inside["seed"], factor=inside["factor"]),
        "L2 of the strength epsilon omega has the same stationary points",
    )


ADAMW_BARRIER = Theory(
    "AdamW's barrier",
    "At rest AdamW minimises the loss and a barrier; deep inside, the loss and an L2 penalty.",
    "derived here; Xie and Li 2024 for epsilon to 0",
    "Ours.",
    {
        ("weight_decay", "inside_imbalance"): lambda _: Prediction(
            0.0, "there the gradient balances the barrier"
        ),
        ("optimisers", "inside_over_same"): lambda _: Prediction(
            1.0, "deep inside it is the L2 penalty of strength epsilon omega"
        ),
        ("optimisers", "stays"): lambda _: Prediction(0.0, "a minimum of loss and barrier is rest"),
        **{
            ("long_runs", name): lambda _: Prediction(
                0.0, "a minimum of loss and barrier is where AdamW comes to rest"
            )
            for name in ("adamw_foreseen", "adamw_off", "adamw_way", "adamw_objectives")
        },
        ("weight_decay", "inside_half_way"): _as_l2,
        ("weight_decay", "inside_half_way_slope"): lambda _: Prediction(
            0.0, "the barrier makes it that of L2, which the minimal model has at 0"
        ),
    },
)
