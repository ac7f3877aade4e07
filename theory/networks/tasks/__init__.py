"""Tasks, their splits into a training and a test set, random labels and streams."""

from theory.networks.tasks.digits import digits
from theory.networks.tasks.fingerprints import fingerprints
from theory.networks.tasks.labels import random_labels
from theory.networks.tasks.modular import (
    MODULAR_EXPRESSIONS,
    modular,
    modular_addition,
    modular_sum,
)
from theory.networks.tasks.parity import SparseParity, SparseParityOutside, sparse_parity
from theory.networks.tasks.permutations import PERMUTATION_EXPRESSIONS, permutation
from theory.networks.tasks.task import Split, Task

__all__ = [
    "MODULAR_EXPRESSIONS",
    "PERMUTATION_EXPRESSIONS",
    "SparseParity",
    "SparseParityOutside",
    "Split",
    "Task",
    "digits",
    "fingerprints",
    "modular",
    "modular_addition",
    "modular_sum",
    "permutation",
    "random_labels",
    "sparse_parity",
]
