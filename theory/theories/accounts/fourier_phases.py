"""Memorising, forming circuits, cleaning up: three phases of a transformer that adds."""

from theory.theories.accounts.account import ABSTRACT, Account, says

FOURIER_PHASES = Account(
    "three phases",
    "A network memorises, builds a circuit of a few frequencies gradually, and then decay removes "
    "what memorises, which is the more complex, the more examples there are.",
    "Nanda et al. 2023 (arXiv:2301.05217)",
    "The abstract and passages of a copy of the third version (October 2023) were read, of a "
    "transformer. Appendix E reasons, and does not test, that memorising gets more complex with "
    "the training set, generalising does not, and the two must cross; whether the first version "
    "has that was not seen. A figure has it slower with fewer examples. Second hand: it never "
    "happens without decay. Our reading: that complexity is the price in norms; that its circuit "
    "makes all of the logits; that units of a two-layer network are waves and nothing else once it "
    "is cleaned up.",
    {
        ("efficiency_again", "memorising_exponent"): says(
            0.0, "memorising gets more complex with the training set", direction=1
        ),
        ("efficiency_again", "circuit_exponent"): says(
            0.0, "generalising is as complex at any size"
        ),
        ("efficiency", "trigonometric_share"): says(
            1.0, "logits are made of sines and cosines, and the rest is cleaned up"
        ),
        ("generalising_cost", "norm_over_pure"): says(1.0, "units are waves once all is clean"),
        ("delay_and_size", "descent_far"): says(0.0, "slower with fewer examples", direction=-1),
        ("delay_and_size", "adam_far"): says(0.0, "slower with fewer examples", direction=-1),
    },
    access=ABSTRACT,
    published="2023-01",
    papers=("2301.05217",),
    silent={
        "forgetting": "nothing was read of networks from which examples are taken away",
        "semi_grokking": "nothing was read of networks that stay in part",
        "decay_again": "more decay was needed where there are fewer pairs, in one case, without a "
        "law",
    },
    doubts={
        ("efficiency_again", name): "read in a later version"
        for name in ("memorising_exponent", "circuit_exponent")
    },
)
