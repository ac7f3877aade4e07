"""Outcomes in words."""

import numpy as np
import pytest

from made_up import INTERVAL, SIZE, SLOPE, outcome
from theory.statistics import Interval
from theory.theories import Prediction
from theory.trial import words

RUNS = "the runs: 1.6 [1.5, 1.7], 5 seeds"


@pytest.mark.parametrize(
    ("quantity", "interval", "off"),
    [
        (SLOPE, INTERVAL, "+0.12 [-0.25, +0.5]"),
        (SIZE, Interval(*np.log([1.1, 0.95, 1.25])), "+10.0% [-5.0, +25.0]"),
        (SLOPE, Interval(np.nan, 0.25, np.inf), "more than +0.25"),
        (SLOPE, Interval(np.nan, -np.inf, -0.25), "less than -0.25"),
        (SIZE, Interval(np.nan, np.log(1.25), np.inf), "more than +25.0%"),
        (SIZE, Interval(np.nan, -np.inf, np.log(0.75)), "less than -25.0%"),
        (SLOPE, Interval(np.nan, -np.inf, np.inf), "not known"),
        (SIZE, Interval(np.nan, -np.inf, np.inf), "not known"),
        (SLOPE, Interval(np.nan, 0.25, 0.5), "more than +0.25 and less than +0.5"),
        (SLOPE, Interval(0.25, -np.inf, np.inf), "+0.25, without bounds"),
        (SLOPE, Interval(1e-14, -1e-13, 1e-13), "+0 [+0, +0]"),
    ],
)
def test_how_far_off_the_runs_are_is_said_in_words(quantity, interval, off):
    assert words.off(outcome(quantity, interval=interval)) == off


@pytest.mark.parametrize(
    ("quantity", "prediction", "says"),
    [
        (SLOPE, Prediction(1.5, ""), "says 1.5 (±0.25 counts as right)"),
        (SIZE, Prediction(1.5, ""), "says 1.5 (±10% counts as right)"),
        (
            SIZE,
            Prediction(1.5, "", error=0.058),
            "says 1.5, give or take 6% of its own (±10% counts as right)",
        ),
        (
            SLOPE,
            Prediction(1.5, "", error=0.058),
            "says 1.5, give or take 0.058 of its own (±0.25 counts as right)",
        ),
        (
            SLOPE,
            Prediction(1.5, "", direction=1),
            "says more than 1.5 (from 0.25 more on it counts)",
        ),
        (
            SIZE,
            Prediction(1.5, "", direction=-1),
            "says less than 1.5 (from 10% less on it counts)",
        ),
    ],
)
def test_a_sentence_says_what_counts_as_right(quantity, prediction, says):
    assert words.sentence(outcome(quantity, prediction=prediction)) == f"{says}; {RUNS}"


@pytest.mark.parametrize(
    ("found", "censored", "runs"),
    [
        (Interval(1.6, 1.5, 1.7), 2, "1.6 [1.5, 1.7], 5 seeds, 2 bounded"),
        (Interval(np.nan, 0.11, np.inf), 5, "more than 0.11, 5 seeds, 5 bounded"),
        (Interval(np.nan, -np.inf, 0.11), 5, "less than 0.11, 5 seeds, 5 bounded"),
        (Interval(np.nan, 0.11, 0.2), 5, "more than 0.11 and less than 0.2, 5 seeds, 5 bounded"),
        (Interval(np.nan, -np.inf, np.inf), 5, "not known, 5 seeds, 5 bounded"),
        (Interval(0.11, -np.inf, np.inf), 0, "0.11, without bounds, 5 seeds"),
    ],
)
def test_a_sentence_says_what_is_known_of_the_runs(found, censored, runs):
    one = outcome(found=found, judgement={"censored": censored})
    assert words.sentence(one).partition("the runs: ")[2] == runs
