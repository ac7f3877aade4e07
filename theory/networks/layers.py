r"""The pieces of a network, each forward pass followed by its backward pass.

A backward pass takes the derivative of the loss with respect to the output of its layer,
``d_output``, and returns the derivative with respect to what its name says (chain rule,
derived here). Arrays are C-ordered with one example a row; nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy import sparse


def one_hot(
    inputs: np.ndarray, num_tokens: int, dtype: str, tied: bool = False
) -> sparse.csr_array:
    r"""Return the tokens as a sparse matrix with one 1 for each slot of an example.

    .. math:: X_{i,\, s n + t} = [\text{inputs}_{is} = t]

    Times a matrix of embeddings it adds up the embeddings of an example's tokens,
    :math:`(X E)_i = \sum_s E_{s n + \text{inputs}_{is}}`, and its transpose sends gradients
    back to the tokens that they belong to. Tied slots share their embeddings, and the matrix has
    the n columns of one slot.

    Parameters
    ----------
    inputs
        Tokens, shape (examples, slots), in ``[0, num_tokens)``.
    num_tokens
        Size n of the vocabulary of one slot.
    dtype
        Floating type of the matrix.
    tied
        Whether a token means the same in every slot.

    Returns
    -------
    sparse.csr_array
        Shape (examples, slots * num_tokens), or (examples, num_tokens) if tied, where a token
        that comes twice adds up.

    Examples
    --------
    >>> one_hot(np.array([[0, 1], [1, 1]]), num_tokens=2, dtype="float64").toarray()
    array([[1., 0., 0., 1.],
           [0., 1., 0., 1.]])
    >>> one_hot(np.array([[0, 1], [1, 1]]), num_tokens=2, dtype="float64", tied=True).toarray()
    array([[1., 1.],
           [0., 2.]])
    """
    examples, slots = inputs.shape
    first_columns = np.zeros(slots, int) if tied else num_tokens * np.arange(slots)
    columns = (inputs + first_columns).ravel().astype(np.int32)
    starts = slots * np.arange(examples + 1, dtype=np.int32)
    ones = np.ones(columns.size, dtype)
    width = num_tokens if tied else slots * num_tokens
    return sparse.csr_array((ones, columns, starts), shape=(examples, width))


def linear(inputs: np.ndarray | sparse.csr_array, weight: np.ndarray) -> np.ndarray:
    r"""Return :math:`Y = X W`, where row i belongs to example i.

    Parameters
    ----------
    inputs
        X, shape (examples, features), dense or sparse.
    weight
        W, shape (features, units).

    Returns
    -------
    numpy.ndarray
        Y, shape (examples, units).

    Examples
    --------
    >>> linear(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    """
    output: np.ndarray = inputs @ weight
    return output


def linear_backward_weight(
    inputs: np.ndarray | sparse.csr_array, d_output: np.ndarray
) -> np.ndarray:
    r"""Return :math:`dW = X^\top dY`, shape (features, units).

    Examples
    --------
    >>> linear_backward_weight(np.array([[1.0, 2.0]]), np.array([[10.0]]))
    array([[10.],
           [20.]])
    """
    d_weight: np.ndarray = inputs.T @ d_output
    return d_weight


def linear_backward_inputs(weight: np.ndarray, d_output: np.ndarray) -> np.ndarray:
    r"""Return :math:`dX = dY\, W^\top`, shape (examples, features).

    Examples
    --------
    >>> linear_backward_inputs(np.array([[3.0], [4.0]]), np.array([[10.0]]))
    array([[30., 40.]])
    """
    d_inputs: np.ndarray = d_output @ weight.T
    return d_inputs


def add_bias(inputs: np.ndarray, bias: np.ndarray) -> np.ndarray:
    r"""Return :math:`Y_{ij} = X_{ij} + b_j`, shape (examples, units).

    Examples
    --------
    >>> add_bias(np.array([[1.0, 2.0]]), np.array([10.0, 20.0]))
    array([[11., 22.]])
    """
    output: np.ndarray = inputs + bias
    return output


def add_bias_backward(d_output: np.ndarray) -> np.ndarray:
    r"""Return :math:`db_j = \sum_i dY_{ij}`, shape (units,); the inputs' share is dY itself.

    Examples
    --------
    >>> add_bias_backward(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([4., 6.])
    """
    d_bias: np.ndarray = d_output.sum(axis=0)
    return d_bias


def affine(
    inputs: np.ndarray | sparse.csr_array, weight: np.ndarray, bias: np.ndarray | None
) -> np.ndarray:
    r"""Return :math:`Y = X W + b`, shape (examples, units), or :math:`X W` if there is no bias.

    Examples
    --------
    >>> affine(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([5.0]))
    array([[16.]])
    """
    output = linear(inputs, weight)
    return output if bias is None else add_bias(output, bias)


def square(z: np.ndarray) -> np.ndarray:
    """Return :math:`z^2`, entry by entry.

    Examples
    --------
    >>> square(np.array([-3.0, 2.0]))
    array([9., 4.])
    """
    output: np.ndarray = z * z
    return output


def square_backward(z: np.ndarray, d_output: np.ndarray) -> np.ndarray:
    r"""Return :math:`dz = 2 z\, dy`, entry by entry.

    Examples
    --------
    >>> square_backward(np.array([-3.0, 2.0]), np.array([1.0, 10.0]))
    array([-6., 40.])
    """
    d_z: np.ndarray = z * d_output
    d_z *= 2
    return d_z


def cube(z: np.ndarray) -> np.ndarray:
    """Return :math:`z^3`, entry by entry.

    Examples
    --------
    >>> cube(np.array([-3.0, 2.0]))
    array([-27.,   8.])
    """
    output: np.ndarray = z * z * z
    return output


def cube_backward(z: np.ndarray, d_output: np.ndarray) -> np.ndarray:
    r"""Return :math:`dz = 3 z^2\, dy`, entry by entry.

    Examples
    --------
    >>> cube_backward(np.array([-3.0, 2.0]), np.array([1.0, 10.0]))
    array([ 27., 120.])
    """
    d_z: np.ndarray = z * z * d_output
    d_z *= 3
    return d_z


def relu(z: np.ndarray) -> np.ndarray:
    r"""Return :math:`\max(z, 0)`, entry by entry.

    Examples
    --------
    >>> relu(np.array([-3.0, 2.0]))
    array([0., 2.])
    """
    output: np.ndarray = np.maximum(z, 0)
    return output


def relu_backward(z: np.ndarray, d_output: np.ndarray) -> np.ndarray:
    r"""Return :math:`dz = [z > 0]\, dy`, entry by entry; at the kink the derivative is 0.

    Examples
    --------
    >>> relu_backward(np.array([-3.0, 2.0, 0.0]), np.array([1.0, 10.0, 5.0]))
    array([ 0., 10.,  0.])
    """
    d_z: np.ndarray = d_output * (z > 0)
    return d_z


#: Forward and backward pass of every activation, by name.
ACTIVATIONS: Mapping[
    str,
    tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray, np.ndarray], np.ndarray]],
] = {
    "square": (square, square_backward),
    "cube": (cube, cube_backward),
    "relu": (relu, relu_backward),
}


def require_activation(name: object) -> None:
    """Refuse what is not the name of an activation.

    Raises
    ------
    ValueError
        If `name` is not in `ACTIVATIONS`.

    Examples
    --------
    >>> require_activation("tanh")
    Traceback (most recent call last):
    ...
    ValueError: activation must be one of square, cube, relu, got 'tanh'
    """
    if name not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {name!r}")
