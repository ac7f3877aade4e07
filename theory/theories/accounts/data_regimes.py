"""A critical size of the data: too little, enough, more than enough."""

from theory.theories.accounts.account import ABSTRACT, Account, says
from theory.theories.laws import LARGE_START, norm_ratio

_MORE = "larger models need more examples"
_FALL = "ln(w0/w*) over the decay, taken over from Omnigrok"

DATA_REGIMES = Account(
    "data regimes",
    "Below a critical size a network memorises, about it it generalises late, and far above it "
    "fits and generalises at once; larger models need more data.",
    "Zhu et al. 2024 (arXiv:2401.10463)",
    "The abstract and a summary of the text were read. ln(w0/w*)/gamma is second hand. It is of "
    "language models, and of addition with a rescaled start; that its regimes and its trend in "
    "the size of the model hold of the width of two-layer networks is our reading.",
    {
        ("width", "half_way_narrow"): says(0.0, _MORE, direction=1),
        ("width", "half_way_wide"): says(0.0, _MORE, direction=1),
        ("delay_and_size", "descent_far"): says(0.0, "faster with more", direction=-1),
        ("delay_and_size", "adam_far"): says(0.0, "faster with more", direction=-1),
        ("large_starts", "slope_adamw"): says(1.0, _FALL),
        ("infinite_data", "fresh_over_seen"): says(1.0, "with more than enough it is at once"),
    },
    access=ABSTRACT,
    published="2024-01",
    papers=("2401.10463",),
    silent={
        "efficiency_again": "it has no circuits",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "decay_again": "no law of the critical size was read",
        "delay_and_decay": "its ln(w0/w*)/gamma is Omnigrok's, and of large starts",
        "harder_width": "one hidden layer's width is far from its larger models: it is asked once",
        "semi_grokking": "the same; it says nothing of networks that stay in part",
    },
    laws={table: norm_ratio("scale", "falls", _FALL, False) for table in LARGE_START.values()},
)
