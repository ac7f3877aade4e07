"""What circuits of real networks are: built, found in a trained network, and what they cost."""

from theory.circuits.answers import wave_gains
from theory.circuits.balance import balanced, imbalance, least_norm, unit_cost
from theory.circuits.build import label_units, six, waves
from theory.circuits.critical import critical_size, memorising_logit
from theory.circuits.finding import LABEL, OTHER, SILENT, WAVE, accounts, find, pure_norm
from theory.circuits.frequencies import frequency_strengths
from theory.circuits.generalising import WAVE_COST, effective_units, generalising_norm
from theory.circuits.group_units import GroupCircuit, expected_circuit
from theory.circuits.groups import (
    Irrep,
    effective_delta,
    irrep_shares,
    irreps,
    matrix_coefficients,
    unit_deltas,
)
from theory.circuits.hidden_units import HiddenUnits, together
from theory.circuits.identities import forces
from theory.circuits.logit_strengths import Strengths, strengths
from theory.circuits.mean_field import MeanField, State
from theory.circuits.memorising import memorising_bound, memorising_norm
from theory.circuits.mixtures import (
    MIXING,
    memory_share,
    one_sided_share,
    pool_size,
    test_accuracy,
)
from theory.circuits.relu import (
    RELU_COST,
    relu_circuit,
    relu_cost,
    relu_generalising_norm,
    relu_loss,
    relu_right_logit,
    relu_unit,
)
from theory.circuits.table_waves import Waves, product_waves, rested_waves
from theory.circuits.transformer import transformer_balances
from theory.circuits.units import (
    Limit,
    Phases,
    affordable,
    expected_logit,
    expected_units,
    interference,
    limit,
    quietest,
    telling_apart,
)

__all__ = [
    "LABEL",
    "MIXING",
    "OTHER",
    "RELU_COST",
    "SILENT",
    "WAVE",
    "WAVE_COST",
    "GroupCircuit",
    "HiddenUnits",
    "Irrep",
    "Limit",
    "MeanField",
    "Phases",
    "State",
    "Strengths",
    "Waves",
    "accounts",
    "affordable",
    "balanced",
    "critical_size",
    "effective_delta",
    "effective_units",
    "expected_circuit",
    "expected_logit",
    "expected_units",
    "find",
    "forces",
    "frequency_strengths",
    "generalising_norm",
    "imbalance",
    "interference",
    "irrep_shares",
    "irreps",
    "label_units",
    "least_norm",
    "limit",
    "matrix_coefficients",
    "memorising_bound",
    "memorising_logit",
    "memorising_norm",
    "memory_share",
    "one_sided_share",
    "pool_size",
    "product_waves",
    "pure_norm",
    "quietest",
    "relu_circuit",
    "relu_cost",
    "relu_generalising_norm",
    "relu_loss",
    "relu_right_logit",
    "relu_unit",
    "rested_waves",
    "six",
    "strengths",
    "telling_apart",
    "test_accuracy",
    "together",
    "transformer_balances",
    "unit_cost",
    "unit_deltas",
    "wave_gains",
    "waves",
]
