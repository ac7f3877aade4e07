r"""The delay at a norm that is held, as an exponential of it.

.. math:: T \propto e^{c\, \rho}, \qquad \rho = |\theta| / W_c ,

:math:`W_c` the norm at which a network generalises that is free and decays; c is 7.5 in MLPs there,
and another number with attention.
"""

from theory.theories.accounts.account import ABSTRACT, Account
from theory.theories.laws import HELD_NORM, Law

PINNED_NORM = Account(
    "pinned norm",
    "At a held norm the delay grows as an exponential of it, of one rate in parts of the norm at "
    "which free networks generalise.",
    "Truong et al. 2026 (arXiv:2606.13753)",
    "The abstracts of both versions were read: exp(7.5 rho), of four moduli, the norm held all "
    "along; another rate with attention; a layer norm undoes it. So the rate is fitted. That W_c "
    "is that of AdamW's networks here, by what half of the unseen is right, is our reading.",
    {},
    access=ABSTRACT,
    published="2026-06",
    papers=("2606.13753",),
    silent={
        "delay_and_decay": "of free norms it refers to the law of norm separation",
        "efficiency_again": "it has no circuits",
        "large_starts": "its norms are held",
    },
    laws={
        HELD_NORM: Law(
            "an exponential of norm/W_c, of any rate",
            lambda places, _: (places["norm"] / places["free_norm"])[None],
            slope=None,
        )
    },
)
