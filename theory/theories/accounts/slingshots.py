"""Slingshots: late instabilities of adaptive optimisers, with which grokking comes."""

from theory.theories.accounts.account import ABSTRACT, Account, says

SLINGSHOTS = Account(
    "slingshots",
    "Without a regulariser grokking comes almost only at the onset of cycles of the last layer's "
    "norm, which adaptive optimisers have at extremely late stages of training.",
    "Thilak et al. 2022 (arXiv:2206.04817)",
    "The abstract and a summary of the text were read: that a larger epsilon, or another "
    "optimiser, momentum descent too, suppresses the cycles; that they are found, not explained. "
    "Our reading: what that makes of accuracies after 5000 updates, which may be early for it, "
    "with no look at whether there are cycles; it is silent where there is a penalty.",
    {
        ("without_decay", "descent_gain"): says(0.0, "descent with momentum has no such cycles"),
        ("without_decay", "adam_gain"): says(0.0, "Adam has them, late in training", direction=1),
        ("without_decay", "epsilon"): says(0.0, "a larger epsilon suppresses them", direction=1),
    },
    access=ABSTRACT,
    published="2022-06",
    papers=("2206.04817",),
    silent={
        "delay_and_decay": "it speaks of training without explicit regularisation",
        "efficiency_again": "it has no circuits",
        "forgetting": "nothing was read of networks from which examples are taken away",
    },
)
