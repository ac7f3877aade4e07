"""What is recorded of a run, and what the book has stored of one."""

import re

import numpy as np
import pytest
import xarray as xr

from built_book import ROOT
from theory import networks, runs
from theory.explorer.inside import semi_grokked_training, spread, training_of_the_book, watch
from theory.explorer.inside.recording import insides, wave_power
from theory.networks import AdamW, Snapshot, Split, Stage, Training
from theory.networks.outcomes import outcome
from theory.questions.practice import Subject, described

DATA = ROOT / "book" / "data"
STORED = DATA / "inside_a_run.nc"
IN_PART = DATA / "semi_grokked_run.nc"

TASK = networks.modular_addition(7)
SUBJECT = Subject(modulus=7, width=16, seed=3)


def training(network=SUBJECT.network, split=SUBJECT.split, **stage):
    return Training(network, split, (Stage(AdamW(0.01, 1.0), steps=30, **stage),), seed=2)


@pytest.fixture(scope="module")
def run():
    return watch(training(), [0, 1, 10, 30])


@pytest.fixture(scope="module")
def end():
    return networks.advance(training())[1]


def test_it_is_the_run_that_training_gives(run):
    whole, _ = networks.advance(training(), record_every=1)
    for name, values in whole.sel(step=[0, 1, 10, 30]).items():
        xr.testing.assert_equal(run[name], values)


def test_the_table_holds_the_answers(run):
    accuracy = run.right.where(run.trained).mean(["first", "second"])
    np.testing.assert_allclose(accuracy, run.train_accuracy)
    accuracy = run.right.where(~run.trained).mean(["first", "second"])
    np.testing.assert_allclose(accuracy, run.test_accuracy)


def test_the_answer_is_right_where_it_is_the_label_and_leads_there(run):
    numbers = np.arange(7)
    label = np.add.outer(numbers, numbers) % 7
    np.testing.assert_array_equal(run.answer == label, run.right)
    np.testing.assert_array_equal(run.rival == label, ~run.right)
    assert (run.lead.where(run.right, 1) >= 0).all()
    assert (run.lead.where(~run.right, -1) <= 0).all()
    assert run.answer.dims == run.lead.dims == ("step", "first", "second")
    assert [run[name].dtype for name in ("answer", "lead")] == [np.uint8, np.float32]


@pytest.mark.parametrize("activation", ["square", "relu"])
def test_the_loudest_for_an_answer_are_those_of_the_last_network(activation):
    network = networks.TwoLayer(16, activation)
    last = watch(training(network), [0, 30])
    parameters = networks.advance(training(network))[1].parameters
    for a, b in [(0, 0), (2, 5), (6, 6)]:
        inputs = network.encode(TASK, np.array([7 * a + b]), "float32")
        hidden = network.forward(parameters, inputs).hidden[0]
        answer, rival = (int(last[name][-1, a, b]) for name in ("answer", "rival"))
        vote = [
            hidden[unit] * (parameters["W"][unit, answer] - parameters["W"][unit, rival])
            for unit in range(network.width)
        ]
        order = np.argsort(vote)[::-1][:3]
        assert last.voter.values[:, a, b].tolist() == order.tolist()
        np.testing.assert_allclose(last.vote[:, a, b], np.take(vote, order), atol=0.5 / 64 + 1e-6)
        lead = abs(float(last.lead[-1, a, b]))
        assert sum(vote) == pytest.approx(lead, abs=0.5 / 64 + 1e-5)
    assert last.vote.dims == last.voter.dims == ("rank", "first", "second")


def test_the_first_number_is_that_of_the_row(run, end):
    split = training().split
    rows, columns = split.task.inputs[split.train].T
    assert run.trained.values[rows, columns].all()
    assert run.trained.sum() == split.train.size
    inputs = SUBJECT.network.encode(split.task, np.array([7 * 2 + 5]), "float32")
    answer = SUBJECT.network.forward(end.parameters, inputs).logits.argmax()
    assert run.right.values[-1, 2, 5] == (answer == (2 + 5) % 7)


def test_the_weights_are_those_of_the_questions(run, end):
    split = SUBJECT.split
    found = described(SUBJECT, end, split.task, split.train)
    assert run.circuit.values.tolist() == ["generalising", "memorising"]
    generalising, memorising = run.weight.values[-1]
    assert generalising == pytest.approx(found["test_logit"], rel=1e-5)
    assert generalising + memorising == pytest.approx(found["train_logit"], rel=1e-5)


def test_the_power_of_all_waves_is_the_squared_norm_of_the_embedding(run, end):
    assert run.wave_power.values[-1].sum() == pytest.approx(
        np.sum(end.parameters["E"].astype(float) ** 2)
    )


@pytest.mark.parametrize("size", [6, 7])
def test_a_wave_has_its_power_at_its_frequency(size):
    rng, tokens = np.random.default_rng(0), np.arange(size)
    waves = np.arange(size // 2 + 1)
    phases = rng.uniform(0.1, 1.4, size=waves.size)
    embedding = np.cos(2 * np.pi * np.outer(tokens, waves) / size + phases)
    power = wave_power(np.concatenate([embedding, 2 * embedding]), size)
    squares = 5 * (embedding**2).sum(axis=0)
    np.testing.assert_allclose(power, np.diag(squares), atol=1e-12)


def test_levels_are_parts_of_a_unit_in_fifteenths(run, end):
    parts = wave_power(end.parameters["E"], 7)
    parts /= parts.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(run.wave_level[-1] / 15, parts, atol=0.5 / 15 + 1e-9)
    assert run.strongest_wave[-1] == pytest.approx(parts[:, 1:].max(axis=1).mean())


def test_the_constant_is_not_the_strongest_wave(run):
    parts = wave_power(training().first_parameters()["E"], 7)
    parts /= parts.sum(axis=1, keepdims=True)
    assert (parts.argmax(axis=1) == 0).any()
    assert run.strongest_wave[0] == pytest.approx(parts[:, 1:].max(axis=1).mean())


def test_silent_units_are_in_no_wave():
    subject = Subject(modulus=7, width=4, seed=3)
    start = subject.network.initialise(TASK, np.random.default_rng(0), "float64")
    start["E"][:, 1] *= 1e-3
    outcomes = [
        outcome(
            subject.network,
            start,
            subject.network.encode(TASK, examples, "float64"),
            TASK.labels[examples],
            networks.CrossEntropy(),
        )
        for examples in (subject.split.train, subject.split.test)
    ]
    snapshot = Snapshot(0, subject.network, TASK, start, *outcomes)
    found = insides(snapshot)
    assert (found["wave_level"].sum("wave") == 0).values.tolist() == [False, True, False, False]
    parts = wave_power(start["E"], 7)[[0, 2, 3]]
    parts /= parts.sum(axis=1, keepdims=True)
    assert found["strongest_wave"] == pytest.approx(parts[:, 1:].max(axis=1).mean())


def test_steps_are_spread_evenly_in_the_logarithm():
    steps = np.array(spread(100_000, 40))
    places = np.log1p(steps / 10)
    assert (steps[0], steps[-1], steps.size) == (0, 100_000, 40)
    assert np.abs(np.diff(places) - places[-1] / 39).max() < 0.06
    assert spread(3, 40) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "training must be a Training, got None"),
        (training(networks.MLP((8,))), r"network must be a TwoLayer, got MLP"),
        (
            training(split=networks.modular("x/y", 7).split(30)),
            "training must be on all pairs of a modulus, got 'modular_division'",
        ),
        (
            training(split=networks.sparse_parity(5, 2, 20).split(10)),
            "training must be on all pairs of a modulus, got 'sparse_parity'",
        ),
        (
            training(split=Split(TASK, np.arange(10), np.arange(10, 48))),
            "split must hold all pairs, got one without 1",
        ),
        (
            training(examples=SUBJECT.split.train[:5]),
            "training must be one stage on the training set of its split",
        ),
    ],
)
def test_a_training_that_does_not_fit_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        watch(given, [0, 30])


@pytest.mark.parametrize("steps", [[1, 2], [0], [0, 2, 2], [0, 31]])
def test_steps_that_do_not_fit_are_refused(steps):
    message = f"steps must increase from 0 to at most 30, got {steps}"
    with pytest.raises(ValueError, match=re.escape(message)):
        watch(training(), steps)


@pytest.mark.parametrize(
    ("stored", "done"),
    [(STORED, training_of_the_book), (IN_PART, semi_grokked_training)],
    ids=["whole", "part"],
)
def test_the_start_of_a_stored_run_is_found_again(stored, done):
    stored = runs.read(stored).isel(step=slice(0, 20))
    again = watch(done(), stored.step.values.tolist())
    assert again.split_checksum == stored.split_checksum
    for name in ("train_loss", "test_loss", "parameter_norm", "strongest_wave", "wave_power"):
        xr.testing.assert_allclose(again[name], stored[name], rtol=1e-3)
    xr.testing.assert_allclose(again.weight, stored.weight, rtol=1e-2, atol=1e-4)
    assert (again.trained == stored.trained).all()
    assert (again.right == stored.right).mean() > 0.999
    assert (again.answer == stored.answer).mean() > 0.999
    assert abs(again.lead - stored.lead).max() <= 2 / 64
    assert abs(again.wave_level.astype(int) - stored.wave_level).max() <= 1


def test_the_stored_run_is_small_and_says_what_it_is():
    assert STORED.stat().st_size < 500_000
    stored = runs.read(STORED)
    runs.validate(stored)
    assert stored.seed == 0
    assert '"steps": 10000' in stored.configuration
    assert stored.sizes["step"] == 60


def test_the_run_in_part_ends_in_part_and_rests():
    stored = runs.read(IN_PART)
    runs.validate(stored)
    last = stored.test_accuracy.sel(step=slice(1250, None))
    assert 0.3 < last[-1] < 0.7
    assert last.max() - last.min() < 0.05
    assert stored.train_accuracy[-1] == 1


def test_a_flipped_byte_of_the_stored_run_is_found(tmp_path):
    content = bytearray(STORED.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "run.nc").write_bytes(content)
    with pytest.raises(ValueError, match="is torn or altered"):
        runs.read(tmp_path / "run.nc")
