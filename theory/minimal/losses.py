"""Loss, gradient, norm and accuracy of the minimal model, as pure functions of the weights.

Each takes a `weight` with the dimension ``circuit`` (in logits) and works over all its other
dimensions, which cross with the model's by name: the same call serves a point, a run and a phase
diagram. All are safe for logits of any size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import xarray as xr
from scipy.special import expit

from theory.checks import Parameter
from theory.minimal.model import MinimalModel

#: Dimension of the bounds between sets of test inputs; a name that no swept dimension has.
_EDGE = "_edge"


def train_loss(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    r"""Return the training cross-entropy, in nats (Section 3).

    .. math:: \ell(S) = \log(1 + (q - 1) e^{-S}), \qquad S = \sum_i w_i

    Parameters
    ----------
    model
        The model.
    weight
        w_i in logits, dims (circuit, ...).

    Returns
    -------
    xarray.DataArray
        In nats, dims: those of `weight` and of the model without ``circuit``.

    Raises
    ------
    ValueError
        If `weight` is not finite, does not have the model's circuits or disagrees with its swept
        coordinates.

    Examples
    --------
    >>> model = MinimalModel.paper(num_labels=3)
    >>> print(f"{train_loss(model, weights(model, [0.0, 0.0])).item():.6f} {np.log(3):.6f}")
    1.098612 1.098612
    """
    return _softplus(_log(model.num_labels - 1) - _checked(model, weight).sum("circuit"))


def wrong_probability(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    r"""Return the probability of all wrong labels on the training set (Section 3).

    .. math:: p(S) = -\ell'(S) = \frac{q - 1}{e^S + q - 1}

    Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        In [0, 1], dims: those of `weight` and of the model without ``circuit``.
    """
    total = _checked(model, weight).sum("circuit")
    return _elementwise(expit, _log(model.num_labels - 1) - total)


def test_loss(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    r"""Return the test cross-entropy, in nats (Section 3; partial coverage derived here).

    .. math:: \log(e^R + e^V + q - 2) - R

    averaged over the test inputs, with R the weight of the circuits that are right and V of those
    that are wrong. Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        In nats, dims: those of `weight` and of the model without ``circuit``.
    """
    log_rivals = _log(model.num_labels - 2)
    return _mean(
        (share, _softplus(_elementwise(np.logaddexp, wrong - right, log_rivals - right)))
        for share, right, wrong in _test_inputs(model, weight)
    )


def train_accuracy(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    """Return the fraction of training inputs that are right, in [0, 1].

    A tie of k labels that includes the right one counts 1/k, so the start is at chance (derived
    here). Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        In [0, 1], dims: those of `weight` and of the model without ``circuit``.
    """
    total = _checked(model, weight).sum("circuit")
    return _tied_accuracy(model, total, 0 * total)


def test_accuracy(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    """Return the fraction of test inputs that are right, in [0, 1]; ties as `train_accuracy`.

    Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        In [0, 1], dims: those of `weight` and of the model without ``circuit``.

    Examples
    --------
    >>> model = MinimalModel.paper()
    >>> float(test_accuracy(model, weights(model, [1.0, 2.0])))
    0.0
    """
    return _mean(
        (share, _tied_accuracy(model, right, wrong))
        for share, right, wrong in _test_inputs(model, weight)
    )


def circuit_norm(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    r"""Return the parameter norm of each circuit (Section 3).

    .. math:: P_i |w_i|^{1/\kappa}

    Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        At least 0, in the unit of ``param_norm``, dims (circuit, ...): those of `weight` and of the
        model.
    """
    with np.errstate(over="ignore"):
        return model.stack("param_norm") * abs(_checked(model, weight)) ** (1 / model.kappa)


def parameter_norm(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    r"""Return the 2-norm of all parameters (Section 3).

    .. math:: \Bigl(\sum_i P_i^2 |w_i|^{2/\kappa}\Bigr)^{1/2}

    Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        At least 0, in the unit of ``param_norm``, dims: those of `weight` and of the model without
        ``circuit``.
    """
    with np.errstate(over="ignore"):
        return (circuit_norm(model, weight) ** 2).sum("circuit") ** 0.5


def objective(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    r"""Return what gradient descent minimises: training loss and penalty (Section 3).

    .. math:: L(w) = \ell(S) + \alpha \sum_i P_i^2 |w_i|^{2/\kappa}

    Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        In nats, dims: those of `weight` and of the model without ``circuit``.
    """
    penalty = model.alpha * parameter_norm(model, weight) ** 2
    # Without weight decay a norm that overflows costs nothing.
    paid: xr.DataArray = xr.where(model.alpha > 0, penalty, 0.0)
    return train_loss(model, weight) + paid


def gradient(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    r"""Return the slope of the objective in each weight (Section 3).

    .. math:: L_i = -p(S) + c_i \, \mathrm{sgn}(w_i) |w_i|^r

    At w_i = 0 it is the subgradient of least norm, ``-max(p - c_i 0^r, 0)``. For kappa < 2 the
    penalty is flat there and only -p is left. For kappa = 2 it is -p softened by c_i. For
    kappa > 2 the penalty rises with an infinite slope and holds the weight at exactly zero, as
    the flow does. Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        In nats per logit, dims (circuit, ...): those of `weight` and of the model.

    Examples
    --------
    >>> gradient(MinimalModel.paper(kappa=3), weights(MinimalModel.paper(), [0.0, 0.0])).values
    array([-0., -0.])
    """
    wrong, cost = wrong_probability(model, weight), model.cost
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        slope = (cost * abs(weight) ** model.r).where(cost > 0, 0.0)
    at_zero = -(wrong - slope).clip(min=0)
    return at_zero.where(weight == 0, slope.where(weight > 0, -slope) - wrong)


def weights(model: MinimalModel, values: object) -> xr.DataArray:
    """Return one number a circuit as a weight with the dimension ``circuit``.

    Raises
    ------
    ValueError
        If there is not one number for each circuit.

    Examples
    --------
    >>> weights(MinimalModel.paper(), [0.5, 2.0]).dims
    ('circuit',)
    """
    numbers = np.asarray(values, float)
    if numbers.shape != (len(model.names),):
        raise ValueError(f"values must be one number for each of {model.names}, got {values!r}")
    return xr.DataArray(numbers, {"circuit": list(model.names)}, "circuit")


def _checked(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    if not isinstance(weight, xr.DataArray) or "circuit" not in weight.dims:
        raise ValueError(f"weight must be a DataArray with the dimension circuit, got {weight!r}")
    names = tuple(weight["circuit"].values.tolist())
    if names != model.names:
        raise ValueError(f"weight must have the circuits {model.names}, got {names}")
    if not np.all(np.isfinite(weight.values)):
        raise ValueError(f"weight must be finite, got {weight.values}")
    try:
        xr.align(weight, model.swept, join="exact")
    except ValueError as error:
        raise ValueError(f"weight must lie on the grid of the model: {error}") from error
    return weight


def _test_inputs(
    model: MinimalModel, weight: xr.DataArray
) -> Iterator[tuple[xr.DataArray, xr.DataArray, xr.DataArray]]:
    """Yield (share, R, V) of each set of test inputs on which the same circuits are right."""
    weight = _checked(model, weight)
    fraction = model.stack("generalises")
    edges = xr.apply_ufunc(
        np.sort, fraction, input_core_dims=[["circuit"]], output_core_dims=[[_EDGE]]
    ).pad({_EDGE: 1}, constant_values=(0.0, 1.0))
    for k in range(edges.sizes[_EDGE] - 1):
        low, share = edges.isel({_EDGE: k}), edges.isel({_EDGE: k + 1}) - edges.isel({_EDGE: k})
        if np.any(share > 0):
            covers = fraction > low
            right = weight.where(covers, 0.0).sum("circuit")
            wrong = weight.where(~covers, 0.0).sum("circuit")
            yield share, right, wrong


def _tied_accuracy(model: MinimalModel, right: xr.DataArray, wrong: xr.DataArray) -> xr.DataArray:
    """Return the accuracy with logits `right`, one of `wrong`, and zero on the q - 2 others."""
    best = right.where(right > wrong, wrong).clip(min=0)
    tied = 1 + (wrong == best) + (model.num_labels - 2) * (best == 0)
    return (right == best) / tied


def _mean(parts: Iterator[tuple[xr.DataArray, xr.DataArray]]) -> xr.DataArray:
    """Return the sum of every value times its share."""
    return sum((share * value for share, value in parts), start=xr.DataArray(0.0))


def _softplus(logit: xr.DataArray) -> xr.DataArray:
    """Return log(1 + e^x), precise for x of any size."""
    return _elementwise(np.logaddexp, 0.0, logit)


def _log(value: Parameter) -> Parameter:
    return _elementwise(np.log, value) if isinstance(value, xr.DataArray) else math.log(value)


def _elementwise(ufunc: np.ufunc, *values: Parameter) -> xr.DataArray:
    """Apply a NumPy function to labelled arrays."""
    result: xr.DataArray = xr.apply_ufunc(ufunc, *values)
    return result
