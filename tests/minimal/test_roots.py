"""The equation p(S) = c S^r: where Newton's method stops, and how it behaves at a double root."""

import numpy as np
import pytest
from scipy.special import expit, log_expit

from theory.minimal import roots

SPARE = np.log(112)


@pytest.mark.parametrize("larger", [True, False])
def test_it_has_stopped_long_before_its_last_step(monkeypatch, larger):
    exponent, log_cost = np.meshgrid(np.linspace(-0.9, 3.0, 40), np.linspace(-30, 0, 50))
    found = roots.log_total(log_cost, exponent, SPARE, np.array(larger))
    assert np.isfinite(found).mean() > 0.8
    # An odd number, so that steps to and fro in the last digit would end elsewhere.
    monkeypatch.setattr(roots, "_MOST_STEPS", 61)
    again = roots.log_total(log_cost, exponent, SPARE, np.array(larger))
    np.testing.assert_array_equal(found, again)


@pytest.mark.parametrize("inward", [-1.0, 1.0])
@pytest.mark.parametrize("beyond", [0.0, 0.1])
def test_at_the_peak_and_beyond_it_goes_for_no_other_root(inward, beyond):
    peak = 3.0
    exponent = -expit(peak - SPARE) * peak
    log_cost = log_expit(SPARE - peak) - exponent * np.log(peak) - 0.2
    start = np.log(np.array([peak])) + inward * beyond
    given = (np.array([value]) for value in (log_cost, exponent, SPARE, inward))
    assert roots._newton(start, *given) == start


@pytest.mark.parametrize("exponent", [0.0, 0.5, 3.0])
def test_a_single_root_is_both_the_larger_and_the_smaller(exponent):
    for log_cost in (-20.0, -1.0, -0.02):
        for larger in (True, False):
            total = np.exp(roots.log_total(log_cost, exponent, SPARE, np.array(larger)))
            cost = np.exp(log_cost) * total**exponent
            assert expit(SPARE - total) == pytest.approx(cost, rel=1e-12)
