r"""How fast gradient flow closes in on an equilibrium of coexisting circuits, or leaves it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.special import expit

from theory.checks import labelled
from theory.minimal import roots
from theory.minimal.equilibria import equilibrium
from theory.minimal.model import MinimalModel, closed_form

#: A rate, in size, that counts as infinite: a weight has nearly or quite underflowed.
_LARGEST = 1e300
#: Halvings of an interval of floats that leave a single one.
_BITS = 64


@closed_form
def relaxation_rates(model: MinimalModel) -> xr.DataArray:
    r"""Return the rates of the flow, linearised where all circuits coexist.

    They are the eigenvalues of

    .. math:: \mathrm{diag}(s) H, \qquad s_i = \sqrt{\rho_i^2 + 4 w_i^2}, \qquad
              H_{ij} = p (1 - p) + \delta_{ij} \, r p / w_i.

    For kappa < 2 the flow closes in on this minimum at the lowest of them; it is the prefactor of
    the logarithm with which the time to grok diverges as P_M -> P_G. For kappa > 2 the point is a
    saddle, left at the negative rates, one for each circuit but one. Circuits without imbalance
    give 2 r p for all rates but the highest.

    Parameters
    ----------
    model
        The model.

    Returns
    -------
    xarray.DataArray
        Rates per unit of time in increasing order, dims (mode, ...); NaN where no such point is,
        infinite from 1e300 on, as for imbalanced circuits whose weight is too small for a float.

    Notes
    -----
    Derived here.

    Examples
    --------
    >>> relaxation_rates(MinimalModel.paper()).values.round(4)
    array([0.0468, 0.5432])
    """
    weight = _coexisting(model)
    a, b = model.stack("first_subweight"), model.stack("second_subweight")
    log_rivals = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    rates: xr.DataArray = xr.apply_ufunc(
        _rates,
        weight,
        (b - a) * (b + a),
        xr.apply_ufunc(expit, log_rivals - weight.sum("circuit")),
        xr.DataArray(model.r),
        input_core_dims=[["circuit"], ["circuit"], [], []],
        output_core_dims=[["mode"]],
    )
    return rates.transpose("mode", ...).rename("relaxation_rates")


@closed_form
def largest_stable_rate(model: MinimalModel, momentum: Any = 0.0) -> xr.DataArray:
    r"""Return the learning rate above which descent cannot rest where all circuits coexist.

    .. math:: \lambda < \frac{2 (1 + \mu)}{\eta_\mathrm{max}}

    with the largest eta of `relaxation_rates` and the momentum mu of the heavy ball. There a small
    deviation x follows ``x'' = x' + mu (x' - x) - lambda eta x'``, which has a root at -1 just at
    the bound. It is a statement about the rest with the model's imbalances rho. Descent shrinks
    rho while it moves, and the bound rises with it: so a run above the bound is thrown off, and may
    come to rest with less imbalance.

    Parameters
    ----------
    model
        The model.
    momentum
        mu in [0, 1), as `theory.networks.GradientDescent` has it; sweeps like a parameter.

    Returns
    -------
    xarray.DataArray
        lambda, dims: the swept ones; NaN for kappa >= 2, where the point is no minimum, and without
        weight decay.

    Raises
    ------
    ValueError
        If `momentum` is out of range, or sweeps do not cross to one grid.

    Notes
    -----
    Derived here; the edge of stability of Cohen et al. (2021).

    Examples
    --------
    >>> round(largest_stable_rate(MinimalModel.paper()).item(), 4)
    3.6817
    """
    mu = labelled("momentum", momentum, at_least=0, below=1)
    model.crossed(momentum=mu)
    fastest = relaxation_rates(model).max("mode", skipna=False)
    bound: xr.DataArray = 2 * (1 + mu) / fastest.where(xr.DataArray(model.r) > 0)
    return bound.rename("largest_stable_rate")


def _coexisting(model: MinimalModel) -> xr.DataArray:
    """Return the weights at the larger root with all circuits, NaN where there is none."""
    points, everyone = equilibrium(model), "+".join(model.names)
    if everyone not in points["point"].values:
        return (model.swept + model.stack("param_norm") * np.nan).transpose("circuit", ...)
    return points["weight"].sel(point=everyone).reset_coords(drop=True)


def _rates(weight: roots.Array, rho: roots.Array, pull: roots.Array, r: roots.Array) -> roots.Array:
    """Return the eigenvalues of diag(s) H, which those of diag(d) + p (1 - p) s 1^T are."""
    absent = np.isnan(weight).any(axis=-1, keepdims=True)
    weight = np.where(absent, 1.0, weight)
    speed = np.hypot(rho, 2 * weight)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        # Without imbalance s / w is 2, also where the weight is too small for a float.
        own = (r * pull)[..., None] * np.where(rho == 0, 2.0, speed / weight)
    own = np.nan_to_num(np.clip(own, -_LARGEST, _LARGEST))
    order = np.argsort(own, axis=-1)
    share = (pull * (1 - pull))[..., None] * np.take_along_axis(speed, order, axis=-1)
    rates = _interlacing(np.take_along_axis(own, order, axis=-1), np.where(absent, 0.0, share))
    rates = np.where(abs(rates) >= _LARGEST, np.copysign(np.inf, rates), rates)
    return np.where(absent, np.nan, rates)


def _interlacing(own: roots.Array, share: roots.Array) -> roots.Array:
    r"""Return the eigenvalues of diag(d) + v v^T for increasing d, from the squares of v.

    Between neighbours of d, and above the last, lies one root of the increasing function

    .. math:: 1 + \sum_i \frac{v_i^2}{d_i - \lambda}.

    Bisection finds each to rounding however far they lie apart, which methods for any matrix
    do only for the largest.
    """
    highest = own[..., -1:] + share.sum(axis=-1, keepdims=True)
    low, high = _order(own), _order(np.concatenate([own[..., 1:], highest], axis=-1))
    for _ in range(_BITS):
        middle = (low & high) + ((low ^ high) >> 1)
        gap = own[..., None, :] - _order(middle)[..., None]
        terms = np.divide(share[..., None, :], gap, out=np.zeros(gap.shape), where=gap != 0)
        below = terms.sum(axis=-1) > -1
        low, high = np.where(below, low, middle), np.where(below, middle, high)
    return _order(high)


def _order(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return floats as whole numbers in the same order, and such numbers as floats again."""
    whole = values.view(np.int64)
    ordered = np.where(whole < 0, np.iinfo(np.int64).min - whole, whole)
    return ordered if values.dtype == np.float64 else ordered.view(np.float64)
