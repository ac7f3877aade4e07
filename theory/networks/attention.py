r"""Attention of the last position of a sequence to all of its positions, and back.

Only the last position is read out, so it alone asks: there is one query an example and head. A
causal mask would change nothing, because the last position may look at every other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


def split_heads(joined: np.ndarray, heads: int) -> np.ndarray:
    """Give the heads, which stand side by side, an axis of their own.

    Examples
    --------
    >>> split_heads(np.arange(4), heads=2)
    array([[0, 1],
           [2, 3]])
    """
    split: np.ndarray = joined.reshape(*joined.shape[:-1], heads, -1)
    return split


def join_heads(split: np.ndarray) -> np.ndarray:
    """Put the heads side by side.

    Examples
    --------
    >>> join_heads(np.array([[0, 1], [2, 3]]))
    array([0, 1, 2, 3])
    """
    joined: np.ndarray = split.reshape(*split.shape[:-2], -1)
    return joined


class Attention(NamedTuple):
    """What attending leaves behind for the way back.

    ``weights`` has shape (examples, positions, heads) and adds up to 1 over the positions;
    ``output`` has shape (examples, heads, d_head).
    """

    weights: np.ndarray
    output: np.ndarray


def attend(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> Attention:
    r"""Return the average of the values, weighted by how well their keys fit the query.

    .. math:: s_{ijh} = \frac{q_{ih} \cdot k_{ijh}}{\sqrt{d}}, \qquad
              A_{ijh} = \frac{e^{s_{ijh}}}{\sum_l e^{s_{ilh}}}, \qquad
              z_{ih} = \sum_j A_{ijh} v_{ijh}

    Parameters
    ----------
    query
        q, shape (examples, heads, d_head).
    keys, values
        k and v, shape (examples, positions, heads, d_head).

    Notes
    -----
    Vaswani et al. (2017), "Attention is all you need", equation 1.

    Examples
    --------
    >>> query, keys = np.ones((1, 1, 4)), np.zeros((1, 2, 1, 4))
    >>> attend(query, keys, values=np.array([[[[3.0]], [[5.0]]]])).output
    array([[[4.]]])
    """
    scores = np.einsum("ihd,ijhd->ijh", query, keys) * query.shape[-1] ** -0.5
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return Attention(weights, np.einsum("ijh,ijhd->ihd", weights, values))


def attend_backward(
    query: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    attention: Attention,
    d_output: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return the derivatives with respect to query, keys and values.

    .. math:: dv_{ijh} = A_{ijh}\, dz_{ih}, \qquad
              ds_{ijh} = A_{ijh}\, dz_{ih} \cdot (v_{ijh} - z_{ih}), \qquad
              dq_{ih} = \sum_j \frac{ds_{ijh} k_{ijh}}{\sqrt d}, \qquad
              dk_{ijh} = \frac{ds_{ijh} q_{ih}}{\sqrt d}

    Parameters
    ----------
    query, keys, values, attention
        What went into `attend` and what came out of it.
    d_output
        Derivative with respect to z, shape (examples, heads, d_head).

    Examples
    --------
    >>> query, keys = np.ones((1, 1, 4)), np.zeros((1, 2, 1, 4))
    >>> values = np.array([[[[3.0]], [[5.0]]]])
    >>> attention = attend(query, keys, values)
    >>> _, d_keys, d_values = attend_backward(query, keys, values, attention, np.ones((1, 1, 1)))
    >>> d_keys[0, :, 0, 0], d_values.ravel()
    (array([-0.25,  0.25]), array([0.5, 0.5]))
    """
    weights, output = attention
    d_values = weights[..., None] * d_output[:, None]
    d_weights = np.einsum("ihd,ijhd->ijh", d_output, values - output[:, None])
    d_scores = weights * d_weights * query.shape[-1] ** -0.5
    d_query = np.einsum("ijh,ijhd->ihd", d_scores, keys)
    return d_query, d_scores[..., None] * query[:, None], d_values
