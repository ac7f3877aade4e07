"""Whether gains are what waves reach when sums share answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import circuits


def part(output, u, v, answers):
    """The part of a unit in A, from the table itself."""
    modulus = answers.size
    a, b = np.indices((modulus, modulus))
    logits = (u[a] + v[b])[..., None] ** 2 * output
    right = np.take_along_axis(logits, answers[(a + b) % modulus][..., None], -1)[..., 0]
    return (right - logits.mean(-1)).mean()


def test_every_sum_with_a_label_of_its_own_gains_nothing():
    assert circuits.wave_gains(np.arange(11)) == pytest.approx(np.ones((5, 2)))


@pytest.mark.parametrize(("modulus", "divisor"), [(15, 5), (15, 3), (21, 7)])
def test_sums_of_a_divisor_gain_at_its_multiples_only(modulus, divisor):
    gains, both = circuits.wave_gains(np.arange(modulus) % divisor).T
    assert both == pytest.approx(gains)
    step = modulus // divisor
    at_multiples = np.arange(1, gains.size + 1) % step == 0
    assert gains == pytest.approx(np.where(at_multiples, step, 0.0), abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.sampled_from([(9, 3), (15, 5), (21, 7), (15, 15)]))
def test_no_unit_reaches_beyond_the_largest_gain(seed, sizes):
    modulus, labels = sizes
    rng = np.random.default_rng(seed)
    answers = rng.permutation(np.arange(modulus) % labels)
    u, v, output = rng.normal(size=modulus), rng.normal(size=modulus), rng.normal(size=labels)
    gain = circuits.wave_gains(answers).max()
    most = np.sqrt(gain * modulus / 2) * np.linalg.norm(output) * (u @ u + v @ v) / modulus**2
    assert part(output, u, v, answers) <= most * (1 + 1e-9)


def test_a_wave_with_its_best_outputs_attains_it():
    modulus, answers = 15, np.random.default_rng(1).permutation(np.arange(15) % 5)
    gains = circuits.wave_gains(answers)[:, 0]
    k = int(gains.argmax()) + 1
    turn = 2 * np.pi * k * np.arange(modulus) / modulus
    best = 0.0
    for phase in np.linspace(0, 2 * np.pi, 721):
        u, v = np.cos(turn), np.cos(turn + phase)
        cross = np.array([np.cos(turn[answers == label] + phase).sum() for label in range(5)])
        output = cross - cross.mean()
        reached = part(output, u, v, answers)
        strength = np.linalg.norm(output) * (u @ u + v @ v)
        best = max(best, reached * modulus**2 / strength)
    assert best == pytest.approx(np.sqrt(gains.max() * modulus / 2), rel=1e-4)


@pytest.mark.parametrize("answers", [np.arange(4), np.array([0, 0, 1]), np.zeros((3, 3), int)])
def test_what_is_no_fair_share_of_sums_is_refused(answers):
    with pytest.raises(ValueError, match="answers must"):
        circuits.wave_gains(answers)
