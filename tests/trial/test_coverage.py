"""The rule by which seeds are added keeps its promise in worlds in which the truth is known."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import Sampling
from theory.statistics import Bounds, bounded_interval
from theory.trial.coverage import errors
from theory.trial.verdict import HOLDS, OPEN, REFUTED, Claim, judge

RULE, MARGIN, WORLDS = Sampling(), 0.1, 1000


def batches(draws, rule=RULE):
    """Seeds until their interval is narrow or there are no more, as the rule says."""
    for seeds in range(rule.least, rule.largest + 1, rule.batch):
        if rule.enough(bounded_interval(draws[:seeds], draws[:seeds]), MARGIN, seeds):
            break
    return draws[:seeds]


def until_decided(draws):
    """Seeds one by one until there is a verdict, as one must not do."""
    for seeds in range(3, RULE.largest + 1):
        _, low, high = bounded_interval(draws[:seeds], draws[:seeds])
        if low > MARGIN or (low > -MARGIN and high < MARGIN):
            break
    return draws[:seeds]


def verdict(draws):
    return judge(Bounds.of(xr.DataArray(draws, dims="seed")), Claim(MARGIN)).verdict


def worlds(truth, spread, count=WORLDS):
    """Replicates of many worlds, around the true discrepancy."""
    return truth + spread * np.random.default_rng(5).standard_normal((count, RULE.largest))


@pytest.mark.parametrize("spread", [0.03, 0.06, 0.3])
@pytest.mark.parametrize("sampling", [RULE, Sampling(least=3, largest=3)])
def test_errors_are_those_of_the_rule_followed_world_by_world(spread, sampling):
    draws = worlds(MARGIN, spread, 300)
    found = [batches(each, sampling) for each in draws]
    intervals = [bounded_interval(each, each) for each in found]
    verdicts = [verdict(each) for each in found]
    assert errors(draws, MARGIN, sampling) == pytest.approx(
        {
            "seeds": np.mean([each.size for each in found]),
            "95% covers": np.mean([each.low <= MARGIN <= each.high for each in intervals]),
            "falsely holds": verdicts.count(HOLDS) / len(found),
            "falsely refuted": verdicts.count(REFUTED) / len(found),
        }
    )


def test_worlds_must_have_the_seeds_that_the_rule_may_need():
    with pytest.raises(ValueError, match="discrepancies must have 30 seeds, got 29"):
        errors(np.zeros((5, 29)), MARGIN)


@pytest.mark.parametrize("spread", [0.03, 0.06])
def test_intervals_cover_the_truth_however_many_seeds_it_took(spread):
    """At the border of both verdicts, where each of them is false, at most 2.5% each are."""
    found = [batches(each) for each in worlds(MARGIN, spread)]
    intervals = [bounded_interval(each, each) for each in found]
    covered = np.mean([each.low <= MARGIN <= each.high for each in intervals])
    # Three standard errors of 1000 worlds are 2 in 100.
    assert 0.93 < covered < 0.97
    verdicts = [verdict(each) for each in found]
    assert verdicts.count(HOLDS) / WORLDS < 0.04
    assert verdicts.count(REFUTED) / WORLDS < 0.04


def test_to_look_after_every_seed_for_a_verdict_would_not_keep_it():
    found = [verdict(until_decided(each)) for each in worlds(MARGIN, 0.06, 150)]
    assert 1 - found.count(OPEN) / len(found) > 0.12


@pytest.mark.parametrize(("spread", "seeds"), [(0.02, {10}), (0.06, {20, 25, 30}), (0.3, {30})])
def test_it_takes_more_seeds_where_they_differ_more(spread, seeds):
    found = {batches(each).size for each in worlds(0.0, spread, 100)}
    assert found & seeds
    assert found <= {10, 15, 20, 25, 30}
    assert len(seeds) > 1 or found == seeds


@pytest.mark.parametrize(
    ("truth", "expected"), [(0.0, HOLDS), (0.04, HOLDS), (0.2, REFUTED), (-0.3, REFUTED)]
)
def test_the_truth_is_found_where_it_is_far_from_a_border(truth, expected):
    found = [verdict(batches(each)) for each in worlds(truth, 0.05, 100)]
    assert found.count(expected) > 97
