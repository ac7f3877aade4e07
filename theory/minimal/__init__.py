"""The minimal model of Varma et al. (2023), Section 3, exact."""

from theory.minimal.dataset_size.critical_size import at_size, critical_size, weight_ratio
from theory.minimal.dataset_size.hysteresis import loop_ends
from theory.minimal.dataset_size.protocols import continued, descend_in_stages, ungrok
from theory.minimal.dataset_size.slow_sweep import slow_sweep
from theory.minimal.dataset_size.spread import (
    accuracy_at_size,
    kappa_from_width,
    sampled_accuracy,
    size_at_accuracy,
    transition_width,
    with_spread,
)
from theory.minimal.delays.alone import time_alone
from theory.minimal.delays.asymptotics import asymptotic_time_to_grok, delay_constants
from theory.minimal.delays.data import delay_exponent, loss_gap
from theory.minimal.delays.depth import depth_delay, depth_time_to_grok
from theory.minimal.delays.order_of_events import overtakes_without_decay
from theory.minimal.delays.plateau import (
    growth_threshold,
    plateau_growth,
    plateau_pull,
    plateau_weight,
    time_per_decade,
    updates_per_decade,
)
from theory.minimal.delays.relaxation import largest_stable_rate, relaxation_rates
from theory.minimal.delays.sign_descent import sign_descent_delay
from theory.minimal.descent import descend, descend_with
from theory.minimal.dynamics.flow import flow
from theory.minimal.dynamics.time_to_grok import time_to_grok
from theory.minimal.dynamics.two_functions import two_functions
from theory.minimal.dynamics.winner import winner
from theory.minimal.equilibria import (
    effective_norm,
    equilibrium,
    equilibrium_share,
    lambert_total,
    largest_decay,
)
from theory.minimal.fast.updates_to_grok import updates_to_grok
from theory.minimal.fates import REASONS
from theory.minimal.law import OwnKappa, Penalty, SquaredNorm
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
from theory.minimal.lyapunov import objective_bound
from theory.minimal.model import Circuit, MinimalModel
from theory.minimal.shared_units import SharedUnits, mixed_equilibrium
from theory.minimal.units import without_temperature
from theory.optimiser import Optimiser

__all__ = [
    "REASONS",
    "Circuit",
    "MinimalModel",
    "Optimiser",
    "OwnKappa",
    "Penalty",
    "SharedUnits",
    "SquaredNorm",
    "accuracy_at_size",
    "asymptotic_time_to_grok",
    "at_size",
    "circuit_norm",
    "continued",
    "critical_size",
    "delay_constants",
    "delay_exponent",
    "depth_delay",
    "depth_time_to_grok",
    "descend",
    "descend_in_stages",
    "descend_with",
    "effective_norm",
    "equilibrium",
    "equilibrium_share",
    "flow",
    "gradient",
    "growth_threshold",
    "kappa_from_width",
    "lambert_total",
    "largest_decay",
    "largest_stable_rate",
    "loop_ends",
    "loss_gap",
    "mixed_equilibrium",
    "objective",
    "objective_bound",
    "overtakes_without_decay",
    "parameter_norm",
    "plateau_growth",
    "plateau_pull",
    "plateau_weight",
    "relaxation_rates",
    "sampled_accuracy",
    "sign_descent_delay",
    "size_at_accuracy",
    "slow_sweep",
    "test_accuracy",
    "test_loss",
    "time_alone",
    "time_per_decade",
    "time_to_grok",
    "train_accuracy",
    "train_loss",
    "transition_width",
    "two_functions",
    "ungrok",
    "updates_per_decade",
    "updates_to_grok",
    "weight_ratio",
    "weights",
    "winner",
    "with_spread",
    "without_temperature",
    "wrong_probability",
]
