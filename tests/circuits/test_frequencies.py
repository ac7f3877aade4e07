"""Whether the strengths of frequencies are those of the waves that logits are made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import circuits


def table(modulus):
    pairs = np.array([(a, b) for a in range(modulus) for b in range(modulus)])
    return pairs, pairs.sum(axis=1) % modulus


@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 7, 15]))
def test_strengths_are_those_of_the_best_waves_and_add_up_to_the_right_logit(seed, modulus):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(20, modulus)), rng.integers(modulus, size=20)
    found = circuits.frequency_strengths(logits, labels)
    centred = logits - logits.mean(axis=1, keepdims=True)
    angle = 2 * np.pi * (np.arange(modulus) - labels[:, None]) / modulus
    waves = [wave(k * angle).ravel() for wave in (np.cos, np.sin) for k in range(1, found.size + 1)]
    fitted = np.linalg.lstsq(np.stack(waves, axis=1), centred.ravel(), rcond=None)[0]
    assert found == pytest.approx(fitted[: found.size])
    assert found.sum() == pytest.approx(centred[np.arange(20), labels].mean())


def test_units_of_a_frequency_are_found_at_it():
    pairs, labels = table(11)
    units = circuits.waves(11, [2, 5], logit=6.0)
    found = circuits.frequency_strengths(units.logits(pairs), labels)
    assert found == pytest.approx([0, 3, 0, 0, 3], abs=1e-9)


def test_what_all_labels_share_is_no_wave():
    _, labels = table(7)
    logits = np.random.default_rng(0).normal(size=(49, 7))
    shifted = logits + np.arange(49)[:, None]
    found, same = (circuits.frequency_strengths(each, labels) for each in (logits, shifted))
    assert found == pytest.approx(same)


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (np.zeros((2, 4)), [0, 1], "logits must be of an odd number of labels"),
        (np.zeros((2, 1)), [0, 0], "logits must be of an odd number of labels"),
        (np.zeros(5), [0], "logits must be of an odd number of labels"),
        (np.zeros((2, 5)), [0], "labels must be one for each of 2 examples"),
        (np.zeros((0, 5)), [], "labels must be one for each of 0 examples"),
    ],
)
def test_bad_arguments_are_named(logits, labels, message):
    with pytest.raises(ValueError, match=message):
        circuits.frequency_strengths(logits, np.array(labels, int))
