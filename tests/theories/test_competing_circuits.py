"""Whether circuits compete as their objective says."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from theory import circuits
from theory.theories.competing_circuits import Rivals, alike, price, threes


def objective(rivals, norms, l2):
    strengths = np.sign(norms) * abs(norms / rivals.price**0.5) ** rivals.kappa
    leads = rivals.leads @ (strengths - rivals.hindrance * strengths**2)
    return np.log1p(np.exp(-leads).sum()) + l2 / 2 * norms @ norms


@pytest.mark.parametrize("made", [alike(1.2), alike(3.0), threes])
def test_slopes_are_those_of_the_loss(made):
    rivals, norms = made(11), np.random.default_rng(0).uniform(2, 6, 5)
    expected = approx_fprime(norms, lambda x: objective(rivals, x, 0.0))
    assert rivals._slope(norms[None])[0] == pytest.approx(expected, rel=1e-4, abs=1e-8)


def test_threes_end_in_a_minimum_of_the_objective():
    rivals = threes(31)
    start = np.random.default_rng(0).uniform(0.1, 0.5, (1, 15))
    end = rivals.compete(start, 1e-4, 0.05, 3000)[0]
    alive = end > 0.01
    norms = rivals.price**0.5 * end[alive] ** (1 / 3)
    some = Rivals(rivals.leads[:, alive], 3.0, rivals.price, rivals.hindrance)
    best = minimize(lambda x: objective(some, x, 1e-4), norms)
    assert best.x == pytest.approx(norms, rel=1e-3)
    assert 4 < alive.sum() < 15


def test_networks_do_not_touch_each_other():
    rivals = threes(11)
    start = np.random.default_rng(0).uniform(0.1, 0.5, (3, 5))
    together = rivals.compete(start, 1e-3, 0.05, 200)
    alone = [rivals.compete(each[None], 1e-3, 0.05, 200)[0] for each in start]
    assert together == pytest.approx(np.array(alone))


def test_what_circuits_alike_write_is_what_one_label_gets():
    """A logit on the right label alone is g m/(m - 1) ahead, where g is over the mean of all."""
    rivals = alike(1.2)(7)
    logits = np.eye(7)[0]
    assert logits[0] - logits[1] == pytest.approx(rivals.leads[0, 0] * (logits[0] - logits.mean()))


def test_a_frequency_costs_what_three_units_of_waves_do():
    units = circuits.waves(11, [2], logit=4.0, per_frequency=3)
    squared = sum((table**2).sum() for table in (*units.embeddings, units.outputs))
    assert squared == pytest.approx(price(11) * 4 ** (2 / 3))


@pytest.mark.parametrize("logit", [0.1, 0.5])
def test_leads_of_a_weak_three_are_what_it_tells_apart(logit):
    """The mean of all exponentials, against another sum of them, to the second order."""
    rivals = threes(101)
    odds = np.exp(-rivals.leads[:, 0] * (logit - rivals.hindrance * logit**2))
    # The right label, at no distance, is among those that are averaged there.
    apart = -np.log((odds.sum() + 1) / 101)
    expected = circuits.telling_apart(logit, circuits.quietest(3))
    assert apart == pytest.approx(expected, abs=0.1 * rivals.hindrance * logit**2)


@pytest.mark.parametrize("kappa", [0.8, 1.6, 1.9, 2.2])
def test_on_which_side_of_2_kappa_is_decides_what_becomes_of_equals(kappa):
    start = np.random.default_rng(0).uniform(0.05, 0.6, (1, 17))
    end = alike(kappa)(35).compete(start, 1e-4, 0.05, 2000)[0]
    parts = end / end.sum()
    assert 1 / np.sum(parts**2) == pytest.approx(17 if kappa < 2 else 1, rel=1e-3)
    assert kappa < 2 or parts.argmax() == start.argmax()
