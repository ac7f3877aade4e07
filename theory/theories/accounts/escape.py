"""Metastable phases under L2, from which noise escapes."""

from theory.theories.accounts.account import ABSTRACT, Account, says

ESCAPE = Account(
    "escape from phases",
    "In the strength of L2 there are transitions of the first order, one a feature; a network is "
    "trapped until noise takes it over a barrier.",
    "Ersoy and Wiesner 2026 (arXiv:2606.17120)",
    "The abstract was read: shown for linear networks, held likely for others; escape times of "
    "Arrhenius; networks were trapped on purpose. Its transitions are in the strength of L2, with "
    "as many phases as features. That a network of square units has two phases in D, each of "
    "which traps its start, is our reading; by its count of phases there would be many steps.",
    {
        ("two_starts", "square_apart"): says(
            0.0, "each start is trapped in a phase of its own", direction=1
        ),
    },
    access=ABSTRACT,
    published="2026-06",
    papers=("2606.17120",),
    silent={
        "ungrokking": "its transitions are in the strength of L2, one a feature: many small steps "
        "on sums, and how they lie in D is not said",
        "efficiency_again": "it has no norms of circuits",
        "delay_and_decay": "its time is one of noise; these networks see all examples at once",
        "forgetting": "nothing was read of networks from which examples are taken away",
    },
)
