"""Circuits that compete for capacity: four ways to train, by width and by data."""

from theory.theories.accounts.account import ABSTRACT, Account, says

CAPACITIES = Account(
    "competing capacities",
    "Memorising and generalising circuits compete; which of four courses training takes depends "
    "on the size of the network and on the number of examples.",
    "Huang et al. 2024 (arXiv:2402.15175)",
    "The abstract was read. Second hand: that there are bands in D, one of them semi-grokking, and "
    "that larger networks need fewer examples. That it takes over from Varma et al. that "
    "memorising gets dearer with D, and that semi-grokking is late, is our reading.",
    {
        ("efficiency_again", "memorising_exponent"): says(
            0.0, "taken over from circuit efficiency", direction=1
        ),
        ("semi_grokking", "delay"): says(1.0, "semi-grokking is late, too", direction=1),
    },
    access=ABSTRACT,
    published="2024-02",
    papers=("2402.15175",),
    silent={
        "forgetting": "it has a region of ungrokking, second hand, but of training from scratch",
        "decay_again": "nothing was read of the strength of decay",
        "delay_and_decay": "it says in which order things come, not how long they take",
    },
)
