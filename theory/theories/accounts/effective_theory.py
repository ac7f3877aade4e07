"""An effective theory of representations: they form if there are enough examples."""

from theory.theories.accounts.account import ABSTRACT, Account, says

_SLOWER = "the fewer examples, the slower the slowest part of the representation"

EFFECTIVE_THEORY = Account(
    "effective theory",
    "Generalising comes from structured representations, which form if the training set is large "
    "enough, and the more slowly the nearer it is to that.",
    "Liu et al. 2022 (arXiv:2205.10343)",
    "The abstract and section 3 were read, in a copy. Of sums without a modulus: the rate of the "
    "slowest part is zero below a critical size and grows above it; that is where equal sums among "
    "the examples leave no other representation than a line, .4 of all pairs of ten numbers. That "
    "this holds of the delay of these networks is our reading. (A pole at that size, which does "
    "not follow, is *pole in data*.)",
    {
        ("delay_and_size", f"{way}_far"): says(0.0, _SLOWER, direction=-1)
        for way in ("descent", "adam")
    },
    access=ABSTRACT,
    published="2022-05",
    papers=("2205.10343",),
    silent={
        "efficiency_again": "it has no norms of circuits",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "delay_and_decay": "its phases are drawn over decay; no law of the time was read",
        "semi_grokking": "a representation may form in part, and foretells the accuracy of a toy; "
        "no share of networks was read",
        "critical_again": "no critical size was read but at ten numbers; its criterion, counted "
        "here, asks for .42, .22 and .13 of all pairs of 10, 20 and 40, so not for one part",
    },
)
