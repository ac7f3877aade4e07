r"""How the delay depends on the start: growth beside a plateau, and slopes of the time to grok.

A circuit that is learned fast comes to rest alone, on a plateau of weight S_M. There the data's
pull on every circuit is constant, p_M = p(S_M) = c_M S_M^r, and a circuit with small subweights
grows exponentially. So the time to grok is a logarithm of the start over a growth rate.

Here "growing" names the small circuit and "resting" the one on the plateau. Other circuits of the
model take no part. Times are in updates times learning rate, as in `theory.minimal.flow`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy.special import expit

from theory.checks import labelled
from theory.minimal import roots
from theory.minimal.model import MinimalModel, closed_form


@closed_form
def plateau_weight(model: MinimalModel, resting: str = "memorising") -> xr.DataArray:
    r"""Return the weight at which a circuit rests alone, the larger root S of p(S) = c S^r.

    Parameters
    ----------
    model
        The model.
    resting
        Name of the circuit.

    Returns
    -------
    xarray.DataArray
        S in logits, dims: the swept ones. 0 where the penalty lets nothing else rest, and infinite
        without weight decay.

    Raises
    ------
    ValueError
        If the model has no such circuit.

    Notes
    -----
    Derived here; at kappa = 2 it is the paper's (Section 3).

    Examples
    --------
    >>> round(plateau_weight(MinimalModel.paper()).item(), 6)
    6.722946
    """
    cost = of_circuit(model, model.cost, resting)
    log_rivals = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    with np.errstate(divide="ignore"):
        log_cost = xr.apply_ufunc(np.log, cost)
    r = xr.DataArray(model.r)
    log_total = xr.apply_ufunc(roots.log_total, log_cost, r, log_rivals, True)
    total: xr.DataArray = xr.apply_ufunc(np.exp, log_total)
    total = total.where(log_total.notnull(), xr.where(cost > 0, 0.0, np.inf)) + model.swept
    return total.rename("plateau_weight")


@closed_form
def plateau_pull(model: MinimalModel, resting: str = "memorising") -> xr.DataArray:
    r"""Return the pull of the data on every weight beside a resting circuit.

    .. math:: p_M = p(S_M) = c_M S_M^r

    the right side where S_M > 0 (derived here). Takes and raises as `plateau_weight`.

    Returns
    -------
    xarray.DataArray
        p_M in [0, 1], dims: the swept ones.

    Examples
    --------
    >>> round(plateau_pull(MinimalModel.paper()).item(), 6)
    0.118737
    """
    log_rivals = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    pull: xr.DataArray = xr.apply_ufunc(expit, log_rivals - plateau_weight(model, resting))
    return pull.rename("plateau_pull")


@closed_form
def plateau_growth(
    model: MinimalModel, growing: str = "generalising", resting: str = "memorising"
) -> xr.DataArray:
    r"""Return the rate at which a small weight grows beside a resting circuit.

    .. math:: \frac{\dot W}{W} = 2 (p_M - c_G 0^r) = \begin{cases}
              2 p_M & \kappa < 2 \\ 2 (p_M - c_G) & \kappa = 2 \\ -\infty & \kappa > 2
              \end{cases}

    with W = (a + b)^2 / 4, which is the weight once it has left its start. For kappa = 2 and
    S_M > 0 it is ``2 alpha (P_M^2 - P_G^2)``. For kappa > 2 a small weight never grows: it falls to
    zero. If both circuits are balanced and the resting one starts on its plateau, it does so just
    below `growth_threshold`; an imbalanced resting circuit can give way to a smaller weight. The
    rate holds where the resting circuit has a plateau (S_M > 0) and the growing one costs less.

    Parameters
    ----------
    model
        The model.
    growing, resting
        Names of the circuits.

    Returns
    -------
    xarray.DataArray
        The rate per unit of time, dims: the swept ones; 0 without weight decay.

    Raises
    ------
    ValueError
        If the model has no such circuits.

    Notes
    -----
    Derived here. For kappa < 2 the rate does not depend on P_G.

    Examples
    --------
    >>> round(plateau_growth(MinimalModel.paper()).item(), 6)
    0.237474
    >>> round(plateau_growth(MinimalModel.paper(kappa=2)).item(), 6)
    0.03
    """
    cost, r = of_circuit(model, model.cost, growing), xr.DataArray(model.r)
    at_zero = xr.where(r > 0, 0.0, xr.where(r < 0, np.inf, cost))
    growth: xr.DataArray = 2 * (plateau_pull(model, resting) - at_zero.where(cost > 0, 0.0))
    return growth.rename("plateau_growth")


@closed_form
def growth_threshold(
    model: MinimalModel, growing: str = "generalising", resting: str = "memorising"
) -> xr.DataArray:
    r"""Return the weight at which cost and pull cancel for a circuit beside a resting one.

    .. math:: c_G w^r = p_M, \qquad w = S_M (P_M / P_G)^{2/r}

    where S_M > 0. For kappa > 2 a smaller weight shrinks under the pull p_M. It is the separatrix
    if both circuits are balanced; otherwise the weight moves the resting circuit off its plateau,
    and the separatrix lies elsewhere. For kappa < 2 a smaller weight grows (derived here). Takes
    and raises as `plateau_growth`.

    Returns
    -------
    xarray.DataArray
        w in logits, dims: the swept ones; NaN for kappa = 2, where the weight does not matter, and
        infinite for kappa < 2 without weight decay.

    Examples
    --------
    >>> print(f"{growth_threshold(MinimalModel.paper(kappa=3)).item():.9f}")
    0.152971801
    """
    cost, r = of_circuit(model, model.cost, growing), xr.DataArray(model.r)
    pull = plateau_pull(model, resting)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        weight: xr.DataArray = (pull / cost) ** (1 / r.where(r != 0))
    unpenalised = xr.where(r > 0, np.inf, xr.where(r < 0, 0.0, np.nan))
    return weight.where(cost > 0, unpenalised).rename("growth_threshold")


@closed_form
def time_per_decade(
    model: MinimalModel, growing: str = "generalising", resting: str = "memorising"
) -> xr.DataArray:
    r"""Return how much later the flow groks when b_G is ten times smaller, or rho_G a hundred.

    .. math:: -\frac{dT}{d \log_{10} b_G} = \frac{\log 100}{\dot W / W}

    with the rate of `plateau_growth`: the limit for rho_G -> 0 (derived here). Takes and raises as
    `plateau_growth`.

    Returns
    -------
    xarray.DataArray
        In updates times learning rate, dims: the swept ones; infinite where a small weight does not
        grow.

    Examples
    --------
    >>> print(f"{time_per_decade(MinimalModel.paper()).item():.10f}")
    19.3923532143
    >>> memorising = xr.DataArray([1.05, 1.2, 2.0], dims="norm")
    >>> time_per_decade(MinimalModel.paper(kappa=2, param_norm=(1, memorising))).values.round(6)
    array([4492.848962, 1046.629588,  153.505673])
    """
    growth = plateau_growth(model, growing, resting)
    with np.errstate(divide="ignore"):
        time: xr.DataArray = np.log(100) / growth.where(growth > 0, 0.0)
    return time.rename("time_per_decade")


@closed_form
def updates_per_decade(
    model: MinimalModel,
    learning_rate: Any = 0.01,
    momentum: Any = 0.0,
    growing: str = "generalising",
    resting: str = "memorising",
) -> xr.DataArray:
    r"""Return how many updates later descent groks when b_G is ten times smaller.

    With momentum mu ("heavy ball") the subweights follow
    ``x'' = x' + mu (x' - x) + (lambda g / 2) x'`` on the plateau, g its `plateau_growth`, so that

    .. math:: -\frac{dT}{d \log_{10} b_G} = \frac{\log 10}{\log z}, \qquad
              z^2 - (1 + \mu + \tfrac12 \lambda g) z + \mu = 0

    with the larger root z, which without momentum is 1 + lambda g / 2: the limit for rho_G -> 0
    (derived here). T is the crossing after M has come to rest on its plateau, which takes a rate at
    which it is stable there, and a start from which it is not thrown elsewhere.

    Parameters
    ----------
    model
        The model.
    learning_rate
        lambda > 0; sweeps like a parameter of the model.
    momentum
        mu in [0, 1), as `theory.networks.GradientDescent` has it; sweeps as well.
    growing, resting
        Names of the circuits.

    Returns
    -------
    xarray.DataArray
        Updates, dims: the swept ones; infinite where a small weight does not grow.

    Raises
    ------
    ValueError
        If a number is out of range, sweeps do not cross to one grid, or the model has no such
        circuits.

    Examples
    --------
    >>> model = MinimalModel.paper()
    >>> [round(updates_per_decade(model, momentum=mu).item(), 2) for mu in (0.0, 0.9)]
    [1940.39, 213.77]
    """
    rate = labelled("learning_rate", learning_rate, above=0)
    mu = labelled("momentum", momentum, at_least=0, below=1)
    model.crossed(learning_rate=rate, momentum=mu)
    push = rate * plateau_growth(model, growing, resting) / 2
    push = push.where(push > 0, 0.0)
    # z - 1, written without a difference of nearly equal numbers.
    spread = 2 * push * (1 + mu) + push**2
    excess = (push + spread / (((1 - mu) ** 2 + spread) ** 0.5 + 1 - mu)) / 2
    with np.errstate(divide="ignore"):
        updates: xr.DataArray = np.log(10) / xr.apply_ufunc(np.log1p, excess)
    return updates.rename("updates_per_decade")


def of_circuit(model: MinimalModel, values: xr.DataArray, name: str) -> xr.DataArray:
    """Return the values of one circuit, without the dimension ``circuit``.

    Raises
    ------
    ValueError
        If the model has no such circuit.
    """
    if name not in model.names:
        raise ValueError(f"the model must have the circuit {name}, got {model.names}")
    return values.sel(circuit=name, drop=True)
