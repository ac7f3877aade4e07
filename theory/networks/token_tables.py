r"""Attention as sums over the rows of a table, for the fast transformer.

The last position holds '=' in every example, so all examples ask the same query q. What a token
t in slot j brings to attention is then the same in every example: its value and the exponential
of its score,

.. math:: e_{jt} = \exp\Bigl(\frac{q \cdot k_{jt}}{\sqrt d} - c\Bigr), \qquad
          z_i = \frac{\sum_j e_{j t_{ij}} v_{j t_{ij}}}{\sum_j e_{j t_{ij}}} .

Both sums add up rows of one table with a row for each token of each slot, and one for '='. All
products with the matrices of attention are between these few rows (derived here).
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from scipy import sparse

from theory.networks.attention import join_heads, split_heads
from theory.networks.layers import one_hot
from theory.networks.parameters import Parameters


class Sizes(Protocol):
    """What is read here of a `Transformer`."""

    @property
    def d_model(self) -> int:
        """Width of the residual stream."""

    @property
    def heads(self) -> int:
        """Heads of attention."""

    @property
    def d_head(self) -> int:
        """Width of a head."""


class Tables(NamedTuple):
    """What attention makes of every token; the rows are the tokens of each slot, then '='.

    ``parts``, shape (tokens and positions, d_model), are what embedded tokens are sums of, and
    ``last``, shape (d_model,), is the embedded '='. ``query`` has shape (heads, d_head), ``score``
    (d_model, heads), ``values`` (rows, heads, d_head), ``exponentials`` (rows, heads). An embedded
    token times ``score`` is its scores.
    """

    parts: np.ndarray
    last: np.ndarray
    query: np.ndarray
    score: np.ndarray
    values: np.ndarray
    exponentials: np.ndarray

    @property
    def summands(self) -> np.ndarray:
        """Numerators of all heads, then denominators, shape (rows, heads d_head + heads)."""
        numerators = self.values * self.exponentials[:, :, None]
        return np.hstack([join_heads(numerators), self.exponentials])


def rows_of(inputs: np.ndarray, num_tokens: int, dtype: str) -> sparse.csr_array:
    """Return which rows of the tables an example adds up: its tokens, and the last one, '='.

    Examples
    --------
    >>> rows_of(np.array([[0, 1]]), num_tokens=2, dtype="float64").toarray()
    array([[1., 0., 0., 1., 1.]])
    """
    closing = sparse.csr_array(np.ones((len(inputs), 1), dtype))
    return sparse.csr_array(sparse.hstack([one_hot(inputs, num_tokens, dtype), closing]))


def tables(network: Sizes, parameters: Parameters) -> Tables | None:
    """Return the tables of these parameters; None if the exponentials of a head do not fit."""
    tokens, positions = parameters["E"], parameters["P"]
    parts, last = np.vstack([tokens, positions]), tokens[-1] + positions[-1]
    query = split_heads(last @ parameters["W_Q"], network.heads)
    keys = split_heads(parameters["W_K"], network.heads)
    score = np.einsum("mhd,hd->mh", keys, query) * network.d_head**-0.5
    exponentials = _exponentials(_rows(parts @ score, len(tokens)))
    if exponentials is None:
        return None
    values = split_heads(_rows(parts @ parameters["W_V"], len(tokens)), network.heads)
    return Tables(parts, last, query, score, values, exponentials)


def _rows(parts: np.ndarray, num_tokens: int) -> np.ndarray:
    """Return the rows of a table that is linear in embedded tokens.

    Each is what its token and its position bring, which are far fewer than the rows: so products
    are taken of these.
    """
    tokens, positions = np.split(parts, [num_tokens])
    slots = tokens[:-1] + positions[:-1, None]
    return np.vstack([slots.reshape(-1, parts.shape[1]), tokens[-1] + positions[-1]])


def _rows_backward(d_rows: np.ndarray, num_tokens: int) -> np.ndarray:
    """Return the derivative with respect to what tokens and positions bring."""
    slots, closing = d_rows[:-1].reshape(-1, num_tokens - 1, d_rows.shape[1]), d_rows[-1]
    return np.vstack([slots.sum(axis=0), closing, slots.sum(axis=1), closing])


def _exponentials(scores: np.ndarray) -> np.ndarray | None:
    """Return the exponentials, each head's scaled so that the ones that count are around 1.

    A common factor of numerator and denominator is free. A row's own maximum, which an example
    at a time would use, is not known to a table. But every example holds '=', the last row, so
    that a denominator lies between its exponential and the largest, and far lower scores may
    underflow. These two are made each other's inverse: a derivative is divided by a denominator
    and later multiplied by an exponential, and a small one must not underflow in between. There is
    None if the largest score lies so far above that of '=' that one of the two nearly overflows.
    """
    room = 0.7 * np.log(float(np.finfo(scores.dtype).max))
    # In double precision, since a number that large has a coarse exponential in single.
    below_largest = scores.astype(np.float64) - scores.max(axis=0)
    if np.any(below_largest[-1] < -2 * room):
        return None
    exponentials: np.ndarray = np.exp(below_largest - below_largest[-1] / 2).astype(scores.dtype)
    return exponentials


def tables_backward(
    network: Sizes,
    parameters: Parameters,
    read: Tables,
    d_summands: np.ndarray,
    d_last: np.ndarray,
    gradient: Parameters,
) -> None:
    """Overwrite the gradient of embeddings, positions and the matrices of attention.

    ``d_last``, shape (d_model,), is the derivative with respect to '=' that goes past attention.
    """
    attended, num_tokens = network.heads * network.d_head, len(parameters["E"])
    d_numerators = split_heads(d_summands[:, :attended], network.heads)
    d_exponentials = np.einsum("rhd,rhd->rh", d_numerators, read.values)
    d_exponentials += d_summands[:, attended:]
    d_scores = _rows_backward(d_exponentials * read.exponentials, num_tokens)
    d_values = join_heads(d_numerators * read.exponentials[:, :, None])
    d_values = _rows_backward(d_values, num_tokens)
    d_score = read.parts.T @ d_scores * network.d_head**-0.5
    keys = split_heads(parameters["W_K"], network.heads)
    d_query = np.einsum("mhd,mh->hd", keys, d_score).ravel()
    np.outer(read.last, d_query, out=gradient["W_Q"])
    split_heads(gradient["W_K"], network.heads)[:] = d_score[:, :, None] * read.query
    np.dot(read.parts.T, d_values, out=gradient["W_V"])
    d_parts = d_values @ parameters["W_V"].T + d_scores @ read.score.T
    gradient["E"][:], gradient["P"][:] = np.split(d_parts, [num_tokens])
    d_last = d_last + parameters["W_Q"] @ d_query
    for name in ("E", "P"):
        gradient[name][-1] += d_last
