"""Circuits that compete for capacity: four ways to train, by width and by data."""

from theory.theories.accounts.account import ABSTRACT, Account, says

CAPACITIES = Account(
    "competing capacities",
    "Memorising and generalising circuits compete; which of four courses training takes depends "
    "on the size of the network and on the number of examples.",
    "Huang et al. 2024 (arXiv:2402.15175)",
    "The text to section 2 was read, in a copy: bands in D, one of them semi-grokking, long after "
    "the fit; larger networks need fewer examples; and, from Varma et al., that memorising gets "
    "less efficient with D and generalising does not. It is of transformers with AdamW. That it "
    "holds of the width of two-layer networks is our reading.",
    {
        ("efficiency_again", "memorising_exponent"): says(
            0.0, "taken over from circuit efficiency", direction=1
        ),
        ("efficiency_again", "circuit_exponent"): says(0.0, "taken over from circuit efficiency"),
        ("semi_grokking", "delay"): says(1.0, "semi-grokking is late, too", direction=1),
    },
    access=ABSTRACT,
    published="2024-02",
    papers=("2402.15175",),
    silent={
        "forgetting": "it has a region of ungrokking, but of training from scratch",
        "decay_again": "nothing was read of the strength of decay",
        "delay_and_decay": "it says in which order things come, not how long they take",
    },
)
