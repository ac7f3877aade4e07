"""What an author of the paper had said before: chance finds the rule, and then it is sure."""

from theory.theories.accounts.account import ABSTRACT, Account, says

AUTHOR_BEFORE = Account(
    "an author's earlier account",
    "Memorising is a complicated programme whose parts are each reinforced by one example, so it "
    "is never quite sure; so gradients remain, and once the rule is hit upon it takes over.",
    "R. Shah, comments on the same post (February 2022)",
    "The first of his comments was read; he calls a part of it too much of a simplification, and "
    "his paper has taken its place. Our reading: that parts for each example make memorising "
    "dearer with D, and that gradients that remain go on without decay.",
    {
        ("efficiency_again", "memorising_exponent"): says(
            0.0, "each example has parameters of its own", direction=1
        ),
        ("without_decay", "adam_gain"): says(
            0.0, "memory is not sure, so that gradients remain", direction=1
        ),
    },
    access=ABSTRACT,
    published="2022-02",
    silent={
        "forgetting": "nothing is said of fewer examples",
        "decay_again": "decay is an aside in it",
        "semi_grokking": "nothing is said of networks that stay in part",
        "delay_and_decay": "the time is one of chance, without a law",
    },
)
