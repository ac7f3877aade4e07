r"""Sets around the limit of the flow that it never leaves, for kappa <= 2 (derived here).

With w* the minimum that the flow tends to, the Bregman divergence of its mirror map,

.. math:: D(w) = \sum_i \int_{w_i}^{w_i^*} \frac{w_i^* - x}{\sqrt{\rho_i^2 + 4 x^2}} \, dx
               = \sum_i \tfrac12 \int_{z_i}^{z_i^*} (w_i^* - w_i(z)) \, dz,

does not rise: dD/dt = sum_i L_i (w_i^* - w_i) <= L(w*) - L(w) <= 0, because L is convex. Since L
itself falls, t (L(w(t)) - L(w*)) <= D(w(0)).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from theory.checks import labelled, require_one_grid
from theory.minimal.cells import Cells
from theory.minimal.law import Array
from theory.minimal.losses import objective
from theory.minimal.model import MinimalModel, closed_form
from theory.minimal.roots import log_total, shares


@closed_form
def objective_bound(model: MinimalModel, time: Any) -> xr.DataArray:
    r"""Return what the objective cannot exceed along gradient flow, for kappa <= 2 (derived here).

    .. math:: L(w(t)) \le L(w^*) + \frac{D(w(0))}{t}, \qquad
              D(w) = \sum_i \int_{w_i}^{w_i^*} \frac{w_i^* - x}{\sqrt{\rho_i^2 + 4 x^2}} \, dx

    with w* the weights that the flow tends to, and D their Bregman divergence by the mirror map of
    the flow. A circuit that starts at a = -b can never be positive; its w* is zero.

    Parameters
    ----------
    model
        The model: kappa at most 2 and weight decay above 0.
    time
        t > 0 in updates times learning rate: a number, or an array with dimensions of its own.

    Returns
    -------
    xarray.DataArray
        The bound in nats, dims: those of `time` and the swept ones.

    Raises
    ------
    ValueError
        If an argument is out of range, if `time` and the model disagree on a swept dimension, or
        if subweights are too small to square.

    Examples
    --------
    >>> objective_bound(MinimalModel.paper(), [10.0, 1000.0]).values.round(4)
    array([4.917 , 0.2317])
    """
    moment = labelled("time", time, above=0)
    given = xr.DataArray(moment, name="time")
    require_one_grid([model.swept.rename("model"), given], reserved=set())
    labelled("kappa", model.kappa, above=0, at_most=2)
    labelled("weight_decay", model.weight_decay, above=0)
    c, swept = Cells.of(model), model.swept
    # NaN where no weight is worth its cost: there the flow tends to zero.
    rest = np.nan_to_num(limit(c))
    away = divergence(c, rest, c.weight).sum(axis=0)
    weight = model.cost.broadcast_like(swept).transpose("circuit", *swept.dims)
    least = objective(model, weight.copy(data=rest.reshape(weight.shape)))
    return least + swept.copy(data=away.reshape(swept.shape)) / moment


def limit_shares(c: Cells) -> tuple[Array, Array]:
    """Return the shares of the weights that the flow tends to and log c of all as one circuit.

    Both are NaN where they are not known: for kappa > 2 and without weight decay. Circuits that
    start at a_i = -b_i can never be positive and tend to zero.
    """
    proper = (c.cost[0] > 0) & (c.r[0] >= 0) & c.free.any(axis=0)
    r = np.where(proper, c.r[0], 1.0)
    norm, support = np.sqrt(np.where(proper, c.cost, 1.0)).T, (c.free | ~proper).T
    share, log_norm = shares(norm, support, r)
    return np.where(proper, share.T, np.nan), np.where(proper, 2 * log_norm, np.nan)


def limit(c: Cells) -> Array:
    """Return the weights that the flow tends to, NaN where not known or where none stays."""
    share, log_cost = limit_shares(c)
    known = np.isfinite(log_cost)
    r = np.where(known, c.r[0], 1.0)
    log_size = log_total(np.where(known, log_cost, 0.0), r, c.log_rivals, known)
    return share * np.exp(log_size)


def radius(c: Cells, sign: Array, rest: Array) -> Array:
    """Return the divergence from `rest` under which the lead stays below zero; 0 for none.

    A positive lead takes some weight at least the lead's distance from zero, shared by all
    circuits, away from rest.
    """
    if not np.isfinite(rest).any():
        return np.zeros(c.lanes)
    lead = (sign * rest).sum(axis=0)
    gap = np.maximum(-lead, 0.0) / len(rest)
    least = [divergence(c, rest, rest + step).min(axis=0) for step in (gap, -gap)]
    return np.asarray(np.nan_to_num(np.minimum(*least)))


def divergence(c: Cells, rest: Array, weight: Array) -> Array:
    """Return D of each circuit, infinite at weights that it cannot have; shape as `weight`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        here, there = c.at(weight), c.at(rest)
        lever = np.where(rest == 0, 0.0, rest * (there - here))
        area = np.where(c.rho > 0, c.scale * (np.cosh(there) - np.cosh(here)), 0.0)
        area = np.where(c.rho > 0, area, abs(rest) - abs(weight))
    possible = (c.rho > 0) | (c.balance * weight >= 0)
    return np.where(possible, (lever - area) / 2, np.inf)
