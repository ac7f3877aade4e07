"""The laboratory of practice: real networks, trained with NumPy and SciPy alone."""

from theory.networks.attention import Attention, attend, attend_backward
from theory.networks.layers import (
    ACTIVATIONS,
    linear,
    linear_backward_inputs,
    linear_backward_weight,
    one_hot,
    relu,
    relu_backward,
    square,
    square_backward,
)
from theory.networks.losses import accuracy, cross_entropy, cross_entropy_backward, margin
from theory.networks.mlp import Activations, TwoLayer
from theory.networks.network import Forward, Network
from theory.networks.optimisers import Adam, AdamW, GradientDescent, Optimiser
from theory.networks.parameters import Parameters
from theory.networks.tasks import Split, Task, modular_addition
from theory.networks.training import DivergedError, train
from theory.networks.transformer import Transformer, TransformerActivations

__all__ = [
    "ACTIVATIONS",
    "Activations",
    "Adam",
    "AdamW",
    "Attention",
    "DivergedError",
    "Forward",
    "GradientDescent",
    "Network",
    "Optimiser",
    "Parameters",
    "Split",
    "Task",
    "Transformer",
    "TransformerActivations",
    "TwoLayer",
    "accuracy",
    "attend",
    "attend_backward",
    "cross_entropy",
    "cross_entropy_backward",
    "linear",
    "linear_backward_inputs",
    "linear_backward_weight",
    "margin",
    "modular_addition",
    "one_hot",
    "relu",
    "relu_backward",
    "square",
    "square_backward",
    "train",
]
