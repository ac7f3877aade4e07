"""The phase diagram of the time to grok at any resolution, from a few cells (derived here)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.polynomial import chebyshev

from theory.minimal.dynamics.coordinates import Array
from theory.minimal.dynamics.time_to_grok import solve
from theory.minimal.model import MinimalModel

#: Nodes tried along each axis, in turn.
_NODES = (16, 24, 40, 56)
#: Parts of each axis at whose ends the interpolation is held against the integration.
_PARTS = 8
#: Largest relative error there.
_ERROR = 1e-6
#: Error of an integration step, small enough for double precision: rounding would be enlarged.
_TOLERANCE = 1.9e-6


def interpolate_time_to_grok(model: MinimalModel) -> xr.DataArray:
    r"""Return `theory.time_to_grok` of a diagram over kappa and P_M, at any resolution at once.

    .. math:: \log \bigl( T \, (P_M / P_G - 1) \bigr)
              \quad \text{is smooth in} \quad \bigl( \sqrt{2 - \kappa}, \log (P_M / P_G - 1) \bigr),

    so its Chebyshev interpolant through a few hundred integrated cells replaces all others. It is
    held against 81 more, where its error is largest; the attribute ``error`` says how far off it
    is there, at most 1e-6.

    Parameters
    ----------
    model
        Two circuits, the generalising one first, P_M > P_G; kappa < 2 and the second
        ``param_norm`` swept along one dimension each; all other parameters single numbers.

    Returns
    -------
    xarray.DataArray
        T in updates times learning rate, dims: the two swept ones.

    Raises
    ------
    ValueError
        If `model` is no such diagram.
    ArithmeticError
        If the interpolant is not certified, or as `theory.time_to_grok`.

    Examples
    --------
    >>> norm = xr.DataArray(np.linspace(1.5, 4, 500), dims="norm")
    >>> model = MinimalModel.paper(kappa=np.linspace(1.0, 1.5, 400), param_norm=(1.0, norm))
    >>> time = interpolate_time_to_grok(model)
    >>> time.shape, time.error < 1e-6
    ((400, 500), True)
    """
    kappa, norm, cheap = _axes(model)
    axes = np.sqrt(2 - kappa.values), np.log(norm.values / cheap - 1)
    for nodes in _NODES:
        time, error = _interpolate(model, axes, nodes)
        if error <= _ERROR:
            attrs = {"long_name": "time to grok", "units": "1", "error": error}
            grid = (kappa + norm).transpose(*kappa.dims, *norm.dims)
            return grid.copy(data=time).assign_attrs(attrs).rename("time_to_grok")
    raise ArithmeticError(
        f"interpolation over {nodes} x {nodes} nodes is off by {error:.1e} between them: "
        "use time_to_grok, or a smaller diagram"
    )


def _axes(model: MinimalModel) -> tuple[xr.DataArray, xr.DataArray, float]:
    """Return kappa, P_M and P_G of a diagram.

    Raises
    ------
    ValueError
        If `model` is none.
    """
    if len(model.circuits) != 2 or len(model.sizes) != 2:
        raise ValueError("a diagram must have two circuits and two swept dimensions")
    kappa = xr.DataArray(model.kappa)
    cheap, norm = (xr.DataArray(circuit.param_norm) for circuit in model.circuits)
    if kappa.ndim != 1 or norm.ndim != 1 or kappa.dims == norm.dims or cheap.ndim:
        raise ValueError("a diagram must sweep kappa and the second param_norm, each by itself")
    if not (np.all(kappa < 2) and np.all(norm > cheap)):
        raise ValueError("a diagram must have kappa below 2 and the second param_norm the larger")
    return kappa, norm, float(cheap)


def _at(model: MinimalModel, kappa: Array, norm: Array) -> MinimalModel:
    """Return `model` at single cells instead of its diagram."""
    generalising, memorising = model.circuits
    memorising = replace(memorising, param_norm=xr.DataArray(norm, dims="cell"))
    return replace(
        model, circuits=(generalising, memorising), kappa=xr.DataArray(kappa, dims="cell")
    )


def _interpolate(model: MinimalModel, axes: tuple[Array, Array], nodes: int) -> tuple[Array, float]:
    """Return T on the axes and the largest relative error between `nodes` nodes along each."""
    ends = [(axis.min(), axis.max()) for axis in axes]
    points = [_stretch(chebyshev.chebpts1(nodes), *end) for end in ends]
    # Where Chebyshev polynomials have their extremes, and so has the error; corners included.
    extremes = chebyshev.chebpts2(nodes + 1)[:: nodes // _PARTS]
    root, excess = (
        np.concatenate([values.ravel() for values in pair])
        for pair in zip(
            np.meshgrid(*points, indexing="ij"),
            np.meshgrid(*(_stretch(extremes, *end) for end in ends), indexing="ij"),
            strict=True,
        )
    )
    smooth = _smooth(model, root, excess)
    coefficients = _fit(_fit(smooth[: nodes**2].reshape(nodes, nodes)).T).T
    between = chebyshev.chebvander(extremes, nodes - 1)
    log_error = between @ coefficients @ between.T - smooth[nodes**2 :].reshape(2 * [extremes.size])
    error = np.abs(np.expm1(log_error)).max()
    rows, columns = (
        chebyshev.chebvander(_shrink(axis, *end), nodes - 1)
        for axis, end in zip(axes, ends, strict=True)
    )
    return np.exp(rows @ coefficients @ columns.T - axes[1]), float(error)


def _smooth(model: MinimalModel, root: Array, excess: Array) -> Array:
    """Return log(T (P_M / P_G - 1)) at cells.

    Raises
    ------
    ValueError
        If one does not grok, or something else is swept.
    """
    cheap = float(model.circuits[0].param_norm)
    cells = _at(model, 2 - root**2, cheap * (1 + np.exp(excess)))
    if cells.swept.ndim > 1:
        raise ValueError("a diagram must sweep nothing but kappa and the second param_norm")
    time = solve(cells, 0.95, _TOLERANCE).values
    if not np.all(time > 0):
        raise ValueError("a diagram must grok everywhere, and not from the start")
    return np.asarray(np.log(time) + excess)


def _fit(values: Array) -> Array:
    """Return the Chebyshev coefficients along the first axis of values at `chebpts1`."""
    nodes = len(values)
    basis = chebyshev.chebvander(chebyshev.chebpts1(nodes), nodes - 1)
    scale = np.where(np.arange(nodes) == 0, 1.0, 2.0) / nodes
    return np.asarray(scale[:, None] * (basis.T @ values))


def _stretch(unit: Array, low: float, high: float) -> Array:
    """Map [-1, 1] to [low, high]."""
    return (low + high) / 2 + (high - low) / 2 * unit


def _shrink(values: Array, low: float, high: float) -> Array:
    """Map [low, high] to [-1, 1]; a single point to the middle."""
    return np.asarray((2 * values - low - high) / ((high - low) or 1.0))
