"""What a norm does to the delay it does through the scale of the logits."""

from theory.theories.accounts.account import ABSTRACT, Account, says

LOGIT_SCALE = Account(
    "logit scale",
    "Under cross-entropy a held norm sets the delay through the scale of the logits and how far "
    "the softmax is saturated, and hardly by itself.",
    "Truong 2026 (arXiv:2606.18465)",
    "The abstract was read: the scale of the logits explains 97% of the delay's variance, the norm "
    "1 to 2% more; put back, it takes back .83 and .89 of what a larger norm adds to the delay; on "
    "squared errors the norm has a route of its own. That what is left is nothing, so that a norm "
    "twice as large at one scale of the logits and one learning rate changes nothing, is our "
    "reading, and stronger.",
    {("held_norm", "norm_alone"): says(0.0, "at one scale of the logits the norm hardly matters")},
    access=ABSTRACT,
    published="2026-06",
    papers=("2606.18465",),
    silent={
        "efficiency_again": "it has no circuits",
        "delay_and_decay": "its norms are held",
        "without_decay": "nothing was read of networks whose norm is free and that do not decay",
    },
)
