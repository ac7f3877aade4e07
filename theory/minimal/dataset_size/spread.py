r"""Test accuracy when logits vary between examples.

In the minimal model all test inputs have the same logits, so the accuracy jumps from 0 to 1 where
w_G = w_M. Let instead what circuit i adds to a logit vary between test inputs,

.. math:: w_i (1 + \sigma \xi_i), \qquad \xi_i \text{ independent standard Gaussians},

and let no label win that neither circuit names. The jump becomes a smooth curve (derived here).
`sampled_accuracy` draws test inputs, also where these assumptions do not hold.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtr, ndtri

from theory import runs
from theory.checks import Parameter, integer, labelled, number, require_one_grid, within_floats
from theory.minimal import losses
from theory.minimal.dataset_size.critical_size import log_weight_ratio, positive
from theory.minimal.model import MinimalModel


def accuracy_at_size(
    size: Any, critical: Any, kappa: Any, spread: Any, beta: Any = 0.5
) -> xr.DataArray:
    r"""Return the test accuracy at equilibrium, for kappa at most 2.

    .. math:: A = \Phi\Bigl(\frac{Q - 1}{\sigma \sqrt{Q^2 + 1}}\Bigr), \qquad
              Q = (D/D_\mathrm{crit})^{2\beta/r}

    It is 1/2 at D_crit with the slope dA/dlog D = beta/(sqrt(pi) r sigma), and stays between
    Phi(-1/sigma) and Phi(1/sigma) (derived here).

    Parameters
    ----------
    size, critical, kappa, beta
        As `weight_ratio`.
    spread
        sigma > 0, the relative spread of a circuit's logit between test inputs.

    Returns
    -------
    xarray.DataArray
        A, in (0, 1), dims: the swept ones.

    Raises
    ------
    ValueError
        If a number is out of range, or swept dimensions do not fit together.

    Examples
    --------
    >>> accuracy_at_size([200, 400, 800], 400, kappa=1.2, spread=0.3).values.round(3)
    array([0.021, 0.5  , 0.979])
    """
    sigma, *_ = positive(spread=spread, size=size, critical=critical, kappa=kappa, beta=beta)
    log_ratio = log_weight_ratio(size, critical, kappa, beta)
    accuracy: xr.DataArray = xr.apply_ufunc(ndtr, _lead(log_ratio) / sigma)
    return accuracy.rename("accuracy")


def size_at_accuracy(
    accuracy: Any, critical: Any, kappa: Any, spread: Any, beta: Any = 0.5
) -> xr.DataArray:
    r"""Return the size at which the test accuracy at equilibrium is A, for kappa at most 2.

    .. math:: D_A = D_\mathrm{crit} \exp\Bigl(\frac{r}{2\beta}
              \operatorname{artanh}\bigl(s \sqrt{2 - s^2}\bigr)\Bigr), \qquad
              s = \sigma \Phi^{-1}(A)

    the inverse of `accuracy_at_size` (derived here). D_A D_{1-A} = D_crit^2.

    Parameters
    ----------
    accuracy
        A in (0, 1).
    critical, kappa, spread, beta
        As `accuracy_at_size`.

    Returns
    -------
    xarray.DataArray
        D_A in examples, NaN where no size has this accuracy: outside Phi(-1/sigma), Phi(1/sigma).

    Raises
    ------
    ValueError
        If a number or the size is out of range, or swept dimensions do not fit together.

    Examples
    --------
    >>> size_at_accuracy([0.1, 0.5, 0.9], 400, kappa=1.2, spread=0.3).values.round(1)
    array([271.6, 400. , 589.1])
    """
    middle, power, beta, sigma, fraction = positive(
        critical=critical, kappa=kappa, beta=beta, spread=spread, accuracy=accuracy
    )
    labelled("kappa", kappa, at_most=2)
    if np.any(np.asarray(fraction) >= 1):
        raise ValueError(f"accuracy must be below 1, got {np.max(np.asarray(fraction)):g}")
    power_of_size = xr.DataArray((2 - power) / power) / (2 * beta)
    log_distance = power_of_size * _log_ratio_at(fraction, sigma)
    with np.errstate(over="ignore"):
        size = xr.DataArray(middle * xr.apply_ufunc(np.exp, log_distance))
    given = {"accuracy": fraction, "critical": middle, "kappa": power, "spread": sigma}
    within_floats("size", size, **given, beta=beta)
    return size.rename("size")


def transition_width(kappa: Any, spread: Any, beta: Any = 0.5) -> xr.DataArray:
    r"""Return log(D_90/D_10): how far the accuracy takes to rise from 0.1 to 0.9.

    .. math:: \log \frac{D_{90}}{D_{10}} =
              \frac{r}{\beta} \operatorname{artanh}\bigl(s \sqrt{2 - s^2}\bigr), \qquad
              s = \sigma \Phi^{-1}(0.9)

    (derived here). Takes and raises as `accuracy_at_size`.

    Returns
    -------
    xarray.DataArray
        At least 0, dims: the swept ones; NaN where sigma is above 0.78, so that the accuracy never
        is 0.9.

    Examples
    --------
    >>> print(f"{float(np.exp(transition_width(kappa=1.2, spread=0.3))):.3f}")
    2.169
    """
    power, sigma, beta = positive(kappa=kappa, spread=spread, beta=beta)
    labelled("kappa", kappa, at_most=2)
    width: xr.DataArray = (2 - power) / power / beta * _log_ratio_at(0.9, sigma)
    return width.rename("transition_width")


def kappa_from_width(width: Any, spread: Any, beta: Any = 0.5) -> xr.DataArray:
    r"""Return the kappa that makes a transition as wide as observed.

    .. math:: \kappa = \frac{2}{1 + r}, \qquad
              r = \frac{\beta \log(D_{90}/D_{10})}{\operatorname{artanh}(s \sqrt{2 - s^2})}

    the inverse of `transition_width` (derived here). A width tells kappa only together with sigma
    and beta: an error of one of them is an error of r of the same relative size, if sigma is small.

    Parameters
    ----------
    width
        log(D_90/D_10) > 0.
    spread, beta
        As `accuracy_at_size`.

    Returns
    -------
    xarray.DataArray
        kappa in (0, 2), dims: the swept ones; NaN where the spread allows no accuracy of 0.9.

    Raises
    ------
    ValueError
        If a number is out of range, or swept dimensions do not fit together.

    Examples
    --------
    >>> width = transition_width(kappa=1.2, spread=0.3)
    >>> print(f"{float(kappa_from_width(float(width), spread=0.3)):.6f}")
    1.200000
    """
    observed, sigma, beta = positive(width=width, spread=spread, beta=beta)
    marginal = observed * beta / _log_ratio_at(0.9, sigma)
    kappa: xr.DataArray = 2 / (1 + marginal)
    return kappa.rename("kappa")


def sampled_accuracy(
    log_ratio: Any,
    spread: Any,
    correlation: float = 0.0,
    num_labels: int = 2,
    label_spread: float = 0.0,
    samples: int = 20_000,
    seed: int | np.random.Generator = 0,
) -> xr.DataArray:
    r"""Return the fraction of sampled test inputs that are right.

    The logit of the right label is Q (1 + sigma x), of the memorised one 1 + sigma y, and of each
    of the q - 2 others tau v, in units of w_M (derived here).

    Parameters
    ----------
    log_ratio
        log Q = log(w_G/w_M).
    spread
        sigma > 0.
    correlation
        Of the Gaussians x and y, in [-1, 1].
    num_labels
        q >= 2; with 2 labels there are no others, as the law assumes. Others that do not vary win
        where both Gaussians are below -1/sigma, with the probability Phi(-1/sigma)^2.
    label_spread
        tau >= 0.
    samples
        Number of test inputs, at least 1; each cell of a sweep sees the same ones.
    seed
        Of NumPy's generator.

    Returns
    -------
    xarray.DataArray
        The fraction, in [0, 1], dims: the swept ones.

    Raises
    ------
    ValueError
        If a number is out of range, or swept dimensions do not fit together.

    Examples
    --------
    >>> float(sampled_accuracy(0.0, spread=0.3, samples=100_000).round(2))
    0.5
    """
    lead = xr.DataArray(labelled("log_ratio", log_ratio), name="log_ratio")
    sigma = xr.DataArray(labelled("spread", spread, above=0), name="spread")
    require_one_grid([lead, sigma], reserved=set())
    shared = number("correlation", correlation, at_least=-1, at_most=1)
    tau = number("label_spread", label_spread, at_least=0)
    others = integer("num_labels", num_labels, at_least=2) - 2
    count = integer("samples", samples, at_least=1)
    random = np.random.default_rng(seed)
    first, second = (xr.DataArray(random.standard_normal(count), dims="_sample") for _ in range(2))
    # Either side is divided by the larger weight, which may exceed every float in units of w_M.
    right = np.exp(np.minimum(lead, 0.0)) * (1 + sigma * first)
    wrong = 1 + sigma * (shared * first + np.sqrt(1 - shared**2) * second)
    if others:
        wrong = np.maximum(wrong, tau * _largest(random, others, count))
    wrong = np.exp(-np.maximum(lead, 0.0)) * wrong
    accuracy: xr.DataArray = (right > wrong).mean("_sample")
    return accuracy.rename("accuracy")


def with_spread(model: MinimalModel, run: xr.Dataset, spread: Any) -> xr.Dataset:
    r"""Return a run of the model with the test accuracy that a spread of logits gives.

    .. math:: A = \Phi\Bigl(\frac{R - V}{\sigma \sqrt{\sum_i w_i^2}}\Bigr)

    averaged over the test inputs, with R the weight of the circuits that are right and V of those
    that are wrong; 1/q where all weights are zero (derived here).

    Parameters
    ----------
    model, run
        A model and its run.
    spread
        sigma > 0.

    Returns
    -------
    xarray.Dataset
        A run with the losses and ``test_accuracy``, which every measure takes.

    Raises
    ------
    ValueError
        If `run` is not one of the model, `spread` is out of range, or sweeps do not cross to one
        grid.

    Examples
    --------
    >>> model = MinimalModel.paper(param_norm=(1.0, 1.0), second_subweight=(1.0, 1.0))
    >>> from theory.minimal.descent import descend
    >>> run = with_spread(model, descend(model, steps=100), spread=0.3)
    >>> float(run.test_accuracy[-1])
    0.5
    """
    (sigma,) = positive(spread=spread)
    weight = runs.validate(run)["weight"]
    given = [xr.DataArray(sigma, name="spread"), weight]
    require_one_grid([model.swept.rename("model"), *given], reserved=set())
    size = (weight**2).sum("circuit") ** 0.5
    parts = losses._test_inputs(model, weight)
    accuracy = sum(
        (
            share * xr.apply_ufunc(ndtr, (right - wrong) / (sigma * size))
            for share, right, wrong in parts
        ),
        start=xr.DataArray(0.0),
    )
    variables = {
        "train_loss": run["train_loss"],
        "test_loss": run["test_loss"],
        "test_accuracy": accuracy.where(size > 0, 1 / model.num_labels).transpose("step", ...),
    }
    # The weights would let measures go round the accuracy.
    return runs.build(variables, {"step": run["step"]}, run.attrs)


def _lead(log_ratio: xr.DataArray) -> xr.DataArray:
    """Return (Q - 1)/sqrt(Q^2 + 1), for log Q of any size."""
    decay = np.exp(-abs(log_ratio))
    lead: xr.DataArray = np.sign(log_ratio) * (1 - decay) / np.sqrt(1 + decay**2)
    return lead


def _log_ratio_at(accuracy: Parameter, spread: Parameter) -> xr.DataArray:
    """Return the log Q at which the accuracy is reached, NaN where it never is."""
    scaled = xr.DataArray(xr.apply_ufunc(ndtri, accuracy) * spread)
    scaled = scaled.where(abs(scaled) < 1)
    log_ratio: xr.DataArray = xr.apply_ufunc(np.arctanh, scaled * (2 - scaled**2) ** 0.5)
    return log_ratio


def _largest(random: np.random.Generator, others: int, count: int) -> xr.DataArray:
    """Return the largest of `others` standard Gaussians, `count` times, by its distribution."""
    largest = ndtri(random.random(count) ** (1 / others))
    return xr.DataArray(largest, dims="_sample")
