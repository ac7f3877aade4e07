"""The ledger finds the law that data were made from, and says open where they do not tell."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from theory.scoreboard.likelihood import decided, ratio, score
from theory.scoreboard.tables import Table
from theory.statistics import student_interval
from theory.theories.laws import constant, exponential_in, pole_in, power_of

GROUPS, RUNGS = 3, 6
DECAY = np.geomspace(0.03, 1.0, RUNGS)
LAWS = {
    "inverse": power_of("decay", -1.0),
    "root": power_of("decay", -0.5),
    "power": power_of("decay", None),
    "exponential": exponential_in("decay"),
    "same": constant(),
}


def made(curve, scatter, seed=0):
    """A table of medians about a curve of the decay."""
    rng = np.random.default_rng(seed)
    decay = np.tile(DECAY, GROUPS)
    values = np.log(curve(decay)) + scatter * rng.standard_normal(decay.size)
    group = np.repeat(np.arange(GROUPS), RUNGS)
    noise = np.full(decay.size, scatter**2 / 10)
    return Table("delay", "q", values, noise, {"decay": decay}, group, decay)


def best(table):
    nats = {name: score(table, law).nats.sum() for name, law in LAWS.items()}
    return max(nats, key=nats.get)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("truth", "curve"),
    [
        ("inverse", lambda x: 7 / x),
        ("root", lambda x: 7 * x**-0.5),
        ("exponential", lambda x: 7 * np.exp(-2.5 * x)),
        ("same", lambda x: 7 + 0 * x),
    ],
)
def test_the_law_that_made_the_data_is_found(truth, curve, seed):
    table = made(curve, 0.03, seed)
    # Laws with more constants may have the truth in them, and pay for these.
    others = {"inverse", "root", "same"} - {truth}
    assert best(table) not in others
    for other in others:
        found = ratio(table, score(table, LAWS[truth]), score(table, LAWS[other]))
        assert found.estimate > 0
    worst = "same" if truth != "same" else "inverse"
    assert decided(ratio(table, score(table, LAWS[truth]), score(table, LAWS[worst]))) == "first"
    assert decided(ratio(table, score(table, LAWS[worst]), score(table, LAWS[truth]))) == "second"


@pytest.mark.parametrize("seed", range(5))
def test_laws_that_say_nearly_the_same_stay_open(seed):
    table = made(lambda x: 7 / x, 0.3, seed)
    near = power_of("decay", -1.02)
    assert decided(ratio(table, score(table, LAWS["inverse"]), score(table, near))) == "open"


def test_noise_leaves_open_which_law_it_is():
    opened = 0
    for seed in range(20):
        table = made(lambda x: 7 + 0 * x, 2.0, seed)
        one, other = score(table, LAWS["same"]), score(table, power_of("decay", 0.1))
        opened += decided(ratio(table, one, other)) == "open"
    assert opened >= 15


def test_a_place_is_foretold_from_those_that_share_neither_group_nor_rung():
    table = made(lambda x: 7 / x, 0.0)
    altered = table.values.copy()
    altered[0] += 5  # the first group at the least decay
    other = replace(table, values=altered, noise=np.full(altered.size, 1e-4))
    off = score(other, LAWS["inverse"]).off
    same = (table.group == table.group[0]) | (table.rung == table.rung[0])
    assert off[0] == pytest.approx(-5)
    np.testing.assert_allclose(off[same][1:], 0, atol=1e-9)
    assert (abs(off[~same]) > 0.1).all()


def test_a_score_is_that_of_students_t():
    table = made(lambda x: 7 / x, 0.1)
    found = score(table, LAWS["inverse"])
    apart = (table.group != table.group[0]) & (table.rung != table.rung[0])
    rest = table.values[apart] + np.log(table.places["decay"][apart])
    spread = rest.std(ddof=1) * (1 + 1 / rest.size) ** 0.5
    off = rest.mean() - np.log(table.places["decay"][0]) - table.values[0]
    assert found.off[0] == pytest.approx(off)
    assert found.nats[0] == pytest.approx(stats.t.logpdf(off, apart.sum() - 3, scale=spread))


def test_a_line_is_foretold_as_widely_as_regression_has_it():
    table = made(lambda x: 7 / x, 0.1)
    apart = (table.group != table.group[0]) & (table.rung != table.rung[0])
    x, y = np.log(table.places["decay"]), table.values
    fit = stats.linregress(x[apart], y[apart])
    left = y[apart] - fit.intercept - fit.slope * x[apart]
    n, middle = apart.sum(), x[apart].mean()
    far = 1 + 1 / n + (x[0] - middle) ** 2 / np.square(x[apart] - middle).sum()
    spread = (np.square(left).sum() / (n - 2) * far) ** 0.5
    off = fit.intercept + fit.slope * x[0] - y[0]
    found = score(table, LAWS["power"]).nats[0]
    assert found == pytest.approx(stats.t.logpdf(off, n - 3, scale=spread))


@pytest.mark.parametrize("x", [3.0, 8.0, 40.0])
def test_a_pole_widens_what_is_foretold_as_its_linear_form_does(x):
    """Against the Jacobian of a - log(x - c) by hand, at the pole that made the values."""
    pole, places = 1.0, np.array([2.0, 3.0, 5.0, 8.0, 13.0])
    values, there = 1 - np.log(places - pole), {"decay": np.array([x])}
    fit = pole_in("decay").fit({"decay": places}, values, there)
    fitted = np.stack([np.ones(5), 1 / (places - pole)], axis=1)
    asked = np.array([1, 1 / (x - pole)])
    expected = asked @ np.linalg.inv(fitted.T @ fitted) @ asked
    # The pole is one of those that are tried, and its slope is over their distance.
    assert fit.leverage[0] == pytest.approx(expected, rel=0.1)


def test_the_scatter_of_seeds_is_the_least_that_a_law_has():
    table = made(lambda x: 7 / x, 0.0)
    noise = np.full(table.values.size, 0.04)
    noise[0] = 9.0  # that of the place which is foretold is not known
    apart = (table.group != table.group[0]) & (table.rung != table.rung[0])
    n = apart.sum()
    expected = stats.t.logpdf(0, n - 3, scale=0.2 * (1 + 1 / n) ** 0.5)
    assert score(replace(table, noise=noise), LAWS["inverse"]).nats[0] == pytest.approx(expected)


def test_an_interval_is_wider_the_more_pairs_there_are():
    table = made(lambda x: 7 / x, 0.1)
    one, other = (score(table, LAWS[name]) for name in ("inverse", "root"))
    alone, many = (ratio(table, one, other, pairs) for pairs in (1, 6))
    assert many.low < alone.low < alone.high < many.high
    assert many.estimate == alone.estimate


def test_blocks_of_one_size_are_summed_like_replicates():
    table = made(lambda x: 7 / x, 0.1)
    alone = replace(table, rung=table.group)
    one, other = (score(table, LAWS[name]) for name in ("inverse", "root"))
    sums = (one.nats - other.nats).reshape(GROUPS, RUNGS).sum(axis=1)
    expected = GROUPS * np.array(student_interval(sums))
    np.testing.assert_allclose(ratio(alone, one, other), expected)


def test_a_ratio_is_the_sum_over_places_and_turns_its_sign():
    table = made(lambda x: 7 / x, 0.1)
    one, other = (score(table, LAWS[name]) for name in ("inverse", "root"))
    there, back = ratio(table, one, other), ratio(table, other, one)
    assert there.estimate == pytest.approx((one.nats - other.nats).sum())
    assert there.estimate == pytest.approx(-back.estimate)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_too_few_places_are_refused():
    decay = np.array([1.0, 2.0])
    noise = np.full(2, 0.01)
    table = Table("delay", "q", np.log(decay), noise, {"decay": decay}, decay, decay)
    with pytest.raises(ValueError, match="delay must have more than 3 places to fit"):
        score(table, pole_in("decay"))
