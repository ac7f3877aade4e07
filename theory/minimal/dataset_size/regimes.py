"""The regimes of training, told from a run: the colours of a phase diagram."""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory import measures, runs
from theory.checks import labelled, number
from theory.minimal.equilibria import effective_norm
from theory.minimal.model import MinimalModel, closed_form

#: From all learned at once to nothing learned at all.
REGIMES = ("comprehension", "grokking", "semi-grokking", "memorisation", "collapse")


def regime(run: xr.Dataset, late: float = 10.0, threshold: float = 0.95) -> xr.DataArray:
    """Return the regime that a run is in when it ends (names: Liu et al. 2022; derived here).

    - "collapse": it does not fit; the train loss ends at log 2 nats or above.

    All others fit, and differ in the test accuracy at the end:

    - "memorisation": at most 1 - `threshold`;
    - "semi-grokking": between the two;
    - "comprehension": at least `threshold`, and first so no later than `late` times the step at
      which it first fits;
    - "grokking": the same, but later.

    Parameters
    ----------
    run
        A run with ``train_loss`` and ``test_accuracy``. One that ends early is judged as if that
        were all: a delay longer than the run reads as memorisation.
    late
        Factor that tells a delay from none, at least 1.
    threshold
        Test accuracy, in (0.5, 1].

    Returns
    -------
    xarray.DataArray
        One of `REGIMES`, dims: those of the run without ``step`` and ``circuit``.

    Raises
    ------
    ValueError
        If `run` is not valid or lacks a quantity, or an argument is out of range.

    Examples
    --------
    >>> from theory.minimal.descent import descend
    >>> run = descend(MinimalModel.paper(second_subweight=(0.005, [1.0])), steps=6000)
    >>> str(regime(run).item()), str(regime(run.isel(step=slice(4000))).item())
    ('grokking', 'memorisation')
    """
    late = number("late", late, at_least=1)
    threshold = number("threshold", threshold, above=0.5, at_most=1)
    fit = measures.fit_step(run).reset_coords(drop=True)
    generalised = measures.generalisation_step(run, threshold).reset_coords(drop=True)
    accuracy, loss = (
        runs.quantity(run, quantity).isel(step=-1).reset_coords(drop=True)
        for quantity in ("test_accuracy", "train_loss")
    )
    name = xr.where(generalised > late * fit, "grokking", "comprehension")
    name = xr.where(accuracy < threshold, "semi-grokking", name)
    name = xr.where(accuracy <= 1 - threshold, "memorisation", name)
    name = xr.where(loss < measures.FIT_LOSS, name, "collapse")
    found: xr.DataArray = name.rename("regime")
    return found


@closed_form
def largest_decay(model: MinimalModel) -> xr.DataArray:
    r"""Return the weight decay from which on the equilibrium does not fit, for kappa at most 2.

    At a train loss of log 2 nats S = log(q-1) and p = 1/2, so that p = c_* S^r reads

    .. math:: \alpha = \frac{\kappa}{4 P_*^2 \log(q - 1)^r}

    with P_* of `theory.minimal.effective_norm`. From there on `regime` says "collapse" (derived
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
