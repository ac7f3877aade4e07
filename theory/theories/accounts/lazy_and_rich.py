"""From lazy to rich training: a kernel first, features later."""

from theory.theories.accounts.account import ABSTRACT, Account, says

LAZY_AND_RICH = Account(
    "lazy, then rich",
    "A network first fits as a kernel with the features of its start, and learns features late; "
    "weight decay is neither needed nor enough, and the norm may grow.",
    "Kumar et al. 2024 (arXiv:2310.06110)",
    "The text to section 5 was read, in a copy. Its networks regress a polynomial by plain "
    "descent, and learn sums on squared errors without decay; large starts are lazy, too. It "
    "looks at losses, since accuracies may mislead. Our reading: that square units on squared "
    "errors are the nearest here to that, that accuracies tell, and that the usual start is a "
    "rich one.",
    {
        ("without_decay", "squares_accuracy"): says(
            1.0, "features are learned in the end, without any decay"
        ),
        ("large_starts", "late_large"): says(1.0, "a lazy start fits long before", direction=1),
        ("large_starts", "late_small"): says(1.0, "a rich start learns features at once"),
        ("delay_and_size", "descent_far"): says(
            0.0, "with enough examples the test follows the training", direction=-1
        ),
        ("infinite_data", "fresh_over_seen"): says(
            1.0, "without an end of data the test follows the training"
        ),
    },
    access=ABSTRACT,
    published="2023-10",
    papers=("2310.06110",),
    silent={
        "efficiency_again": "it has no circuits, nor what they cost",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "decay_again": "decay is not part of it",
        "held_norm": "the scale of the output is what it varies, not a norm that is held",
        "delay_and_decay": "decay is not part of it",
    },
)
