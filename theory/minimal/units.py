r"""Changes of the model that are changes of units (derived here)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from theory.checks import labelled, within_floats
from theory.minimal.model import MinimalModel, closed_form


@closed_form
def without_temperature(model: MinimalModel, temperature: Any) -> MinimalModel:
    r"""Return the model that behaves as this one with the training loss l(S / tau).

    .. math:: \alpha \to \alpha \tau^{2/\kappa}, \qquad
              a_i, b_i \to a_i / \sqrt\tau, b_i / \sqrt\tau

    so that rho -> rho / tau. At temperature tau all weights are tau times those of the model
    returned, at tau times its time or its learning rate: exactly so, for descent as for the flow.

    Parameters
    ----------
    model
        The model, whose loss is taken at the temperature.
    temperature
        tau > 0; sweeps like a parameter of the model.

    Returns
    -------
    MinimalModel
        The model with another weight decay and other subweights.

    Raises
    ------
    ValueError
        If `temperature` or the weight decay returned is out of range, or sweeps do not cross to
        one grid.

    Examples
    --------
    >>> plain = without_temperature(MinimalModel.paper(kappa=2), temperature=4.0)
    >>> plain.weight_decay, plain.circuits[1].second_subweight
    (0.02, 0.5)
    """
    tau = labelled("temperature", temperature, above=0)
    model.crossed(temperature=tau)
    circuits = tuple(
        replace(
            circuit,
            first_subweight=circuit.first_subweight / tau**0.5,
            second_subweight=circuit.second_subweight / tau**0.5,
        )
        for circuit in model.circuits
    )
    alpha, kappa = xr.DataArray(model.weight_decay), model.kappa
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = alpha * xr.DataArray(tau) ** (2 / kappa)
    # NaN, without weight decay, stands for no weight decay.
    within_floats("weight_decay", scaled.where(alpha > 0), temperature=tau, kappa=kappa)
    decay = scaled.where(alpha > 0, 0.0)
    return replace(model, circuits=circuits, weight_decay=decay)
