"""Whether circuits compete as their objective says."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from theory import circuits
from theory.theories.competing_circuits import (
    Rivals,
    alike,
    equal_leads,
    mean_leads,
    price,
    threes,
    wave_leads,
)


def objective(rivals, norms, l2):
    strengths = np.sign(norms) * abs(norms / rivals.price**0.5) ** rivals.kappa
    ahead, _ = rivals.leads(strengths[None])
    return np.log1p(np.exp(-ahead[0].sum(axis=0)).sum()) + l2 / 2 * norms @ norms


@pytest.mark.parametrize("made", [alike(1.2), alike(3.0), threes])
def test_slopes_are_those_of_the_loss(made):
    rivals, norms = made(11), np.random.default_rng(0).uniform(2, 6, 5)
    expected = approx_fprime(norms, lambda x: objective(rivals, x, 0.0))
    assert rivals._slope(norms[None])[0] == pytest.approx(expected, rel=1e-4, abs=1e-8)


def test_threes_end_in_a_minimum_of_the_objective():
    rivals = threes(43)
    start = np.random.default_rng(0).uniform(0.1, 0.5, (1, 21))
    end = rivals.compete(start, 1e-4, 0.05, 3000)[0]
    alive = end > 0.01
    norms = rivals.price**0.5 * end[alive] ** (1 / 3)

    def of_those(x):
        every = np.zeros(21)
        every[alive] = x
        return objective(rivals, every, 1e-4)

    assert minimize(of_those, norms).x == pytest.approx(norms, rel=2e-3)
    assert 4 < alive.sum() < 21


def test_networks_do_not_touch_each_other():
    rivals = threes(11)
    start = np.random.default_rng(0).uniform(0.1, 0.5, (3, 5))
    together = rivals.compete(start, 1e-3, 0.05, 200)
    alone = [rivals.compete(each[None], 1e-3, 0.05, 200)[0] for each in start]
    assert together == pytest.approx(np.array(alone))


def test_strengths_in_any_order_of_memory_are_trained():
    rivals = alike(3.0)(11)
    start = np.random.default_rng(0).uniform(0.1, 0.5, (3, 5))
    expected = rivals.compete(start, 1e-3, 0.05, 200)
    assert abs(expected - start).max() > 0.1
    assert rivals.compete(np.asfortranarray(start), 1e-3, 0.05, 200) == pytest.approx(expected)


def test_what_circuits_alike_write_is_what_one_label_gets():
    """A logit on the right label alone is g m/(m - 1) ahead, where g is over the mean of all."""
    ahead, _ = equal_leads(7)(np.ones((1, 1)))
    logits = np.eye(7)[0]
    assert logits[0] - logits[1] == pytest.approx(ahead[0, 0, 0] * (logits[0] - logits.mean()))


def test_a_frequency_costs_what_three_units_of_waves_do():
    units = circuits.waves(11, [2], logit=4.0, per_frequency=3)
    squared = sum((table**2).sum() for table in (*units.embeddings, units.outputs))
    assert squared == pytest.approx(price(11) * 4 ** (2 / 3))


@pytest.mark.parametrize("logit", [0.1, 1.0, 4.0])
def test_leads_are_what_three_units_tell_apart(logit):
    """Those of all angles together, against a mean over phases instead of pairs."""
    odds = np.exp(-mean_leads(31, np.array([logit])))
    expected = circuits.telling_apart(logit, circuits.quietest(3), points=32)
    assert -np.log(odds.mean()) == pytest.approx(expected, rel=1e-4)


def test_leads_are_those_of_units_that_are_built():
    units = circuits.waves(11, [3], 1.5, per_frequency=3, phases=[circuits.quietest(3)])
    pairs = np.stack([each.ravel() for each in np.indices((11, 11))], axis=1)
    logits = units.logits(pairs)
    logits = logits - logits.mean(axis=0)  # without the wave in the label alone
    labels = (pairs.sum(axis=1)[:, None] + np.arange(11)) % 11
    ahead = np.take_along_axis(logits, labels, axis=1)
    expected = -np.log(np.exp(ahead[:, 1:] - ahead[:, :1]).mean(axis=0))
    found, _ = wave_leads(11)(np.array([[0.0, 0.0, 1.5, 0.0, 0.0]]))
    assert found[0, 2] == pytest.approx(expected, abs=1e-4)
    assert found[0, 0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kappa", [0.8, 1.6, 1.9, 2.2])
def test_on_which_side_of_2_kappa_is_decides_what_becomes_of_equals(kappa):
    start = np.random.default_rng(0).uniform(0.05, 0.6, (1, 17))
    end = alike(kappa)(35).compete(start, 1e-4, 0.05, 2000)[0]
    parts = end / end.sum()
    assert 1 / np.sum(parts**2) == pytest.approx(17 if kappa < 2 else 1, rel=1e-3)
    assert kappa < 2 or parts.argmax() == start.argmax()


def test_what_is_trained_is_a_rivals_own():
    """A start is not changed by what becomes of it."""
    start = np.full((1, 5), 0.3)
    Rivals(equal_leads(11), 3.0, 10.0).compete(start, 1e-3, 0.05, 50)
    assert (start == 0.3).all()
