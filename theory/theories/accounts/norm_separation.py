r"""The delay as the time in which decay takes one norm to another.

.. math:: T = \frac{1}{2 \kappa \eta \lambda} \log \frac{V_\text{mem}}{V_*} ,

V the squared norm where a network fits, and where it generalises, and kappa of the optimiser, 1 for
plain descent.
"""

from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.laws import DELAY_BY_DECAY, LARGE_START, norm_ratio

_INVERSE = "the contraction is at the rate of the decay"
_LAW = "log(V_mem/V*) over the decay, in a unit of the optimiser"
_FROZEN = "without decay at memorisation there is no grokking"

NORM_SEPARATION = Account(
    "norm separation",
    "The delay is the time in which the optimiser contracts the norm from that of memorising to "
    "that of generalising, if the weights have turned far enough by then.",
    "Truong et al. 2026 (arXiv:2603.13331, arXiv:2605.18845)",
    "The abstracts were read: the law, with kappa of AdamW and V* calibrated on one setting; "
    "17.7% off on 26 held-out runs; that neither a norm frozen at memorisation nor no decay from "
    "there on lets a network grok; that V_mem above V* and an angle are both needed; that descent "
    "fails where AdamW groks. For AdamW it says a rate of at least the decay's. Our reading: that "
    "descent with momentum, where it groks, has the clean rate; that V_mem is the squared norm "
    "where the train loss is log 2; that the angle is reached in time; that a large start stands "
    "for V_mem.",
    {
        **{
            ("delay_and_decay", name): says(-1.0, _INVERSE)
            for name in ("descent_exponent", "descent_most_exponent", "adamw_exponent")
        },
        ("delay_and_decay", "adamw_most_exponent"): says(-1.0, _INVERSE),
        ("large_starts", "slope_descent"): says(
            1.0,
            "the logarithm of the norm over the decay, as far off as on held-out runs",
            error=0.2,
        ),
        ("norm_and_loss", "adamw_end"): says(
            1.0, "a delay needs a norm at the fit that is above that of generalising", direction=-1
        ),
        ("without_decay", "adam_gain"): says(0.0, _FROZEN),
        ("without_decay", "descent_gain"): says(0.0, _FROZEN),
    },
    access=ABSTRACT,
    published="2026-03",
    papers=("2603.13331", "2605.18845"),
    silent={
        "efficiency_again": "which norms the two have is measured, not derived",
        "decay_again": "when networks generalise is in it, not whether they do in the end",
        "semi_grokking": "nothing was read of networks that stay in part",
        "delay_and_size": "examples enter by norms that are measured only",
    },
    laws={
        **{
            DELAY_BY_DECAY[way]: norm_ratio("fit_norm", "decay", _LAW, True)
            for way in ("descent", "AdamW")
        },
        **{
            LARGE_START[way]: norm_ratio("scale", "falls", _LAW, way != "descent")
            for way in LARGE_START
        },
    },
)
