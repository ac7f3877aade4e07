"""What is read off runs by more than one question."""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory.statistics import Bounds, exp, log, passage_bounds, power

#: Accuracies nearer than this to 0 or 1 count as this near, where they are odds.
_LEAST = 2e-3


def half_way(right: xr.DataArray) -> xr.DataArray:
    """Return the D/m at which the test accuracy passes 1/2; NaN where that lies outside."""
    bounds = half_way_bounds(right)
    return bounds.low.where(bounds.low == bounds.high)


def half_way_bounds(right: xr.DataArray) -> Bounds:
    """Return the D/m at which the test accuracy passes 1/2, or bounds of it."""
    return passage_bounds(right, 0.5, "per_label")


def case_ratio(bounds: Bounds, one: str, other: str) -> Bounds:
    """Return what is found of one case over what is found of another."""
    return bounds.at(case=one).over(bounds.at(case=other))


def objective(runs: xr.Dataset, l2: float | xr.DataArray) -> xr.DataArray:
    r"""Return :math:`\ell + (\gamma/2) |\theta|^2`, what training with L2 lowers, in nats."""
    found: xr.DataArray = runs.train_loss + l2 / 2 * runs.parameter_norm**2
    return found


def crossing(
    memorising: xr.DataArray, generalising: xr.DataArray, dim: str = "per_label"
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return where two costs are equal, and the exponent of that of memorising.

    Parameters
    ----------
    memorising
        A cost along `dim`, about a power of it; values that are NaN are left out.
    generalising
        Another, one number or along `dim`, of which the geometric mean is taken.
    dim
        Whose coordinate is D/m.

    Returns
    -------
    size, exponent
        D/m where the power law through `memorising` is equal to the other cost, and the slope of
        its logarithm in log D.
    """
    size = memorising[dim].where(memorising.notnull())
    exponent = power(memorising, size, dim)
    level = log(generalising)
    level = level.mean(dim) if dim in level.dims else level
    lead = level - log(memorising).mean(dim)
    return exp(log(size).mean(dim) + lead / exponent), exponent


def bent_crossing(
    memorising: xr.DataArray, generalising: xr.DataArray, dim: str = "per_label"
) -> xr.DataArray:
    """Return where two costs are equal if that of memorising is a parabola in both logarithms.

    NaN where it does not reach the other beyond the sizes that it was measured at.
    """
    x = np.log(memorising[dim].values)

    def one(cost: np.ndarray, level: float) -> float:
        places = np.roots(np.polyfit(x, np.log(cost), 2) - [0, 0, np.log(level)])
        beyond = [each.real for each in places if each.imag == 0 and each.real > x[-1]]
        return float(np.exp(min(beyond, default=np.nan)))

    found: xr.DataArray = xr.apply_ufunc(
        one, memorising, generalising, input_core_dims=[[dim], []], vectorize=True
    )
    return found


def weight_ratio(runs: xr.Dataset, prefix: str = "") -> xr.DataArray:
    """Return w_G/w_M, NaN where one of them is not positive.

    On training examples both circuits are right and on others only the generalising one, so the
    right logit, over the mean of all, is w_G + w_M and w_G.
    """
    generalising = runs[f"{prefix}test_logit"]
    memorising = runs[f"{prefix}train_logit"] - generalising
    return (generalising / memorising).where((generalising > 0) & (memorising > 0))


def passed(right: xr.DataArray, level: float, dim: str) -> Bounds:
    """Return the size at which test accuracies pass a level, or bounds of it.

    Read off between log-odds, which are straighter than accuracies, so that few sizes tell it.

    Parameters
    ----------
    right
        Test accuracies along `dim`, in [0, 1].
    level
        In (0, 1).
    dim
        Whose coordinate is the size, in any unit.
    """
    inside = right.clip(_LEAST, 1 - _LEAST)
    return passage_bounds(log(inside / (1 - inside)), np.log(level / (1 - level)), dim)


def width_of(right: xr.DataArray, dim: str) -> Bounds:
    """Return D90/D10, sizes at which test accuracies pass .9 and .1, or bounds: see `passed`."""
    return passed(right, 0.9, dim).over(passed(right, 0.1, dim))
