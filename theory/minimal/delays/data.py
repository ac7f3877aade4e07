"""How the delay and the gap between the losses depend on the number D of examples."""

from __future__ import annotations

from typing import Any

import xarray as xr

from theory.checks import labelled
from theory.minimal.delays.plateau import of_circuit, plateau_pull, plateau_weight
from theory.minimal.model import MinimalModel, closed_form


@closed_form
def delay_exponent(
    model: MinimalModel, beta: Any = 0.5, resting: str = "memorising"
) -> xr.DataArray:
    r"""Return the exponent with which the delay shrinks as the dataset grows, kappa < 2.

    .. math:: \frac{d \log (1/g)}{d \log D} = -\frac{2 \beta F}{F + r}, \qquad F = S_M (1 - p_M)

    for P_M = P_1 D^beta and the rate g = 2 p_M of the growth beside the plateau. The time to grok
    from a small start is a logarithm over g, and follows with the same exponent as the start tends
    to zero.

    Parameters
    ----------
    model
        The model at some D.
    beta
        beta > 0; sweeps like a parameter of the model.
    resting
        Name of the circuit that memorises; others take no part.

    Returns
    -------
    xarray.DataArray
        Without unit, between -2 beta and 0, dims: the swept ones; NaN for kappa >= 2 (at kappa = 2
        g depends on P_G too) and without weight decay.

    Raises
    ------
    ValueError
        If `beta` is not above 0, sweeps do not cross to one grid, or the model has no such circuit.

    Notes
    -----
    Derived here.

    Examples
    --------
    >>> round(delay_exponent(MinimalModel.paper()).item(), 4)
    -0.8989
    """
    power = labelled("beta", beta, above=0)
    model.crossed(beta=power)
    r, decays = xr.DataArray(model.r), of_circuit(model, model.cost, resting) > 0
    excess = plateau_weight(model, resting) * (1 - plateau_pull(model, resting))
    exponent: xr.DataArray = -2 * power * excess / (excess + r)
    return exponent.where((r > 0) & decays).rename("delay_exponent")


@closed_form
def loss_gap(
    model: MinimalModel, growing: str = "generalising", resting: str = "memorising"
) -> xr.DataArray:
    r"""Return how much the test loss exceeds the train loss at rest with much data, kappa < 2.

    .. math:: \Delta \to \frac{q}{q - 1} \, p_G S_G \Bigl(\frac{P_G}{P_M}\Bigr)^{2/r}

    as P_M / P_G grows, with S_G the weight of the generalising circuit at rest alone and
    p_G = p(S_G). With P_M = P_1 D^beta the last factor is (D_crit / D)^(2 beta / r).

    Parameters
    ----------
    model
        The model.
    growing, resting
        Names of the circuit that generalises to all test inputs and of that which does to none.

    Returns
    -------
    xarray.DataArray
        In nats, dims: the swept ones; NaN for kappa >= 2, where one circuit alone is left, without
        weight decay, and where G is not the more efficient circuit.

    Raises
    ------
    ValueError
        If the model has no such circuits.

    Notes
    -----
    Derived here, to first order in w_M / w_G.

    Examples
    --------
    >>> print(f"{loss_gap(MinimalModel.paper(param_norm=(1.0, 20.0))).item():.3e}")
    3.419e-05
    """
    r, norm = xr.DataArray(model.r), model.stack("param_norm")
    ratio = of_circuit(model, norm, growing) / of_circuit(model, norm, resting)
    holds = (r > 0) & (ratio < 1) & (of_circuit(model, model.cost, growing) > 0)
    share = ratio.where(holds) ** (2 / r.where(r > 0))
    labels = xr.DataArray(model.num_labels)
    rest = plateau_weight(model, growing).where(holds)
    gap: xr.DataArray = labels / (labels - 1) * plateau_pull(model, growing) * rest * share
    return gap.rename("loss_gap")
