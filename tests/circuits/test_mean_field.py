"""Whether the mean field has its limits, its closed form and its golden values."""

from itertools import pairwise

import numpy as np
import pytest

from theory.circuits import MeanField, product_waves, rested_waves, waves
from theory.circuits.own_force import answered, proximal
from theory.circuits.table_waves import Waves

L2 = 1e-4
#: The frequencies that a trained network had chosen.
CHOSEN = [1, 4, 6, 11, 15, 18]


@pytest.fixture(scope="module")
def product():
    return product_waves(41, CHOSEN)


@pytest.fixture(scope="module")
def square():
    return rested_waves(31, L2)


def test_golden_values_of_units_that_multiply(product):
    # One trained network at modulus 41: .058 and .114 at 32.8 and 20 examples a label.
    found = [MeanField(product, L2, d).rest(10.0) for d in (32.8, 20.0)]
    assert [each.memory_share for each in found] == pytest.approx([0.0592, 0.1066], rel=0.01)
    assert [each.squared_norm for each in found] == pytest.approx([1876, 1813], rel=0.002)
    assert all(each.settled for each in found)


def test_golden_values_of_squares():
    # Trained networks: .091, .130 and .197.
    units, logit = rested_waves(47, L2)
    found = [MeanField(units, L2, d).rest(logit).memory_share for d in (37.0, 28.0, 21.2)]
    assert found == pytest.approx([0.084, 0.118, 0.167], rel=0.03)


def test_a_state_of_rest_is_stable(square):
    units, logit = square
    field = MeanField(units, L2, 18.0)
    state = field.rest(logit)
    assert state.settled
    assert state.balance == pytest.approx(1, abs=0.003)
    below, above = (field.at(part * state.wave_logit).balance for part in (0.9, 1.1))
    assert above < 1 < below


def test_no_force_no_memory(square):
    units, _ = square
    state = MeanField(units, L2, 18.0).at(60.0)
    assert state.memory_share < 1e-3
    assert state.train_logit == pytest.approx(60, rel=0.01)
    assert state.memory_norm < 1e-3 * state.squared_norm


def test_more_examples_leave_less_memory_and_more_norm(square):
    units, logit = square
    states = [MeanField(units, L2, d).rest(logit) for d in (12.0, 16.0, 24.0)]
    for fewer, more in pairwise(states):
        assert more.memory_share < fewer.memory_share
        assert more.squared_norm > fewer.squared_norm


def test_what_is_not_seen_loses_what_is_gained(product):
    state = MeanField(product, L2, 20.0).rest(10.0)
    seen = 20.0 / 41
    over_table = seen * state.train_logit + (1 - seen) * state.test_logit
    assert over_table == pytest.approx(state.wave_logit, rel=0.01)


def test_waves_are_scaled_to_one_logit():
    built = Waves.of(waves(31, [1, 5, 7], 9.0))
    first, second = (each.ravel() for each in np.indices((31, 31)))
    logits = built.reads(built.first[first], built.second[second])[0] @ built.outputs.T
    assert logits[np.arange(961), (first + second) % 31].mean() == pytest.approx(1)


def test_an_answer_obeys_its_equation():
    rng = np.random.default_rng(0)
    unseen, response, bend = 3 * rng.normal(size=(50, 7)), rng.uniform(1, 30, 7), 2.0
    found = answered(unseen, response, bend)
    moved = unseen + response * found.force
    moved[:, 0] += bend * found.force[:, 0] ** 2
    assert found.logits == pytest.approx(moved, abs=1e-5)
    assert found.force.sum(axis=1) == pytest.approx(0, abs=1e-12)


def test_the_stiffness_of_an_answer_is_its_derivative():
    rng = np.random.default_rng(1)
    unseen, response, step = 2 * rng.normal(size=(1, 5)), rng.uniform(1, 9, 5), 1e-5
    found = answered(unseen, response, 0.0)
    stiff = np.diag(found.stiff[0]) - np.outer(found.off[0], found.off[0])
    for label in range(5):
        about = unseen.copy()
        about[0, label] += step
        force = (proximal(about, response, unseen) - about) / response
        assert (force - found.force)[0] / step == pytest.approx(-stiff[label], abs=1e-4)


@pytest.mark.parametrize(
    ("name", "value"), [("l2", 0.0), ("per_label", 0.0), ("per_label", 41.0), ("l2", -1.0)]
)
def test_a_wrong_number_is_refused(product, name, value):
    with pytest.raises(ValueError, match=f"{name} must be .*, got {value:g}"):
        MeanField(**{"units": product, "l2": L2, "per_label": 20.0, name: value})


def test_a_wave_logit_must_be_positive(product):
    with pytest.raises(ValueError, match="wave_logit"):
        MeanField(product, L2, 20.0).rest(0.0)
    with pytest.raises(ValueError, match="modulus"):
        rested_waves(11, L2)
    with pytest.raises(ValueError, match="modulus must be an integer of at least 9, got 7"):
        MeanField(product_waves(7, [1, 2]), L2, 3.0)
