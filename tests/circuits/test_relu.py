"""What generalising costs with ReLU: the price, the circuit that has it, and nothing below it."""

from itertools import combinations, pairwise

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh
from scipy.optimize import minimize, minimize_scalar

from theory import circuits, networks
from theory.networks import Adam, Stage, Training

SEEDS = st.integers(0, 2**32 - 1)
PRIMES = [3, 5, 7, 11, 13]


def norm(units):
    return float(np.linalg.norm(units.parameters().flat))


def forward(parameters, modulus):
    """Logits over the full table, less their mean, by the network's own code; and right labels."""
    task = networks.modular_addition(modulus)
    network = networks.TwoLayer(len(parameters["W"]), activation="relu")
    encoded = network.encode(task, np.arange(modulus**2), "float64")
    logits = network.forward(parameters, encoded).logits
    return logits - logits.mean(axis=1, keepdims=True), task.labels


def right_logit(units, modulus):
    logits, labels = forward(units.parameters(), modulus)
    return float(logits[np.arange(len(labels)), labels].mean())


def cross_entropy(logits, labels):
    right = logits[np.arange(len(labels)), labels]
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - right))


def test_golden_norms():
    golden = {
        (31, 1e-4): 46.455,
        (31, 1e-3): 38.333,
        (31, 1e-5): 53.022,
        (47, 1e-4): 57.538,
        (23, 1e-4): 39.749,
    }
    for (modulus, l2), expected in golden.items():
        found = circuits.relu_generalising_norm(modulus, l2)
        assert found == pytest.approx(expected, abs=6e-4)


def test_the_price_of_small_and_of_large_moduli():
    assert circuits.relu_cost(3) == pytest.approx(54**0.5, rel=1e-12)
    assert circuits.relu_cost(5) == pytest.approx((500 / 7) ** 0.5, rel=1e-12)
    assert pytest.approx(9.4344078, abs=1e-7) == circuits.RELU_COST
    primes = [5, 7, 11, 23, 31, 47, 97, 199]
    costs = [circuits.relu_cost(modulus) for modulus in primes]
    assert all(low < high < circuits.RELU_COST for low, high in pairwise(costs))
    below = [circuits.RELU_COST / (1 + circuits.RELU_COST**2 / 12 / m**2) ** 0.5 for m in primes]
    assert all(low < cost for low, cost in zip(below, costs, strict=True))
    short = [(circuits.RELU_COST - c) * m**2 for c, m in zip(costs, primes, strict=True)]
    np.testing.assert_allclose(short[2:], 27.5, atol=0.8)
    assert circuits.relu_cost(1999) == pytest.approx(circuits.RELU_COST - 27.77 / 1999**2, abs=1e-8)


def rests(modulus):
    """The price at each y where the iteration could rest: flat at j ends, stationary between."""
    half = (modulus - 1) // 2
    sums = np.tril(np.ones((modulus, modulus)))
    sums -= sums.mean(axis=0)
    variance = sums.T @ sums
    for flat in range(1, half + 1):
        ends = np.r_[np.ones(flat), np.zeros(half - flat)]
        free = np.c_[ends, np.eye(half)[:, flat:]]
        basis = np.vstack([free, np.zeros_like(free[:1]), -free[::-1]])
        levels, found = eigh(basis.T @ variance @ basis, basis.T @ basis)
        for level, y in zip(levels, (basis @ found).T, strict=True):
            y *= np.sign(y[0])
            slope = variance @ y
            pooled = np.cumsum((slope - slope[::-1]) / 2 - level * y)[:half]
            if np.all(np.diff(y) < 1e-12) and np.all(pooled < 1e-9 * level):
                yield modulus * (2 / level) ** 0.5


def test_there_is_one_place_to_rest():
    for modulus in range(3, 200, 2):
        if all(modulus % factor for factor in range(3, int(modulus**0.5) + 1, 2)):
            assert list(rests(modulus)) == [pytest.approx(circuits.relu_cost(modulus), rel=1e-11)]


@pytest.mark.parametrize("modulus", [*PRIMES, 31])
def test_the_best_unit_has_the_price(modulus):
    unit = circuits.relu_unit(modulus)
    assert unit.reading_norms.item() == pytest.approx(1, rel=1e-12)
    assert unit.writing_norms.item() == pytest.approx(1, rel=1e-12)
    price = norm(unit) ** 2 / (modulus * right_logit(unit, modulus))
    assert price == pytest.approx(circuits.relu_cost(modulus), rel=1e-12)


def test_the_best_unit_reads_a_wave_with_odd_harmonics_and_flat_ends():
    reads = circuits.relu_unit(199).embeddings[0][:, 0]
    power = abs(np.fft.rfft(reads)) ** 2
    power /= power.sum()
    np.testing.assert_allclose(power[[1, 3, 5]], [0.9237, 0.0666, 0.0088], atol=1e-4)
    assert power[::2].sum() < 1e-4
    flat = np.mean(reads > reads.max() - 1e-9)
    angle = 4 * (6**0.5 + np.arctan(1.5**0.5))
    assert flat == pytest.approx(2 * 6**0.5 / angle, abs=1 / 199)


@given(st.sampled_from(PRIMES), st.floats(0.1, 50))
@settings(max_examples=15)
def test_the_circuit_has_the_norm_and_logits_of_the_formula(modulus, logit):
    units = circuits.relu_circuit(modulus, logit)
    assert norm(units) ** 2 == pytest.approx(circuits.relu_cost(modulus) * modulus * logit)
    assert circuits.imbalance(units) < 1e-12
    assert circuits.least_norm(units) == pytest.approx(norm(units), rel=1e-12)
    logits, labels = forward(units.parameters(), modulus)
    wanted = np.where(np.arange(modulus) == labels[:, None], logit, -logit / (modulus - 1))
    np.testing.assert_allclose(logits, wanted, atol=1e-11 * logit)


@pytest.mark.parametrize("l2", [1e-5, 1e-3, 1e-2])
def test_the_circuit_has_the_loss_of_the_formula_and_is_at_the_optimum(l2):
    modulus = 7
    units = circuits.relu_circuit(modulus, circuits.relu_right_logit(modulus, l2))
    assert norm(units) == pytest.approx(circuits.relu_generalising_norm(modulus, l2), rel=1e-12)
    found = cross_entropy(*forward(units.parameters(), modulus))
    assert found == pytest.approx(circuits.relu_loss(modulus, l2), rel=1e-9)
    lowest = found + l2 / 2 * norm(units) ** 2
    rng = np.random.default_rng(0)
    for size in (1e-3, 1e-2, 1e-1):
        moved = units.parameters()
        moved.flat[:] += size * rng.normal(size=moved.flat.size)
        value = cross_entropy(*forward(moved, modulus)) + l2 / 2 * float(moved.flat @ moved.flat)
        assert value > lowest


@given(SEEDS, st.sampled_from(PRIMES))
@settings(max_examples=40)
def test_no_units_are_cheaper(seed, modulus):
    """Random ones of any sign, and the best one with noise; together and in balance."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 6))
    noise = rng.choice([1e-3, 0.1, 1.0], size=count)
    best = circuits.relu_unit(modulus)
    first, second, writes = (
        array * rng.choice([0, 1], size=count) + noise * rng.normal(size=(modulus, count))
        for array in (*best.embeddings, best.outputs.T)
    )
    units = circuits.HiddenUnits((first, second), writes.T, power=1)
    bound = circuits.relu_cost(modulus) * modulus * abs(right_logit(units, modulus))
    assert circuits.least_norm(units) ** 2 >= bound * (1 - 1e-12)
    assert norm(units) >= circuits.least_norm(units) * (1 - 1e-12)


@pytest.mark.parametrize("modulus", [5, 7])
def test_minimising_the_price_ends_at_it(modulus):
    """Over all that a unit may read, from random starts: near the bound, and never below."""
    a, b = np.indices((modulus, modulus))

    def price(reads):
        first, second = np.split(reads, 2)
        seen = np.maximum(first[a] + second[b], 0)
        profile = np.bincount(((a + b) % modulus).ravel(), seen.ravel()) / modulus
        return 2 * np.linalg.norm(reads) / np.linalg.norm(profile - profile.mean())

    draw = np.random.default_rng(0)
    starts = [draw.normal(size=2 * modulus) for _ in range(12)]
    found = [minimize(price, start, method="L-BFGS-B").fun for start in starts]
    assert min(found) == pytest.approx(circuits.relu_cost(modulus), rel=0.01)
    assert min(found) >= circuits.relu_cost(modulus) * (1 - 1e-12)


def test_no_two_sets_have_more_peaked_sums_than_intervals():
    """What the bound rests on (Pollard), for all sets modulo 5 and 7; modulo 9 it is not so."""

    def largest(first, second, modulus):
        """How often sums come: the most that one comes, that two come, ..."""
        counts = np.bincount([(a + b) % modulus for a in first for b in second], minlength=modulus)
        return np.cumsum(np.sort(counts)[::-1])

    for modulus in (5, 7):
        for i in range(1, modulus):
            for j in range(1, modulus):
                most = largest(range(i), range(j), modulus)
                for first in combinations(range(modulus), i):
                    if 0 in first:  # others are translations of one
                        for second in combinations(range(modulus), j):
                            assert np.all(largest(first, second, modulus) <= most)
    assert np.any(largest([0, 3, 6], [0, 3, 6], 9) > largest(range(3), range(3), 9))


def test_modulo_a_divisor_is_cheaper():
    """A unit that reads numbers modulo 3 has the price of 3 modulo 9, below that of a prime."""
    small = circuits.relu_unit(3)
    first, second, writes = (
        np.tile(array, (3, 1)) for array in (*small.embeddings, small.outputs.T)
    )
    unit = circuits.HiddenUnits((first, second), writes.T, power=1)
    price = circuits.least_norm(unit) ** 2 / (9 * right_logit(unit, 9))
    assert price == pytest.approx(54**0.5, rel=1e-12)


@given(st.sampled_from([3, 23, 199]), st.floats(1e-6, 0.1))
@settings(max_examples=30)
def test_the_optimum_is_the_minimum_over_the_logit(modulus, l2):
    cost = circuits.relu_cost(modulus)

    def objective(logit):
        loss = np.log1p((modulus - 1) * np.exp(-logit * modulus / (modulus - 1)))
        return loss + l2 / 2 * cost * modulus * logit

    logit = circuits.relu_right_logit(modulus, l2)
    least = minimize_scalar(objective, bounds=(0, 40), method="bounded").fun
    assert objective(logit) <= least + 1e-9
    squared = circuits.relu_generalising_norm(modulus, l2) ** 2
    value = circuits.relu_loss(modulus, l2) + l2 / 2 * squared
    assert value == pytest.approx(objective(logit), rel=1e-9)
    odds = np.log((modulus - 1) / np.expm1(circuits.relu_loss(modulus, l2)))
    wrong = -np.expm1(-circuits.relu_loss(modulus, l2))
    assert l2 * squared == pytest.approx(2 * wrong * odds, rel=1e-9, abs=1e-12)  # kappa = 2


def test_a_penalty_can_be_so_strong_that_nothing_pays():
    for modulus in (3, 5, 31, 199):
        strong = 2 / (circuits.relu_cost(modulus) * modulus)
        assert circuits.relu_generalising_norm(modulus, 0.99 * strong) > 0
        assert circuits.relu_generalising_norm(modulus, 1.01 * strong) == 0
        assert circuits.relu_loss(modulus, 1.01 * strong) == pytest.approx(np.log(modulus))


def test_a_wide_trained_network_comes_to_the_optimum():
    """Trained on the full table: what is left out has tokens of its own."""
    modulus, l2 = 7, 1e-3
    addition = networks.modular_addition(modulus)
    inputs = np.vstack([addition.inputs, [[modulus, modulus]]])
    task = networks.Task(
        "addition", {}, inputs, np.append(addition.labels, 0), modulus + 1, modulus
    )
    split = networks.Split(task, np.arange(modulus**2), [modulus**2])
    stages = tuple(Stage(Adam(rate, l2=l2), 1500) for rate in (1e-2, 1e-2, 1e-3, 1e-4))
    network = networks.TwoLayer(256, activation="relu")
    _, end = networks.advance(Training(network, split, stages, 1))
    found = float(np.linalg.norm(end.parameters.flat.astype(float)))
    assert found == pytest.approx(circuits.relu_generalising_norm(modulus, l2), rel=0.002)
    encoded = network.encode(task, np.arange(modulus**2), "float32")
    logits = network.forward(end.parameters, encoded).logits.astype(float)
    objective = cross_entropy(logits, addition.labels) + l2 / 2 * found**2
    least = circuits.relu_loss(modulus, l2) + l2 / 2 * (
        circuits.relu_generalising_norm(modulus, l2) ** 2
    )
    assert least < objective < 1.002 * least


def test_formulas_follow_sweeps_by_name():
    modulus, l2 = xr.DataArray([23, 31, 47], dims="m"), xr.DataArray([1e-4, 1e-3], dims="l2")
    found = circuits.relu_generalising_norm(modulus, l2)
    assert found.sizes == {"m": 3, "l2": 2}
    assert found[1, 1].item() == circuits.relu_generalising_norm(31, 1e-3)
    assert circuits.relu_right_logit(modulus, l2).sizes == {"m": 3, "l2": 2}
    assert circuits.relu_loss(31, l2).sizes == {"l2": 2}
    assert circuits.relu_cost(modulus).sizes == {"m": 3}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: circuits.relu_cost(2), "modulus must be at least 3, got 2"),
        (lambda: circuits.relu_cost(4), "modulus must be an odd prime, got 4"),
        (lambda: circuits.relu_cost(7.5), "modulus must be an odd prime, got 7.5"),
        (lambda: circuits.relu_unit(9), "modulus must be an odd prime, got 9"),
        (lambda: circuits.relu_unit(1), "modulus must be an odd prime, got 1"),
        (lambda: circuits.relu_circuit(7, 0.0), "logit must be above 0, got 0"),
        (lambda: circuits.relu_generalising_norm(25, 1e-4), "modulus must be an odd prime, got 25"),
        (lambda: circuits.relu_loss(7, 0.0), "l2 must be above 0, got 0"),
        (lambda: circuits.relu_right_logit(7, -1.0), "l2 must be above 0, got -1"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
