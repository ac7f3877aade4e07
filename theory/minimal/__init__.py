"""The minimal model of Varma et al. (2023), Section 3, exact."""

from theory.minimal.asymptotics import asymptotic_time_to_grok, time_alone
from theory.minimal.delays import (
    growth_threshold,
    plateau_growth,
    plateau_pull,
    plateau_weight,
    time_per_decade,
    updates_per_decade,
)
from theory.minimal.descent import descend
from theory.minimal.equilibria import (
    effective_norm,
    equilibrium,
    equilibrium_share,
    lambert_total,
)
from theory.minimal.equivalences import without_temperature
from theory.minimal.fates import REASONS
from theory.minimal.flow import flow
from theory.minimal.losses import (
    circuit_norm,
    gradient,
    objective,
    parameter_norm,
    test_accuracy,
    test_loss,
    train_accuracy,
    train_loss,
    weights,
    wrong_probability,
)
from theory.minimal.model import Circuit, MinimalModel
from theory.minimal.optimisers import HeavyBall, Optimiser, descend_with
from theory.minimal.order_of_events import loss_recovery_step, overtakes_without_decay
from theory.minimal.outcome import winner
from theory.minimal.relaxation import relaxation_rates
from theory.minimal.time_to_grok import time_to_grok

__all__ = [
    "REASONS",
    "Circuit",
    "HeavyBall",
    "MinimalModel",
    "Optimiser",
    "asymptotic_time_to_grok",
    "circuit_norm",
    "descend",
    "descend_with",
    "effective_norm",
    "equilibrium",
    "equilibrium_share",
    "flow",
    "gradient",
    "growth_threshold",
    "lambert_total",
    "loss_recovery_step",
    "objective",
    "overtakes_without_decay",
    "parameter_norm",
    "plateau_growth",
    "plateau_pull",
    "plateau_weight",
    "relaxation_rates",
    "test_accuracy",
    "test_loss",
    "time_alone",
    "time_per_decade",
    "time_to_grok",
    "train_accuracy",
    "train_loss",
    "updates_per_decade",
    "weights",
    "winner",
    "without_temperature",
    "wrong_probability",
]
