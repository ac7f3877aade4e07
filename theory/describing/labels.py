"""One word for what a run did, and its criterion, or the reason why there is none.

`theory.measures.regime` names the end alone: for the same ``late``, which is 10 there and 2 here,
"groks" is its grokking, "comprehends" its comprehension, "neither" its collapse, and "memorises"
and "semi_groks" are its memorisation and semi-grokking. What has generalised before,
"groks_and_loses" and "ungroks", is either of the last two there. It has no word for what is
"unfinished", and judges it as if that were all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import xarray as xr

#: Each label with its criterion, in which ``late`` stands as the criteria have it.
LABELS: Mapping[str, str] = {
    "groks": "it fits, generalises after more than {late} times as many steps, and does so when it "
    "ends",
    "groks_and_loses": "it fits, generalises after more than {late} times as many steps, and when "
    "it ends fits but generalises no more",
    "semi_groks": "it fits, and ends between memorising and generalising",
    "memorises": "it fits, and ends with hardly more test inputs right than by chance",
    "comprehends": "it generalises within {late} times the steps to fit, and does so when it ends",
    "ungroks": "it generalises as its records begin, or within {late} times the steps to fit, and "
    "when it ends fits but generalises no more",
    "neither": "it neither fits nor generalises when it ends",
    "unfinished": "its records do not tell",
}

#: The reason why a run that generalises has no better label.
LATENESS = "its records do not tell whether it generalises late"


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of runs: arrays of truth values, of the dims of the runs.

    Attributes
    ----------
    fit_recorded, tested
        Whether it is recorded what fitting goes by, and what generalising goes by.
    fit_cut_off, test_cut_off
        Whether it is recorded no more when it ends.
    fits, fit_nears
        Whether it fits when it ends, and whether it came notably nearer in the second half.
    generalises, generalised, begins_so
        Whether it does when it ends, ever did (for as long as it must stay), and did at first.
    late, early
        Whether it surely generalised late, and surely not late. Neither, if it cannot be known.
    rises, low
        Whether its test accuracy rose notably in the second half, and ends near chance.
    """

    fit_recorded: xr.DataArray
    tested: xr.DataArray
    fit_cut_off: xr.DataArray
    test_cut_off: xr.DataArray
    fits: xr.DataArray
    fit_nears: xr.DataArray
    generalises: xr.DataArray
    generalised: xr.DataArray
    begins_so: xr.DataArray
    late: xr.DataArray
    early: xr.DataArray
    rises: xr.DataArray
    low: xr.DataArray


def labelled(seen: Evidence) -> xr.DataArray:
    """Return one of `LABELS` for each run, with the coordinate ``reason`` where unfinished."""
    ends = seen.generalises
    # The first that applies counts.
    cases = [
        (~seen.tested, "unfinished", "its test accuracy is not recorded"),
        (seen.test_cut_off, "unfinished", "whether it generalises when it ends is not recorded"),
        (ends & ~seen.generalised, "unfinished", "it generalises when it ends, but not for long"),
        (ends & seen.late, "groks", ""),
        (ends & seen.early, "comprehends", ""),
        (~seen.fit_recorded, "unfinished", "when it fits is not known"),
        (ends, "unfinished", LATENESS),
        (seen.fit_cut_off, "unfinished", "whether it fits when it ends is not recorded"),
        (~seen.fits & seen.fit_nears, "unfinished", "it does not fit yet, and still comes nearer"),
        (~seen.fits, "neither", ""),
        (seen.generalised & (seen.begins_so | seen.early), "ungroks", ""),
        (seen.generalised & seen.late, "groks_and_loses", ""),
        (seen.generalised, "unfinished", LATENESS),
        (seen.rises, "unfinished", "its test accuracy still rises when it ends"),
        (seen.low, "memorises", ""),
    ]
    label = xr.full_like(ends, "semi_groks", dtype=object)
    reason = xr.full_like(ends, "", dtype=object)
    for applies, name, why in reversed(cases):
        label, reason = xr.where(applies, name, label), xr.where(applies, why, reason)
    return label.astype(str).assign_coords(reason=reason.astype(str)).rename("label")
