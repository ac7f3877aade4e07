"""Memorising, forming circuits, cleaning up: three phases of a transformer that adds."""

from theory.theories.accounts.account import ABSTRACT, Account, says

FOURIER_PHASES = Account(
    "three phases",
    "A network memorises, builds a circuit of a few frequencies gradually, and then decay removes "
    "what memorises.",
    "Nanda et al. 2023 (arXiv:2301.05217)",
    "The abstract was read, of a transformer. Second hand: that it is slower with fewer examples, "
    "and never happens without decay. Our reading: that its circuit makes all of the logits, and "
    "that units of a two-layer network are waves and nothing else once it is cleaned up.",
    {
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
        "efficiency_again": "it says which circuit there is, not what circuits cost",
        "forgetting": "nothing was read of networks from which examples are taken away",
        "semi_grokking": "nothing was read of networks that stay in part",
        "decay_again": "that decay is needed is said, not that its strength does not matter",
    },
)
