r"""Changes of the model that are changes of units (derived here)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from theory.checks import labelled
from theory.minimal.model import MinimalModel


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

    Raises
    ------
    ValueError
        If `temperature` is out of range, or sweeps do not cross to one grid.

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
    decay = model.weight_decay * tau ** (2 / model.kappa)
    return replace(model, circuits=circuits, weight_decay=decay)
