r"""How fast gradient flow closes in on an equilibrium of coexisting circuits, or leaves it."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import expit

from theory.minimal import roots
from theory.minimal.equilibria import equilibrium
from theory.minimal.model import MinimalModel


def relaxation_rates(model: MinimalModel) -> xr.DataArray:
    r"""Return the rates of the flow, linearised where all circuits coexist.

    They are the eigenvalues of

    .. math:: \mathrm{diag}(s) H, \qquad s_i = \sqrt{\rho_i^2 + 4 w_i^2}, \qquad
              H_{ij} = p (1 - p) + \delta_{ij} \, r p / w_i.

    For kappa < 2 the flow closes in on this minimum at the lowest of them; it is the prefactor of
    the logarithm with which the time to grok diverges as P_M -> P_G. For kappa > 2 the point is a
    saddle, left at the one negative rate. Equal costs without imbalance give 2 r p for it.

    Parameters
    ----------
    model
        The model.

    Returns
    -------
    xarray.DataArray
        Rates per unit of time in increasing order, dims (mode, ...); NaN where no such point is.

    Notes
    -----
    Derived here.

    Examples
    --------
    >>> relaxation_rates(MinimalModel.paper()).values.round(4)
    array([0.0468, 0.5432])
    """
    weight = _coexisting(model)
    rho = model.stack("second_subweight") ** 2 - model.stack("first_subweight") ** 2
    spare = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    rates: xr.DataArray = xr.apply_ufunc(
        _rates,
        weight,
        rho,
        xr.apply_ufunc(expit, spare - weight.sum("circuit")),
        xr.DataArray(model.exponent),
        input_core_dims=[["circuit"], ["circuit"], [], []],
        output_core_dims=[["mode"]],
    )
    return rates.transpose("mode", ...).rename("relaxation_rates")


def _coexisting(model: MinimalModel) -> xr.DataArray:
    """Return the weights at the larger root with all circuits, NaN where there is none."""
    points, everyone = equilibrium(model), "+".join(model.names)
    if everyone not in points["point"].values:
        return (model.swept + model.stack("param_norm") * np.nan).transpose("circuit", ...)
    weight = points["weight"].sel(point=everyone).reset_coords(drop=True)
    return weight.where((weight > 0).all("circuit"))


def _rates(
    weight: roots.Array, rho: roots.Array, pull: roots.Array, exponent: roots.Array
) -> roots.Array:
    """Return the sorted eigenvalues of diag(s) H, which those of a symmetric matrix are."""
    speed = np.hypot(rho, 2 * weight)
    root = np.sqrt(speed)
    own = (exponent * pull)[..., None] * speed / weight
    matrix = (pull * (1 - pull))[..., None, None] * root[..., :, None] * root[..., None, :]
    matrix = matrix + own[..., None] * np.eye(weight.shape[-1])
    absent = np.logical_not(np.isfinite(matrix).all(axis=(-2, -1)))[..., None]
    rates = np.linalg.eigvalsh(np.where(absent[..., None], 0.0, matrix))
    return np.where(absent, np.nan, np.asarray(rates, dtype=np.float64))
