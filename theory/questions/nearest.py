"""Which of several laws of a share is nearest to what was found, over a ladder of sizes.

How far a law is off are root mean squares over the ladder of what it says of a share, less what was
found, one for each seed over all cases. One law is `ahead` of another if the interval of the mean
difference over seeds is off zero, the sign is the same in four of five cases, and the difference is
.005 or more.
"""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from theory.statistics import student_interval

#: How much nearer a law must be, and in how many cases, to be ahead.
_CLEARLY, _MOST_CASES = 0.005, 4


def errors(
    found: xr.DataArray, said: Mapping[str, xr.DataArray], least: float = 0.0
) -> xr.DataArray:
    """Return how far laws are off, root mean squares along ``law`` and ``seed``.

    Parameters
    ----------
    found
        What was measured, along ``step``, ``case`` and ``seed``.
    said
        What each law says of the same; where one of them is silent, NaN, none is judged.
    least
        The least step that counts.
    """
    laws = xr.DataArray(list(said), dims="law", name="law")
    off = xr.concat([each - found for each in said.values()], laws)
    spoken = off.notnull().all("law") & (off["step"] >= least)
    squares: xr.DataArray = (
        (off**2).where(spoken).mean([d for d in off.dims if d not in ("law", "seed")])
    )
    return squares**0.5


def ahead(found: xr.DataArray, one: xr.DataArray, other: xr.DataArray, least: float = 0.0) -> bool:
    """Whether one law is ahead of another, by the rule of this module.

    Parameters
    ----------
    found, one, other, least
        As `errors`.
    """
    said = {"one": one, "other": other}
    gain = errors(found, said, least)
    gain = gain.sel(law="other", drop=True) - gain.sel(law="one", drop=True)
    interval = student_interval(gain)
    by_case = [
        errors(found.sel(case=[case]), {k: v.sel(case=[case]) for k, v in said.items()}, least)
        for case in found["case"].values
    ]
    wins = sum(bool((each.sel(law="one") < each.sel(law="other")).mean() > 0.5) for each in by_case)
    return interval.low > 0 and interval.estimate >= _CLEARLY and wins >= _MOST_CASES
