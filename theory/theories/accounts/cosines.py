"""Weights that solve modular arithmetic, in closed form."""

from theory.theories.accounts.account import ABSTRACT, Account, says

COSINES = Account(
    "closed weights",
    "Two-layer networks that add have weights in closed form, a cosine each; plain descent on "
    "squared errors finds them without a regulariser, and AdamW does.",
    "Gromov 2023 (arXiv:2301.02679)",
    "The abstract was read, and that of a talk: that other activations may take the place of "
    "squares. Second hand: that a regulariser is not needed, but saves time and data. Our reading: "
    "that these weights are what is found under a penalty and cross-entropy.",
    {("generalising_cost", "norm_over_pure"): says(1.0, "every unit is one cosine")},
    access=ABSTRACT,
    published="2023-01",
    papers=("2301.02679",),
    silent={
        "relu_cost": "of ReLU it is second hand, and nothing of rest under a penalty",
        "efficiency_again": "it has the circuit that generalises, and none that memorises",
        "delay_and_decay": "that a regulariser makes it sooner is second hand, without a law",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "critical_again": "that the part needed falls with the modulus is second hand",
    },
)
