r"""Every stationary point of the minimal model, for any number of circuits and any kappa.

With r = 2/kappa - 1 and c_i = (2 alpha/kappa) P_i^2 the weights of a set of circuits can rest, all
of them positive, only where each marginal cost equals the pull of the data:

.. math:: c_i w_i^r = p(S), \qquad p(S) = \frac{q - 1}{e^S + q - 1}, \qquad S = \sum_i w_i.

Solved for w_i and summed, this says that a set acts as a single circuit of norm P_* and that S is
a root of one equation in one unknown, p(S) = c_* S^r, which is solved here in log S.
"""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import xarray as xr

from theory.checks import labelled
from theory.minimal import losses, roots
from theory.minimal.law import is_the_paper_s
from theory.minimal.model import MinimalModel, closed_form
from theory.minimal.stationary import stationary_points


def equilibrium(model: MinimalModel) -> xr.Dataset:
    r"""Return all stationary points of the objective, with kind, Morse index and loss.

    On a set of circuits the rest are zero, and

    .. math:: p(S) = c_* S^r, \qquad c_* = (2\alpha/\kappa) P_*^2, \qquad
              w_i = S (P_*/P_i)^{2/r}.

    - kappa < 2: exactly one point, with every w_i > 0, the minimum (the objective is strictly
      convex).
    - kappa = 2: the circuit of least norm alone, if alpha P_i^2 < (q-1)/q, and otherwise the
      origin. Where several circuits tie for the least norm, the minima are all splits of the same
      S among them; each tied circuit alone is listed, and the minima are their convex hull.
    - kappa > 2: the origin, a trap: a minimum with infinite slopes on all sides. On every set of m
      circuits two more points if c_* lies below the maximum of p S^R, R = -r: at the larger root
      with index m - 1 and at the smaller root with index m. Circuits outside the set are held at
      zero and add nothing to the index. The minima are the origin and single circuits.
    - alpha = 0: none, since the loss falls for ever as the weights grow.
    - Under another penalty than the paper's the points are found numerically, from many starts.

    Parameters
    ----------
    model
        The model; its swept dimensions follow ``circuit``.

    Returns
    -------
    xarray.Dataset
        ``weight`` in logits, dims (point, circuit, ...); ``kind`` ("minimum", "saddle", "maximum",
        "trap" or "absent"), ``index`` (number of directions of descent) and ``loss`` in nats, dims
        (point, ...). Coordinates of ``point``: its name, ``support`` (point, circuit) and ``root``
        ("larger", "smaller" or "origin"). A point that exists nowhere in a sweep is left out; one
        that is missing in some cells has there the kind "absent", index -1 and NaN for the rest. A
        weight too small for a float is 0.

    Notes
    -----
    The ratio for kappa < 2 and all of kappa = 2 are the paper's (Section 3); the rest is derived
    here. Stationary means that `theory.minimal.gradient` vanishes; subweights that are both zero
    rest anywhere, without being an equilibrium of the weights.

    Examples
    --------
    >>> points = equilibrium(MinimalModel.paper())
    >>> print(points.weight.values.round(6), points.kind.values)
    [[7.247835 0.905979]] ['minimum']
    >>> points = equilibrium(MinimalModel.paper(kappa=3))
    >>> for point in points.point.values:
    ...     print(f"{point:36} {points.kind.sel(point=point).item()}")
    generalising                         minimum
    memorising                           minimum
    generalising+memorising              saddle
    origin                               trap
    generalising (smaller)               saddle
    memorising (smaller)                 saddle
    generalising+memorising (smaller)    maximum
    """
    if not is_the_paper_s(model.penalty):
        return stationary_points(model)
    slots = _slots(model)
    origin = slots["root"] == "origin"
    share, log_norm = _shares(model, slots["support"] | origin)
    larger = slots["root"] == "larger"
    log_total = xr.apply_ufunc(roots.log_total, *_equation(model, log_norm), larger)
    exists = _exists(model, slots, log_total.notnull())
    total = xr.apply_ufunc(np.exp, log_total.fillna(0.0)).where(~origin, 0.0)
    points = _described(model, slots, total * share, exists)
    return points.isel(point=np.flatnonzero(exists.any(list(model.sizes))))


@closed_form
def effective_norm(model: MinimalModel) -> xr.DataArray:
    r"""Return P_*, the norm of the one circuit that the circuits together amount to.

    .. math:: P_* = \Bigl(\sum_i P_i^{-2/r}\Bigr)^{-r/2}, \qquad r = 2/\kappa - 1

    It lies below every P_i for kappa < 2 and above for kappa > 2; at kappa = 2 it is the least
    (derived here). For a subset of the circuits, take it of a model that has only those.

    Parameters
    ----------
    model
        The model.

    Returns
    -------
    xarray.DataArray
        P_* in the unit of ``param_norm``, dims: those that kappa and the norms sweep.

    Examples
    --------
    >>> round(float(effective_norm(MinimalModel.paper())), 12)
    0.961499713538
    """
    log_norm = _shares(model, _everyone(model))[1]
    norm: xr.DataArray = xr.apply_ufunc(np.exp, log_norm)
    return norm.rename("effective_norm")


@closed_form
def equilibrium_share(model: MinimalModel) -> xr.DataArray:
    r"""Return each circuit's share of the total weight where all of them coexist.

    .. math:: \frac{w_i}{S} = \Bigl(\frac{P_*}{P_i}\Bigr)^{2/r}
              = \frac{P_i^{-2/r}}{\sum_j P_j^{-2/r}}

    The more efficient circuit has the larger share for kappa < 2, at the minimum, and the smaller
    for kappa > 2, at a saddle. It does not depend on alpha. At kappa = 2 the least norm has it
    all, ties in equal parts, which is the limit from below (ratio: Section 3; rest derived here).

    Parameters
    ----------
    model
        The model.

    Returns
    -------
    xarray.DataArray
        In [0, 1], dims (circuit, ...): those that kappa and the norms sweep.

    Examples
    --------
    >>> equilibrium_share(MinimalModel.paper()).values.round(6)
    array([0.888889, 0.111111])
    """
    return _shares(model, _everyone(model))[0].rename("share")


@closed_form
def lambert_total(model: MinimalModel) -> xr.DataArray:
    r"""Return the total weight at equilibrium, for alpha so small that p(S) is (q-1) e^-S.

    .. math:: S \sim r W_0\Bigl(\frac{1}{r} \Bigl(\frac{q-1}{c_*}\Bigr)^{1/r}\Bigr)
              \ (\kappa < 2), \qquad
              S \sim -R W_{-1}\Bigl(-\frac{1}{R} \Bigl(\frac{c_*}{q-1}\Bigr)^{1/R}\Bigr)
              \ (\kappa > 2),

    with R = -r, for the larger root where all circuits coexist, and log((q-1)/c_*) at kappa = 2.
    It is too large by e with

    .. math:: -\log(1 - p(S)) = \int_S^{S + e} (1 + r/s) \, ds,

    about p(S)/(1 + r/S) (derived here).

    Parameters
    ----------
    model
        The model.

    Returns
    -------
    xarray.DataArray
        S in logits, dims: those that the parameters sweep. NaN where alpha is 0 or too large for
        the argument of the second branch.

    Examples
    --------
    >>> round(float(lambert_total(MinimalModel.paper())), 6)
    8.18313
    """
    log_norm = _shares(model, _everyone(model))[1]
    total: xr.DataArray = xr.apply_ufunc(roots.lambert_total, *_equation(model, log_norm))
    return total.rename("total_weight")


@closed_form
def largest_decay(model: MinimalModel) -> xr.DataArray:
    r"""Return the weight decay from which on the equilibrium does not fit, for kappa at most 2.

    At a train loss of log 2 nats S = log(q-1) and p = 1/2, so that p = c_* S^r reads

    .. math:: \alpha = \frac{\kappa}{4 P_*^2 \log(q - 1)^r}

    with P_* of `effective_norm`. From there on `theory.measures.regime` says "collapse" (derived
    here).

    Parameters
    ----------
    model
        The model; its own weight decay makes no difference.

    Returns
    -------
    xarray.DataArray
        In the unit of ``weight_decay``, dims: those that the other parameters sweep.

    Raises
    ------
    ValueError
        If kappa is above 2, where several equilibria compete.

    Examples
    --------
    >>> round(float(largest_decay(MinimalModel.paper())), 6)
    0.115351
    """
    labelled("kappa", model.kappa, at_most=2)
    total = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    alpha = model.kappa / (4 * effective_norm(model) ** 2 * total**model.r)
    decay: xr.DataArray = 2 * alpha if model.half_decay else alpha
    return decay.rename("weight_decay")


def _slots(model: MinimalModel) -> xr.Dataset:
    """Return the support and the root of every point that there can be, minima first."""
    names = model.names
    sizes = range(1, len(names) + 1)
    sets = list(chain.from_iterable(combinations(names, size) for size in sizes))
    supports = [*sets, (), *sets]
    roots = ["larger"] * len(sets) + ["origin"] + ["smaller"] * len(sets)
    ending = {"larger": "", "origin": "origin", "smaller": " (smaller)"}
    labels = ["+".join(s) + ending[root] for s, root in zip(supports, roots, strict=True)]
    support = [[name in s for name in names] for s in supports]
    return xr.Dataset(
        {"support": (("point", "circuit"), support), "root": ("point", roots)},
        {"point": labels, "circuit": list(names)},
    )


def _everyone(model: MinimalModel) -> xr.DataArray:
    return xr.DataArray([True] * len(model.names), {"circuit": list(model.names)}, "circuit")


def _shares(model: MinimalModel, support: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return w_i/S, dims (..., circuit), and log P_* of every support."""
    share, log_norm = xr.apply_ufunc(
        roots.shares,
        model.stack("param_norm"),
        support,
        xr.DataArray(model.r),
        input_core_dims=[["circuit"], ["circuit"], []],
        output_core_dims=[["circuit"], []],
    )
    return share, log_norm


def _equation(model: MinimalModel, log_norm: xr.DataArray) -> tuple[xr.DataArray, ...]:
    """Return log c_*, r and log(q - 1)."""
    rate = xr.DataArray(model.unit_cost)
    with np.errstate(divide="ignore"):
        log_cost = xr.apply_ufunc(np.log, rate) + 2 * log_norm
    log_rivals = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    return log_cost, xr.DataArray(model.r), log_rivals


def _exists(model: MinimalModel, slots: xr.Dataset, has_root: xr.DataArray) -> xr.DataArray:
    """Return which points there are, dims (point, ...) with every swept dimension."""
    r, norm = xr.DataArray(model.r), model.stack("param_norm")
    support, larger = slots["support"], has_root & (slots["root"] == "larger")
    origin = (slots["root"] == "origin") & (xr.DataArray(model.alpha) > 0)
    below = larger & support.all("circuit")
    above = origin | (has_root & support.any("circuit"))
    least = (support & (norm == norm.min("circuit"))).any("circuit")
    at = larger & least & (support.sum("circuit") == 1)
    at = at | (origin & ~at.any("point"))
    exists: xr.DataArray = xr.where(r > 0, below, xr.where(r < 0, above, at))
    return (exists | (model.swept != 0)).transpose("point", ...)


def _described(
    model: MinimalModel, slots: xr.Dataset, weight: xr.DataArray, exists: xr.DataArray
) -> xr.Dataset:
    """Return the points with their kinds, Morse indices and losses."""
    size, rough = slots["support"].sum("circuit"), xr.DataArray(model.r) < 0
    descents = (size - (slots["root"] == "larger")).where(rough, 0)
    index = descents.where(exists, -1).astype(int)
    kind = xr.where(index == 0, "minimum", xr.where(index == len(model.names), "maximum", "saddle"))
    kind = xr.where(rough & (slots["root"] == "origin"), "trap", kind)
    variables = {
        "weight": weight.where(exists).transpose("point", "circuit", ...),
        "kind": xr.where(exists, kind, "absent"),
        "index": index,
        "loss": losses.objective(model, weight).where(exists).transpose("point", ...),
    }
    points = xr.Dataset(variables).assign_coords(support=slots["support"], root=slots["root"])
    points["weight"].attrs = {"long_name": "weight of the circuit", "units": "logit"}
    points["loss"].attrs = {"long_name": "objective", "units": "nat"}
    return points.transpose("point", "circuit", ...)
