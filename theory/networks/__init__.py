"""The laboratory of practice: real networks, trained with NumPy and SciPy alone."""

from theory.networks.adam import Adam, AdamW
from theory.networks.attention import Attention, attend, attend_backward
from theory.networks.checkpoints import Checkpoint
from theory.networks.clamped import Clamped
from theory.networks.curvature import curvatures
from theory.networks.decay import Decaying
from theory.networks.fast import fast_loss_and_gradient
from theory.networks.fast_transformer import FastTransformer
from theory.networks.fast_two_layer import FastTwoLayer
from theory.networks.frozen import Frozen
from theory.networks.gradient_descent import GradientDescent
from theory.networks.lasso import Lasso
from theory.networks.layers import (
    ACTIVATIONS,
    add_bias,
    add_bias_backward,
    cube,
    cube_backward,
    linear,
    linear_backward_inputs,
    linear_backward_weight,
    one_hot,
    relu,
    relu_backward,
    square,
    square_backward,
)
from theory.networks.losses import (
    CrossEntropy,
    ExactCrossEntropy,
    Loss,
    MeanSquaredError,
    SmoothedCrossEntropy,
    accuracy,
    margin,
    mean_squared_error,
    mean_squared_error_backward,
)
from theory.networks.measurements import (
    Measurement,
    Snapshot,
    layer_norms,
    logit_spread,
    performance,
    right_logits,
    trigonometric_share,
    wave_share,
)
from theory.networks.mlp import MLP, MLPActivations
from theory.networks.network import Fast, Forward, LossAndGradient, Network
from theory.networks.noisy import Noisy
from theory.networks.outcomes import Outcome
from theory.networks.parameters import Parameters
from theory.networks.rest import Rest, come_to_rest
from theory.networks.setting import Training
from theory.networks.softmax import (
    cross_entropy,
    cross_entropy_backward,
    exact_cross_entropy,
)
from theory.networks.spectral import SpectralBound, shapes_of
from theory.networks.stages import Stage, Stream
from theory.networks.tasks import (
    MODULAR_EXPRESSIONS,
    PERMUTATION_EXPRESSIONS,
    SparseParity,
    SparseParityOutside,
    Split,
    Task,
    digits,
    modular,
    modular_addition,
    modular_sum,
    permutation,
    random_labels,
    sparse_parity,
)
from theory.networks.training import advance, train
from theory.networks.transformer import Transformer, TransformerActivations
from theory.networks.two_layer import Activations, TwoLayer
from theory.optimiser import Optimiser, Probing

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "MODULAR_EXPRESSIONS",
    "PERMUTATION_EXPRESSIONS",
    "Activations",
    "Adam",
    "AdamW",
    "Attention",
    "Checkpoint",
    "Clamped",
    "CrossEntropy",
    "Decaying",
    "ExactCrossEntropy",
    "Fast",
    "FastTransformer",
    "FastTwoLayer",
    "Forward",
    "Frozen",
    "GradientDescent",
    "Lasso",
    "Loss",
    "LossAndGradient",
    "MLPActivations",
    "MeanSquaredError",
    "Measurement",
    "Network",
    "Noisy",
    "Optimiser",
    "Outcome",
    "Parameters",
    "Probing",
    "Rest",
    "SmoothedCrossEntropy",
    "Snapshot",
    "SparseParity",
    "SparseParityOutside",
    "SpectralBound",
    "Split",
    "Stage",
    "Stream",
    "Task",
    "Training",
    "Transformer",
    "TransformerActivations",
    "TwoLayer",
    "accuracy",
    "add_bias",
    "add_bias_backward",
    "advance",
    "attend",
    "attend_backward",
    "come_to_rest",
    "cross_entropy",
    "cross_entropy_backward",
    "cube",
    "cube_backward",
    "curvatures",
    "digits",
    "exact_cross_entropy",
    "fast_loss_and_gradient",
    "layer_norms",
    "linear",
    "linear_backward_inputs",
    "linear_backward_weight",
    "logit_spread",
    "margin",
    "mean_squared_error",
    "mean_squared_error_backward",
    "modular",
    "modular_addition",
    "modular_sum",
    "one_hot",
    "performance",
    "permutation",
    "random_labels",
    "relu",
    "relu_backward",
    "right_logits",
    "shapes_of",
    "sparse_parity",
    "square",
    "square_backward",
    "train",
    "trigonometric_share",
    "wave_share",
]
