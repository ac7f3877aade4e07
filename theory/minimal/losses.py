"""Loss, gradient, norm and accuracy of the minimal model, as pure functions of the weights.

Each takes a `weight` with the dimension ``circuit`` (in logits) and works over all its other
dimensions, which cross with the model's by name: the same call serves a point, a run and a phase
diagram. All are safe for logits of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr

from theory.minimal import law
from theory.minimal.law import Law
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
    total = _checked(model, weight).sum("circuit")
    return _elementwise(law.loss, total, log_rivals(model))


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
    return _elementwise(law.pull, total, log_rivals(model))


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
    others = _elementwise(np.log, xr.DataArray(model.num_labels) - 2)
    return _mean(
        (share, _elementwise(law.loss, right, _elementwise(np.logaddexp, wrong, others)))
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
    return _by_law(model, weight, Law.circuit_norm, whole=False)


def parameter_norm(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    r"""Return the 2-norm of all parameters (Section 3).

    .. math:: \Bigl(\sum_i P_i^2 |w_i|^{2/\kappa}\Bigr)^{1/2}

    unless circuits share units (`theory.minimal.SharedUnits`).
    Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        At least 0, in the unit of ``param_norm``, dims: those of `weight` and of the model without
        ``circuit``.
    """
    return _by_law(model, weight, Law.parameter_norm, whole=True)


def objective(model: MinimalModel, weight: xr.DataArray) -> xr.DataArray:
    r"""Return what gradient descent minimises: training loss and penalty (Section 3).

    .. math:: L(w) = \ell(S) + \alpha \sum_i P_i^2 |w_i|^{2/\kappa}

    Takes and raises as `train_loss`.

    Returns
    -------
    xarray.DataArray
        In nats, dims: those of `weight` and of the model without ``circuit``.
    """
    return train_loss(model, weight) + _by_law(model, weight, Law.penalised, whole=True)


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
    return _by_law(model, weight, Law.slope, whole=False)


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


def log_rivals(model: MinimalModel) -> xr.DataArray:
    """Return log(q - 1), of the labels that rival the right one."""
    return _elementwise(np.log, xr.DataArray(model.num_labels) - 1)


def _by_law(
    model: MinimalModel,
    weight: xr.DataArray,
    function: Callable[[Law, np.ndarray], np.ndarray],
    whole: bool,
) -> xr.DataArray:
    """Return what the law says of the weights: of each circuit, or of the `whole` of them."""

    def along(weight: np.ndarray, norm: np.ndarray, *numbers: np.ndarray) -> np.ndarray:
        axes = max(weight.ndim, norm.ndim, *(number.ndim + 1 for number in numbers))
        first, second = (_circuits_first(values, axes) for values in (weight, norm))
        found = function(Law(model.penalty, second, *numbers), first)
        shapes = (first.shape[1:], second.shape[1:], *(number.shape for number in numbers))
        cells = np.broadcast_shapes(*shapes)
        if whole:
            return np.array(np.broadcast_to(found, cells))
        return np.moveaxis(np.array(np.broadcast_to(found, (len(first), *cells))), 0, -1)

    numbers = (model.kappa, model.alpha, log_rivals(model))
    found: xr.DataArray = xr.apply_ufunc(
        along,
        _checked(model, weight),
        model.stack("param_norm"),
        *(xr.DataArray(number) for number in numbers),
        input_core_dims=[["circuit"], ["circuit"], [], [], []],
        output_core_dims=[[] if whole else ["circuit"]],
    )
    return found if whole else found.transpose(*weight.dims, ...)


def _circuits_first(values: np.ndarray, axes: int) -> np.ndarray:
    """Return values with the circuits along the first of so many axes instead of the last."""
    return np.moveaxis(values.reshape((1,) * (axes - values.ndim) + values.shape), -1, 0)


def _elementwise(function: Callable[..., np.ndarray], *values: object) -> xr.DataArray:
    """Apply a function of arrays to labelled ones."""
    result: xr.DataArray = xr.apply_ufunc(function, *values)
    return result
