"""A sparse subnetwork that takes over from a dense one."""

from theory.theories.accounts.account import ABSTRACT, Account, says

_APART = "the two subnetworks are largely distinct"

SPARSE_AND_DENSE = Account(
    "sparse and dense",
    "Grokking is a sparse subnetwork, of few neurons whose norm grows fast, taking over from a "
    "dense one that is largely distinct from it, and decays slowly.",
    "Merrill et al. 2023 (arXiv:2303.11873)",
    "The text was read, in a copy, of sparse parity with ReLU; there the sparse one is inactive "
    "while the other memorises. That it is so of square units on addition, at rest after examples "
    "were taken away, and that largely means more than half, is our reading.",
    {("shared_units", "memory_in_waves"): says(0.5, _APART, direction=-1)},
    access=ABSTRACT,
    published="2023-03",
    papers=("2303.11873",),
    silent={
        "infinite_data": "its sparse parity has a training set",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "several_circuits": "its parts are the sparse and the dense one, not single frequencies",
        "delay_and_decay": "no time is in what was read",
    },
)
