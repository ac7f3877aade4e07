"""What was built comes back, in spite of noise; and what holds of networks at rest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import circuits, networks
from theory.networks import Adam, Stage, Training

MODULUS = 23
TASK = networks.modular_addition(MODULUS)


def mixture(seed, noise):
    """Waves and label units in random order, with noise; what they are, and label units' tokens."""
    rng = np.random.default_rng(seed)
    frequencies = rng.permutation(np.arange(1, 12))[:3]
    # Each label's examples share no token: differences of constant 5 rows, 5 columns.
    examples = np.concatenate(
        [np.array([rng.permutation(MODULUS)[:5] for _ in "ab"]).T for _ in range(MODULUS)]
    )
    labels = np.repeat(np.arange(MODULUS), 5)
    waves = circuits.waves(MODULUS, frequencies, 8.0)
    memory = circuits.label_units(examples, labels, MODULUS, MODULUS, 8.0)
    whole = circuits.together([waves, memory])
    order = rng.permutation(whole.size)
    mixed = whole.some(order)
    scale = [noise * np.sqrt((array**2).mean()) for array in (*mixed.embeddings, mixed.outputs)]
    embeddings = tuple(
        array + size * rng.normal(size=array.shape)
        for array, size in zip(mixed.embeddings, scale, strict=False)
    )
    outputs = mixed.outputs + scale[2] * rng.normal(size=mixed.outputs.shape)
    kinds = np.repeat(["wave", "label"], [waves.size, memory.size])[order]
    frequency = np.append(np.repeat(frequencies, 6), np.zeros(MODULUS, int))[order]
    label = np.append(np.full(waves.size, -1), np.arange(MODULUS))[order]
    return circuits.HiddenUnits(embeddings, outputs), kinds, frequency, label


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1, 0.2]))
@settings(max_examples=30)
def test_a_built_mixture_comes_back(seed, noise):
    units, kinds, frequency, label = mixture(seed, noise)
    found = circuits.find(units, TASK.inputs, TASK.labels)
    assert found.kind.values.tolist() == kinds.tolist()
    wave = kinds == "wave"
    np.testing.assert_array_equal(found.frequency.values[wave], frequency[wave])
    np.testing.assert_array_equal(found.label.values[~wave], label[~wave])
    if noise == 0:
        np.testing.assert_allclose(found.tokens.values[:, ~wave], 5)
        np.testing.assert_allclose(found.labels.values[~wave], 1)
        np.testing.assert_allclose(found.wave_share.values[wave], 1)
    np.testing.assert_allclose(found.tokens.values[:, ~wave], 5, rtol=0.3)


def test_parts_add_up_and_kinds_account_for_them():
    units, *_ = mixture(1, 0.1)
    found = circuits.find(units, TASK.inputs, TASK.labels, active=0.1)
    logits = units.logits(TASK.inputs)[np.arange(MODULUS**2), TASK.labels]
    assert found.right_logit.sum().item() == pytest.approx(logits.mean(), rel=1e-12)
    sums = circuits.accounts(found)
    assert sums.units.sum().item() == units.size
    assert sums.right_logit.sum().item() == pytest.approx(logits.mean(), rel=1e-12)
    total = circuits.least_norm(units) ** 2
    assert sums.squared_norm.sum().item() == pytest.approx(total, rel=1e-12)
    # The waves carry all of the right logit over the table; random labels carry none of it.
    assert sums.right_logit.sel(kind="wave").item() == pytest.approx(8, rel=0.05)


def test_units_that_are_nothing_are_called_so():
    rng = np.random.default_rng(0)
    loud = circuits.HiddenUnits(
        tuple(rng.normal(size=(2, MODULUS, 4))), rng.normal(size=(4, MODULUS))
    )
    hushed = circuits.HiddenUnits(
        tuple(0.1 * array for array in loud.embeddings), 0.1 * loud.outputs
    )
    found = circuits.find(circuits.together([loud, hushed]), TASK.inputs, TASK.labels)
    assert found.kind.values.tolist() == ["other"] * 4 + ["silent"] * 4


def test_a_unit_that_lowers_a_label_goes_to_that_label():
    outputs = np.zeros((1, 5))
    outputs[0, 3] = -1
    units = circuits.HiddenUnits(tuple(np.ones((2, 5, 1))), outputs)
    found = circuits.find(units, np.array([[0, 1]]), np.array([1]))
    assert (found.label.item(), round(found.label_share.item(), 6)) == (3, 1)


def test_uneven_labels_at_rest_keep_the_identity():
    """Weak units have a part in it, too."""
    labels = np.repeat(np.arange(4), [20, 1, 1, 1])
    places = np.random.default_rng(0).permutation(MODULUS**2)[:23]
    inputs = np.stack(np.unravel_index(places, (MODULUS, MODULUS)), axis=1)
    task = networks.Task("uneven", {}, inputs, labels, MODULUS, 4)
    split = networks.Split(task, np.arange(22), np.array([22]), 0)
    training = Training(networks.TwoLayer(16), split, (Stage(Adam(3e-3, l2=1e-3), 1500),), 1)
    _, end = networks.advance(training)
    rest = networks.come_to_rest(training, end, residual=1e-6)
    units = circuits.HiddenUnits.of(rest.checkpoint.parameters)
    found = circuits.forces(units, inputs[:22], labels[:22], l2=1e-3)
    assert found.identity.item() == pytest.approx(1, abs=1e-4)


def test_without_as_many_labels_as_tokens_no_waves_are_looked_for():
    parity = np.array([[0, 1], [1, 0], [1, 1]])
    units = circuits.label_units(parity, np.array([0, 1, 0]), 3, 2, 1.0)
    found = circuits.find(units, parity, np.array([0, 1, 0]))
    assert found.kind.values.tolist() == ["label", "label"]
    assert found.wave_share.values.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"examples": np.zeros((3, 3), int)}, "examples must have 2 tokens each"),
        ({"examples": np.full((3, 2), MODULUS)}, r"examples must be tokens in \[0, 23\)"),
        ({"labels": np.zeros(2, int)}, "labels must be one of 23 for each example"),
        ({"active": 1.0}, "active must be below 1"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    units, *_ = mixture(0, 0.0)
    arguments = {"examples": np.zeros((3, 2), int), "labels": np.zeros(3, int)} | change
    with pytest.raises(ValueError, match=message):
        circuits.find(units, **arguments)


@pytest.fixture(scope="module", params=[(4, "memorising"), (17, "generalising")])
def rested(request):
    """A network at rest on random labels, or on sums."""
    per_label, kind = request.param
    split = TASK.split(per_label * MODULUS, rng=0)
    if kind == "memorising":
        split = networks.random_labels(split, 0, balanced=True)
    training = Training(networks.TwoLayer(96), split, (Stage(Adam(3e-3, l2=1e-4), 1200),), 1)
    _, end = networks.advance(training)
    rest = networks.come_to_rest(training, end, residual=1e-6)
    units = circuits.HiddenUnits.of(rest.checkpoint.parameters)
    return kind, units, split.task.inputs[split.train], split.task.labels[split.train]


def test_a_network_at_rest_is_in_balance_and_keeps_the_identities(rested):
    _, units, examples, labels = rested
    assert circuits.imbalance(units) < 1e-4
    found = circuits.forces(units, examples, labels, l2=1e-4)
    assert found.euler.item() == pytest.approx(1, abs=1e-4)
    assert found.identity.item() == pytest.approx(1, abs=1e-4)


def test_a_trained_network_is_what_the_theory_says(rested):
    kind, units, examples, labels = rested
    found = circuits.find(units, examples, labels)
    sums = circuits.accounts(found)
    logit = found.right_logit.sum().item()
    if kind == "memorising":
        assert sums.units.sel(kind="label").item() == MODULUS
        assert sums.units.sel(kind=["wave", "other"]).sum().item() == 0
        predicted = circuits.memorising_norm(logit, 4, MODULUS)
    else:
        assert sums.units.sel(kind=["label", "other"]).sum().item() == 0
        predicted = circuits.generalising_norm(logit, MODULUS, sums.units.sel(kind="wave").item())
    assert circuits.least_norm(units) == pytest.approx(predicted, rel=0.05)


def test_scatter_of_wrong_logits_alone_lowers_the_exponent_of_a_network():
    """All examples are alike, and the network is at rest at the penalty that Euler names."""
    inputs = networks.modular_addition(7).inputs
    units, labels = circuits.waves(7, [1], 8.0), networks.modular_addition(7).labels
    l2 = 1 / circuits.forces(units, inputs, labels, 1.0).euler.item()
    assert l2 == pytest.approx(0.0067050, rel=1e-4)
    found = circuits.forces(units, inputs, labels, l2)
    assert found.identity.item() == pytest.approx(1, abs=1e-9)
    assert found.kappa.item() == pytest.approx(2.2046, abs=1e-4)


def test_the_slope_along_rests_is_that_of_the_envelope():
    """d log S / d log |theta| between two penalties against the one network's exponent."""
    split = networks.random_labels(TASK.split(4 * MODULUS, rng=0), 0, balanced=True)
    found, start = [], None
    for l2 in (1e-4, 1.1e-4):
        stages = (Stage(Adam(3e-3, l2=l2), 1200 if start is None else 1),)
        training = Training(networks.TwoLayer(96), split, stages, 1, start=start)
        _, end = networks.advance(training)
        start = networks.come_to_rest(training, end, residual=1e-6).checkpoint
        units = circuits.HiddenUnits.of(start.parameters)
        examples = split.task.inputs[split.train]
        found.append(circuits.forces(units, examples, split.task.labels[split.train], l2))
    slope = np.diff([np.log(each.odds.item()) for each in found])[0] / (
        0.5 * np.diff([np.log(each.squared_norm.item()) for each in found])[0]
    )
    assert slope == pytest.approx(np.mean([each.kappa.item() for each in found]), rel=2e-3)
