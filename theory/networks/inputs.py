"""How fully connected networks read the inputs of a task."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from theory.networks.layers import one_hot
from theory.networks.tasks import Task

#: Inputs as a fully connected layer reads them, shape (examples, features).
Encoded = np.ndarray | sparse.csr_array


def num_features(task: Task, tied: bool = False) -> int:
    """Return the number of inputs of a layer that reads `task`, as `encoded` makes them.

    Raises
    ------
    ValueError
        If dense inputs are to be tied.

    Examples
    --------
    >>> from theory.networks import modular_addition
    >>> num_features(modular_addition(5)), num_features(modular_addition(5), tied=True)
    (10, 5)
    """
    slots: int = task.inputs.shape[1]
    if task.num_tokens is None:
        if tied:
            raise ValueError(f"tied embeddings need tokens, but {task.name!r} has dense inputs")
        return slots
    return task.num_tokens if tied else slots * task.num_tokens


def encoded(task: Task, examples: np.ndarray, dtype: str, tied: bool = False) -> Encoded:
    """Return those `examples` with tokens as one-hot vectors, and dense inputs as they are.

    Examples
    --------
    >>> from theory.networks import modular_addition
    >>> encoded(modular_addition(3), np.array([5]), "float64").toarray()
    array([[0., 1., 0., 0., 0., 1.]])
    """
    inputs: np.ndarray = task.inputs[examples]
    if task.num_tokens is None:
        dense: np.ndarray = inputs.astype(dtype)
        return dense
    return one_hot(inputs, task.num_tokens, dtype, tied)
