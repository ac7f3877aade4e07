"""Whether starts are what they are said to be, and theories of what they do can be told."""

from math import gcd

import numpy as np
import pytest
import xarray as xr

from theory.networks import Adam, Checkpoint, Frozen, TwoLayer, modular_addition
from theory.questions import transplants
from theory.questions.passages import MOST
from theory.questions.practice import FIRST, pool_of
from theory.questions.transplants import (
    ALONE,
    AMPLITUDES,
    AS_LARGE,
    BOTH,
    DONOR,
    FROZEN,
    LONGER,
    OF_DONOR,
    OUTPUTS,
    POINTS,
    RESCALED,
    SAME,
    SCRATCH,
    SHUFFLED,
    STARTS,
    WIDTH,
)
from theory.theories import THEORIES
from theory.trial import outcomes

PLACES = {"modulus": list(POINTS["modulus"]), "seed": list(POINTS["seed"])}


def along(dim, coordinate, values):
    return xr.DataArray(list(values), {dim: list(coordinate)}, dim)


def made(pace=1.0, planted=0.05, **right):
    """Runs in which so many are right when it fits, by start, and at the amplitude of the start."""
    rng = np.random.default_rng(0)
    sizes = [len(values) for values in PLACES.values()]
    scatter = xr.DataArray(0.01 * rng.standard_normal(sizes), PLACES, list(PLACES))
    shares = along("start", STARTS, [right.get(start, 0.5) for start in STARTS])
    half = along("start", STARTS, [pace if start == SHUFFLED else 1.0 for start in STARTS])
    amplitude = along("amplitude", AMPLITUDES, AMPLITUDES)
    return xr.Dataset(
        {
            "right": shares + scatter,
            "half": 900 * half * (1 + scatter),
            "fits": 100 + scatter + 0 * shares,
            "start_norm": 8 + scatter + 0 * shares,
            "test_accuracy": 0.9 + scatter + 0 * shares,
            "parameter_norm": 30 + scatter + 0 * shares,
            "planted_right": planted * amplitude / AS_LARGE + scatter,
        }
    )


def starts(scratch, donor, rescaled, same, shuffled):
    shares = (scratch, donor, rescaled, same, shuffled)
    return dict(zip((SCRATCH, DONOR, RESCALED, SAME, SHUFFLED), shares, strict=True))


WORLDS = {
    "growth is slow": made(pace=10.0, planted=0.5, **starts(0.05, 0.9, 0.85, 0.8, 0.05)),
    "the norm tells": made(**starts(0.05, 0.3, 0.05, 0.05, 0.3)),
    "starts are worse": made(pace=0.8, planted=0.05, **starts(0.3, 0.6, 0.55, 0.55, 0.05)),
}


def verdicts(runs):
    found = outcomes(transplants, THEORIES, transplants.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


@pytest.fixture(scope="module")
def judged():
    return {name: verdicts(runs) for name, runs in WORLDS.items()}


@pytest.mark.parametrize("verdict", ["holds", "refuted"])
def test_every_prediction_can_hold_and_be_missed(judged, verdict):
    found = {pair for world in judged.values() for pair, each in world.items() if each == verdict}
    assert found == {
        (theory.name, name)
        for theory in THEORIES
        for question, name in theory.predicts
        if question == "transplants"
    }


def test_growth_is_told_from_the_norm(judged):
    names = ("rescaled_right", "same_right", "shuffled_right", "planted_right", "shuffled_pace")
    growth, norm = judged["growth is slow"], judged["the norm tells"]
    for name in names:
        assert (growth["minimal model", name], growth["Omnigrok", name]) == ("holds", "refuted")
        assert norm["Omnigrok", name] == "holds"
        assert norm["minimal model", name] != "holds"


def test_quantities_are_those_of_their_start():
    found = transplants.measure(
        made(pace=1.3, planted=0.3, **starts(0.1, 0.2, 0.3, 0.6, 0.4), **{OUTPUTS: 0.7})
    )
    means = {
        "scratch_right": 0.1,
        "donor_right": 0.2,
        "rescaled_right": 0.3,
        "same_right": 0.6,
        "shuffled_right": 0.4,
        "planted_right": 0.3,
        "shuffled_pace": 1.3,
    }
    for name, mean in means.items():
        assert found[name].mean().item() == pytest.approx(mean, abs=0.01), name
        assert set(found[name].dims) == {"modulus", "seed"}
    assert found["right"].sel(start=OUTPUTS).mean() == pytest.approx(0.7, abs=0.01)


def test_the_amplitude_that_ends_the_delay_is_read_off():
    ends = transplants.measure(made(planted=0.5))["planted_ends"]
    assert ends.low.mean().item() == pytest.approx(AS_LARGE, rel=0.01)
    weak = transplants.measure(made(planted=0.1))["planted_ends"]
    assert (weak.low == AMPLITUDES[-1]).all()
    assert np.isinf(weak.high).all()


# What is started from.

MODULUS = 31


@pytest.fixture
def pool(monkeypatch):
    """With a donor that took no time: random, and three times as large."""
    monkeypatch.setattr(transplants, "_donor", lambda start, pool, seed: given(pool))
    return pool_of(modular_addition(MODULUS), 0)


def given(pool):
    donor = TwoLayer(WIDTH, embedding_scale=0.3).initialise(
        pool.task, np.random.default_rng(99), "float32"
    )
    donor["W"][:] *= 2
    return donor


def test_embeddings_come_from_the_donor_and_all_else_from_the_start(pool):
    fresh, donor = transplants.fresh_start(pool, 5), given(pool)
    found = {start: transplants._at_start(start, pool, 5) for start in STARTS}
    np.testing.assert_array_equal(found[SCRATCH].flat, fresh.flat)
    for start in (DONOR, FROZEN, RESCALED, SAME, SHUFFLED, BOTH):
        np.testing.assert_array_equal(found[start]["W"], fresh["W"])
        assert not np.array_equal(found[start]["E"], fresh["E"])
    for start in (DONOR, FROZEN):
        np.testing.assert_array_equal(found[start]["E"], donor["E"])
    np.testing.assert_array_equal(found[OUTPUTS]["E"], fresh["E"])
    np.testing.assert_array_equal(found[OUTPUTS]["W"], donor["W"])


def test_what_is_rescaled_has_the_norm_of_any_start_and_what_is_shuffled_its_entries(pool):
    fresh, donor = transplants.fresh_start(pool, 5)["E"], given(pool)["E"]
    found = {
        start: transplants._at_start(start, pool, 5)["E"]
        for start in (RESCALED, SAME, SHUFFLED, BOTH)
    }
    norm = np.linalg.norm(fresh)
    for start in (RESCALED, SAME, BOTH):
        assert np.linalg.norm(found[start]) == pytest.approx(norm, rel=1e-5)
    for start in (RESCALED, SAME):
        np.testing.assert_allclose(found[start] / norm, donor / np.linalg.norm(donor), rtol=1e-5)
    np.testing.assert_array_equal(np.sort(found[SHUFFLED].ravel()), np.sort(donor.ravel()))
    for start, other in ((SHUFFLED, donor), (BOTH, found[RESCALED])):
        correlation = np.corrcoef(found[start].ravel(), other.ravel())[0, 1]
        assert abs(correlation) < 0.1
    np.testing.assert_allclose(found[BOTH] / norm, found[SHUFFLED] / np.linalg.norm(donor), 1e-5)


@pytest.mark.parametrize("start", STARTS)
def test_only_a_donor_of_the_same_examples_has_seen_no_others(start, monkeypatch):
    trainings, pool = [], pool_of(modular_addition(MODULUS), 3)

    def advance(training, record_every):
        assert record_every == training.steps
        trainings.append(training)
        return None, Checkpoint.given(given(pool), pool.task, trained_on=[])

    monkeypatch.setattr(transplants, "advance", advance)
    transplants._at_start(start, pool, 3)
    if start in (SCRATCH, ALONE):
        assert not trainings
        return
    (training,) = trainings
    (stage,) = training.stages
    assert training.seed == 3 + OF_DONOR
    np.testing.assert_array_equal(training.split.train, pool.train)
    if start == SAME:
        np.testing.assert_array_equal(stage.examples, transplants.examples_of(pool, 3))
        assert (stage.optimiser, stage.steps) == (LONGER.optimiser, LONGER.steps)
    else:
        assert stage == FIRST


def accuracy(parameters, task):
    inputs = TwoLayer(WIDTH).encode(task, np.arange(len(task.labels)), "float32")
    said = TwoLayer(WIDTH).forward(parameters, inputs).logits.argmax(axis=1)
    return np.mean(said == task.labels)


def test_waves_alone_answer_all_and_are_no_larger_than_a_start(pool):
    fresh, found = transplants.fresh_start(pool, 5), transplants._at_start(ALONE, pool, 5)
    assert accuracy(found, pool.task) == 1
    used = np.flatnonzero(np.any(found["E"] != 0, axis=0))
    np.testing.assert_array_equal(used, np.flatnonzero(np.any(found["W"] != 0, axis=1)))
    assert used.tolist() == list(range(60))
    assert np.mean(found["E"][:, used] ** 2) == pytest.approx(0.01, rel=1e-3)
    assert np.mean(fresh["E"] ** 2) == pytest.approx(0.01, rel=0.05)
    assert np.linalg.norm(found.flat) < np.linalg.norm(fresh.flat)


@pytest.mark.parametrize("frequencies", [4, 10])
def test_frequencies_share_no_factor_with_the_modulus_and_tell_all_labels_apart(frequencies):
    """At 33, which has ten of those, and six others."""
    task = modular_addition(33)
    for seed in range(5):
        built = transplants.planted_waves(33, frequencies, AS_LARGE, seed)
        spectrum = abs(np.fft.rfft(built["E"][:33], axis=0))
        chosen = set(spectrum.argmax(axis=0).tolist())
        assert len(chosen) == frequencies
        assert all(gcd(each, 33) == 1 for each in chosen)
        parameters = TwoLayer(WIDTH).zeros(task, "float32")
        units = built["W"].shape[0]
        parameters["E"][:, :units], parameters["W"][:units] = built["E"], built["W"]
        assert accuracy(parameters, task) == 1


def captured(monkeypatch):
    """What a training would have started from, and with what."""
    seen = {}

    def found(pool, parameters, optimiser, seed):
        seen.update(parameters=parameters, optimiser=optimiser)
        return xr.Dataset({"right": 0.25})

    monkeypatch.setattr(transplants, "_found", found)
    return seen


@pytest.mark.parametrize("amplitude", AMPLITUDES)
def test_waves_are_built_into_some_units_and_the_rest_is_as_at_any_start(
    amplitude, pool, monkeypatch
):
    seen, fresh = captured(monkeypatch), transplants.fresh_start(pool, 0)
    assert transplants.planted(MODULUS, amplitude, 0).planted_right == 0.25
    parameters = seen["parameters"]
    np.testing.assert_array_equal(parameters["E"][:, 24:], fresh["E"][:, 24:])
    np.testing.assert_array_equal(parameters["W"][24:], fresh["W"][24:])
    for waves in (parameters["E"][:MODULUS, :24], parameters["E"][MODULUS:, :24]):
        assert np.sqrt(2 * np.mean(waves**2)) == pytest.approx(amplitude, rel=1e-5)
    alone = transplants.fresh_start(pool, 0)
    alone.flat[:] = 0
    alone["E"][:, :24], alone["W"][:24] = parameters["E"][:, :24], parameters["W"][:24]
    assert accuracy(alone, pool.task) == 1


@pytest.mark.parametrize("start", [DONOR, FROZEN])
def test_only_frozen_embeddings_are_held(start, pool, monkeypatch):
    seen = captured(monkeypatch)
    transplants.again(MODULUS, start, 0)
    optimiser, adam = seen["optimiser"], Adam(1e-3, l2=1e-5)
    sizes = (2 * MODULUS * WIDTH, WIDTH * MODULUS)
    assert optimiser == (Frozen(adam, *sizes) if start == FROZEN else adam)


def found_in(monkeypatch, last):
    """What is said of a course that ends at this loss, and the training that it would be of."""
    trainings, steps = [], [0, 10, 20]

    def followed(training, right, fitted):
        assert (right, fitted) == (MOST, "train_loss")
        trainings.append(training)
        curves = {
            "train_loss": [3.0, 1.0, last],
            "train_accuracy": [0.0, 0.5, 1.0],
            "test_accuracy": [0.0, 0.7, 0.4],
            "parameter_norm": [8.0, 30.0, 20.0],
        }
        return xr.Dataset(
            {name: ("step", curve) for name, curve in curves.items()}, {"step": steps}
        )

    monkeypatch.setattr(transplants, "followed", followed)
    pool = pool_of(modular_addition(MODULUS), 0)
    parameters = given(pool)
    found = transplants._found(pool, parameters, Adam(1e-3), 0)
    return found, parameters, *trainings


def test_what_is_right_counts_when_it_fits_or_in_the_end(monkeypatch):
    found, _, _ = found_in(monkeypatch, last=0.1)
    fits = float(found.fits)
    assert 10 < fits < 20
    assert found.right.item() == pytest.approx(0.7 - 0.3 * (fits - 10) / 10)
    assert 0 < found.half < 10
    assert (found.start_norm, found.parameter_norm, found.test_accuracy) == (8, 20, 0.7)
    found, _, _ = found_in(monkeypatch, last=0.9)
    assert np.isnan(found.fits)
    assert found.right == 0.4


def test_a_start_is_trained_from_as_it_is_given(monkeypatch):
    _, parameters, training = found_in(monkeypatch, last=0.1)
    np.testing.assert_array_equal(training.first_parameters().flat, parameters.flat)
    known = transplants.examples_of(training.split, 0)
    np.testing.assert_array_equal(training.stages[0].examples, known)
    assert np.isin(known, training.split.train).all()
