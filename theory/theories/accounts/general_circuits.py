"""Descent reinforces general circuits more: each example pulls at them."""

from theory.theories.accounts.account import ABSTRACT, Account, says

GENERAL_CIRCUITS = Account(
    "general circuits reinforced",
    "Descent prefers general circuits, since many examples reinforce them, and each circuit that "
    "memorises only its own.",
    "Q. Pope, Gradient descent prefers general circuits (LessWrong, February 2022)",
    "Its summary and its beginning were read; they give no law, and call it a hypothesis that was "
    "not tested. That no network then stays in part is what an author of Varma et al. expects of "
    "it: second hand. That it goes on without decay, since nothing that was read in it is a "
    "decay, is our reading.",
    {
        ("semi_grokking", "in_part"): says(
            0.0, "the general circuit gets all reinforcement in the end"
        ),
        ("without_decay", "adam_gain"): says(0.0, "no decay is part of it", direction=1),
    },
    access=ABSTRACT,
    published="2022-02",
    silent={
        "efficiency_again": "it speaks of pulls, and of no costs",
        "decay_again": "no decay is part of it",
        "forgetting": "of fewer examples a general circuit has a weaker pull: how much is not said",
        "delay_and_decay": "no decay is part of it",
    },
    doubts={("semi_grokking", "in_part"): "ascribed"},
)
