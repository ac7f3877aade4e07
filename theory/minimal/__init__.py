"""The minimal model of Varma et al. (2023), Section 3, exact."""

from theory.minimal.descent import descend
from theory.minimal.equilibria import (
    effective_norm,
    equilibrium,
    equilibrium_share,
    lambert_total,
)
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
from theory.minimal.outcome import winner
from theory.minimal.time_to_grok import time_to_grok

__all__ = [
    "REASONS",
    "Circuit",
    "MinimalModel",
    "circuit_norm",
    "descend",
    "effective_norm",
    "equilibrium",
    "equilibrium_share",
    "flow",
    "gradient",
    "lambert_total",
    "objective",
    "parameter_norm",
    "test_accuracy",
    "test_loss",
    "time_to_grok",
    "train_accuracy",
    "train_loss",
    "weights",
    "winner",
    "wrong_probability",
]
