"""How fully connected networks read the inputs of a task."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from theory.networks.layers import one_hot
from theory.networks.tasks import Task

#: Inputs as a fully connected layer reads them, shape (examples, features).
Encoded = np.ndarray | sparse.csr_array


class FullyConnected:
    """How networks whose first layer is fully connected read a task.

    Tokens come as one-hot vectors side by side, or on top of each other if the network has
    ``tied`` its slots; dense inputs come as they are.
    """

    tied: bool = False

    def encode(self, task: Task, examples: np.ndarray, dtype: str) -> Encoded:
        """Return the inputs of those `examples` (indices) as the network reads them.

        Examples
        --------
        >>> from theory.networks import MLP, modular_addition
        >>> MLP(widths=(8,)).encode(modular_addition(3), np.array([5]), "float64").toarray()
        array([[0., 1., 0., 0., 0., 1.]])
        """
        inputs: np.ndarray = task.inputs[examples]
        if task.num_tokens is None:
            dense: np.ndarray = inputs.astype(dtype)
            return dense
        return one_hot(inputs, task.num_tokens, dtype, self.tied)

    def _num_features(self, task: Task) -> int:
        """Return the number of columns that `encode` makes.

        Raises
        ------
        ValueError
            If dense inputs are to be tied.
        """
        slots: int = task.inputs.shape[1]
        if task.num_tokens is None:
            if self.tied:
                raise ValueError(f"tied embeddings need tokens, but {task.name!r} has dense inputs")
            return slots
        return task.num_tokens if self.tied else slots * task.num_tokens
