r"""How the efficiency of memorising depends on the number of training examples D.

What generalises costs the same for any D, while memorising costs more with every example:

.. math:: P_M(D) = P_1 D^\beta, \qquad P_G = \text{const}.

The norms of independent tables add in squares, hence beta = 1/2 unless said otherwise. The idea of
a critical size is the paper's (Section 3); the formulas are derived here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from theory.checks import Parameter, labelled, require_one_grid, within_floats
from theory.minimal.model import Circuit, MinimalModel


def critical_size(generalising_norm: Any, first_norm: Any, beta: Any = 0.5) -> Parameter:
    r"""Return the size at which memorising and generalising are equally efficient.

    .. math:: D_\mathrm{crit} = (P_G / P_1)^{1/\beta}

    It depends neither on alpha nor on kappa (idea: Section 3; derived here).

    Parameters
    ----------
    generalising_norm, first_norm
        P_G and P_1, above 0: the norms that a logit costs for any D and for a single example.
    beta
        beta > 0. All three sweep as `theory.checks.labelled` says.

    Returns
    -------
    float or xarray.DataArray
        D_crit in examples, dims: the swept ones.

    Raises
    ------
    ValueError
        If a number or the size is out of range, or swept dimensions do not fit together.

    Examples
    --------
    >>> round(critical_size(generalising_norm=1.0, first_norm=0.05), 6)
    400.0
    """
    norm, first, power = positive(
        generalising_norm=generalising_norm, first_norm=first_norm, beta=beta
    )
    given = {"generalising_norm": norm, "first_norm": first, "beta": power}
    with np.errstate(over="ignore"):
        size = (xr.DataArray(norm) / first) ** (1 / power)
    within_floats("critical_size", size, **given)
    return size if any(isinstance(one, xr.DataArray) for one in given.values()) else size.item()


def at_size(model: MinimalModel, size: Any, beta: Any = 0.5) -> MinimalModel:
    r"""Return the model with memorising circuits that cost what D examples cost.

    .. math:: P_M(D) = P_1 D^\beta

    Parameters
    ----------
    model
        The model for a single example: a circuit that generalises nowhere has the norm P_1.
    size
        D > 0, in examples; a bare array becomes the dimension ``size``.
    beta
        beta > 0; sweeps too.

    Raises
    ------
    ValueError
        If a number is out of range, if every circuit generalises somewhere, or as `MinimalModel`.

    Examples
    --------
    >>> model = at_size(MinimalModel.paper(param_norm=(1.0, 0.05)), size=[100, 400, 1600])
    >>> model.stack("param_norm").sel(circuit="memorising").values
    array([0.5, 1. , 2. ])
    """
    examples, beta = positive(size=size, beta=beta)
    model.crossed(size=examples, beta=beta)
    if not any(map(memorises, model.circuits)):
        raise ValueError(f"model must have a circuit that generalises nowhere, got {model.names}")
    factor = examples**beta
    circuits = tuple(
        replace(circuit, param_norm=circuit.param_norm * factor) if memorises(circuit) else circuit
        for circuit in model.circuits
    )
    return replace(model, circuits=circuits)


def weight_ratio(size: Any, critical: Any, kappa: Any, beta: Any = 0.5) -> xr.DataArray:
    r"""Return Q = w_G/w_M at equilibrium, for kappa at most 2.

    .. math:: Q = \Bigl(\frac{D}{D_\mathrm{crit}}\Bigr)^{2\beta/r}, \qquad r = 2/\kappa - 1

    It does not depend on alpha. At kappa = 2 it is 0 below D_crit, 1 at it and infinite above, the
    limits from kappa < 2 (derived here).

    Parameters
    ----------
    size, critical
        D and D_crit > 0, in examples.
    kappa
        In (0, 2].
    beta
        beta > 0. All four sweep as `theory.checks.labelled` says.

    Returns
    -------
    xarray.DataArray
        Q >= 0, dims: the swept ones.

    Raises
    ------
    ValueError
        If a number is out of range, or swept dimensions do not fit together.

    Examples
    --------
    >>> print(f"{float(weight_ratio(size=1600, critical=400, kappa=1.2)):.6f}")
    8.000000
    """
    log_ratio = log_weight_ratio(size=size, critical=critical, kappa=kappa, beta=beta)
    with np.errstate(over="ignore"):
        ratio: xr.DataArray = xr.apply_ufunc(np.exp, log_ratio)
    return ratio.rename("weight_ratio")


def log_weight_ratio(size: Any, critical: Any, kappa: Any, beta: Any) -> xr.DataArray:
    """Return log Q, finite for kappa < 2; takes and raises as `weight_ratio`."""
    examples, middle, kappa, rise = positive(size=size, critical=critical, kappa=kappa, beta=beta)
    labelled("kappa", kappa, at_most=2)
    distance = xr.DataArray(xr.apply_ufunc(np.log, examples / middle))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = 2 * rise * distance / xr.DataArray((2 - kappa) / kappa)
    return log_ratio.where(distance != 0, 0.0)


def positive(**values: Any) -> tuple[Parameter, ...]:
    """Return numbers or sweeps above 0 that cross to one grid.

    Raises
    ------
    ValueError
        If a number is out of range, or swept dimensions do not fit together.
    """
    checked = {name: labelled(name, value, above=0) for name, value in values.items()}
    swept = [v.rename(name) for name, v in checked.items() if isinstance(v, xr.DataArray)]
    require_one_grid(swept, reserved=set())
    return tuple(checked.values())


def memorises(circuit: Circuit) -> bool:
    """Return whether a circuit generalises to no test input, in any cell of a sweep."""
    return not np.any(np.asarray(circuit.generalises))
