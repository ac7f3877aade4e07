r"""The loop of memory for kappa > 2: what holds the network depends on where D came from.

For kappa > 2 a weight of zero is a trap, so a circuit that has died never returns. Noise or finite
precision keep every weight above a floor eps. A circuit at the floor grows as soon as the pull of
the data exceeds its marginal cost there,

.. math:: p(S) > c_i \epsilon^{-R}, \qquad R = 1 - 2/\kappa, \qquad c_i = (2\alpha/\kappa) P_i^2,

while the other rests at ``p(S) = c_j w_j^(-R)``. The sizes at which that happens, for slow changes
of D, are the ends of the loop (derived here). `slow_sweep` simulates it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.special import log_expit, wrightomega

from theory.checks import labelled
from theory.minimal import roots
from theory.minimal.dataset_size.critical_size import critical_size, memorises, positive
from theory.minimal.model import MinimalModel, closed_form

Array = npt.NDArray[np.float64]


@closed_form
def loop_ends(model: MinimalModel, floor: Any, beta: Any = 0.5) -> xr.Dataset:
    r"""Return the sizes at which a slow change of D hands over from one circuit to the other.

    .. math:: D_\mathrm{up} = D_\mathrm{crit} \Bigl(\frac{w_M}{\epsilon}\Bigr)^{R/(2\beta)},
              \qquad p(w_M + \epsilon) = c_G \epsilon^{-R}

    where G grows from the floor beside M, and

    .. math:: D_\mathrm{down} = D_\mathrm{crit}
              \Bigl(\frac{\epsilon}{w_G}\Bigr)^{R/(2\beta)},
              \qquad p(w_G + \epsilon) = c_G w_G^{-R}

    where M grows beside G, which rests at the larger root. Nothing on the right depends on D. With
    rising D, M can also lose its own rest before G can grow: then ``up_by`` is "collapse", and

    .. math:: D_\mathrm{up} = D_\mathrm{crit}
              \Bigl(\max_w \frac{p(w + \epsilon) w^R}{c_G}\Bigr)^{1/(2\beta)}.

    Parameters
    ----------
    model
        A generalising and a memorising circuit and kappa > 2, for a single example as `at_size`
        takes it. Where subweights start does not matter.
    floor
        eps > 0, in logits: the least weight of each circuit.
    beta
        beta > 0.

    Returns
    -------
    xarray.Dataset
        ``up`` and ``down`` in examples, dims: the swept ones. ``up_by`` is "handover", "collapse",
        or "never" where G cannot grow although M is gone, p(2 eps) <= c_G eps^-R. ``down_by`` is
        "handover", or "never" where G has no rest above the floor. The size is NaN for "never".

    Raises
    ------
    ValueError
        If kappa is not above 2 or weight decay not above 0, a number is out of range, sweeps do
        not cross to one grid, or the model has other circuits.

    Examples
    --------
    >>> ends = loop_ends(MinimalModel.paper(kappa=3, param_norm=(1.0, 0.05)), floor=[1e-3, 1e-1])
    >>> ends.up.values.round(1), ends.down.values.round(2)
    (array([8028.2, 1828.2]), array([17.86, 83.17]))
    """
    given = positive(floor=floor, beta=beta)
    model.crossed(floor=given[0], beta=given[1])
    low, beta = (xr.DataArray(value) for value in given)
    critical, cost, size = _pair(model, beta)
    log_rivals = xr.apply_ufunc(np.log, xr.DataArray(model.num_labels) - 1)
    power = size / (2 * beta)
    up, up_by = xr.apply_ufunc(_up, cost, size, log_rivals, low, output_core_dims=[[], []])
    down, down_by = xr.apply_ufunc(_down, cost, size, log_rivals, low, output_core_dims=[[], []])
    ends = {"up": critical * np.exp(power * up), "down": critical * np.exp(power * down)}
    units = {"units": "examples"}
    described = {name: value.assign_attrs(units) for name, value in ends.items()}
    return xr.Dataset({**described, "up_by": up_by, "down_by": down_by})


def _pair(model: MinimalModel, beta: Any) -> tuple[xr.DataArray, ...]:
    """Return D_crit, c_G and R of a model with one circuit of either sort."""
    circuits = sorted(model.circuits, key=memorises)
    if [memorises(circuit) for circuit in circuits] != [False, True]:
        raise ValueError(f"model must have two circuits, of which one memorises, got {model.names}")
    labelled("kappa", model.kappa, above=2)
    labelled("weight_decay", model.weight_decay, above=0)
    generalising, memorising = circuits
    critical = critical_size(generalising.param_norm, memorising.param_norm, beta)
    cost = model.unit_cost * generalising.param_norm**2
    return xr.DataArray(critical), xr.DataArray(cost), -xr.DataArray(model.r)


def _up(cost: Array, size: Array, log_rivals: Array, floor: Array) -> tuple[Array, Array]:
    """Return log((D_up/D_crit)^(2 beta/R)) and by what, from c_G, R and log(q - 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_pull = np.log(cost) - size * np.log(floor)
        handover = np.log(_total_at(log_pull, log_rivals) - floor) - np.log(floor)
    peak, highest = _peak(size, log_rivals - floor)
    collapse = (highest - np.log(cost)) / size
    never = log_pull >= log_expit(log_rivals - 2 * floor)
    by = np.where(log_pull <= log_expit(log_rivals - floor - peak), "handover", "collapse")
    by = np.where(never, "never", by)
    return np.select([by == "handover", by == "collapse"], [handover, collapse], np.nan), by


def _down(cost: Array, size: Array, log_rivals: Array, floor: Array) -> tuple[Array, Array]:
    """Return log((D_down/D_crit)^(2 beta/R)) and by what, from c_G, R and log(q - 1)."""
    # p(w + eps) for q - 1 wrong labels is p(w) for (q - 1) e^-eps of them.
    log_weight = roots.log_total(np.log(cost), -size, log_rivals - floor, np.array(True))
    rests = log_weight > np.log(floor)
    return np.where(rests, np.log(floor) - log_weight, np.nan), np.where(rests, "handover", "never")


def _total_at(log_wrong: Array, log_rivals: Array) -> Array:
    """Return S at which p(S) is given, NaN for p >= 1."""
    total: Array = log_rivals + np.log(np.expm1(-log_wrong))
    return total


def _peak(size: Array, log_rivals: Array) -> tuple[Array, Array]:
    """Return where p(w) w^R is largest, (1 - p) w = R, and its log there."""
    peak = size + wrightomega(np.log(size) + log_rivals - size)
    return peak, log_expit(log_rivals - peak) + size * np.log(peak)
