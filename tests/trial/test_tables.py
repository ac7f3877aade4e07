"""What a page says of predictions and findings."""

from __future__ import annotations

import numpy as np
from theory.experiments import Finding, Prediction, tables

from theory.statistics import Interval

BOUNDED = Prediction("a_slope", "It is one.", "paper", (0.5, 1.5), 0.25)
OPEN = Prediction("a_rise", "It is positive.", "derived here", (0.0, np.inf))
SILENT = Prediction("a_size", "Nothing is said.", "derived here")


def found(prediction, place, estimate, low, high, censored=0):
    return Finding(prediction, place, Interval(estimate, low, high), 4, censored)


def test_predictions_say_what_counts():
    table = tables.predicted([BOUNDED, OPEN, SILENT])
    assert list(table.index) == ["a slope", "a rise", "a size"]
    assert list(table["counts as predicted"]) == ["0.5 to 1.5", "above 0", "nothing"]
    assert list(table["interval aimed at"]) == ["0.25", "", ""]
    assert list(table["from"]) == ["paper", "derived here", "derived here"]
    assert table["prediction"].iloc[0] == "It is one."


def test_findings_say_where_and_how_sure():
    below = Prediction("low", "Low.", "paper", (-np.inf, 0.1))
    table = tables.judged(
        [
            found(BOUNDED, {"modulus": 47, "optimiser": "l2"}, 1.0, 0.75, 1.25),
            found(OPEN, {"per_label": 8.5}, np.nan, -np.inf, np.inf, censored=2),
            found(below, {}, 0.5, 0.25, 0.75),
        ]
    )
    assert list(table["where"]) == ["modulus 47, optimiser l2", "per label 8.5", ""]
    assert list(table["predicted"]) == ["0.5 to 1.5", "above 0", "below 0.1"]
    assert list(table["95% interval"]) == ["0.75 to 1.25", "unbounded", "0.25 to 0.75"]
    assert list(table["seeds"]) == ["4", "4, 2 censored", "4"]
    assert list(table["verdict"]) == ["confirmed", "underpowered", "refuted"]


def test_verdicts_are_counted_by_experiment_and_in_all():
    table = tables.counted(
        {
            "one": iter([found(BOUNDED, {}, 1, 0.9, 1.1), found(SILENT, {}, 1, 0.9, 1.1)]),
            "two": [found(BOUNDED, {}, 1, 0.9, 1.1), found(BOUNDED, {}, 3, 2.9, 3.1)],
        }
    )
    assert table.loc["one"].to_dict() == {
        "confirmed": 1,
        "refuted": 0,
        "underpowered": 0,
        "silent": 1,
    }
    assert table.loc["all"].to_dict() == {
        "confirmed": 2,
        "refuted": 1,
        "underpowered": 0,
        "silent": 1,
    }
