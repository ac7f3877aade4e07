"""Predictions and findings as tables for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from theory.experiments.rule import Band, Finding, Prediction
from theory.statistics import CONFIRMED, REFUTED, SILENT, UNDERPOWERED

VERDICTS = (CONFIRMED, REFUTED, UNDERPOWERED, SILENT)


def predicted(predictions: Sequence[Prediction]) -> pd.DataFrame:
    """Return what was predicted, one prediction a row."""
    return pd.DataFrame(
        {
            "prediction": [each.statement for each in predictions],
            "from": [each.source for each in predictions],
            "counts as predicted": [_band(each.band) for each in predictions],
            "interval aimed at": [
                "" if each.width is None else f"{each.width:g}" for each in predictions
            ],
        },
        [each.name.replace("_", " ") for each in predictions],
    )


def judged(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return what was found, one finding a row: its interval, beside what was predicted."""
    return pd.DataFrame(
        {
            "where": [_place(each.place) for each in findings],
            "predicted": [_band(each.prediction.band) for each in findings],
            "found": [f"{each.interval.estimate:.3g}" for each in findings],
            "95% interval": [_band((each.interval.low, each.interval.high)) for each in findings],
            "seeds": [_seeds(each) for each in findings],
            "verdict": [each.verdict for each in findings],
        },
        [each.prediction.name.replace("_", " ") for each in findings],
    )


def counted(findings: Mapping[str, Iterable[Finding]]) -> pd.DataFrame:
    """Return how many findings there are of every verdict, one experiment a row, and in all."""
    counts = {
        name: {verdict: sum(each.verdict == verdict for each in group) for verdict in VERDICTS}
        for name, group in ((name, list(group)) for name, group in findings.items())
    }
    table = pd.DataFrame.from_dict(counts, orient="index")
    table.loc["all"] = table.sum()
    return table


def _seeds(finding: Finding) -> str:
    return f"{finding.seeds}" + (f", {finding.censored} censored" if finding.censored else "")


def _band(band: Band | None) -> str:
    """Return a band in words."""
    if band is None:
        return "nothing"
    low, high = band
    if np.isinf(low) and np.isinf(high):
        return "unbounded"
    if np.isinf(high):
        return f"above {low:.3g}"
    if np.isinf(low):
        return f"below {high:.3g}"
    return f"{low:.3g} to {high:.3g}"


def _place(place: Mapping[str, float | str]) -> str:
    values = (f"{value:g}" if isinstance(value, float | int) else value for value in place.values())
    return ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in zip(place, values, strict=True)
    )
