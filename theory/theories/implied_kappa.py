"""The kappa below 2 with which the minimal model's transition is as wide as observed.

Nothing is predicted by it. It is what the width would say if the smooth law held.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from theory.minimal import kappa_from_width
from theory.questions import efficiency, ungrokking
from theory.questions.readings import crossing
from theory.statistics import Interval, log

#: Resampled means for an interval.
_RESAMPLES = 2000


def implied_kappa(runs: xr.Dataset, costs: xr.Dataset, seed: int = 0) -> Interval:
    """Return the kappa that makes the smooth transition of kappa < 2 as wide as observed.

    Parameters
    ----------
    runs, costs
        Runs of the questions `ungrokking` and `efficiency`; spread and exponent are of the latter.
    seed
        Of the resampling of the seeds of both, from which the interval is.
    """
    memorising = costs.sel(labels="balanced", drop=True)
    place = {"l2": costs.sizes["l2"] // 2, "per_label": -1}
    generalising = efficiency.generalising_only(costs)
    squares = (
        efficiency.relative_spread(generalising, place, "test") ** 2
        + efficiency.relative_spread(memorising, place, "train") ** 2
    )
    rng = np.random.default_rng(seed)
    wide = _means(log(ungrokking.width(runs.test_accuracy)).mean("modulus"), rng)
    norm = efficiency.norm_at_loss(memorising)
    _, exponents = crossing(norm, norm)
    # Both were measured on the same networks, so they are drawn together.
    both = _means(xr.concat([exponents, (squares / 2) ** 0.5], "quantity"), rng)
    kappa = kappa_from_width(wide, both.isel(quantity=1), both.isel(quantity=0)).values
    low, high = np.nanquantile(kappa[1:], [0.025, 0.975])
    return Interval(float(kappa[0]), float(low), float(high))


def _means(values: xr.DataArray, rng: np.random.Generator) -> xr.DataArray:
    """Return means over the seeds, along ``draw``: first that of all, then of resampled ones."""
    seeds = values.sizes["seed"]
    drawn = np.vstack([np.arange(seeds), rng.integers(seeds, size=(_RESAMPLES, seeds))])
    means: xr.DataArray = values.isel(seed=xr.DataArray(drawn, dims=("draw", "each"))).mean("each")
    return means
