r"""What memorising costs: one hidden unit for each label (derived here).

The unit of a label reads the d rows and d columns of its examples and writes to that label. With k
slots and the n-th power it sees :math:`(k x)^n` on its examples, for an embedding x on each of
:math:`k d` tokens, so :math:`A = w (k x)^n` at a norm of :math:`k d x^2 + w^2`. In balance,
:math:`|x_h|^2 = n |w_h|^2`, and q such units have

.. math:: |\theta|^2 = (n + 1)\, q\, A^{2/(n+1)} \left(\frac{d}{k n}\right)^{n/(n+1)},

for two slots and square units :math:`3 q (d A / 4)^{2/3}`: in the minimal model's terms
:math:`\kappa = n + 1`, as the exponent of A at a given number of units, and
:math:`P_M \propto d^{n / (2n + 2)}`.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory import checks
from theory.checks import Parameter


def memorising_norm(
    logit: Parameter,
    per_label: Parameter,
    num_labels: Parameter,
    *,
    slots: Parameter = 2,
    power: int = 2,
) -> float | xr.DataArray:
    r"""Return :math:`|\theta|` of a network that has memorised, by one unit a label.

    Parameters
    ----------
    logit
        A >= 0, the right logit less the mean of all (logits).
    per_label
        d >= 0, examples of each label.
    num_labels
        q, at least 2.
    slots
        k, tokens in an example, at least 1.
    power
        n, of the activation.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Notes
    -----
    A lower bound among networks each of whose units writes to one label, and raises it, if each
    example gets at least A from the units of its own label, and no two examples of a label share a
    token; where they do, it is less (`memorising_bound`). Outputs taken off their mean make it
    larger by :math:`(1 - 1/q)^{-1/(n+1)}` in the squared norm. Trained networks at rest come within
    a few per cent of it, where there are units for it.

    Examples
    --------
    >>> round(memorising_norm(logit=8.0, per_label=6.0, num_labels=47), 3)
    27.185
    """
    logit = checks.labelled("logit", logit, at_least=0)
    per_label = checks.labelled("per_label", per_label, at_least=0)
    num_labels = checks.labelled("num_labels", num_labels, at_least=2)
    slots = checks.labelled("slots", slots, at_least=1)
    power = checks.integer("power", power, at_least=1)
    share = power / (power + 1)
    squared = (
        (power + 1)
        * num_labels
        * logit ** (2 / (power + 1))
        * (per_label / (slots * power)) ** share
    )
    norm: float | xr.DataArray = squared**0.5
    return norm


def memorising_bound(examples: np.ndarray, labels: np.ndarray, logit: float) -> float:
    r"""Return what no label-pure network of square units can go below, with shared tokens.

    Let each unit write to one label, upwards, and let :math:`M_y` have a row for each example of
    label y, with a 1 for each of its tokens. The units of the label give its examples

    .. math:: d A = \sum_h w_h |M_y x_h|^2 \le \lambda_y \sum_h w_h |x_h|^2,

    with :math:`\lambda_y` the largest eigenvalue of :math:`M_y^T M_y`: the number of slots where no
    token is shared, and more elsewhere. A unit's cost is concave in its strength, so one unit for
    each label is cheapest, and

    .. math:: |\theta|^2 \ge 3 \sum_y \Big(\frac{d_y A}{2 \lambda_y}\Big)^{2/3},

    outputs as they are.

    Parameters
    ----------
    examples, labels
        Tokens, shape (examples, slots), and labels, shape (examples,).
    logit
        A > 0: what units of its own label give an example of each label, on average.

    Returns
    -------
    float
        The bound of :math:`|\theta|`.

    Examples
    --------
    >>> apart, shared = np.array([[0, 1], [1, 2]]), np.array([[0, 1], [0, 2]])
    >>> labels = np.array([0, 0])
    >>> bounds = [memorising_bound(tokens, labels, 8.0) for tokens in (apart, shared)]
    >>> bool(np.isclose(bounds[0], memorising_norm(8.0, 2, 2) / 2**0.5)), bounds[1] < bounds[0]
    (True, True)
    """
    logit = checks.number("logit", logit, above=0)
    offsets = np.arange(examples.shape[1]) * (examples.max() + 1)
    costs = []
    for label in np.unique(labels):
        tokens = examples[labels == label] + offsets
        shared = (tokens[:, None, :] == tokens[None, :, :]).sum(axis=2)  # M M^T has the same
        largest = np.linalg.eigvalsh(shared)[-1]
        costs.append((len(tokens) * logit / (2 * largest)) ** (2 / 3))
    return float(np.sqrt(3 * sum(costs)))
