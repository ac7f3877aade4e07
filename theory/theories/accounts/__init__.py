"""Accounts of grokking that were put beside the theories on trial after the runs were there."""

from theory.theories.accounts.account import ABSTRACT, ACCESS, FULL_TEXT, SECOND_HAND, Account, says
from theory.theories.accounts.author_before import AUTHOR_BEFORE
from theory.theories.accounts.capacities import CAPACITIES
from theory.theories.accounts.cosines import COSINES
from theory.theories.accounts.data_regimes import DATA_REGIMES
from theory.theories.accounts.decay_regimes import DECAY_REGIMES
from theory.theories.accounts.dichotomy import DICHOTOMY
from theory.theories.accounts.effective_theory import EFFECTIVE_THEORY
from theory.theories.accounts.escape import ESCAPE
from theory.theories.accounts.feature_emergence import FEATURE_EMERGENCE
from theory.theories.accounts.first_order import FIRST_ORDER
from theory.theories.accounts.fitted_powers import FITTED_POWERS
from theory.theories.accounts.fourier_phases import FOURIER_PHASES
from theory.theories.accounts.general_circuits import GENERAL_CIRCUITS
from theory.theories.accounts.kernel_machines import KERNEL_MACHINES
from theory.theories.accounts.lazy_and_rich import LAZY_AND_RICH
from theory.theories.accounts.logit_scale import LOGIT_SCALE
from theory.theories.accounts.norm_separation import NORM_SEPARATION
from theory.theories.accounts.omnigrok import OMNIGROK_AFTER
from theory.theories.accounts.pattern_speeds import PATTERN_SPEEDS
from theory.theories.accounts.pinned_norm import PINNED_NORM
from theory.theories.accounts.ridge import RIDGE
from theory.theories.accounts.slingshots import SLINGSHOTS
from theory.theories.accounts.sparse_and_dense import SPARSE_AND_DENSE
from theory.theories.accounts.two_speeds import TWO_SPEEDS

#: All accounts, those of one idea beside each other.
ACCOUNTS = (
    CAPACITIES,
    OMNIGROK_AFTER,
    EFFECTIVE_THEORY,
    LAZY_AND_RICH,
    DICHOTOMY,
    FOURIER_PHASES,
    SLINGSHOTS,
    SPARSE_AND_DENSE,
    PATTERN_SPEEDS,
    RIDGE,
    DECAY_REGIMES,
    NORM_SEPARATION,
    PINNED_NORM,
    LOGIT_SCALE,
    FITTED_POWERS,
    FIRST_ORDER,
    ESCAPE,
    DATA_REGIMES,
    TWO_SPEEDS,
    KERNEL_MACHINES,
    COSINES,
    FEATURE_EMERGENCE,
    GENERAL_CIRCUITS,
    AUTHOR_BEFORE,
)

__all__ = ["ABSTRACT", "ACCESS", "ACCOUNTS", "FULL_TEXT", "SECOND_HAND", "Account", "says"]
