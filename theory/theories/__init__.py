"""Theories on trial: what each predicts, computed by its own code."""

from theory.theories.adamw_barrier import ADAMW_BARRIER
from theory.theories.capability import CAPABILITY
from theory.theories.carried_over import CARRIED_OVER
from theory.theories.competing_circuits import COMPETING_THREES
from theory.theories.corrected_costs import CORRECTED_COSTS
from theory.theories.cosine_solution import COSINE_SOLUTION
from theory.theories.decay_needed import DECAY_NEEDED
from theory.theories.degree import DEGREE
from theory.theories.derived_costs import DERIVED_COSTS
from theory.theories.endless import DELAY_WITHOUT_END, SECOND_RULE
from theory.theories.enough_group_units import UNITS_IN_USE
from theory.theories.equal_moves import EQUAL_MOVES
from theory.theories.equal_times import EQUAL_TIMES
from theory.theories.exponential_in_norm import EXPONENTIAL_IN_NORM
from theory.theories.fewer_answers import COVERAGE
from theory.theories.group_costs import GROUP_COSTS
from theory.theories.guesses import GUESSES
from theory.theories.homogeneous import HOMOGENEOUS
from theory.theories.lazy_to_rich import LAZY_TO_RICH
from theory.theories.longest_path import LONGEST_PATH
from theory.theories.margin_maximisation import MARGIN
from theory.theories.metastable import METASTABLE
from theory.theories.minimal_model import MINIMAL_MODEL
from theory.theories.mixing import LINE, MEAN_FIELD, ONE_SIDED, SYMMETRIC
from theory.theories.no_regulariser import NO_REGULARISER
from theory.theories.omnigrok import OMNIGROK
from theory.theories.one_kappa import ONE_KAPPA
from theory.theories.one_layer import PUBLISHED
from theory.theories.one_over_decay import ONE_OVER_DECAY
from theory.theories.progress_measures import PROGRESS_MEASURES
from theory.theories.scaled_up import SCALED_UP
from theory.theories.shifted_power import SHIFTED_POWER
from theory.theories.slingshot import SLINGSHOT
from theory.theories.softmax_collapse import SOFTMAX_COLLAPSE
from theory.theories.theory import Prediction, Theory
from theory.theories.time_and_data import EXPONENTIAL_IN_DATA, POLE_IN_DATA

#: All theories, in the order in which the book brings them.
THEORIES = (
    MINIMAL_MODEL,
    HOMOGENEOUS,
    CORRECTED_COSTS,
    ADAMW_BARRIER,
    DERIVED_COSTS,
    ONE_KAPPA,
    GROUP_COSTS,
    UNITS_IN_USE,
    DEGREE,
    ONE_SIDED,
    LINE,
    SYMMETRIC,
    MEAN_FIELD,
    GUESSES,
    CAPABILITY,
    METASTABLE,
    ONE_OVER_DECAY,
    SHIFTED_POWER,
    EXPONENTIAL_IN_DATA,
    POLE_IN_DATA,
    COVERAGE,
    OMNIGROK,
    EXPONENTIAL_IN_NORM,
    EQUAL_MOVES,
    EQUAL_TIMES,
    DECAY_NEEDED,
    SOFTMAX_COLLAPSE,
    MARGIN,
    COSINE_SOLUTION,
    COMPETING_THREES,
    DELAY_WITHOUT_END,
    SECOND_RULE,
    NO_REGULARISER,
    PUBLISHED,
    CARRIED_OVER,
    SCALED_UP,
    LONGEST_PATH,
    LAZY_TO_RICH,
    PROGRESS_MEASURES,
    SLINGSHOT,
)

__all__ = [
    "ADAMW_BARRIER",
    "CAPABILITY",
    "CARRIED_OVER",
    "COMPETING_THREES",
    "CORRECTED_COSTS",
    "COSINE_SOLUTION",
    "COVERAGE",
    "DECAY_NEEDED",
    "DEGREE",
    "DELAY_WITHOUT_END",
    "DERIVED_COSTS",
    "EQUAL_MOVES",
    "EQUAL_TIMES",
    "EXPONENTIAL_IN_DATA",
    "EXPONENTIAL_IN_NORM",
    "GROUP_COSTS",
    "GUESSES",
    "HOMOGENEOUS",
    "LAZY_TO_RICH",
    "LINE",
    "LONGEST_PATH",
    "MARGIN",
    "MEAN_FIELD",
    "METASTABLE",
    "MINIMAL_MODEL",
    "NO_REGULARISER",
    "OMNIGROK",
    "ONE_KAPPA",
    "ONE_OVER_DECAY",
    "ONE_SIDED",
    "POLE_IN_DATA",
    "PROGRESS_MEASURES",
    "PUBLISHED",
    "SCALED_UP",
    "SECOND_RULE",
    "SHIFTED_POWER",
    "SLINGSHOT",
    "SOFTMAX_COLLAPSE",
    "SYMMETRIC",
    "THEORIES",
    "UNITS_IN_USE",
    "Prediction",
    "Theory",
]
