r"""Which circuit comes first without weight decay."""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory.minimal.cells import ROUNDING
from theory.minimal.delays.plateau import of_circuit
from theory.minimal.model import MinimalModel


def overtakes_without_decay(
    model: MinimalModel, growing: str = "generalising", resting: str = "memorising"
) -> xr.DataArray:
    r"""Return whether one circuit overtakes another if there is no weight decay.

    With alpha = 0 all circuits feel the same pull, whose integral I grows without bound:

    .. math:: w_i = \tfrac14 \bigl((a_i + b_i)^2 e^{2 I} - (b_i - a_i)^2 e^{-2 I}\bigr),
              \qquad I = \int_0^t p \, dt,

    with a and b at time 0. So G overtakes M, once and for all, just when

    .. math:: w_G(0) \le w_M(0) \quad \text{and} \quad |a_G + b_G| > |a_M + b_M|,

    at ``e^(4 I) = ((b_G - a_G)^2 - (b_M - a_M)^2) / ((a_G + b_G)^2 - (a_M + b_M)^2)``. Where both
    first subweights are zero, w_G / w_M = rho_G / rho_M for ever. Sums that agree to 1e-14 of their
    size are a tie, and weights that agree to 1e-14 of theirs are equal: decimal subweights are
    rounded.

    Parameters
    ----------
    model
        The model; only its subweights matter, with any number of circuits.
    growing, resting
        Names of G and M.

    Returns
    -------
    xarray.DataArray
        True or False, dims: the swept ones.

    Raises
    ------
    ValueError
        If the model has no such circuits.

    Notes
    -----
    Derived here. It holds for gradient descent with lambda p < 1 as well, and for momentum from
    rest as long as it does not oscillate, but not for Adam.

    Examples
    --------
    >>> overtakes_without_decay(MinimalModel.paper()).item()
    False
    """
    a, b = model.stack("first_subweight"), model.stack("second_subweight")
    lead, late = (_lead(model, each, growing, resting) for each in (a * b, abs(a + b)))
    return ((lead <= 0) & (late > 0) & (model.swept == 0)).rename("overtakes_without_decay")


def _lead(model: MinimalModel, values: xr.DataArray, growing: str, resting: str) -> xr.DataArray:
    """Return by how much the value of one circuit is the larger, 0 where rounding may be all."""
    one, other = (of_circuit(model, values, name) for name in (growing, resting))
    larger = np.maximum(abs(one), abs(other))
    return (one - other).where(abs(one - other) > ROUNDING * larger, 0.0)
