"""Theories on trial: what each predicts, computed by its own code."""

from theory.theories.adamw_barrier import ADAMW_BARRIER
from theory.theories.capability import CAPABILITY
from theory.theories.corrected_costs import CORRECTED_COSTS
from theory.theories.degree import DEGREE
from theory.theories.derived_costs import DERIVED_COSTS
from theory.theories.group_costs import GROUP_COSTS
from theory.theories.guesses import GUESSES
from theory.theories.homogeneous import HOMOGENEOUS
from theory.theories.metastable import METASTABLE
from theory.theories.minimal_model import MINIMAL_MODEL
from theory.theories.mixing import LINE, MEAN_FIELD, ONE_SIDED, SYMMETRIC
from theory.theories.one_kappa import ONE_KAPPA
from theory.theories.theory import Prediction, Theory

#: All theories, in the order in which the book brings them.
THEORIES = (
    MINIMAL_MODEL,
    HOMOGENEOUS,
    CORRECTED_COSTS,
    ADAMW_BARRIER,
    DERIVED_COSTS,
    ONE_KAPPA,
    GROUP_COSTS,
    DEGREE,
    ONE_SIDED,
    LINE,
    SYMMETRIC,
    MEAN_FIELD,
    GUESSES,
    CAPABILITY,
    METASTABLE,
)

__all__ = [
    "ADAMW_BARRIER",
    "CAPABILITY",
    "CORRECTED_COSTS",
    "DEGREE",
    "DERIVED_COSTS",
    "GROUP_COSTS",
    "GUESSES",
    "HOMOGENEOUS",
    "LINE",
    "MEAN_FIELD",
    "METASTABLE",
    "MINIMAL_MODEL",
    "ONE_KAPPA",
    "ONE_SIDED",
    "SYMMETRIC",
    "THEORIES",
    "Prediction",
    "Theory",
]
