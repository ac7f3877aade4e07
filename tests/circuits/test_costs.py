"""What circuits cost: built ones against the formulas, and what cannot be cheaper."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from theory import circuits, networks
from theory.circuits import WAVE_COST, Phases

SEEDS = st.integers(0, 2**32 - 1)


def norm(units):
    return float(np.linalg.norm(units.parameters().flat))


def table(modulus):
    task = networks.modular_addition(modulus)
    return task, task.inputs, task.labels


def apart(per_label, num_labels, slots, rng):
    """Examples of which no two of a label share a token, in random order."""
    tokens = max(per_label, num_labels)
    drawn = [
        np.array([rng.permutation(tokens)[:per_label] for _ in range(slots)]).T
        for _ in range(num_labels)
    ]
    return np.concatenate(drawn), np.repeat(np.arange(num_labels), per_label), tokens


@given(st.floats(0.1, 50), st.integers(1, 9), st.integers(2, 12), st.integers(1, 4), SEEDS)
@settings(max_examples=40)
def test_label_units_have_the_norm_and_logit_of_the_formula(logit, per_label, labels, slots, seed):
    rng = np.random.default_rng(seed)
    for power in (1, 2, 3):
        examples, right, tokens = apart(per_label, labels, slots, rng)
        units = circuits.label_units(examples, right, tokens, labels, logit, power=power)
        predicted = circuits.memorising_norm(logit, per_label, labels, slots=slots, power=power)
        assert norm(units) == pytest.approx(predicted, rel=1e-12)
        own = units.hidden(examples)[np.arange(len(right)), right] * units.outputs[right, right]
        np.testing.assert_allclose(own, logit, rtol=1e-12)


@given(st.sampled_from([5, 7, 11, 13, 23]), st.floats(0.1, 50), st.sampled_from([3, 4, 6]), SEEDS)
@settings(max_examples=40)
def test_waves_have_the_norm_and_logit_of_the_formula(modulus, logit, per_frequency, seed):
    rng = np.random.default_rng(seed)
    half = (modulus - 1) // 2
    chosen = rng.permutation(np.arange(1, half + 1))[: rng.integers(1, half + 1)]
    units = circuits.waves(modulus, chosen, logit, per_frequency=per_frequency)
    predicted = circuits.generalising_norm(logit, modulus, units.size)
    assert norm(units) == pytest.approx(predicted, rel=1e-9)
    _, inputs, labels = table(modulus)
    assert units.right_logits(inputs, labels).sum() == pytest.approx(logit, rel=1e-9)


def test_six_units_a_frequency_leave_only_the_waves_that_are_wanted():
    modulus, chosen, logit = 23, [2, 5, 7], 9.0
    _, inputs, labels = table(modulus)
    ahead = np.arange(modulus) - labels[:, None]
    wanted = logit / 3 * sum(np.cos(2 * np.pi * k / modulus * ahead) for k in chosen)
    found = circuits.waves(modulus, chosen, logit).logits(inputs)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_built_circuit_is_what_a_network_computes():
    """Logits, loss and norm of both circuits in one network, by the network's own code."""
    modulus = 11
    task, inputs, _ = table(modulus)
    examples, right, _ = apart(3, modulus, 2, np.random.default_rng(3))
    both = circuits.together(
        [
            circuits.waves(modulus, [1, 3], 6.0),
            circuits.label_units(examples, right, modulus, modulus, 5.0),
        ]
    )
    network = networks.TwoLayer(both.size)
    parameters = both.parameters()
    encoded = network.encode(task, np.arange(modulus**2), "float64")
    logits = network.forward(parameters, encoded).logits
    logits -= logits.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(both.logits(inputs), logits, atol=1e-12)
    again = circuits.HiddenUnits.of(parameters)
    np.testing.assert_allclose(again.outputs, both.outputs)


def test_costs_follow_sweeps_by_name():
    logit = xr.DataArray([1.0, 8.0], dims="logit")
    size = xr.DataArray([3.0, 6.0, 12.0], dims="size")
    found = circuits.memorising_norm(logit, size, 47)
    assert found.sizes == {"logit": 2, "size": 3}
    assert found[1, 2].item() == circuits.memorising_norm(8.0, 12.0, 47)
    assert circuits.generalising_norm(logit, 47, size).sizes == {"logit": 2, "size": 3}
    modulus, l2 = xr.DataArray([31, 59], dims="m"), xr.DataArray([1e-5, 1e-3], dims="l2")
    assert circuits.critical_size(modulus, l2).sizes == {"m": 2, "l2": 2}


@given(SEEDS, st.sampled_from([5, 7, 11]))
@settings(max_examples=30)
def test_generalising_cannot_be_cheaper(seed, modulus):
    """Any units, whether they help or not: random ones."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 9))
    first, second = rng.normal(size=(2, modulus, count)) * rng.choice([1, 0.1], size=count)
    _, inputs, labels = table(modulus)
    units = circuits.HiddenUnits((first, second), rng.normal(size=(count, modulus)))
    parts = units.right_logits(inputs, labels)
    if parts.sum() < 0:
        units = circuits.HiddenUnits(units.embeddings, -units.outputs)
        parts = -parts
    bound = circuits.generalising_norm(parts.sum(), modulus, circuits.effective_units(parts))
    assert circuits.least_norm(units) >= bound * (1 - 1e-12)
    assert norm(units) >= circuits.least_norm(units) * (1 - 1e-12)
    plain = circuits.generalising_norm(parts.sum(), modulus, 1)
    assert bound >= plain * (1 - 1e-12)


def test_minimising_the_slack_ends_at_pure_waves():
    """The norm for one logit, over all parameters of one unit, comes down to the bound."""
    modulus = 7
    _, inputs, labels = table(modulus)

    def slack(theta):
        first, second, output = theta.reshape(3, modulus, 1)
        units = circuits.HiddenUnits((first, second), output.T)
        part = units.right_logits(inputs, labels).sum()
        return circuits.least_norm(units) ** 2 / abs(part) ** (2 / 3) / (WAVE_COST * modulus)

    draw = np.random.default_rng(0)
    found = [minimize(slack, draw.normal(size=3 * modulus)) for _ in range(6)]
    least = min(found, key=lambda each: each.fun)
    assert all(each.fun > 1 - 1e-9 for each in found)
    assert least.fun == pytest.approx(1, abs=1e-6)
    first, second, output = least.x.reshape(3, modulus, 1)
    best = circuits.HiddenUnits((first, second), output.T)
    found = circuits.find(best, inputs, labels)
    assert found.wave_share.item() == pytest.approx(1, abs=1e-4)


@given(SEEDS, st.integers(2, 6), st.integers(2, 6), st.sampled_from([1, 2, 3]))
@settings(max_examples=40)
def test_label_pure_networks_cannot_memorise_for_less(seed, per_label, labels, power):
    """Any number of units a label, reading anything, writing upwards to one label each."""
    rng = np.random.default_rng(seed)
    examples, right, tokens = apart(per_label, labels, 2, rng)
    owner = np.tile(np.arange(labels), 3)
    outputs = np.zeros((owner.size, labels))
    outputs[np.arange(owner.size), owner] = rng.uniform(0, 1, owner.size)
    embeddings = tuple(rng.normal(size=(2, tokens, owner.size)))
    if power != 2:
        embeddings = tuple(abs(array) for array in embeddings)
    units = circuits.HiddenUnits(embeddings, outputs, power)
    written = units.hidden(examples) * outputs[np.arange(owner.size), owner]
    own = (written * (right[:, None] == owner)).sum(axis=1)
    worst = np.array([own[right == label].min() for label in range(labels)])
    costs = [
        circuits.memorising_norm(each, per_label, 2, power=power) ** 2 / 2
        for each in np.maximum(worst, 0)
    ]
    # Outputs as they are, not taken off their mean.
    strengths = np.linalg.norm(outputs, axis=1) * units.reading_norms**power
    assert circuits.unit_cost(strengths, power).sum() >= sum(costs) * (1 - 1e-12)


def test_on_average_degree_three_can_be_cheaper():
    """Why each example has to have its logit: a cubic unit for one of four examples."""
    one = circuits.label_units(np.array([[0, 0]]), np.array([0]), 4, 2, 32.0, power=3)
    examples = np.array([[0, 0], [1, 1], [2, 2], [3, 3]])
    assert (one.hidden(examples) @ one.outputs)[:, 0].mean() == pytest.approx(8)
    assert norm(one) < circuits.memorising_norm(8.0, 4, 2, power=3) / 2**0.5


@given(SEEDS, st.integers(1, 8), st.integers(2, 4))
@settings(max_examples=30)
def test_shared_tokens_make_memorising_cheaper_and_the_bound_knows(seed, count, slots):
    """One unit for one label, of any embedding, against the bound; its eigenvector attains it."""
    rng = np.random.default_rng(seed)
    examples, labels = rng.integers(0, 4, (count, slots)), np.zeros(count, int)
    bound = circuits.memorising_bound(examples, labels, 1.0)
    assert bound <= circuits.memorising_norm(1.0, count, 2, slots=slots) / 2**0.5 + 1e-12
    reads = rng.normal(size=(slots, 4, 1))
    incidence = np.zeros((count, slots, 4))
    np.put_along_axis(incidence, examples[:, :, None], 1, axis=2)
    best = np.linalg.svd(incidence.reshape(count, -1))[2][0].reshape(slots, 4, 1)
    for embeddings, equal in ((reads, False), (best, True)):
        units = circuits.HiddenUnits(tuple(embeddings), np.array([[1.0, -1.0]]))
        given_logit = units.hidden(examples).mean()
        cost = 3 * (np.sum(embeddings**2) / 2 / given_logit) ** (2 / 3)
        assert cost**0.5 >= bound * (1 - 1e-9)
        if equal:
            assert cost**0.5 == pytest.approx(bound, rel=1e-9)


def test_in_balance_the_norm_is_the_least_and_the_logits_are_the_same():
    rng = np.random.default_rng(2)
    for power in (1, 2, 3):
        units = circuits.HiddenUnits(
            tuple(rng.normal(size=(2, 5, 4))), rng.normal(size=(4, 6)), power
        )
        even = circuits.balanced(units)
        everything = np.array([(a, b) for a in range(5) for b in range(5)])
        np.testing.assert_allclose(even.logits(everything), units.logits(everything), atol=1e-12)
        assert norm(even) == pytest.approx(circuits.least_norm(units), rel=1e-12)
        assert circuits.imbalance(even) < 1e-12 < circuits.imbalance(units)


def test_golden_values():
    """The figures that were published before: predicted sizes, and the limit's constants."""
    sizes = {31: 13.0, 37: 13.5, 59: 14.8, 67: 15.1, 83: 15.5, 151: 16.3}
    for modulus, size in sizes.items():
        assert circuits.critical_size(modulus, 1e-4) / modulus == pytest.approx(size, abs=0.05)
    limit = circuits.limit()
    assert limit.units == pytest.approx(4.62, abs=0.01)
    assert limit.squared_norm == pytest.approx(4.99, abs=0.005)
    assert circuits.affordable(1e-4) == pytest.approx(8.30, abs=0.005)
    units = [circuits.expected_units(47, l2) for l2 in (1e-5, 1e-4, 1e-3)]
    np.testing.assert_allclose(units, [35, 29, 22.5], atol=0.3)


def test_phases_interfere_as_the_logits_say():
    """Power of what is unwanted in the logits, less the waves in c alone, by the formula."""
    modulus, rng = 13, np.random.default_rng(4)
    _, inputs, labels = table(modulus)
    for count in (1, 2, 3, 4, 5):
        phases = Phases(*rng.uniform(0, 2 * np.pi, (2, count)))
        units = circuits.waves(modulus, [1], 1.0, phases=[phases])
        logits = units.logits(inputs)
        logits -= logits.mean(axis=0)
        wanted = np.cos(2 * np.pi / modulus * (np.arange(modulus) - labels[:, None]))
        left = np.sum((logits - wanted) ** 2) / np.sum(wanted**2)
        assert circuits.interference(phases) == pytest.approx(left, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: circuits.memorising_norm(-1.0, 3, 5), "logit must be at least 0, got -1"),
        (lambda: circuits.memorising_norm(1.0, 3, 1), "num_labels must be at least 2, got 1"),
        (lambda: circuits.memorising_norm(1.0, 3, 5, slots=0), "slots must be at least 1, got 0"),
        (lambda: circuits.generalising_norm(1.0, 2, 5), "modulus must be at least 3, got 2"),
        (lambda: circuits.expected_units(47, 0.0), "l2 must be above 0, got 0"),
        (lambda: circuits.critical_size(47, 1.0), "l2 must be at most 0.1, got 1"),
        (lambda: circuits.waves(8, [1], 1.0), "modulus must be odd, got 8"),
        (lambda: circuits.waves(7, [4], 1.0), "different numbers up to 3, got .4."),
        (lambda: circuits.waves(7, [1, 1], 1.0), "different numbers up to 3"),
        (lambda: circuits.effective_units(np.array([1.0, -1.0])), "something positive, got 0"),
        (lambda: circuits.expected_units(401, 1e-3), "l2 must be below 0.4 / modulus, got 0.001"),
        (lambda: circuits.critical_size(7, 1e-4), "modulus must be large enough .* got 7"),
        (
            lambda: circuits.label_units(np.array([[0, 9]]), np.array([0]), 5, 5, 1.0),
            r"examples must be in \[0, 5\), got 0..9",
        ),
        (
            lambda: circuits.HiddenUnits((np.ones((3, 2)), np.ones((3, 3))), np.ones((2, 3))),
            "embeddings must be arrays of one shape",
        ),
        (lambda: circuits.HiddenUnits((np.full((3, 2), np.nan),), np.ones((2, 3))), "finite"),
        (lambda: circuits.HiddenUnits.of({"E": np.ones((3, 2))}), "E and W alone"),
        (lambda: circuits.HiddenUnits.of({"E": np.ones((3, 2)), "W": np.ones((2, 3))}), "divide"),
        (lambda: circuits.together([]), "must have the same"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
