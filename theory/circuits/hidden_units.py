r"""Two-layer networks as a heap of hidden units, whatever made them.

.. math:: o(a, b, \dots) = \sum_h \Big(\sum_s x_h^{(s)}[t_s]\Big)^n w_h

A unit h reads token :math:`t_s` of slot s by its embedding :math:`x_h^{(s)}`, raises the sum to the
power n, and writes to the labels by :math:`w_h`. Logits that all labels share change nothing, so
what a unit writes is taken off its mean over the labels, :math:`\bar w_h`. For its *strength*

.. math:: c_h = |\bar w_h|\, |x_h|^n

only directions matter how a unit shares its norm between reading and writing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from theory import checks
from theory.networks import Parameters


@dataclass(frozen=True, eq=False)
class HiddenUnits:
    r"""The hidden units of a two-layer network without biases.

    Attributes
    ----------
    embeddings
        One array for each slot, each of shape (tokens, units).
    outputs
        Shape (units, labels).
    power
        n, what the activation raises to, at least 1: 2 for the square. ReLU has the homogeneity of
        n = 1, which is all that strengths and balance need.

    Raises
    ------
    ValueError
        If shapes do not fit or a number is not finite.

    Examples
    --------
    >>> units = HiddenUnits((np.eye(3, 2), np.eye(3, 2)), np.array([[3.0, 0, 0], [0, 4, 0]]))
    >>> units.size, units.parameters()["E"].shape
    (2, (6, 2))
    >>> HiddenUnits((np.eye(3),), np.ones((2, 5)))
    Traceback (most recent call last):
    ...
    ValueError: outputs must have a row for each of 3 units, got shape (2, 5)
    """

    embeddings: tuple[np.ndarray, ...]
    outputs: np.ndarray
    power: int = 2

    def __post_init__(self) -> None:
        checks.settle(self, checks.integer, "power", at_least=1)
        embeddings = tuple(_table("embeddings", array) for array in self.embeddings)
        if len({array.shape for array in embeddings}) != 1:
            shapes = [array.shape for array in embeddings]
            raise ValueError(f"embeddings must be arrays of one shape, got {shapes}")
        outputs = _table("outputs", self.outputs)
        if len(outputs) != embeddings[0].shape[1]:
            raise ValueError(
                f"outputs must have a row for each of {embeddings[0].shape[1]} units, "
                f"got shape {outputs.shape}"
            )
        object.__setattr__(self, "embeddings", embeddings)
        object.__setattr__(self, "outputs", outputs)

    @classmethod
    def of(cls, parameters: Mapping[str, np.ndarray], slots: int = 2, power: int = 2) -> Self:
        """Return the units of a `theory.networks.TwoLayer`, from its parameters; not of a tied one.

        Raises
        ------
        ValueError
            If they have not just the names E and W, or E does not divide into the slots.
        """
        if sorted(parameters) != ["E", "W"]:
            raise ValueError(f"parameters must be E and W alone, got {sorted(parameters)}")
        table = _table("E", parameters["E"])
        if len(table) % checks.integer("slots", slots, at_least=1):
            raise ValueError(f"slots must divide the {len(table)} rows of E, got {slots}")
        return cls(tuple(np.split(table, slots)), parameters["W"], power)

    def parameters(self) -> Parameters:
        """Return them as parameters of a `theory.networks.TwoLayer`, in double precision."""
        table = np.concatenate(self.embeddings)
        found = Parameters({"E": table.shape, "W": self.outputs.shape}, "float64")
        found["E"][:], found["W"][:] = table, self.outputs
        return found

    @property
    def size(self) -> int:
        """How many units there are."""
        return len(self.outputs)

    @property
    def written(self) -> np.ndarray:
        r""":math:`\bar w_h`, outputs less their mean over labels, shape (units, labels)."""
        centred: np.ndarray = self.outputs - self.outputs.mean(axis=1, keepdims=True)
        return centred

    @property
    def reading_norms(self) -> np.ndarray:
        r""":math:`|x_h|`, over all slots, shape (units,)."""
        norms: np.ndarray = np.linalg.norm(np.concatenate(self.embeddings), axis=0)
        return norms

    @property
    def writing_norms(self) -> np.ndarray:
        r""":math:`|\bar w_h|`, shape (units,)."""
        norms: np.ndarray = np.linalg.norm(self.written, axis=1)
        return norms

    @property
    def strengths(self) -> np.ndarray:
        """c_h, shape (units,)."""
        strengths: np.ndarray = self.writing_norms * self.reading_norms**self.power
        return strengths

    def active(self, part: float = 0.03) -> np.ndarray:
        """Return which units have more than this part of the largest strength, shape (units,)."""
        strengths = self.strengths
        chosen: np.ndarray = strengths > part * strengths.max()
        return chosen

    def some(self, chosen: np.ndarray) -> Self:
        """Return these units alone; `chosen` are their numbers, or a truth value for each."""
        embeddings = tuple(array[:, chosen] for array in self.embeddings)
        return type(self)(embeddings, self.outputs[chosen], self.power)

    def hidden(self, examples: np.ndarray) -> np.ndarray:
        """Return what the units pass on for tokens of shape (examples, slots): (examples, units).

        For a power, not for ReLU.
        """
        seen = sum(array[tokens] for array, tokens in zip(self.embeddings, examples.T, strict=True))
        hidden: np.ndarray = seen**self.power
        return hidden

    def logits(self, examples: np.ndarray) -> np.ndarray:
        """Return the logits less their mean over the labels, shape (examples, labels)."""
        logits: np.ndarray = self.hidden(examples) @ self.written
        return logits

    def right_logits(self, examples: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return each unit's part of A, the right logit less the mean of all, shape (units,).

        A mean over the examples, of tokens of shape (examples, slots) and `labels` of shape
        (examples,). The parts of all units add up to A.
        """
        hidden = self.hidden(examples)
        parts: np.ndarray = np.einsum("ih,hi->h", hidden, self.written[:, labels]) / len(labels)
        return parts


def together(circuits: Sequence[HiddenUnits]) -> HiddenUnits:
    """Return circuits side by side in one network: logits add up, and so do squared norms.

    Raises
    ------
    ValueError
        If there is none, or they have different tokens, slots, labels or powers.
    """
    kinds = {
        (len(c.embeddings), len(c.embeddings[0]), c.outputs.shape[1], c.power) for c in circuits
    }
    if len(kinds) != 1:
        raise ValueError(f"circuits must have the same slots, tokens, labels, power: got {kinds}")
    embeddings = zip(*(circuit.embeddings for circuit in circuits), strict=True)
    return HiddenUnits(
        tuple(np.concatenate(arrays, axis=1) for arrays in embeddings),
        np.concatenate([circuit.outputs for circuit in circuits]),
        circuits[0].power,
    )


def _table(name: str, array: np.ndarray) -> np.ndarray:
    table = np.asarray(array, dtype=float)
    if table.ndim != 2 or table.size == 0 or not np.isfinite(table).all():
        raise ValueError(f"{name} must be finite, of two dimensions, got shape {table.shape}")
    return table
