"""The delay of sign descent, which is what Adam does to subweights of any size."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import expit

from theory.minimal import roots
from theory.minimal.delays.plateau import of_circuit
from theory.minimal.model import MinimalModel, closed_form


@closed_form
def sign_descent_delay(
    model: MinimalModel, growing: str = "generalising", resting: str = "memorising"
) -> xr.DataArray:
    r"""Return the time to grok if every subweight moves at the rate 1, whatever its gradient.

    .. math:: T = \tfrac12 \Bigl(\sqrt{(b_G - a_G)^2 + 2 S} - a_G - b_G\Bigr), \qquad
              p(S) = c_M \Bigl(\frac S2\Bigr)^r

    which tends to sqrt(S/2) as G starts smaller. The growing subweights are a_G + t and b_G + t.
    Meanwhile M comes to where its slope changes sign, p(w_G + w_M) = c_M w_M^r, and slides back
    along it, for it can always move faster than that point does. At the crossing both weights are
    S/2. S is a logarithm of alpha, and so is T^2; a small b_G is not in it.

    Adam is sign descent where its averages do not see a sign change: with betas = (0, 0), a
    negligible epsilon, and a small rate. With longer averages M swings about its place, and T
    differs by some percent at the rate 0.001, by a quarter at 0.01 (observed).

    Parameters
    ----------
    model
        The model.
    growing, resting
        Names of G and M; others take no part.

    Returns
    -------
    xarray.DataArray
        T in updates times learning rate, dims: the swept ones. NaN where the law does not hold: for
        kappa > 2, without weight decay or where it lets nothing rest; where G is not the more
        efficient circuit, or leads from the start; where a subweight is negative, or both of a
        circuit are zero, so that it does not move; where M starts above its place or has not come
        to it by T; and where \|b_G - a_G\| > \|b_M - a_M\|, with
        which G may outrun M.

    Raises
    ------
    ValueError
        If the model has no such circuits.

    Notes
    -----
    Derived here.

    Examples
    --------
    >>> round(sign_descent_delay(MinimalModel.paper(second_subweight=(1e-6, 1.0))).item(), 4)
    1.8955
    """
    r, cost = xr.DataArray(model.r), of_circuit(model, model.cost, resting)
    log_rivals = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    with np.errstate(divide="ignore"):
        log_cost = xr.apply_ufunc(np.log, cost) - r * np.log(2)
    log_total = xr.apply_ufunc(roots.log_total, log_cost, r, log_rivals, True)
    total = xr.apply_ufunc(np.exp, log_total)
    a, b = model.stack("first_subweight"), model.stack("second_subweight")
    pairs = [[of_circuit(model, each, name) for each in (a, b)] for name in (growing, resting)]
    (small_a, small_b), (large_a, large_b) = pairs
    time = (((small_b - small_a) ** 2 + 2 * total) ** 0.5 - small_a - small_b) / 2
    small, large = small_a * small_b, large_a * large_b
    wrong = xr.apply_ufunc(expit, log_rivals - small - large)
    holds = (r >= 0) & (cost > 0) & (of_circuit(model, model.cost, growing) < cost)
    for first, second in pairs:
        holds = holds & (first >= 0) & (second >= 0) & (first + second > 0)
    holds = holds & (small <= large) & (time > 0)
    # M rises at first, and has come to its place by the crossing.
    with np.errstate(divide="ignore"):
        holds = holds & (wrong >= cost * large**r)
    holds = holds & ((large_a + time) * (large_b + time) >= total / 2)
    holds = holds & (abs(small_b - small_a) <= abs(large_b - large_a))
    found: xr.DataArray = time.where(holds) + model.swept
    return found.rename("sign_descent_delay")
