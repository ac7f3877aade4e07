r"""What holds of the one-layer transformer at rest under a penalty in the loss (derived here).

Its logits do not change when some matrices grow and others shrink. Along each such path only the
penalty :math:`\tfrac\gamma2 |\theta|^2` changes, a sum of two exponentials, and a minimum of the
objective is its least. So at every minimum, also at a kink of the ReLU,

- each hidden unit of the MLP reads and writes by vectors of the same length;
- in each head :math:`|W_V| = |W_O|` and :math:`|W_Q| = |W_K|`;
- :math:`|E|^2 + |P|^2 = |W_U|^2 + 2 |W_Q|^2`: the residual stream can grow if what is read off it,
  by queries, keys and labels, shrinks.

Logits are linear in :math:`W_U`, so with the pull :math:`M = \langle o_y - \sum_c p_c o_c \rangle`
over the training set :math:`\gamma |W_U|^2 = M`. With the parts s, v and t of the MLP's input, the
values and the queries in :math:`|W_U|^2`, the sum of all squares gives, for the exponent of the
envelope (`theory.circuits.identities`),

.. math:: \kappa = \frac{\gamma |\theta|^2}{p\, S} = (2 + 2 s + 2 v + 4 t)\, \frac{M}{p\, S} .

The longest path through the network has degree 6: embedding, value, output, into the MLP, out of
it, unembedding. Skips are shorter, and scatter of the wrong logits makes M less than p S.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import softmax

from theory import checks
from theory.networks import Parameters, Split, Transformer


def transformer_balances(
    network: Transformer, parameters: Parameters, split: Split, l2: float
) -> xr.Dataset:
    r"""Return how far a transformer is from each balance above, and the exponent that it has.

    Parameters
    ----------
    network, parameters
        The transformer and its state.
    split
        Whose training set it is trained on.
    l2
        gamma > 0, of a penalty :math:`\tfrac\gamma2 |\theta|^2` in the loss (nat).

    Returns
    -------
    xarray.Dataset
        ``off`` along ``balance``, "hidden units", "values", "queries", "stream" and "pull": the
        largest difference of the two sides, of all units or heads, over the mean of the sides; 0
        at rest. ``mlp``, ``values`` and
        ``queries``, the parts s, v and t; ``kappa``, from the norm, and ``kappa_of_parts``, from
        the parts, equal at rest.

    Raises
    ------
    ValueError
        If `l2` is not above 0.
    """
    l2 = checks.number("l2", l2, above=0)
    squared = {name: array.astype(float) ** 2 for name, array in parameters.items()}
    whole = {name: float(array.sum()) for name, array in squared.items()}
    heads = {
        name: squared[name].reshape(network.d_model, network.heads, -1).sum(axis=(0, 2))
        for name in ("W_Q", "W_K", "W_V")
    }
    written = squared["W_O"].reshape(network.heads, -1).sum(axis=1)
    loss, pull = _loss_and_pull(network, parameters, split)
    sides = {
        "hidden units": (squared["W_in"].sum(axis=0), squared["W_out"].sum(axis=1)),
        "values": (heads["W_V"], written),
        "queries": (heads["W_Q"], heads["W_K"]),
        "stream": (whole["E"] + whole["P"], whole["W_U"] + 2 * whole["W_Q"]),
        "pull": (l2 * whole["W_U"], pull),
    }
    mlp, values, queries = (whole[name] / whole["W_U"] for name in ("W_in", "W_V", "W_Q"))
    odds = np.log((split.task.num_labels - 1) / np.expm1(loss))
    worth = -np.expm1(-loss) * odds
    return xr.Dataset(
        {
            "off": ("balance", [_apart(*each) for each in sides.values()]),
            "mlp": mlp,
            "values": values,
            "queries": queries,
            "kappa": l2 * sum(whole.values()) / worth,
            "kappa_of_parts": (2 + 2 * mlp + 2 * values + 4 * queries) * pull / worth,
        },
        {"balance": list(sides)},
    )


def _loss_and_pull(
    network: Transformer, parameters: Parameters, split: Split
) -> tuple[float, float]:
    """Return the mean cross-entropy over the training set (nat), and M."""
    exact = network.zeros(split.task, "float64")
    exact.flat[:] = parameters.flat
    inputs = network.encode(split.task, split.train, "float64")
    logits = network.forward(exact, inputs).logits
    p = softmax(logits, axis=1)
    rows, labels = np.arange(len(p)), split.task.labels[split.train]
    pull = np.mean(logits[rows, labels] - (p * logits).sum(axis=1))
    return float(-np.log(p[rows, labels]).mean()), float(pull)


def _apart(one: np.ndarray | float, other: np.ndarray | float) -> float:
    """Return the largest difference, over the mean of all that is compared."""
    one, other = np.atleast_1d(one), np.atleast_1d(other)
    return float(abs(one - other).max() / ((one + other).mean() / 2))
