"""The minimal model of Varma et al. (2023), Section 3, exact."""

from theory.minimal.descent import descend
from theory.minimal.equilibria import (
    effective_norm,
    equilibrium,
    equilibrium_share,
    lambert_total,
)
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

__all__ = [
    "Circuit",
    "MinimalModel",
    "circuit_norm",
    "descend",
    "effective_norm",
    "equilibrium",
    "equilibrium_share",
    "gradient",
    "lambert_total",
    "objective",
    "parameter_norm",
    "test_accuracy",
    "test_loss",
    "train_accuracy",
    "train_loss",
    "weights",
    "wrong_probability",
]
