"""The parameters of a network: one flat vector, and named arrays that look into it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np


class Parameters(Mapping[str, np.ndarray]):
    r"""Named arrays that share one flat vector, zero at first.

    An optimiser works on ``flat`` and a network on the names; a change to either is seen by
    both. The gradient of a loss has the same names and shapes, so it is kept the same way.

    Parameters
    ----------
    shapes
        Shape of each array by name, in the order of the flat vector.
    dtype
        Floating type of all of them.

    Attributes
    ----------
    flat
        All entries, shape (size,).

    Examples
    --------
    >>> parameters = Parameters({"E": (2, 3), "W": (3, 1)}, "float32")
    >>> parameters.flat += 1
    >>> parameters["W"]
    array([[1.],
           [1.],
           [1.]], dtype=float32)
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: str) -> None:
        sizes = [math.prod(shape) for shape in shapes.values()]
        self.flat = np.zeros(sum(sizes), dtype)
        stretches = np.split(self.flat, np.cumsum(sizes)[:-1])
        self._views = {
            name: stretch.reshape(shape)
            for (name, shape), stretch in zip(shapes.items(), stretches, strict=True)
        }

    def __getitem__(self, name: str) -> np.ndarray:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def copy(self, writeable: bool = True) -> Parameters:
        """Return a copy that shares nothing with the original.

        Examples
        --------
        >>> parameters = Parameters({"E": (2,)}, "float32")
        >>> copy = parameters.copy()
        >>> copy["E"][:] = 1
        >>> parameters["E"]
        array([0., 0.], dtype=float32)
        """
        shapes = {name: array.shape for name, array in self.items()}
        copied = Parameters(shapes, str(self.flat.dtype))
        copied.flat[:] = self.flat
        for array in (copied.flat, *copied.values()):
            array.flags.writeable = writeable
        return copied
